//! Which keys migrations of `fix` have made anew: one that is NOT VALID since then was to be validated by another migration.

use std::path::{Path, PathBuf};

use super::read_source::ReadSource;
use super::three_way::name_of;
use crate::compare::MadeAnew;
use crate::model::disk;
use crate::model::{Mark, Step};
use crate::replay::migrations;
use crate::workspace::Workspace;

/// Reads the migrations of each source that shows a key which is NOT VALID.
pub(super) fn read(workspace: &Workspace, observed: &mut [ReadSource]) {
    for source in observed {
        let is_left =
            source.observation.keys.iter().any(|key| key.in_force.enforced && !key.in_force.validated);
        if is_left {
            let configured = source.database.as_ref().and_then(|database| database.migrations.clone());
            let directories: Vec<PathBuf> =
                configured.map_or_else(|| workspace.migrations.clone(), |directory| vec![directory]);
            source.made_anew = directories.iter().flat_map(|directory| of_directory(directory)).collect();
        }
    }
}

/// By the marks in there; the last migration of a key counts.
fn of_directory(directory: &Path) -> Vec<MadeAnew> {
    let mut all: Vec<MadeAnew> = Vec::new();
    // What can't be read marks nothing.
    for migration in migrations(directory).unwrap_or_default() {
        let text = disk::read_to_string(&migration.path.join("up.sql")).unwrap_or_default();
        let Some(name) = name_of(&migration) else { continue };
        for Mark { key, step, .. } in Mark::read(&text) {
            if step.sets_the_rule() {
                all.retain(|made| made.key != key);
                all.push(MadeAnew { key, by: name.clone(), validation: None });
            } else if step == Step::Validate
                && let Some(made) = all.iter_mut().find(|made| made.key == key)
            {
                made.validation = Some(name.clone());
            }
        }
    }
    all
}
