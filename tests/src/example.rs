//! Runs the example of a rule.

use fkcheck_core::rules::{Example, ExampleEngine};

use crate::{Run, SqliteFile, Workspace, fkcheck, mariadb, postgres};

/// The workspace that an example stands for.
pub fn example_workspace(example: &Example) -> Workspace {
    let workspace = Workspace::new()
        .file("src/schema.rs", example.schema)
        .file("src/models.rs", &format!("use crate::schema::*;\nuse fkcheck_macros::*;\n{}", example.code))
        .file("src/lib.rs", "pub mod models;\npub mod schema;\n");
    for (name, text) in example.files {
        workspace.write(name, text);
    }
    workspace
}

/// Makes the example's database on an engine and checks its workspace against it, in JSON; `None` where the engine is
/// skipped.
pub fn run_example(example: &Example, engine: ExampleEngine) -> Option<Run> {
    let workspace = example_workspace(example);
    let check =
        |url: &str| fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", url], &[]);
    let server = match engine {
        ExampleEngine::Sqlite => return Some(check(&SqliteFile::new(example.database).url())),
        ExampleEngine::Postgres => postgres()?,
        ExampleEngine::Mariadb => mariadb()?,
    };
    let database = server.fresh_database();
    database.execute(example.database);
    Some(check(&database.url()))
}
