//! Outcomes as a run would bring them.

use std::path::PathBuf;
use std::time::Duration;

use crate::finding::{Consequence, Finding, FindingData, KeyActions, Label, Severity, Suggestion, TableRef};
use crate::model::{
    Action, FileId, KeyId, KeyName, Package, RuleId, SourceFile, SourceKind, SourceMap, TableName, Target,
};
use crate::outcome::{CheckedKey, Counts, FixMigration, Outcome, Problem, Proposal};

pub(super) const MODELS: &str = "use diesel::prelude::*;

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJob {
    pub id: i64,
    #[fk(references = organizations(id), on_delete = no_action, reason = \"jobs are billed\")]
    pub org_id: i64,
}
";

pub(super) const SCHEMA: &str = "diesel::table! {
    batch_jobs (id) {
        id -> BigInt,
        org_id -> BigInt,
    }
}

diesel::joinable!(batch_jobs -> organizations (org_id));
";

pub(super) const UP: &str =
    "ALTER TABLE batch_jobs\n    ADD FOREIGN KEY (org_id) REFERENCES organizations ON DELETE CASCADE;\n";

pub(super) fn add(sources: &mut SourceMap, display: &str, text: &str) -> FileId {
    sources.add(SourceFile {
        path: PathBuf::from("/ws").join(display),
        display: display.to_owned(),
        text: text.into(),
    })
}

/// The place of `needle`, with a word about it.
pub(super) fn label(sources: &SourceMap, file: FileId, needle: &str, text: &str) -> Label {
    let start = sources.file(file).text.find(needle).unwrap();
    Label { span: sources.span(file, start..start + needle.len()), text: text.to_owned() }
}

pub(super) fn finding(message: &str, primary: Label) -> Finding {
    Finding {
        rule: RuleId::fk_on_delete_mismatch,
        severity: Severity::Deny,
        consequence: Consequence::SilentDelete,
        message: message.to_owned(),
        primary,
        secondary: Vec::new(),
        notes: Vec::new(),
        help: Vec::new(),
        suggestions: Vec::new(),
        data: FindingData::default(),
        package: 0,
    }
}

pub(super) fn package() -> Package {
    let target = |kind: &str, name: &str, src_path: &str| Target {
        name: name.to_owned(),
        kind: vec![kind.to_owned()],
        crate_types: vec![if kind == "lib" { "lib" } else { "bin" }.to_owned()],
        src_path: PathBuf::from(src_path),
        edition: "2024".to_owned(),
        doc: kind == "lib",
        doctest: kind == "lib",
        test: true,
    };
    Package {
        id: "path+file:///ws/billing#0.1.0".to_owned(),
        name: "billing".to_owned(),
        manifest_path: PathBuf::from("/ws/billing/Cargo.toml"),
        targets: vec![
            target("lib", "billing", "/ws/billing/src/lib.rs"),
            target("bin", "admin", "/ws/billing/src/bin/admin.rs"),
            target("test", "deletes", "/ws/billing/tests/deletes.rs"),
        ],
        out_dirs: Vec::new(),
    }
}

/// Two errors of one rule over three files, a note, and a file that could not be read.
pub(super) fn billing() -> Outcome {
    let mut sources = SourceMap::default();
    let models = add(&mut sources, "billing/src/models/batch_jobs.rs", MODELS);
    let schema = add(&mut sources, "billing/src/schema.rs", SCHEMA);
    let up = add(&mut sources, "billing/migrations/2025-11-02-101500_tenancy/up.sql", UP);
    let broken = add(&mut sources, "billing/src/broken.rs", "pub struct Half {\n    id: i64\n");

    let key = |columns: &[&str], table: &str| {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Some(TableRef { table: TableName::bare(table), columns })
    };
    let on_delete = |action| Some(KeyActions { on_delete: Some(action), ..KeyActions::default() });
    let mismatch = Finding {
        secondary: vec![
            label(&sources, up, "ON DELETE CASCADE", "CASCADE was set here"),
            label(&sources, schema, "org_id -> BigInt", "the column"),
        ],
        notes: vec![
            "the code says NO ACTION: such a delete should fail while there are batch_jobs".to_owned(),
            "seen in PostgreSQL 15.18, database billing at 127.0.0.1:5432, as constraint \
             batch_jobs_org_id_fkey"
                .to_owned(),
        ],
        help: vec![
            "if the code is right, write the aligning migration: cargo fkcheck fix batch_jobs.org_id"
                .to_owned()
                .into(),
            "if the database is right, say so in the code: on_delete = cascade".to_owned().into(),
            "which is it? Ephemeral rows (logs, sessions) may go with their parent: CASCADE. Rows of value \
             should outlive it: SET NULL, if the column takes NULL. Audit evidence stays: RESTRICT."
                .to_owned()
                .into(),
        ],
        suggestions: vec![Suggestion {
            message: "make the code agree with the database".to_owned(),
            span: label(&sources, models, "no_action", "").span,
            replacement: "cascade".to_owned(),
        }],
        data: FindingData {
            is_one_of_several: false,
            section: None,
            child: key(&["org_id"], "batch_jobs"),
            parent: key(&["id"], "organizations"),
            declared: on_delete(Action::NoAction),
            observed: on_delete(Action::Cascade),
            source: Some(SourceKind::Database),
            constraint: Some("batch_jobs_org_id_fkey".to_owned()),
            source_label: Some("PostgreSQL 15.18, database billing at 127.0.0.1:5432".to_owned()),
            moved: None,
            databases: Vec::new(),
            ways: Vec::new(),
            function: None,
            keys: Vec::new(),
            further_up: vec!["deleting a row of `users` no longer deletes rows of `batch_jobs`".to_owned()],
            class: None,
            change_advice: Some(
                "one `ALTER TABLE .. DROP CONSTRAINT .., ADD CONSTRAINT .. NOT VALID`, and VALIDATE CONSTRAINT in a migration \
                 of its own",
            ),
        },
        ..finding(
            "a delete of a row of organizations silently deletes its batch_jobs, which the code means to keep",
            label(
                &sources,
                models,
                "on_delete = no_action",
                "NO ACTION in the code, CASCADE in the database",
            ),
        )
    };
    let joinable = Finding {
        rule: RuleId::fk_joinable_mismatch,
        severity: Severity::Warn,
        consequence: Consequence::None,
        ..finding(
            "joinable! names a parent that no key is behind",
            label(&sources, schema, "batch_jobs -> organizations (org_id)", ""),
        )
    };
    let same_advice = Finding { secondary: Vec::new(), notes: Vec::new(), ..mismatch.clone() };
    let note = Finding {
        severity: Severity::Note,
        consequence: Consequence::None,
        help: Vec::new(),
        ..finding(
            "RESTRICT and NO ACTION end a plain delete alike",
            label(&sources, models, "org_id: i64", "RESTRICT in the code"),
        )
    };
    let half = label(&sources, broken, "{", "this brace is never closed");
    let keys = vec![CheckedKey {
        id: KeyId {
            key: KeyName { table: TableName::bare("batch_jobs"), columns: vec!["org_id".to_owned()] },
            parent: None,
        },
        place: mismatch.primary.span,
        package: 0,
        compared: true,
    }];
    Outcome {
        root: PathBuf::from("/ws"),
        keys,
        packages: vec![package()],
        findings: vec![mismatch, same_advice, joinable, note],
        problems: vec![Problem {
            message: "billing/src/broken.rs can't be parsed: unclosed delimiter".to_owned(),
            label: Some(half),
            help: vec!["mend the file, or leave it out with `exclude`".to_owned()],
        }],
        counts: Counts {
            packages: 1,
            files: 9,
            tables: 7,
            joinables: 5,
            models: 6,
            declared: 12,
            observed: 14,
            paired: 11,
            undeclared: 2,
            skipped: 1,
            ..Counts::default()
        },
        proposals: Vec::new(),
        undeclared: Vec::new(),
        elapsed: Duration::from_millis(140),
        sources,
    }
}

/// The same with what would align: SQL for one key, none for another.
pub(super) fn with_sql() -> Outcome {
    let key = |table: &str| KeyName { table: TableName::bare(table), columns: vec!["org_id".to_owned()] };
    let migration = FixMigration {
        name: "align_batch_jobs_org_id".to_owned(),
        up: "ALTER TABLE batch_jobs\n    DROP CONSTRAINT batch_jobs_org_id_fkey;\n-- ````\n".to_owned(),
        down: "SELECT '</code><script>';\n".to_owned(),
        run_in_transaction: false,
    };
    let why = "`pending_payments` has a trigger that a rebuild would lose".to_owned();
    let proposals = vec![
        Proposal { keys: vec![key("batch_jobs")], section: None, migrations: Ok(vec![migration]) },
        Proposal {
            keys: vec![key("pending_payments")],
            section: Some("main".to_owned()),
            migrations: Err(why),
        },
    ];
    Outcome { proposals, ..billing() }
}

/// One error over awkward text: line ends of Windows, a byte-order mark, tabs, wide characters, a line of 300
/// columns, a name of 200, a place after the last line, one over many lines, and places that are nowhere.
pub(super) fn awkward() -> Outcome {
    let mut sources = SourceMap::default();
    let windows = add(
        &mut sources,
        "src/windows.rs",
        "\u{feff}#[fk(on_delete = cascade)]\r\npub org_id: i64,\r\n\r\npub struct A;\r\n",
    );
    let wide = add(
        &mut sources,
        "src/会社.rs",
        "\t#[fk(name = \"会社の外部キー\", on_delete = cascade)]\n\tpub 会社: i64,\n",
    );
    let long_line = format!(
        "let sql = \"{}\"; #[fk(on_delete = cascade)] {}\n",
        "select 1; ".repeat(20),
        "// more ".repeat(10)
    );
    let long = add(&mut sources, "src/long.rs", &long_line);
    let many = add(&mut sources, "src/many.rs", &format!("table! {{\n{}}}\n", "    a -> B,\n".repeat(30)));
    let empty = add(&mut sources, "src/empty.rs", "");
    let end = sources.file(windows).text.len();
    let long_name = "n".repeat(200);
    let primary = label(&sources, windows, "cascade", "CASCADE");
    let mut nowhere = primary.clone();
    nowhere.span.start.byte = 10_000;
    nowhere.span.end.byte = 9_000;
    nowhere.text = "nowhere".to_owned();
    let mut inside = label(&sources, wide, "会", "inside of a character");
    inside.span.start.byte += 1;
    let secondary = vec![
        Label { span: sources.span(windows, end..end), text: "the end".to_owned() },
        label(&sources, wide, "会社の外部キー", "its name"),
        label(&sources, wide, "on_delete = cascade", "its rule, explained in a label of quite some length"),
        inside,
        label(&sources, long, "on_delete = cascade", "far right"),
        label(&sources, many, sources.file(many).text.as_ref(), "many lines"),
        label(&sources, many, "a -> B,\n    a -> B,\n    a", "three lines"),
        label(&sources, empty, "", "an empty file"),
        nowhere,
    ];
    let finding = Finding {
        secondary,
        help: vec![format!("rename {long_name} to something that can be read").into()],
        ..finding(&format!("the key {long_name} on 会社 is not the one in the database"), primary)
    };
    Outcome { findings: vec![finding], sources, packages: vec![package()], ..Outcome::default() }
}
