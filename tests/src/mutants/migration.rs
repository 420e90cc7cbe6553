//! `fix` on a mutant: Diesel's own command runs the migrations that it writes, and check and schema are as they were before the
//! mutant; it takes them back, and the schema is the mutant's again, byte by byte.

use fkcheck_core::model::ObservedKey;

use super::{Engine, Subject, messages, said};
use crate::{Run, dump, fkcheck, run_diesel};

/// The state before the mutant.
pub(super) struct Before<'a> {
    pub(super) check: &'a Run,
    pub(super) essence: &'a str,
}

/// There and back. `Some`: no migration was written, in the words of the command.
pub(super) fn there_and_back(
    subject: &Subject<'_>,
    engine: Engine,
    key: &ObservedKey,
    default_schema: &str,
    before: &Before<'_>,
) -> Result<Option<String>, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let (dir, manifest) =
        (directory.path().display().to_string(), subject.manifest_path.display().to_string());
    let mutant = dump::schema_and_rows(engine, subject.url)?;
    // As findings write it: without the default schema.
    let mut name = key.key.clone();
    name.table.schema = name.table.schema.filter(|schema| schema != default_schema);
    let name = name.to_string();
    let fixed = fkcheck(
        subject.manifest_path.parent().expect("a directory"),
        &[
            "fix",
            "--all-database",
            "--strict",
            "--manifest-path",
            &manifest,
            "--database-url",
            subject.url,
            "--migration-dir",
            &dir,
            "--allow-data-loss",
            &name,
        ],
        &[],
    );
    match fixed.code {
        0 => {}
        1 => return Ok(Some(fixed.stdout.lines().skip(1).collect::<Vec<_>>().join(" "))),
        _ => return Err(format!("fix: {fixed:?}")),
    }
    let count = std::fs::read_dir(directory.path()).expect("readable").count();
    let diesel = |arguments: &[&str]| {
        let common = ["--migration-dir", &dir, "--database-url", subject.url];
        run_diesel(&[&["migration"], arguments, &common].concat())
    };
    diesel(&["run"])?;
    let after = subject.check();
    let there = dump::essence(engine, subject.url);
    let taken_back = diesel(&["revert", "-n", &count.to_string()]);
    let all = |run: &Run| messages(run).iter().map(said).collect::<Vec<_>>();
    if (after.code, all(&after)) != (before.check.code, all(before.check)) {
        return Err(format!("after the migration the check ends with {}: {:?}", after.code, all(&after)));
    }
    let there = there?;
    if there != before.essence {
        return Err(format!("more has changed than the rule:\n{}", dump::difference(before.essence, &there)));
    }
    taken_back?;
    let back = dump::schema_and_rows(engine, subject.url)?;
    if back == mutant {
        Ok(None)
    } else {
        Err(format!("the way back ends elsewhere:\n{}", dump::difference(&mutant, &back)))
    }
}
