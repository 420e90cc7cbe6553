//! The picture of the delete rules in each of its forms, as the reader of that form reads it.

use std::collections::HashSet;
use std::fmt::Write as _;

use fkcheck_tests::{Run, SqliteFile, Workspace, billing, fkcheck, postgres};
use serde_json::{Value, json};

/// What a name may hold that ends a string, begins a command or turns the text round, somewhere.
const HOSTILE: &str =
    "</script></style>]]><b onclick=\"x\">'\\\" %%{init: {}}%% `\"] --> end; #quot;\u{202e}\nstyle:#1;";

fn graph(workspace: &Workspace, arguments: &[&str]) -> Run {
    fkcheck(workspace.dir(), &[&["graph", "-q"], arguments].concat(), &[])
}

/// Of a database, without a word of code.
fn of_sqlite(sql: &str, arguments: &[&str]) -> Run {
    let file = SqliteFile::new(sql);
    graph(&Workspace::new(), &[arguments, &["--database-url", &file.url()]].concat())
}

const TREE: &str = "
    CREATE TABLE a (id INTEGER PRIMARY KEY);
    CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES A ON DELETE CASCADE);
    CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b ON DELETE CASCADE);
    CREATE TABLE d (c_id INTEGER REFERENCES c ON DELETE SET NULL, e_id INTEGER REFERENCES e);
    CREATE TABLE e (id INTEGER PRIMARY KEY);
    CREATE TABLE alone (id INTEGER PRIMARY KEY);";

#[test]
fn billing_in_each_form() {
    let workspace = billing();
    let json = graph(&workspace, &["--format", "json"]).expect(0).json().remove(0);
    assert_eq!((&json["reason"], &json["version"]), (&json!("fkcheck-graph"), &json!(1)));
    let key = json["keys"].as_array().unwrap().iter().find(|key| key["table"] == "batch_jobs").unwrap();
    let expected = json!({
        "table": "batch_jobs", "columns": ["org_id"], "parent": "organizations", "parent_columns": ["id"],
        "on_delete": "CASCADE", "standing": "in_force", "in_code": { "on_delete": "NO ACTION" },
        "declared": "src/models.rs:57",
    });
    assert_eq!(*key, expected);
    for form in ["dot", "mermaid"] {
        insta::assert_snapshot!(form, graph(&workspace, &["--format", form]).expect(0).stdout);
    }
    let svg = graph(&workspace, &[]).expect(0).stdout;
    assert_eq!(
        svg,
        graph(&workspace, &["--format", "svg"]).expect(0).stdout,
        "the default, and always the same"
    );
    assert_eq!(roxmltree::Document::parse(&svg).unwrap().root_element().tag_name().name(), "svg");
    for (file, begins) in [("x.html", "<!DOCTYPE html>"), ("x.gv", "digraph"), ("x.md", "###"), ("x", "<svg")]
    {
        assert_eq!(graph(&workspace, &["-o", file]).expect(0).stdout, "");
        assert!(std::fs::read_to_string(workspace.dir().join(file)).unwrap().starts_with(begins), "{file}");
    }
}

#[test]
fn what_a_delete_reaches() {
    let keys = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["--format", "json"], arguments].concat();
        let json = of_sqlite(TREE, &arguments).expect(0).json().remove(0);
        let name = |key: &Value| key["table"].as_str().unwrap().to_owned();
        let mut keys: Vec<String> = json["keys"].as_array().unwrap().iter().map(name).collect();
        keys.push(format!("{} left out", json["left_out"]));
        keys
    };
    assert_eq!(keys(&[]), ["b", "c", "d", "d", "1 left out"]);
    assert_eq!(keys(&["a"]), ["b", "c", "d", "2 left out"]);
    assert_eq!(keys(&["--from", "a"]), keys(&["a"]));
    assert_eq!(keys(&["a", "--depth", "1"]), ["b", "4 left out"]);
    assert_eq!(keys(&["a", "--depth", "2"]), ["b", "c", "3 left out"]);
    assert_eq!(keys(&["c", "e"]), ["d", "d", "3 left out"]);
    assert_eq!(keys(&["alone"]), ["5 left out"]);
}

#[test]
fn wrong_usage_and_what_is_not_known() {
    let workspace = billing();
    let near = graph(&workspace, &["organisations"]).expect(2);
    assert!(near.stderr.contains("did you mean `organizations`?"), "{near:?}");
    let depth = graph(&workspace, &["--depth", "2"]).expect(2);
    assert!(depth.stderr.contains("--depth goes with a table"), "{depth:?}");
    let format = graph(&workspace, &["--message-format", "json", "--output", "x.svg"]).expect(2);
    assert!(format.stderr.contains("--format says in which form"), "{format:?}");
    assert!(!workspace.dir().join("x.svg").exists());
    graph(&workspace, &["users", "--depth", "0"]).expect(2);
    let nothing = graph(&Workspace::new(), &["-o", "x.svg"]).expect(3);
    assert_eq!(nothing.stdout, "");
}

/// A key that the code alone knows is drawn too, as one that isn't there.
#[test]
fn what_the_code_says_otherwise() {
    let code = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, editor_id -> Nullable<Integer>, } }
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(none)]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}
";
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id), editor_id INTEGER);",
    );
    let workspace = Workspace::new().file("src/models.rs", code);
    let arguments = ["--format", "json", "--database-url", &file.url()];
    let json = graph(&workspace, &arguments).expect(0).json().remove(0);
    let said = |at: usize| (json["keys"][at]["standing"].clone(), json["keys"][at]["in_code"].clone());
    assert_eq!(said(0), (json!("in_force"), json!({ "no_key": true })));
    assert_eq!(said(1), (json!("absent"), json!({ "on_delete": "SET NULL" })));
}

/// Quotes, ends of lines, marks that turn the text: each form stays what it is.
#[test]
fn hostile_names_stay_names() {
    let quoted = format!("\"{}\"", HOSTILE.replace('"', "\"\""));
    let sql = format!(
        "CREATE TABLE {quoted} (id INTEGER PRIMARY KEY);
         CREATE TABLE child ({quoted} INTEGER REFERENCES {quoted} ON DELETE CASCADE);"
    );
    let output = |form: &str| of_sqlite(&sql, &["--format", form]).expect(0).stdout;
    for form in ["svg", "html", "mermaid", "dot", "json"] {
        let text = output(form);
        assert!(!text.contains('\u{202e}'), "{form}");
    }

    let json: Value = serde_json::from_str(&output("json")).unwrap();
    let name = json["tables"][0]["name"].as_str().unwrap();
    assert!(name.starts_with("</script>") && name.contains("\\u{202e}\\nstyle"), "{name}");

    let svg = output("svg");
    let svg = roxmltree::Document::parse(&svg).unwrap();
    let elements: HashSet<&str> = svg.descendants().map(|node| node.tag_name().name()).collect();
    for element in elements {
        assert!(["", "svg", "g", "path", "rect", "style", "text", "title"].contains(&element), "{element}");
    }
    assert!(svg.descendants().any(|node| node.attribute("data-name") == Some(name)));
    let html = output("html");
    assert_eq!((html.matches("</script>").count(), html.matches("</style>").count()), (2, 2));
    assert!(!html.contains("<b onclick"));

    // What stands outside of strings is ours, and so is every line.
    let dot = output("dot");
    let mut outside = String::new();
    let (mut is_inside, mut chars) = (false, dot.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' if is_inside => drop(chars.next()),
            '"' => is_inside = !is_inside,
            _ if !is_inside => outside.push(c),
            _ => {}
        }
    }
    assert!(!is_inside && !outside.contains("script") && !outside.contains('<'), "{outside}");

    let mermaid = output("mermaid");
    let diagram = mermaid.split("```mermaid\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = diagram.lines().collect();
    assert_eq!(lines.len(), 1 + 2 + 1 + 1, "{diagram}");
    for label in diagram.split('"').skip(1).step_by(2) {
        let is_plain = |c: char| c.is_alphanumeric() || "_ .,#;→≠…".contains(c);
        assert!(label.chars().all(is_plain), "{label}");
    }
}

/// GitHub draws no diagram with more than 500 edges or 50,000 characters.
#[test]
fn mermaid_is_split_where_github_would_refuse() {
    let mut sql = "CREATE TABLE hub (id INTEGER PRIMARY KEY);".to_owned();
    for at in 0..700 {
        let name = format!("{}_{at}", "long_name".repeat(1 + at % 7));
        let _ = write!(
            sql,
            "CREATE TABLE {name} (id INTEGER PRIMARY KEY, hub_id INTEGER REFERENCES hub ON DELETE CASCADE,
             other_id INTEGER REFERENCES {name});"
        );
    }
    let text = of_sqlite(&sql, &["--format", "mermaid"]).expect(0).stdout;
    let diagrams: Vec<&str> =
        text.split("```mermaid\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
    assert!(diagrams.len() > 2, "{}", diagrams.len());
    let edges = |diagram: &str| diagram.lines().filter(|line| line.contains("|\"")).count();
    for diagram in &diagrams {
        assert!(edges(diagram) <= 500 && diagram.encode_utf16().count() <= 50_000);
    }
    assert_eq!(diagrams.iter().map(|diagram| edges(diagram)).sum::<usize>(), 1_400);
    assert!(text.contains(&format!("Part 2 of {}", diagrams.len())), "the note");
}

/// A page stays one that a browser opens: a long chain of cascades, where each table reaches all behind it.
#[test]
fn what_reaches_too_much_is_said() {
    let mut sql = "CREATE TABLE t0 (id INTEGER PRIMARY KEY);".to_owned();
    for at in 1..800 {
        let before = at - 1;
        let _ = write!(
            sql,
            "CREATE TABLE t{at} (id INTEGER PRIMARY KEY REFERENCES t{before} ON DELETE CASCADE);"
        );
    }
    let page = of_sqlite(&sql, &["--format", "html"]).expect(0).stdout;
    assert!(page.contains("too much for one page") && page.len() < 3_000_000, "{}", page.len());
    assert!(!page.contains("data-deletes") && page.matches("class=\"edge").count() >= 799);
}

/// Tables of one schema stand in one frame.
#[test]
fn schemas_stand_apart() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE SCHEMA shop; CREATE SCHEMA log;
         CREATE TABLE shop.orders (id int PRIMARY KEY);
         CREATE TABLE shop.lines (order_id int REFERENCES shop.orders ON DELETE CASCADE);
         CREATE TABLE log.events (order_id int REFERENCES shop.orders ON DELETE SET NULL, id int PRIMARY KEY);
         CREATE TABLE log.notes (event_id int REFERENCES log.events ON DELETE CASCADE);",
    );
    let url = database.url();
    let output =
        |form: &str| graph(&Workspace::new(), &["--format", form, "--database-url", &url]).expect(0).stdout;
    assert!(output("mermaid").contains("subgraph s0[\"log\"]"));
    assert!(output("dot").contains("subgraph cluster_1 {\n    label=\"shop\";"));
    let svg = output("svg");
    let svg = roxmltree::Document::parse(&svg).unwrap();
    let place = |node: &roxmltree::Node<'_, '_>| {
        let rect = node.children().find(|node| node.tag_name().name() == "rect").unwrap();
        ["x", "y", "width", "height"].map(|name| rect.attribute(name).unwrap().parse::<f64>().unwrap())
    };
    let of = |class: &str| -> Vec<roxmltree::Node<'_, '_>> {
        let is_it = |node: &roxmltree::Node<'_, '_>| {
            node.attribute("class").is_some_and(|classes| classes.split(' ').next() == Some(class))
        };
        svg.descendants().filter(is_it).collect()
    };
    let frames: Vec<(String, [f64; 4])> = of("schema")
        .iter()
        .map(|frame| {
            (frame.descendants().find_map(|node| node.text()).unwrap_or_default().to_owned(), place(frame))
        })
        .collect();
    assert_eq!(frames.len(), 2);
    for table in of("table") {
        let [x, y, width, height] = place(&table);
        for (schema, [left, top, wide, high]) in &frames {
            let is_inside = x > *left && y > *top && x + width < left + wide && y + height < top + high;
            let is_its_own = table.attribute("data-name").unwrap().starts_with(&format!("{schema}."));
            assert_eq!(is_inside, is_its_own, "{schema} {table:?}");
        }
    }
}

/// The end of the name chooses the form; what was written is said, and what can't be isn't written as something else.
#[test]
fn a_file_is_what_its_name_says() {
    let workspace = billing();
    let run = |arguments: &[&str]| fkcheck(workspace.dir(), arguments, &[]);
    for (command, file, begins, what) in [
        ("graph", "x.mermaid", "###", "9 tables, 9 keys"),
        ("graph", "x.SVG", "<svg", "9 tables, 9 keys"),
        ("impact", "x.md", "## What a delete", "1 table"),
        ("impact", "x.html", "<!DOCTYPE html>", "1 table"),
        ("impact", "x.json", "{\"reason\"", "1 table"),
        ("impact", "x.txt", "DELETE FROM", "1 table"),
        ("impact", "x", "DELETE FROM", "1 table"),
    ] {
        let table = if command == "impact" { &["organizations"][..] } else { &[] };
        let done = run(&[&[command, "-o", file], table].concat()).expect(0);
        assert_eq!(done.stdout, "");
        assert!(done.stderr.contains(&format!("Wrote {file}: {what}\n")), "{done:?}");
        let text = std::fs::read_to_string(workspace.dir().join(file)).unwrap();
        assert!(text.starts_with(begins), "{file}: {text}");
    }
    for (command, file) in [("graph", "x.png"), ("graph", "x.pdf"), ("impact", "x.svg"), ("impact", "x.jpg")]
    {
        let refused = run(&[command, "-o", file]).expect(2);
        assert!(refused.stderr.contains("the end of the name chooses the form: ."), "{refused:?}");
        assert!(!workspace.dir().join(file).exists());
    }
    run(&["graph", "--format", "svg", "-o", "x.picture"]).expect(0);
    run(&["impact", "--message-format", "sarif"]).expect(2);
}

/// The help shows what does something; what does nothing is refused.
#[test]
fn options_that_do_nothing_are_neither_shown_nor_taken() {
    let workspace = billing();
    for (command, lines) in [("impact", 115), ("graph", 115)] {
        let help = fkcheck(workspace.dir(), &[command, "--help"], &[]).expect(0).stdout;
        assert!(help.lines().count() < lines, "{}", help.lines().count());
        for option in [
            "--data",
            "--allow=fk_undeclared",
            "-Wfk_undeclared",
            "--deny=fk_undeclared",
            "--cap-lints=warn",
            "--strict",
            "--package=app",
            "--workspace",
            "--exclude=app",
            "--editor",
            "--release",
            "--all-targets",
        ] {
            let name = option.split('=').next().unwrap();
            assert!(!help.split([' ', '\n', '[']).any(|word| word == name), "{command}: {option}");
            let run = fkcheck(workspace.dir(), &[command, option], &[]).expect(2);
            assert!(run.stderr.contains("does nothing in `cargo fkcheck"), "{run:?}");
        }
        for option in [
            "--against",
            "--database-url",
            "--database",
            "--scratch-url",
            "--deadline",
            "--offline",
            "--manifest-path",
            "--color",
            "-o",
        ] {
            assert!(help.contains(option), "{command}: {option}");
        }
    }
}
