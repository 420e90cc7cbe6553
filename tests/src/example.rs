//! The examples: the one of a rule, and `examples/billing`.

use std::path::{Path, PathBuf};

use fkcheck_core::finding::Level;
use fkcheck_core::model::Engine;
use fkcheck_core::rules::{Example, Rule};

use crate::{Run, SqliteFile, Workspace, fkcheck, mariadb, postgres};

/// The workspace that an example stands for.
pub fn example_workspace(example: &Example) -> Workspace {
    let mut workspace = Workspace::new()
        .file("src/schema.rs", example.schema)
        .file("src/models.rs", &format!("use crate::schema::*;\nuse fkcheck_macros::*;\n{}", example.code))
        .file("src/lib.rs", "pub mod models;\npub mod schema;\n");
    for (name, text) in example.files {
        workspace = match *name {
            "Cargo.toml" => workspace.manifest(text),
            name => workspace.file(name, text),
        };
    }
    workspace
}

/// Makes the example's database on an engine and checks its workspace against it, in JSON; `None` where the engine is
/// skipped. A rule that is allowed is asked for.
pub fn run_example(rule: &Rule, example: &Example, engine: Engine) -> Option<Run> {
    let workspace = example_workspace(example);
    let check = |url: &str| {
        let mut arguments = vec!["--data", "--message-format", "json", "--database-url", url];
        if rule.level == Level::Allow {
            arguments.extend(["-W", rule.name()]);
        }
        fkcheck(workspace.dir(), &arguments, &[])
    };
    let server = match engine {
        Engine::Sqlite => return Some(check(&SqliteFile::new(example.database).url())),
        Engine::Postgres => postgres()?,
        Engine::MariaDb => mariadb()?,
        other => panic!("no example runs on {other}"),
    };
    let database = server.fresh_database();
    database.execute(example.database);
    Some(check(&database.url()))
}

/// `examples/billing`, in a repository of its own.
pub fn billing() -> Workspace {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/billing");
    let macros = from.join("../../fkcheck-macros").display().to_string().replace('\\', "/");
    let workspace = Workspace::new().file(".git/HEAD", "ref: refs/heads/main\n");
    std::fs::remove_file(workspace.dir().join("src/lib.rs")).expect("removed");
    let mut left = vec![PathBuf::new()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(from.join(&directory)).expect("readable") {
            let entry = entry.expect("an entry");
            let below = directory.join(entry.file_name());
            if !entry.path().is_dir() {
                let text = std::fs::read_to_string(entry.path()).expect("UTF-8");
                let text = text.replace("../../fkcheck-macros", &macros);
                workspace.write(&below.to_string_lossy(), &text);
            } else if entry.file_name() != "target" {
                left.push(below);
            }
        }
    }
    workspace
}
