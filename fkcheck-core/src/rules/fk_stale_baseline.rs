//! An entry of the baseline that nothing matches any more.

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::finding::Level;
use crate::model::{Engine, RuleId, Span};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);
CREATE INDEX posts_author_id ON posts (author_id);";

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_stale_baseline,
    group: Group::Upkeep,
    level: Level::Deny,
    says: "an entry of the baseline that nothing matches any more",
    why: "A baseline lets known findings wait. An entry whose finding is gone would let the same drift come back unseen, so it \
          fails until `cargo fkcheck baseline --prune` removes it. An entry names the source in which the finding was seen; in \
          a run that asks other sources, or has the rule switched off, nothing is known of it.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[(
            "fkcheck-baseline.toml",
            "
[[finding]]
rule = \"fk_conflicting_declarations\"
about = \"posts.author_id\"
declared = \"ON DELETE RESTRICT\"
source = \"code\"
reason = \"until the next release\"
",
        )],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: None,
};

/// One breach for each entry: its rule and key, and its place. The file belongs to the first package, as good as to any.
pub(super) fn check(stale: &[(String, Span)], unclear: &[(String, Span)], drafts: &mut Drafts) {
    for (entry, span) in stale {
        let message = format!("the baseline knows {entry}, which no longer occurs");
        let draft = Draft::new(RULE.level, 0, *span, "nothing matches this", message);
        drafts.add(draft.help("`cargo fkcheck baseline --prune` removes such entries"));
    }
    for (entry, span) in unclear {
        let message = format!(
            "the baseline knows {entry}, which does not occur here, and doesn't say where it was seen"
        );
        let draft = Draft::new(Level::Warn, 0, *span, "nothing matches this", message);
        drafts.add(draft.help(
            "`cargo fkcheck baseline`, asking the database where it was seen, writes that down as the entry's `source`; `--prune` removes what doesn't occur",
        ));
    }
}
