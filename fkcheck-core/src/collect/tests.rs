//! The shapes of real code, in temporary files.

use super::*;
use crate::model::{Action, KeyId, KeyName, TableName};

/// Collects files given as (path below the package, text); all are of one package.
fn collect_files(files: &[(&str, &str)]) -> Facts {
    let dir = tempfile::tempdir().expect("a directory");
    let inputs: Vec<InputFile> = files
        .iter()
        .map(|(name, text)| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(&path, text).expect("written");
            let modules = name
                .trim_end_matches(".rs")
                .split('/')
                .filter(|part| !matches!(*part, "src" | "lib" | "mod"));
            InputFile {
                path,
                display: (*name).to_owned(),
                modules: modules.map(ToOwned::to_owned).collect(),
                root: 0,
                package: 0,
            }
        })
        .collect();
    collect(Vec::new(), &inputs)
}

fn id(table: &str, columns: &[&str]) -> KeyId {
    KeyId { key: key(table, columns), parent: None }
}

fn key(table: &str, columns: &[&str]) -> KeyName {
    KeyName {
        table: TableName::bare(table),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
    }
}

const SCHEMA: &str = "
// @generated
diesel::table! {
    use diesel::sql_types::*;
    /// The users.
    users (id) {
        id -> Int8,
        #[sql_name = \"type\"]
        #[max_length = 255]
        type_ -> Nullable<Varchar>,
    }
}
diesel::table! {
    posts {
        id -> BigInt,
        author_id -> BigInt,
        editor_id -> Nullable<diesel::sql_types::BigInt>,
    }
}
diesel::joinable!(posts -> users (author_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users,);
";

#[test]
fn tables_columns_types_and_places() {
    let facts = collect_files(&[("src/schema.rs", SCHEMA)]);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    let users = facts.table(&TableName::bare("users")).expect("users");
    let kind = users.column("type").expect("by SQL name");
    assert_eq!((kind.ident.as_str(), kind.sql_type.0.as_str(), kind.nullable), ("type_", "Text", true));
    assert_eq!(facts.sources.text(kind.span), "type_ -> Nullable<Varchar>");
    assert_eq!(users.column("id").expect("id").sql_type.0, "BigInt");
    let posts = facts.table(&TableName::bare("posts")).expect("posts");
    assert_eq!(posts.primary_key, ["id"]);
    assert_eq!(posts.column("editor_id").expect("editor_id").sql_type.0, "BigInt");
    assert_eq!(facts.joinables.len(), 1);
    assert_eq!(facts.sources.text(facts.joinables[0].span), "posts -> users (author_id)");
}

#[test]
fn several_tables_in_one_macro_schemas_and_views() {
    let facts = collect_files(&[(
        "src/schema.rs",
        "table! { a (x, y) { x -> Integer, y -> Integer, } billing.b { id -> Integer, } }
         diesel::view! { v { id -> Integer, } }
         pub mod other { diesel::table! { other.b (id) { id -> Integer, } } }
         fn f() { table! { c (id) { id -> Integer } } }
         let t = comfy_table::table!([1, 2]); prettytable::table!(\"x\");",
    )]);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    let names: Vec<String> = facts.tables.iter().map(|table| table.name.to_string()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(sorted, ["a", "billing.b", "c", "other.b", "v"]);
    assert!(facts.table(&TableName::bare("v")).expect("v").is_view);
}

#[test]
fn annotations_reach_sql_names_through_structs_and_belongs_to() {
    let facts = collect_files(&[
        ("src/schema.rs", SCHEMA),
        (
            "src/models.rs",
            "use crate::schema::posts as articles;
             #[derive(Identifiable)] #[diesel(table_name = crate::schema::users)] pub struct Account { id: i64 }
             #[cfg_attr(feature = \"full\", derive(Queryable, ForeignKeys), diesel(table_name = articles,
                 belongs_to(crate::models::Account, foreign_key = editor_id)))]
             #[fk(data = value)]
             pub struct Article<'a, T: Into<Vec<u8>>> where T: Copy {
                 pub id: i64,
                 #[fk(on_delete = restrict)] #[diesel(column_name = author_id)] pub writer: i64,
                 #[cfg_attr(feature = \"full\", fk(on_delete = \"set null\", reason = \"kept\"))] pub editor_id: Option<i64>,
                 rest: std::marker::PhantomData<&'a T>,
             }",
        ),
    ]);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    assert_eq!(facts.keys.len(), 2);
    let author = facts.declared(&id("posts", &["author_id"])).expect("author");
    assert_eq!(author.on_delete().map(|stated| &stated.value), Some(&Action::Restrict));
    // From joinable!, for this struct belongs to nobody by author_id.
    assert_eq!(
        author.parent().map(|parent| (parent.table.name.as_str(), &parent.columns[..])),
        Some(("users", &["id".to_owned()][..]))
    );
    let editor = facts.declared(&id("posts", &["editor_id"])).expect("editor");
    assert_eq!(editor.on_delete().map(|stated| &stated.value), Some(&Action::SetNull(vec![])));
    assert_eq!(editor.parent().map(|parent| parent.table.name.as_str()), Some("users"));
    assert!(editor.data().is_some());
    assert!(facts.models.iter().any(|model| model.name == "Article" && model.derives_foreign_keys));
}

#[test]
fn foreign_keys_lines_and_composite_keys_merge_by_columns_in_any_order() {
    let facts = collect_files(&[
        (
            "src/schema.rs",
            "table! { o (id, region) { id -> Integer, region -> Text, } } table! { l (id) { id -> Integer, o_id -> Integer, region -> Text, } }",
        ),
        (
            "src/keys.rs",
            "foreign_keys! {
                l (o_id, region) -> o (id, region), on_delete = cascade;
                crate::schema::l (region, o_id) -> o (region, id), on_update = cascade;
                \"audit.log\" (l_id), none, reason = \"kept\";
             }",
        ),
    ]);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    assert_eq!(facts.keys.len(), 2);
    let line = facts.declared(&id("l", &["region", "o_id"])).expect("the line");
    assert_eq!(line.claims.len(), 2);
    assert_eq!(line.claims[1].parent.as_ref().expect("a parent").columns, ["id", "region"]);
    assert_eq!(facts.keys[1].key.table, TableName::qualified("audit", "log"));
}

#[test]
fn a_path_chooses_among_tables_of_one_name() {
    let schema = "pub mod billing { diesel::table! { billing.users (id) { id -> Integer, } } }
                  pub mod crm { diesel::table! { crm.users (id) { id -> Integer, } } }";
    let facts = collect_files(&[
        ("src/schema.rs", schema),
        (
            "src/a.rs",
            "#[derive(ForeignKeys)] #[diesel(table_name = crate::schema::billing::users)] struct A { #[fk(none)] id: i32 }",
        ),
        (
            "src/b.rs",
            "use crate::schema::crm::users; #[derive(ForeignKeys)] #[diesel(table_name = users)] struct B { #[fk(none)] id: i32 }",
        ),
    ]);
    let tables: Vec<String> = facts.keys.iter().map(|declared| declared.key.table.to_string()).collect();
    assert_eq!(tables, ["billing.users", "crm.users"]);
}

#[test]
fn byte_order_marks_shebangs_and_crlf_keep_places_right() {
    for (before, line) in
        [("", 2), ("\u{feff}", 2), ("#!/usr/bin/env run\r\n", 3), ("\u{feff}#![allow(x)]\r\n", 3)]
    {
        let text = format!("{before}// ü\r\ntable! {{ users (id) {{ id -> Integer, }} }}\r\n");
        let facts = collect_files(&[("src/schema.rs", &text)]);
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
        let users = facts.table(&TableName::bare("users")).expect("users");
        assert_eq!(facts.sources.text(users.span), "users", "{before:?}");
        assert_eq!((users.span.start.line, users.span.start.column), (line, 10), "{before:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    for (text, message, place) in [
        ("table! { users (id) { id -> Integer, }", "not Rust", "src/x.rs:1:8"),
        ("table! { users (id) { id => Integer } }", "`table!` was not read", "src/x.rs:1:26"),
        ("foreign_keys! { a (b) -> }", "expected a table", "src/x.rs:1:"),
        (
            "#[derive(ForeignKeys)] struct A { #[fk(on_delet = cascade)] b: i32 }",
            "did you mean `on_delete`?",
            "src/x.rs:1:40",
        ),
    ] {
        let facts = collect_files(&[("src/x.rs", text)]);
        let [problem] = &facts.problems[..] else { panic!("{text}: {:?}", facts.problems) };
        assert!(problem.message.contains(message), "{}", problem.message);
        let span = problem.label.as_ref().expect("a place").span;
        assert!(facts.sources.place(span).starts_with(place), "{text}: {}", facts.sources.place(span));
    }
    let facts = collect_files(&[("src/x.rs", "")]);
    assert!(facts.problems.is_empty());
}

#[test]
fn not_utf8_is_a_problem_only_where_it_matters() {
    let dir = tempfile::tempdir().expect("a directory");
    let input = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        InputFile { path, display: name.to_owned(), modules: Vec::new(), root: 0, package: 0 }
    };
    let facts = collect(Vec::new(), &[input("a.rs", b"\xff"), input("b.rs", b"table! \xff")]);
    assert_eq!(facts.problems.len(), 1);
    assert!(facts.problems[0].message.contains("not UTF-8 at byte 7"));
}

/// A stack overflow aborts the process, and with it this test.
#[test]
fn deep_nesting_is_refused_and_does_not_abort() {
    let nest = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    for depth in [100, 1_000, 200_000] {
        for text in [
            format!(
                "#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: {}u8{} }}",
                "Vec<".repeat(depth),
                ">".repeat(depth)
            ),
            format!("#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: {} }}", nest("(", ")", depth)),
            format!("#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: {}u8 }}", "&".repeat(depth)),
            format!("#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: {}u8 }}", "*const ".repeat(depth)),
            format!("#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: [u8; {}1] }}", "!".repeat(depth)),
            format!("#[derive(ForeignKeys)] struct A {{ #[fk(none)] a: [u8; 1{}] }}", "+1".repeat(depth)),
            format!(
                "table! {{ a (id) {{ id -> {}Integer{}, }} }}",
                "Nullable<".repeat(depth),
                ">".repeat(depth)
            ),
            format!("fn f() {{ {} }} table! {{ a (id) {{ id -> Integer, }} }}", nest("{", "}", depth)),
            format!("foreign_keys! {{ {} }}", nest("[", "]", depth)),
        ] {
            let facts = collect_files(&[("src/x.rs", &text)]);
            let found = facts.tables.len() + facts.keys.len();
            assert!(found > 0 || !facts.problems.is_empty(), "lost: {} at {depth}", &text[..60]);
        }
    }
}

#[test]
fn files_that_others_lead_to_are_read() {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, text) in [
        (
            "src/lib.rs",
            "#[path = \"../shared/models.rs\"] mod models; mod schema { include!(\"generated/schema.rs\"); }",
        ),
        ("shared/models.rs", "foreign_keys! { posts (author_id) -> users (id), on_delete = cascade; }"),
        ("src/generated/schema.rs", SCHEMA),
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        std::fs::write(path, text).expect("written");
    }
    let path = dir.path().join("src/lib.rs").canonicalize().expect("it is there");
    let lib = InputFile { path, display: "src/lib.rs".to_owned(), modules: Vec::new(), root: 0, package: 0 };
    let facts = collect(Vec::new(), &[lib]);
    assert_eq!((facts.files, facts.tables.len(), facts.keys.len()), (3, 2, 1));
    assert_eq!(facts.sources.file(facts.keys[0].first().span.file).display, "shared/models.rs");
}

#[test]
fn paths_lead_on_from_cfg_attr_inline_modules_and_files_of_any_name() {
    let line =
        |column: &str| format!("foreign_keys! {{ posts ({column}) -> users (id), on_delete = cascade; }}");
    let facts = collect_files(&[
        (
            "src/lib.rs",
            "#[cfg_attr(windows, path = \"a.inc\")] #[allow(x)] pub(crate) mod a; mod b { #[path = \"c.rs\"] mod c; } include!(\"d.in\");",
        ),
        ("src/a.inc", &line("author_id")),
        ("src/b/c.rs", &line("editor_id")),
        ("src/d.in", "#[path = \"lib.rs\"] mod again;"),
    ]);
    // `b/c.rs` was on the list already.
    assert_eq!((facts.files, facts.keys.len()), (4, 2));
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
}

#[test]
fn captures_in_types_import_nothing() {
    let facts = collect_files(&[(
        "src/lib.rs",
        "fn f<'a>(x: &'a str) -> impl Sized + use<'a> { x }
         foreign_keys! { posts (author_id) -> users (id), on_delete = cascade; }",
    )]);
    assert_eq!(facts.keys.len(), 1);
}

#[test]
fn a_template_is_no_code() {
    let items = [
        "::diesel::joinable!(#child -> #parent (#key));",
        "diesel::table! { #name (id) { id -> Integer, #(#columns)* } }",
        "#[derive(Queryable, ForeignKeys)] #[diesel(table_name = #name)] struct Row { #[fk(on_delete = #action)] a_id: i32 }",
        "#[derive(Insertable)] #[diesel(table_name = #name, belongs_to(#parent))] struct Row { #(pub #fields: #types,)* }",
        "fkcheck_macros::foreign_keys! { #child (a) -> #parent (id), on_delete = cascade; }",
    ];
    for item in items {
        // Also a macro of one's own that takes a template.
        for macro_ in ["quote::quote", "quote_spanned", "syn::parse_quote", "my_template"] {
            let text = format!("{SCHEMA} fn make() -> TokenStream {{ {macro_}! {{ {item} }} }}");
            let facts = collect_files(&[("src/gen.rs", &text)]);
            assert!(facts.problems.is_empty(), "{text}: {:?}", facts.problems);
            assert_eq!((facts.tables.len(), facts.models.len(), facts.keys.len()), (2, 0, 0), "{text}");
        }
    }
    let plain = "quote! { diesel::joinable!(a -> b (c)); #[derive(Queryable)] #[diesel(table_name = a)] struct A { id: i32 } }";
    let facts = collect_files(&[("src/gen.rs", plain)]);
    assert_eq!((facts.joinables.len(), facts.models.len()), (0, 0));
}

/// Nothing is passed over: what can't be read ends in a problem.
#[test]
fn a_renamed_macro_is_named() {
    for text in [
        "use fkcheck_macros::foreign_keys as fks; fks! { posts (user_id) -> users (id), on_delete = cascade; }",
        "mod k { pub use fkcheck_macros::{foreign_keys as fk}; }",
    ] {
        let facts = collect_files(&[("src/a.rs", text)]);
        let named = facts.problems.iter().any(|problem| problem.message.contains("under another name"));
        assert!(named, "{text}: {:?}", facts.problems);
    }
    let facts = collect_files(&[("src/a.rs", "use fkcheck_macros::{foreign_keys, ForeignKeys as Keys};")]);
    assert!(facts.problems.is_empty());
}

#[test]
fn annotations_inside_macro_rules_are_named() {
    for body in
        ["struct S { #[fk(on_delete = cascade)] a_id: i64 }", "fkcheck_macros::foreign_keys! { $child }"]
    {
        let facts = collect_files(&[("src/lib.rs", &format!("macro_rules! many {{ () => {{ {body} }} }}"))]);
        let [problem] = &facts.problems[..] else { panic!("{:?}", facts.problems) };
        assert!(problem.message.contains("`macro_rules! many`"), "{problem:?}");
    }
    let other = "macro_rules! many { () => { diesel::table! { $t (id) { id -> Integer, } } fk(1) } }";
    assert!(collect_files(&[("src/lib.rs", other)]).problems.is_empty());
}

/// One key to users, ON DELETE CASCADE.
const ANNOTATED: &str = "#[fk(references = users(id), on_delete = cascade)] author_id: i64";

#[test]
fn what_a_macro_makes_of_annotations_is_read_or_named() {
    let read = [
        format!(
            "paste! {{ #[derive(ForeignKeys)] #[diesel(table_name = posts)] struct [<Po \"st\">] {{ {ANNOTATED} }} }}"
        ),
        format!(
            "paste::paste! {{ #[derive(ForeignKeys)] #[diesel(table_name = [<po sts>])] struct Row {{ {ANNOTATED} }} }}"
        ),
        format!(
            "paste! {{ #[derive(ForeignKeys)] struct Post {{ {} }} }}",
            ANNOTATED.replace("author_id", "[<author _id>]")
        ),
        format!("my_item! {{ #[derive(ForeignKeys)] pub struct Post {{ {ANNOTATED} }} }}"),
        "my_lines! { deeper { foreign_keys! { posts (author_id) -> users (id), on_delete = cascade; } } }"
            .to_owned(),
    ];
    for code in &read {
        let facts = collect_files(&[("src/schema.rs", SCHEMA), ("src/a.rs", code)]);
        assert!(facts.problems.is_empty(), "{code}: {:?}", facts.problems);
        let key = facts.declared(&id("posts", &["author_id"]));
        assert!(key.is_some_and(|key| key.on_delete().is_some()), "{code}");
    }
    let named = [
        format!("paste! {{ #[derive(ForeignKeys)] struct [<post:camel>] {{ {ANNOTATED} }} }}"),
        format!("my_model! {{ Post for posts {{ {ANNOTATED} }} }}"),
        format!(
            "my_model! {{ Post, {} }}",
            ANNOTATED.replace("#[", "#[cfg_attr(all(), ").replace(")]", "))]")
        ),
        "my_model! { #[derive(Queryable, ForeignKeys)] model Post for posts { author_id: i64 } }".to_owned(),
        format!("my_model! {{ struct Post {{ {ANNOTATED} }} }}"),
        format!("#[my_model(posts)] pub struct Post {{ {ANNOTATED} }}"),
        "use std::include as inc; inc!(\"x.rs\");".to_owned(),
        "include!(env!(\"MODELS\"));".to_owned(),
        "include!(concat!(\"a\", stringify!(b), \".rs\"));".to_owned(),
        "macro_rules! inc { ($name:literal) => { include!($name); } }".to_owned(),
    ];
    for code in &named {
        let facts = collect_files(&[("src/schema.rs", SCHEMA), ("src/a.rs", code)]);
        let [problem] = &facts.problems[..] else { panic!("{code}: {:?}", facts.problems) };
        let span = problem.label.as_ref().expect("a place").span;
        assert!(facts.sources.place(span).starts_with("src/a.rs:1:"), "{code}: {problem:?}");
        assert!(facts.keys.is_empty(), "{code}: {:?}", facts.keys);
    }
    let quiet = [
        format!("my_template! {{ #[derive(ForeignKeys)] struct #name {{ {ANNOTATED} }} }}"),
        format!("const TEXT: &str = stringify!(#[derive(ForeignKeys)] struct Post {{ {ANNOTATED} }});"),
        "derive_alias! { model => #[derive(Queryable, ForeignKeys)], other => #[derive(ForeignKeys)]; }".to_owned(),
        "macro_rules! proto { ($name:literal) => { include!(concat!(env!(\"OUT_DIR\"), $name)); } }".to_owned(),
        "use crate::filters::include as inc; #[fk_of(other)] struct A; enum E { #[other(fk(a))] B }".to_owned(),
        "my_model! { #[derive(Queryable)] #[diesel(table_name = posts)] struct A { #[diesel(column_name = fk)] id: i64 } }".to_owned(),
    ];
    for code in &quiet {
        let facts = collect_files(&[("src/schema.rs", SCHEMA), ("src/a.rs", code)]);
        assert!(facts.problems.is_empty() && facts.keys.is_empty(), "{code}: {:?}", facts.problems);
    }
}

#[test]
fn a_table_under_another_name_is_the_table_that_it_is() {
    let schema = "pub mod b { diesel::table! { posts (id) { id -> Integer, user_id -> Integer, } } }
                  pub mod a { diesel::table! { comments (id) { id -> Integer, user_id -> Integer, } }
                              diesel::table! { other.posts (id) { id -> Integer, user_id -> Integer, } } }";
    let key = "(user_id) -> \"users\", on_delete = cascade;";
    for (modules, table, is) in [
        (
            &[("src/lib.rs", "mod tt { pub use crate::schema::b::posts as comments; }")][..],
            "crate::tt::comments",
            "posts",
        ),
        (&[("src/tt.rs", "pub use crate::schema::b::posts as comments;")], "crate::tt::comments", "posts"),
        (&[("src/tt.rs", "pub use crate::schema::b::posts as comments;")], "tt::comments", "posts"),
        (
            &[("src/tt.rs", "pub use super::schema::b::{self as x, posts as comments};")],
            "crate::tt::x::posts",
            "posts",
        ),
        (&[("src/tt.rs", "pub use crate::schema::b::*;")], "crate::tt::posts", "posts"),
        (&[("src/tt.rs", "pub use crate::schema::a::*;")], "crate::tt::posts", "other.posts"),
        (
            &[
                ("src/tt.rs", "mod inner; pub use self::inner::*;"),
                ("src/tt/inner.rs", "pub use crate::schema::b::posts as comments;"),
            ],
            "crate::tt::comments",
            "posts",
        ),
        (
            &[
                ("src/tt.rs", "mod inner; pub use inner::deep as comments;"),
                ("src/tt/inner.rs", "pub(crate) use crate::schema::b::posts as deep;"),
            ],
            "crate::tt::comments",
            "posts",
        ),
        (
            &[("src/tt.rs", "pub mod comments { pub use crate::schema::b::posts::*; }")],
            "crate::tt::comments",
            "posts",
        ),
        (
            &[("src/tt.rs", "pub mod comments { pub use crate::schema::b::posts::{columns, dsl, table}; }")],
            "crate::tt::comments",
            "posts",
        ),
        (
            &[("src/lib.rs", "pub use schema::b as tt; const ON: &str = \"PRAGMA foreign_keys = ON\";")],
            "crate::tt::posts",
            "posts",
        ),
        (
            &[("src/tt.rs", "pub use super::tt::comments; pub use crate::schema::b::posts as comments;")],
            "crate::tt::comments",
            "posts",
        ),
        (
            &[("src/tt.rs", "pub use crate::tt::*; pub use crate::tt::comments as comments;")],
            "crate::schema::a::comments",
            "comments",
        ),
    ] {
        let facts = |code: &str| {
            collect_files(&[&[("src/schema.rs", schema), ("src/models.rs", code)], modules].concat())
        };
        let direct = facts(&format!("use crate::tt; foreign_keys! {{ {table} {key} }}"));
        let used = facts(&format!(
            "use crate::tt; use {table} as row; #[derive(ForeignKeys)] #[diesel(table_name = row)] struct R {{ #[fk(references = \"users\")] user_id: i32 }}"
        ));
        for facts in [direct, used] {
            assert!(facts.problems.is_empty(), "{table}: {:?}", facts.problems);
            let [declared] = &facts.keys[..] else { panic!("{table}: {:?}", facts.keys) };
            assert_eq!(declared.key.table.to_string(), is, "{table} by {modules:?}");
        }
    }
}

#[test]
fn a_struct_under_another_name_serves_its_own_table() {
    let facts = collect_files(&[
        ("src/schema.rs", SCHEMA),
        ("src/models.rs", "#[derive(Identifiable)] #[diesel(table_name = crate::schema::users)] pub struct User { id: i64 }"),
        ("src/people.rs", "pub use crate::models::User as Person;"),
        (
            "src/post.rs",
            "#[derive(ForeignKeys)] #[diesel(table_name = crate::schema::posts, belongs_to(crate::people::Person, foreign_key = editor_id))]
             struct Post { #[fk(on_delete = cascade)] editor_id: i64 }",
        ),
    ]);
    let editor = facts.declared(&id("posts", &["editor_id"])).expect("editor");
    assert_eq!(editor.parent().map(|parent| parent.table.name.as_str()), Some("users"));
}
