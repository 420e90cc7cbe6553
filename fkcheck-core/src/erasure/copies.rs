//! Columns that look like a copy of a root's id and have no key: found by type and name.

use std::collections::HashSet;

use crate::compare::Comparison;
use crate::model::{Column, Model, SqlType, Table, TableKind, TableName, Visibility};

/// A column that looks like a copy.
pub(super) struct Copy<'a> {
    /// The table, as the source calls it.
    pub(super) table: &'a TableName,
    pub(super) column: &'a Column,
    /// Its name speaks of a person, not of this root: `owner_id`, `created_by`.
    pub(super) is_of_anybody: bool,
}

/// Every such column of the tables that `schema.rs` and the source both have; none of tables whose keys aren't all known.
pub(super) fn copies<'a>(comparison: &Comparison<'a>, root: &'a TableName) -> Vec<Copy<'a>> {
    let Some(declared) = comparison.table_of(root) else { return Vec::new() };
    let facts = comparison.facts;
    let names = Names::new(declared, facts.models_of(&declared.name));
    let types = types(comparison, root, declared);
    let keyed = Keyed::new(comparison);
    let joined = joined(comparison, declared);
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for table in facts.tables.iter().filter(|table| !table.is_view) {
        let Some(observed) = comparison.observed_table(&table.name) else { continue };
        if observed.kind == TableKind::View || !is_known(comparison, &observed.name) {
            continue;
        }
        for column in &table.columns {
            let is_joined = joined.contains(&(&table.name, column.name.as_str()));
            let likeness = if is_joined { Some(Likeness::Root) } else { names.likeness(&column.name) };
            let Some(likeness) = likeness else { continue };
            let is_own =
                table.primary_key == [column.name.as_str()] && is_own_id(&table.name.name, &column.name);
            let is_root_key = observed.name == *root && table.primary_key.contains(&column.name);
            if is_own
                || is_root_key
                || !types.contains(&&column.sql_type)
                || keyed.has(&observed.name, &column.name)
            {
                continue;
            }
            if seen.insert((&observed.name, column.name.as_str())) {
                let is_of_anybody = likeness == Likeness::Person;
                found.push(Copy { table: &observed.name, column, is_of_anybody });
            }
        }
    }
    found
}

/// The types of the root's primary key and of what keys refer to there.
fn types<'a>(comparison: &Comparison<'a>, root: &TableName, declared: &'a Table) -> Vec<&'a SqlType> {
    let keys = comparison.observation.keys.iter().filter(|key| key.parent == *root);
    let names = keys.flat_map(|key| &key.parent_columns).chain(&declared.primary_key);
    names.filter_map(|name| declared.column(name)).map(|column| &column.sql_type).collect()
}

/// The columns of keys, by their tables.
struct Keyed<'a> {
    comparison: &'a Comparison<'a>,
    columns: HashSet<(&'a TableName, String)>,
}

impl<'a> Keyed<'a> {
    fn new(comparison: &'a Comparison<'_>) -> Self {
        let case = comparison.engine().column_case;
        let of_key = |key: &'a crate::model::ObservedKey| {
            let table = key.whole_table();
            key.key.columns.iter().map(move |column| (table, case.fold(column)))
        };
        Keyed { comparison, columns: comparison.observation.keys.iter().flat_map(of_key).collect() }
    }

    fn has(&self, table: &TableName, column: &str) -> bool {
        let engine = self.comparison.engine();
        self.columns.contains(&(table, engine.column_case.fold(engine.cut(column))))
    }
}

/// The columns that `joinable!` or `belongs_to` says to refer to the root.
fn joined<'a>(comparison: &Comparison<'a>, root: &Table) -> HashSet<(&'a TableName, &'a str)> {
    let facts = comparison.facts;
    let all = facts.joinables.iter().chain(facts.models.iter().flat_map(|model| &model.belongs_to));
    let of_root = all.filter(|joinable| joinable.parent == root.name);
    let single = of_root.filter_map(|joinable| match &joinable.key.columns[..] {
        [column] => Some((&joinable.key.table, column.as_str())),
        _ => None,
    });
    single.collect()
}

/// Whether all keys of a table are known: where one isn't, its column would be asked about in vain.
fn is_known(comparison: &Comparison<'_>, table: &TableName) -> bool {
    match &comparison.observation.visibility {
        Visibility::Whole => true,
        Visibility::Partial(_) => false,
        Visibility::Except(doubts) => {
            !doubts.iter().any(|doubt| doubt.tables.as_ref().is_none_or(|tables| tables.contains(table)))
        }
    }
}

/// Whether a column is called as its own table is: `owners.owner_id`.
fn is_own_id(table: &str, column: &str) -> bool {
    let (table, column) = (snake(table), snake(column));
    column.strip_prefix(&singular(&table)).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// What a column's name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Root,
    Person,
}

/// By which names copies of a root's id go.
struct Names {
    /// `user`, `users`, and the model's.
    words: Vec<String>,
    /// `id`, `uuid`, and what the root itself calls it.
    ids: Vec<String>,
}

/// Who a column names, with an id behind it.
const PERSONS: [&str; 20] = [
    "owner",
    "author",
    "creator",
    "actor",
    "editor",
    "sender",
    "recipient",
    "receiver",
    "assignee",
    "inviter",
    "invitee",
    "approver",
    "reviewer",
    "moderator",
    "admin",
    "member",
    "grantor",
    "grantee",
    "uploader",
    "updater",
];

/// Those that stand alone, too.
const BARE: [&str; 3] = ["owner", "author", "creator"];

/// What ends in `_by` and names no person.
const NOT_PERSONS: [&str; 13] = [
    "sort_by",
    "sorted_by",
    "order_by",
    "ordered_by",
    "group_by",
    "grouped_by",
    "replaced_by",
    "superseded_by",
    "caused_by",
    "limited_by",
    "divided_by",
    "preceded_by",
    "succeeded_by",
];

impl Names {
    fn new<'a>(root: &Table, models: impl Iterator<Item = &'a Model>) -> Self {
        let table = snake(&root.name.name);
        let last = table.rsplit('_').next().unwrap_or(&table).to_owned();
        // `NewUser` and `UserForm` are no names of a row.
        let is_row = |model: &&Model| {
            let reads = ["Queryable", "QueryableByName", "Identifiable", "Selectable"];
            model.derives.iter().any(|derive| reads.contains(&derive.as_str()))
        };
        let models = models.filter(is_row).map(|model| snake(&model.name));
        let mut words: Vec<String> =
            [singular(&table), singular(&last), table, last].into_iter().chain(models).collect();
        words.retain(|word| word.len() > 1);
        let mut ids: Vec<String> = ["id", "uuid", "guid", "uid"].map(str::to_owned).to_vec();
        for key in root.primary_key.iter().map(|key| snake(key)) {
            // Of `users.user_id`, what is behind the word.
            let plain = words.iter().find_map(|word| key.strip_prefix(word.as_str())?.strip_prefix('_'));
            ids.push(plain.map_or_else(|| key.clone(), str::to_owned));
        }
        for list in [&mut words, &mut ids] {
            list.sort();
            list.dedup();
        }
        Names { words, ids }
    }

    fn likeness(&self, column: &str) -> Option<Likeness> {
        let name = snake(column);
        // `id` is the end of `uuid`, too.
        let without_id = || self.ids.iter().filter_map(|id| name.strip_suffix(id.as_str()));
        let has =
            |is_it: &dyn Fn(&str) -> bool| without_id().filter_map(|bare| bare.strip_suffix('_')).any(is_it);
        // `users` is how many there are.
        let is_one = |word: &String| name == *word && singular(word) == *word;
        let is_word = |word: &String| {
            is_one(word) || has(&|stem| ends(stem, word)) || without_id().any(|bare| bare == word)
        };
        if self.words.iter().any(is_word) {
            return Some(Likeness::Root);
        }
        let acted = |stem: &str| stem.ends_with("_by") && !NOT_PERSONS.contains(&stem);
        let is_person = acted(&name)
            || BARE.contains(&name.as_str())
            || has(&|stem| acted(stem) || PERSONS.iter().any(|word| ends(stem, word)));
        is_person.then_some(Likeness::Person)
    }
}

/// Whether a name is this word, or ends with it behind an underscore.
fn ends(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// `UserId` and `userId` as `user_id`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
        before = c;
    }
    snake
}

/// `users` → `user`, as far as English goes by rules.
fn singular(plural: &str) -> String {
    if plural == "people" {
        return "person".to_owned();
    }
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if plural.ends_with(ending) {
            return plural[..plural.len() - 2].to_owned();
        }
    }
    let is_plural = plural.ends_with('s') && !plural.ends_with("ss") && !plural.ends_with("us");
    if is_plural { plural[..plural.len() - 1].to_owned() } else { plural.to_owned() }
}

#[cfg(all(test, feature = "database"))]
mod tests {
    use super::*;
    use crate::made::table;

    #[test]
    fn copies_are_known_by_name() {
        let names = Names::new(&table("app_users", "uuid"), std::iter::empty());
        for column in [
            "user_id",
            "user_uuid",
            "users_uuid",
            "app_user_id",
            "act_user_uuid",
            "userId",
            "userid",
            "user",
            "User_ID",
        ] {
            assert_eq!(names.likeness(column), Some(Likeness::Root), "{column}");
        }
        for column in
            ["owner", "owner_id", "created_by", "updated_by_id", "site_admin_id", "author_uuid", "createdBy"]
        {
            assert_eq!(names.likeness(column), Some(Likeness::Person), "{column}");
        }
        for column in [
            "id",
            "uuid",
            "order_id",
            "sort_by",
            "replaced_by_id",
            "user_count",
            "max_users",
            "superuser_x",
            "nearby",
            "by",
            "admin",
            "period_id",
            "commodity_id",
            "username",
            "users",
        ] {
            assert_eq!(names.likeness(column), None, "{column}");
        }
        let names = Names::new(&table("people", "person_id"), std::iter::empty());
        for column in ["person_id", "people_id", "mod_person_id", "person"] {
            assert_eq!(names.likeness(column), Some(Likeness::Root), "{column}");
        }
    }

    #[test]
    fn a_word_of_many_is_one_of_one() {
        for (plural, one) in [
            ("users", "user"),
            ("people", "person"),
            ("parties", "party"),
            ("boxes", "box"),
            ("status", "status"),
            ("person", "person"),
        ] {
            assert_eq!(singular(plural), one);
        }
        assert!(is_own_id("owners", "owner_id") && !is_own_id("user_settings", "user_id"));
    }
}
