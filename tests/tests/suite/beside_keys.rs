//! What beside a key decides what a delete does, each tried on the server and held against what `impact` and the check say of it.

use fkcheck_tests::{Database, SqliteFile, Workspace, fkcheck, mariadb, postgres};
use serde_json::Value;

/// A parent `p` with the rows 1 and 2, and what is made beside it.
struct Case {
    name: &'static str,
    sql: &'static str,
    /// Whether `DELETE FROM p WHERE id = 1` works.
    works: bool,
    /// What holds afterwards.
    then: &'static str,
    /// `when`, with `by` behind it, of what stops it; `orphans` with the key's partitions; `nulls`, `defaults`, `unknown` with its text.
    said: &'static [&'static str],
    /// The rules that a check finds broken, of those that this is about.
    found: &'static [&'static str],
}

const RULES: [&str; 3] = ["fk_not_enforced", "fk_partition_differs", "fk_set_null_not_nullable"];

/// Code that declares `c.p_id`, and leaves its rule to the database.
fn code() -> Workspace {
    Workspace::new()
        .file(
            "src/schema.rs",
            "diesel::table! { p (id) { id -> Integer, } }
             diesel::table! { c (p_id) { p_id -> Nullable<Integer>, } }",
        )
        .file(
            "src/lib.rs",
            "pub mod schema;
             use fkcheck_macros::foreign_keys;
             use schema::*;
             foreign_keys! { c (p_id) -> p (id); }",
        )
}

/// Which of the rules a check finds broken.
fn found(workspace: &Workspace, source: &[&str]) -> Vec<String> {
    let run = fkcheck(workspace.dir(), &[&["--message-format", "json"], source].concat(), &[]);
    let mut rules = run.rules();
    rules.retain(|rule| RULES.contains(&rule.as_str()));
    rules
}

const PARENT: &str = "CREATE TABLE p (id integer PRIMARY KEY); INSERT INTO p VALUES (1), (2); CREATE TABLE probe (ok integer NOT NULL);";

/// `INSERT`s a NULL where there must be none, unless the condition holds.
fn assertion(condition: &str) -> String {
    format!("INSERT INTO probe SELECT NULL FROM (SELECT 1 AS one) x WHERE NOT ({condition})")
}

fn impact(workspace: &Workspace, source: &[&str]) -> Value {
    let arguments = [&["impact", "p", "--message-format", "json"], source].concat();
    let run = fkcheck(workspace.dir(), &arguments, &[]).expect(0);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn said(line: &Value) -> Vec<String> {
    let list = |name: &str| line[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut said: Vec<String> = list("stops")
        .iter()
        .map(|stop| format!("{} {}", text(&stop["when"]), text(&stop["by"])).trim_end().to_owned())
        .collect();
    said.extend(list("orphans").iter().map(|key| match key["off_in"].as_array() {
        Some(parts) => format!("orphans in {}", parts.iter().map(text).collect::<Vec<_>>().join(", ")),
        None => "orphans".to_owned(),
    }));
    for what in ["nulls", "defaults"] {
        said.extend(list(what).iter().map(|_| what.to_owned()));
    }
    said.extend(list("unknown").iter().map(|one| text(&one["text"])));
    said
}

/// Each case on a database of its own: first what is said, by the database and by a snapshot of it, then the delete.
fn on_server(database: impl Fn() -> Option<Database>, cases: &[Case]) {
    for case in cases {
        let Some(database) = database() else { return };
        database.execute(&format!("{PARENT} {}", case.sql));
        says(case, &database.url());
        let worked = database.try_execute("DELETE FROM p WHERE id = 1");
        assert_eq!(worked.is_ok(), case.works, "{}: {worked:?}", case.name);
        let then = database.try_execute(&assertion(case.then));
        assert!(then.is_ok(), "{}: {}", case.name, case.then);
    }
}

fn says(case: &Case, url: &str) {
    let workspace = code();
    let line = impact(&workspace, &["--database-url", url]);
    assert_eq!(said(&line), case.said, "{}: {line}", case.name);
    assert_eq!(found(&workspace, &["--database-url", url]), case.found, "{}", case.name);
    fkcheck(workspace.dir(), &["snapshot", "--database-url", url], &[]).expect(0);
    let of_snapshot = impact(&workspace, &["--against", "snapshot"]);
    assert_eq!(said(&of_snapshot), case.said, "{}, of the snapshot: {of_snapshot}", case.name);
    assert_eq!(found(&workspace, &["--against", "snapshot"]), case.found, "{}, of the snapshot", case.name);
}

const POSTGRES: &[Case] = &[
    Case {
        name: "a partition's own key, made before that of the whole",
        sql: "CREATE TABLE c1 (k integer, p_id integer REFERENCES p);
              CREATE TABLE c (k integer, p_id integer) PARTITION BY LIST (k);
              ALTER TABLE c ATTACH PARTITION c1 FOR VALUES IN (1);
              ALTER TABLE c ADD CONSTRAINT c_fk FOREIGN KEY (p_id) REFERENCES p ON DELETE CASCADE; INSERT INTO c VALUES (1, 1);",
        works: false,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["referred"],
        found: &["fk_partition_differs"],
    },
    Case {
        name: "a partition's own key, made after it",
        sql: "CREATE TABLE c (k integer, p_id integer REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (k);
              CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
              ALTER TABLE c1 ADD FOREIGN KEY (p_id) REFERENCES p ON DELETE RESTRICT; INSERT INTO c VALUES (1, 1);",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &["left"],
        found: &[],
    },
    Case {
        name: "triggers that are disabled in a partition of the child",
        sql: "CREATE TABLE c (k integer, p_id integer REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (k);
              CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); ALTER TABLE c1 DISABLE TRIGGER ALL; INSERT INTO c VALUES (1, 9), (1, 1);",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &[],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "SET NULL and a CHECK that takes no NULL",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, CONSTRAINT filled CHECK (p_id IS NOT NULL AND p_id > 0));
              INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["not_null filled"],
        found: &["fk_set_null_not_nullable"],
    },
    Case {
        name: "SET NULL and a CHECK that looks at the column, which doesn't take this row",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, b integer, CONSTRAINT either CHECK (p_id IS NOT NULL OR b > 0));
              INSERT INTO c VALUES (1, 0);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["check either", "nulls"],
        found: &[],
    },
    Case {
        name: "the same, and it does",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, b integer, CONSTRAINT either CHECK (p_id IS NOT NULL OR b > 0));
              INSERT INTO c VALUES (1, 1);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id IS NULL) = 1",
        said: &["check either", "nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL and a CHECK on the whole row",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, CONSTRAINT whole CHECK (c::text <> '()')); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["check whole", "nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL and a unique index on an expression",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL); CREATE UNIQUE INDEX once ON c ((p_id IS NULL));
              INSERT INTO c VALUES (1), (NULL);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["check once", "nulls"],
        found: &[],
    },
    Case {
        name: "SET DEFAULT and an EXCLUDE constraint",
        sql: "CREATE TABLE c (p_id integer DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT, CONSTRAINT apart EXCLUDE (p_id WITH =));
              INSERT INTO c VALUES (1), (2);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["check apart", "default_row", "defaults"],
        found: &[],
    },
    Case {
        name: "a key to a single partition of the parent",
        sql: "DROP TABLE p; CREATE TABLE p (id integer) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p (PRIMARY KEY (id)) FOR VALUES IN (1);
              CREATE TABLE p2 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1), (2); CREATE TABLE c (p_id integer REFERENCES p1); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["c.p_id refers to p1, which has rows in common with p: what it does isn't followed"],
        found: &[],
    },
    Case {
        name: "a trigger for the whole statement",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE);
              CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
              CREATE TRIGGER guard BEFORE DELETE ON c EXECUTE PROCEDURE no();",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["trigger guard on c (once for each delete)"],
        found: &[],
    },
    Case {
        name: "a publication of a child without a replica identity",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); CREATE PUBLICATION news FOR TABLE c;",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["publication news on c (no replica identity, so that every delete fails)"],
        found: &[],
    },
    Case {
        name: "publications that send no deletes, or know rows apart",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); CREATE PUBLICATION news FOR TABLE c WITH (publish = 'insert');
              CREATE PUBLICATION more FOR TABLE p; INSERT INTO c VALUES (1);",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &[],
        found: &[],
    },
    Case {
        name: "SET NULL and a CHECK that looks elsewhere",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, b integer CHECK (b IS NOT NULL)); INSERT INTO c VALUES (1, 1);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id IS NULL) = 1",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL and a domain that is NOT NULL, by the one that it is made of",
        sql: "CREATE DOMAIN below AS integer NOT NULL; CREATE DOMAIN above AS below;
              CREATE TABLE c (p_id above REFERENCES p ON DELETE SET NULL); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["not_null below"],
        found: &["fk_set_null_not_nullable"],
    },
    Case {
        name: "SET NULL and a domain whose CHECK takes no NULL",
        sql: "CREATE DOMAIN filled AS integer CHECK (VALUE IS NOT NULL);
              CREATE TABLE c (p_id filled REFERENCES p ON DELETE SET NULL); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["not_null filled"],
        found: &["fk_set_null_not_nullable"],
    },
    Case {
        name: "SET NULL and the partition key",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL) PARTITION BY LIST (p_id);
              CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["partition_key c", "nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL and the partition key, with a partition for all else",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL) PARTITION BY LIST (p_id);
              CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); CREATE TABLE c2 PARTITION OF c DEFAULT; INSERT INTO c VALUES (1);",
        works: true,
        then: "(SELECT count(*) FROM c2 WHERE p_id IS NULL) = 1",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL of a partition's own key and the partition key",
        sql: "CREATE TABLE c (p_id integer) PARTITION BY LIST (p_id); CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
              CREATE TABLE c2 PARTITION OF c DEFAULT; ALTER TABLE c1 ADD FOREIGN KEY (p_id) REFERENCES p ON DELETE SET NULL;
              INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["partition_key c", "nulls"],
        found: &[],
    },
    Case {
        name: "MATCH FULL that would be NULL in part, by a default that isn't there",
        sql: "CREATE TABLE q (a integer REFERENCES p ON DELETE CASCADE, b integer, PRIMARY KEY (a, b)); INSERT INTO q VALUES (1, 1), (2, 2);
              CREATE TABLE c (a integer DEFAULT 2, b integer, FOREIGN KEY (a, b) REFERENCES q MATCH FULL ON DELETE SET DEFAULT);
              INSERT INTO c VALUES (1, 1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE a = 1) = 1",
        said: &["half_null"],
        found: &[],
    },
    Case {
        name: "MATCH FULL, all of it NULL",
        sql: "CREATE TABLE q (a integer REFERENCES p ON DELETE CASCADE, b integer, PRIMARY KEY (a, b)); INSERT INTO q VALUES (1, 1);
              CREATE TABLE c (a integer, b integer, FOREIGN KEY (a, b) REFERENCES q MATCH FULL ON DELETE SET NULL);
              INSERT INTO c VALUES (1, 1);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE a IS NULL AND b IS NULL) = 1",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "SET DEFAULT to a row that is there, but not by a unique key",
        sql: "CREATE TABLE c (p_id integer DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT, CONSTRAINT once UNIQUE (p_id));
              INSERT INTO c VALUES (1), (2);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["unique once", "default_row", "defaults"],
        found: &[],
    },
    Case {
        name: "SET DEFAULT to a row that isn't there",
        sql: "CREATE TABLE c (p_id integer DEFAULT 9 REFERENCES p ON DELETE SET DEFAULT); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["default_row", "defaults"],
        found: &[],
    },
    Case {
        name: "SET NULL and a unique key that takes any number of NULLs",
        sql: "CREATE TABLE c (p_id integer UNIQUE REFERENCES p ON DELETE SET NULL); INSERT INTO c VALUES (NULL), (1);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id IS NULL) = 2",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "a trigger that skips the row",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1);
              CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
              CREATE TRIGGER keep BEFORE DELETE ON c FOR EACH ROW EXECUTE PROCEDURE no();
              CREATE TRIGGER off BEFORE DELETE ON c FOR EACH ROW EXECUTE PROCEDURE no(); ALTER TABLE c DISABLE TRIGGER off;
              CREATE TRIGGER elsewhere BEFORE UPDATE ON c FOR EACH ROW EXECUTE PROCEDURE no();",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["trigger keep on c (before delete)"],
        found: &[],
    },
    Case {
        name: "a trigger at the update of the column that is cleared, and one of another column",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, b integer); INSERT INTO c VALUES (1);
              CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
              CREATE TRIGGER keep BEFORE UPDATE OF p_id ON c FOR EACH ROW EXECUTE PROCEDURE no();
              CREATE TRIGGER other BEFORE UPDATE OF b ON c FOR EACH ROW EXECUTE PROCEDURE no();",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["nulls", "trigger keep on c (before update)"],
        found: &[],
    },
    Case {
        name: "a trigger of a partition",
        sql: "CREATE TABLE c (k integer, p_id integer REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (k);
              CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); INSERT INTO c VALUES (1, 1);
              CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
              CREATE TRIGGER keep BEFORE DELETE ON c1 FOR EACH ROW EXECUTE PROCEDURE no();
              CREATE TRIGGER all_over AFTER DELETE ON c FOR EACH ROW EXECUTE PROCEDURE no();",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["trigger all_over on c (after delete)", "trigger keep on c1 (before delete)"],
        found: &[],
    },
    Case {
        name: "a rule that makes nothing of the cascade",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); CREATE RULE kept AS ON DELETE TO c DO INSTEAD NOTHING;",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["swallowed kept"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "a rule that makes nothing of SET NULL",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL); CREATE RULE kept AS ON UPDATE TO c DO INSTEAD NOTHING;",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["swallowed kept"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "a rule that is no key's",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); CREATE RULE kept AS ON UPDATE TO c DO INSTEAD NOTHING;",
        works: true,
        then: "(SELECT count(*) FROM p) = 1",
        said: &[],
        found: &[],
    },
    Case {
        name: "a rule with a condition",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1);
              CREATE RULE kept AS ON DELETE TO c WHERE old.p_id = 1 DO INSTEAD NOTHING;",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["rule kept on c (on delete)"],
        found: &[],
    },
    Case {
        name: "a table that inherits from the child",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); CREATE TABLE heir () INHERITS (c); INSERT INTO heir VALUES (1);",
        works: true,
        then: "(SELECT count(*) FROM heir) = 1",
        said: &["rows of heir, which inherits from c, stay as they are: keys of c don't hold there"],
        found: &[],
    },
    Case {
        name: "a table that inherits from the parent",
        sql: "CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (p); INSERT INTO heir VALUES (1);
              CREATE TABLE c (p_id integer REFERENCES heir ON DELETE CASCADE); INSERT INTO c VALUES (1);",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &["rows of heir, which inherits from p, go too, and so do keys that refer to heir"],
        found: &[],
    },
    Case {
        name: "policies of the child, forced on its owner, stop nothing",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1);
              ALTER TABLE c ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY none ON c USING (false);",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &[],
        found: &[],
    },
];

/// Of PostgreSQL 12: keys to a partitioned table; of 15: columns of SET NULL, and unique keys that take NULL once.
const POSTGRES_15: &[Case] = &[
    Case {
        name: "a publication of a schema, of a child that is a partition",
        sql: "CREATE SCHEMA s; CREATE TABLE s.c (p_id integer REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (p_id);
              CREATE TABLE c1 PARTITION OF s.c FOR VALUES IN (1); INSERT INTO s.c VALUES (1); CREATE PUBLICATION news FOR TABLES IN SCHEMA s;",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["publication news on c1 (no replica identity, so that every delete fails)"],
        found: &[],
    },
    Case {
        name: "a publication by a condition on what doesn't tell rows apart, and one that sends columns",
        sql: "CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p ON DELETE CASCADE, b integer); INSERT INTO c VALUES (1, 1, 1);
              CREATE PUBLICATION news FOR TABLE c WHERE (b > 0); CREATE PUBLICATION fine FOR TABLE c (id, b), p WHERE (id > 0);",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["publication news on c (no replica identity, so that every delete fails)"],
        found: &[],
    },
    Case {
        name: "SET NULL and a unique key that takes NULL once",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, CONSTRAINT once UNIQUE NULLS NOT DISTINCT (p_id));
              INSERT INTO c VALUES (NULL), (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["unique once", "nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL of some columns, with MATCH FULL",
        sql: "CREATE TABLE q (a integer REFERENCES p ON DELETE CASCADE, b integer, PRIMARY KEY (a, b)); INSERT INTO q VALUES (1, 1);
              CREATE TABLE c (a integer, b integer, FOREIGN KEY (a, b) REFERENCES q MATCH FULL ON DELETE SET NULL (b));
              INSERT INTO c VALUES (1, 1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE b = 1) = 1",
        said: &["half_null"],
        found: &[],
    },
    Case {
        name: "triggers that are disabled in a partition of the parent",
        sql: "DROP TABLE p; CREATE TABLE p (id integer PRIMARY KEY) PARTITION BY RANGE (id);
              CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (2); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2) TO (9);
              INSERT INTO p VALUES (1), (2); CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1), (2);
              ALTER TABLE p1 DISABLE TRIGGER ALL;",
        works: true,
        then: "(SELECT count(*) FROM c) = 2",
        said: &["orphans in p1"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "triggers that are disabled for the partitioned parent alone, which has no rows",
        sql: "DROP TABLE p; CREATE TABLE p (id integer PRIMARY KEY) PARTITION BY RANGE (id);
              CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); INSERT INTO p VALUES (1), (2);
              CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1), (2); ALTER TABLE ONLY p DISABLE TRIGGER ALL;",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &[],
        found: &[],
    },
    Case {
        name: "triggers that are disabled for the whole parent",
        sql: "DROP TABLE p; CREATE TABLE p (id integer PRIMARY KEY) PARTITION BY RANGE (id);
              CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); INSERT INTO p VALUES (1), (2);
              CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1), (2); ALTER TABLE p DISABLE TRIGGER ALL;",
        works: true,
        then: "(SELECT count(*) FROM c) = 2",
        said: &["orphans"],
        found: &["fk_not_enforced"],
    },
];

/// What MariaDB lets happen while the checks are off.
const MARIADB: &[Case] = &[
    Case {
        name: "the parent's index is gone",
        sql: "CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1);
              SET foreign_key_checks = 0; ALTER TABLE p DROP PRIMARY KEY; SET foreign_key_checks = 1",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["orphans"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "the parent was made again with a column of another type",
        sql: "CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1);
              SET foreign_key_checks = 0; DROP TABLE p; CREATE TABLE p (id varchar(20) PRIMARY KEY); SET foreign_key_checks = 1;
              INSERT INTO p VALUES ('1')",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["orphans"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "the parent was made again as it was",
        sql: "CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1);
              SET foreign_key_checks = 0; DROP TABLE p; CREATE TABLE p (id integer PRIMARY KEY); SET foreign_key_checks = 1;
              INSERT INTO p VALUES (1)",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &[],
        found: &[],
    },
    Case {
        name: "the parent's index isn't unique",
        sql: "SET @at_least = 1 /*!80400 , SESSION restrict_fk_on_non_standard_key = OFF */; DROP TABLE p; CREATE TABLE p (row_id integer PRIMARY KEY, id integer, INDEX i (id)); INSERT INTO p VALUES (1, 1), (2, 7), (3, 7);
              CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1), (7);
              DELETE FROM p WHERE row_id = 3",
        works: true,
        then: "(SELECT count(*) FROM c) = 0 AND (SELECT count(*) FROM p WHERE id = 7) = 1",
        said: &[],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "a trigger of the child is not set off, one of the table itself is",
        sql: "CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1);
              CREATE TRIGGER never BEFORE DELETE ON c FOR EACH ROW SIGNAL SQLSTATE '45000';
              CREATE TRIGGER fails BEFORE DELETE ON p FOR EACH ROW SET @seen = 1",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &["trigger fails on p (before delete)"],
        found: &[],
    },
];

#[test]
fn in_mariadb() {
    let Some(server) = mariadb() else { return };
    // MySQL lets go of no index that a key needs, and makes no table again that doesn't fit.
    let is_mariadb = server.fresh_database().try_execute("CREATE SEQUENCE only_there").is_ok();
    let cases = if is_mariadb { MARIADB } else { &MARIADB[2..] };
    on_server(|| Some(server.fresh_database()), cases);
}

/// A parent that is gone: no delete there, and no child can be inserted.
#[test]
fn a_parent_that_is_gone() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(&format!(
        "{PARENT} CREATE TABLE c (p_id integer, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
         SET foreign_key_checks = 0; DROP TABLE p; SET foreign_key_checks = 1"
    ));
    let workspace = code();
    assert_eq!(found(&workspace, &["--database-url", &database.url()]), ["fk_not_enforced"]);
    assert!(database.try_execute("INSERT INTO c VALUES (1)").is_err());
    fkcheck(workspace.dir(), &["snapshot", "--database-url", &database.url()], &[]).expect(0);
    assert_eq!(found(&workspace, &["--against", "snapshot"]), ["fk_not_enforced"]);
}

/// What is said to a role that may see no other database.
fn unseen_elsewhere(user: &str) -> String {
    format!(
        "children in other databases: the role may not see their keys; `GRANT REFERENCES ON *.* TO `{user}`@`127.0.0.1`` shows them and no data"
    )
}

/// Nothing is said to be without triggers that may have some.
#[test]
fn triggers_that_are_not_seen() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(&format!("{PARENT} CREATE TRIGGER seen BEFORE DELETE ON p FOR EACH ROW SET @seen = 1"));
    let name = database.name().to_owned();
    let user = format!("'{name}'@'127.0.0.1'");
    database.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY 'CanaryRole'; GRANT REFERENCES ON {name}.* TO {user}"
    ));
    let url = database.url_as(&name, "CanaryRole");
    let line = impact(&Workspace::new(), &["--database-url", &url]);
    let elsewhere = unseen_elsewhere(&name);
    assert_eq!(
        said(&line),
        [
            format!(
                "triggers and rules: the role may not see triggers; `GRANT TRIGGER ON `{name}`.* TO `{name}`@`127.0.0.1`` shows them"
            ),
            elsewhere.clone(),
        ]
    );
    database.execute(&format!("GRANT TRIGGER ON {name}.* TO {user}"));
    let line = impact(&Workspace::new(), &["--database-url", &url]);
    assert_eq!(said(&line), ["trigger seen on p (before delete)", &elsewhere]);
    database.execute(&format!("DROP USER {user}"));
    let workspace = Workspace::new().file("migrations/1_a/up.sql", "CREATE TABLE p (id int PRIMARY KEY);");
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    workspace.write("Cargo.toml", &manifest.replace("features = [\"sqlite\"]", "features = [\"postgres\"]"));
    let line = impact(&workspace, &["--against", "migrations"]);
    assert_eq!(said(&line), ["triggers and rules: migrations are read for tables and keys alone"]);
}

/// A delete here reaches the tables of another database that refer to this one, and those that refer to these.
#[test]
fn children_in_another_database() {
    let Some(server) = mariadb() else { return };
    let (here, there) = (server.fresh_database(), server.fresh_database());
    here.execute(PARENT);
    let (p, q) = (here.name(), there.name());
    there.execute(&format!(
        "CREATE TABLE c (id integer PRIMARY KEY, p_id integer, CONSTRAINT c_p FOREIGN KEY (p_id) REFERENCES {p}.p (id) ON DELETE CASCADE);
         CREATE TABLE d (c_id integer NOT NULL, CONSTRAINT d_c FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE CASCADE);
         CREATE TABLE apart (c_id integer PRIMARY KEY); CREATE TABLE e (c_id integer, FOREIGN KEY (c_id) REFERENCES apart (c_id));
         INSERT INTO c VALUES (1, 1), (2, 1), (3, 2); INSERT INTO d VALUES (1), (1), (3)"
    ));
    let workspace = code();
    let url = here.url();
    let line = impact(&workspace, &["--database-url", &url]);
    let tables: Vec<&Value> =
        line["deletes"].as_array().into_iter().flatten().map(|lost| &lost["table"]).collect();
    assert_eq!(tables, [&format!("{q}.c"), &format!("{q}.d")], "{line}");
    let line = impact(&workspace, &["--where", "id = 1", "--database-url", &url]);
    let counts: Vec<(&Value, &Value)> = line["rows"]["deletes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (&one["table"], &one["rows"]))
        .collect();
    let foretold = serde_json::json!([format!("{q}.c"), 2, format!("{q}.d"), 2, "p", 1]);
    let foretold: Vec<(&Value, &Value)> =
        foretold.as_array().unwrap().chunks(2).map(|pair| (&pair[0], &pair[1])).collect();
    assert_eq!(counts, foretold, "{line}");
    // The check is about this database's own keys.
    let check = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &url], &[]);
    assert!(!check.stdout.contains(q), "{check:?}");
    there.execute(&format!("CREATE TABLE stays (p_id integer, CONSTRAINT stays_p FOREIGN KEY (p_id) REFERENCES {p}.p (id)); INSERT INTO stays VALUES (2)"));
    let line = impact(&workspace, &["--where", "id = 2", "--database-url", &url]);
    assert_eq!(line["rows"]["refused"]["table"], format!("{q}.stays"), "{line}");
    here.execute("DELETE FROM p WHERE id = 1");
    there.execute("CREATE TABLE probe (ok integer NOT NULL)");
    there.execute(&assertion("(SELECT count(*) FROM c) = 1 AND (SELECT count(*) FROM d) = 1"));
    assert!(here.try_execute("DELETE FROM p WHERE id = 2").is_err());

    let user = format!("'{p}'@'127.0.0.1'");
    here.execute(&format!(
        "CREATE USER {user} IDENTIFIED BY 'CanaryRole'; GRANT REFERENCES, TRIGGER ON {p}.* TO {user}"
    ));
    let line = impact(&workspace, &["--database-url", &here.url_as(p, "CanaryRole")]);
    let mut all = said(&line);
    assert_eq!(all.pop(), Some(unseen_elsewhere(p)), "{line}");
    here.execute(&format!("DROP USER {user}"));
}

const SQLITE: &[Case] = &[
    Case {
        name: "the parent's only index compares otherwise than the column",
        sql: "DROP TABLE p; CREATE TABLE p (row integer PRIMARY KEY, id text); CREATE UNIQUE INDEX u ON p (id COLLATE NOCASE);
              INSERT INTO p VALUES (1, '1'); CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE);",
        works: false,
        then: "(SELECT count(*) FROM p) = 1",
        said: &["no_parent_key"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "the column compares otherwise than the parent's only index",
        sql: "DROP TABLE p; CREATE TABLE p (row integer PRIMARY KEY, id text COLLATE NOCASE); CREATE UNIQUE INDEX u ON p (id COLLATE BINARY);
              INSERT INTO p VALUES (1, '1'); CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE);",
        works: false,
        then: "(SELECT count(*) FROM p) = 1",
        said: &["no_parent_key"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "both compare alike",
        sql: "DROP TABLE p; CREATE TABLE p (row integer PRIMARY KEY, id text COLLATE nocase UNIQUE); INSERT INTO p VALUES (1, '1');
              CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES ('1');",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &[],
        found: &[],
    },
    Case {
        name: "the primary key compares otherwise than its column, and is meant without a word",
        sql: "DROP TABLE p; CREATE TABLE p (id text, PRIMARY KEY (id COLLATE NOCASE)); INSERT INTO p VALUES ('1');
              CREATE TABLE c (p_id text REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES ('1');",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        said: &[],
        found: &[],
    },
    Case {
        name: "the same, and its column is named",
        sql: "DROP TABLE p; CREATE TABLE p (id text, PRIMARY KEY (id COLLATE NOCASE)); INSERT INTO p VALUES ('1');
              CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE);",
        works: false,
        then: "(SELECT count(*) FROM p) = 1",
        said: &["no_parent_key"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "a partial index",
        sql: "DROP TABLE p; CREATE TABLE p (row integer PRIMARY KEY, id text); CREATE UNIQUE INDEX u ON p (id) WHERE id > 0;
              INSERT INTO p VALUES (1, '1'); CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE);",
        works: false,
        then: "(SELECT count(*) FROM p) = 1",
        said: &["no_parent_key"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "an index over an expression",
        sql: "DROP TABLE p; CREATE TABLE p (row integer PRIMARY KEY, id text); CREATE UNIQUE INDEX u ON p (lower(id));
              INSERT INTO p VALUES (1, '1'); CREATE TABLE c (p_id text REFERENCES p (id) ON DELETE CASCADE);",
        works: false,
        then: "(SELECT count(*) FROM p) = 1",
        said: &["no_parent_key"],
        found: &["fk_not_enforced"],
    },
    Case {
        name: "the child can't be deleted from, for it has another key to what is no key",
        sql: "CREATE TABLE other (a integer); CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE, a integer REFERENCES other (a));",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["no_parent_key"],
        found: &[],
    },
    Case {
        name: "the same, to a table that isn't there",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE, a integer REFERENCES nowhere (a));",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        said: &["no_parent_key"],
        found: &[],
    },
    Case {
        name: "the same, and the child's rows stay",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, a integer REFERENCES nowhere (a)); PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (1, NULL);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id IS NULL) = 1",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL and a CHECK that takes no NULL",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, CONSTRAINT filled CHECK (p_id > 0 AND (\"p_id\" IS NOT NULL)));
              INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["not_null filled"],
        found: &["fk_set_null_not_nullable"],
    },
    Case {
        name: "SET NULL and a CHECK that looks at the column",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL CHECK (p_id IS NOT NULL OR b), b integer, CHECK (b IS NOT NULL));
              INSERT INTO c VALUES (1, 0);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["check", "nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL of a primary key, which takes NULL",
        sql: "CREATE TABLE c (p_id int PRIMARY KEY REFERENCES p ON DELETE SET NULL); INSERT INTO c VALUES (1);",
        works: true,
        then: "(SELECT count(*) FROM c WHERE p_id IS NULL) = 1",
        said: &["nulls"],
        found: &[],
    },
    Case {
        name: "SET NULL of a primary key without row ids, which doesn't",
        sql: "CREATE TABLE c (p_id int PRIMARY KEY REFERENCES p ON DELETE SET NULL) WITHOUT ROWID; INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["not_null"],
        found: &["fk_set_null_not_nullable"],
    },
    Case {
        name: "SET DEFAULT to a row that isn't there, of a unique column",
        sql: "CREATE TABLE c (p_id integer DEFAULT 9 UNIQUE REFERENCES p ON DELETE SET DEFAULT); INSERT INTO c VALUES (1);",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        said: &["unique", "default_row", "defaults"],
        found: &[],
    },
    Case {
        name: "triggers",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1);
              CREATE TRIGGER keep BEFORE DELETE ON c BEGIN SELECT raise(IGNORE); END;
              CREATE TRIGGER elsewhere AFTER UPDATE ON c BEGIN SELECT 1; END;
              CREATE TRIGGER news AFTER INSERT ON c BEGIN SELECT 1; END;
              CREATE TRIGGER after_all AFTER DELETE ON p BEGIN SELECT 1; END;",
        works: false,
        then: "(SELECT count(*) FROM c) = 1",
        said: &["trigger after_all on p (after delete)", "trigger keep on c (before delete)"],
        found: &[],
    },
    Case {
        name: "a trigger of the column that is cleared, and one of another",
        sql: "CREATE TABLE c (p_id integer REFERENCES p ON DELETE SET NULL, b integer); INSERT INTO c VALUES (1, 1);
              CREATE TRIGGER sees UPDATE OF p_id ON c BEGIN UPDATE c SET b = 2; END;
              CREATE TRIGGER other AFTER UPDATE OF b ON c BEGIN SELECT 1; END;",
        works: true,
        then: "(SELECT b FROM c) = 2",
        said: &["nulls", "trigger sees on c (before update)"],
        found: &[],
    },
];

/// What may refuse what ON UPDATE writes: the same of the database and of a snapshot of it, and the update of row 1 to 70000 is
/// refused.
#[test]
fn what_may_refuse_an_update() {
    let Some(server) = postgres() else { return };
    for (sql, expected) in [
        (
            "CREATE TABLE c (p_id integer REFERENCES p ON UPDATE CASCADE CONSTRAINT small CHECK (p_id < 9));",
            &["check small"][..],
        ),
        (
            "CREATE DOMAIN small AS integer CHECK (VALUE < 9); CREATE TABLE c (p_id small REFERENCES p ON UPDATE CASCADE);",
            &["check small"],
        ),
        ("CREATE TABLE c (p_id smallint REFERENCES p ON UPDATE CASCADE);", &["room"]),
        ("CREATE TABLE c (p_id integer NOT NULL REFERENCES p ON UPDATE SET NULL);", &["not_null"]),
        (
            "CREATE TABLE c (p_id integer REFERENCES p ON UPDATE SET NULL CONSTRAINT filled CHECK (p_id IS NOT NULL));",
            &["not_null filled", "nulls"],
        ),
        (
            "CREATE TABLE c (p_id integer REFERENCES p ON UPDATE CASCADE) PARTITION BY LIST (p_id); CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);",
            &["partition_key c"],
        ),
        (
            "CREATE TABLE c (p_id integer GENERATED ALWAYS AS IDENTITY REFERENCES p ON UPDATE CASCADE);",
            &["generated"],
        ),
        (
            "CREATE TABLE c (p_id integer REFERENCES p ON UPDATE CASCADE, CONSTRAINT whole CHECK (c::text <> '(70000)'));",
            &["check whole"],
        ),
        (
            "CREATE TABLE c (p_id integer REFERENCES p ON UPDATE CASCADE); CREATE UNIQUE INDEX once ON c ((p_id > 1)); INSERT INTO p VALUES (3); INSERT INTO c VALUES (3);",
            &["check once"],
        ),
    ] {
        let database = server.fresh_database();
        database.execute(&format!("{PARENT} {sql}"));
        let values = if sql.contains("GENERATED") {
            "INSERT INTO c DEFAULT VALUES"
        } else {
            "INSERT INTO c VALUES (1)"
        };
        database.execute(values);
        let workspace = code();
        let line = impact(&workspace, &["--update", "id", "--database-url", &database.url()]);
        assert_eq!(said(&line), expected, "{sql}: {line}");
        fkcheck(workspace.dir(), &["snapshot", "--database-url", &database.url()], &[]).expect(0);
        let of_snapshot = impact(&workspace, &["--update", "id", "--against", "snapshot"]);
        assert_eq!(said(&of_snapshot), expected, "{sql}, of the snapshot: {of_snapshot}");
        assert!(database.try_execute("UPDATE p SET id = 70000 WHERE id = 1").is_err(), "{sql}");
    }
    // What looks elsewhere, and what is as unique as the parent.
    let database = server.fresh_database();
    database.execute(&format!(
        "{PARENT} CREATE TABLE c (p_id bigint PRIMARY KEY REFERENCES p ON UPDATE CASCADE, b integer UNIQUE CHECK (b > 0));
         INSERT INTO c VALUES (1, 1);"
    ));
    let line = impact(&Workspace::new(), &["--update", "id", "--database-url", &database.url()]);
    assert!(said(&line).is_empty(), "{line}");
    database.execute("UPDATE p SET id = 70000 WHERE id = 1");
}

/// An update sets off what looks at the columns that it writes, here and where keys carry it on.
#[test]
fn triggers_at_an_update() {
    let file = SqliteFile::new(&format!(
        "{PARENT} CREATE TABLE c (p_id integer REFERENCES p ON UPDATE CASCADE, b integer);
         CREATE TRIGGER own AFTER UPDATE OF id ON p BEGIN SELECT 1; END;
         CREATE TRIGGER gone AFTER DELETE ON p BEGIN SELECT 1; END;
         CREATE TRIGGER carried AFTER UPDATE OF p_id ON c BEGIN SELECT 1; END;
         CREATE TRIGGER other AFTER UPDATE OF b ON c BEGIN SELECT 1; END;"
    ));
    let line = impact(&Workspace::new(), &["--update", "id", "--database-url", &file.url()]);
    assert_eq!(said(&line), ["trigger own on p (after update)", "trigger carried on c (after update)"]);
}

/// What ON UPDATE writes may be refused by what looks at it.
#[test]
fn checks_at_an_update() {
    for action in ["CASCADE", "SET NULL", "SET DEFAULT"] {
        let file = SqliteFile::new(&format!(
            "{PARENT} CREATE TABLE c (p_id integer DEFAULT 2 REFERENCES p ON UPDATE {action}, b integer CHECK (b > 0),
                 CONSTRAINT either CHECK (p_id = 1 OR b > 1)); INSERT INTO c VALUES (1, 1);"
        ));
        let line = impact(&Workspace::new(), &["--update", "id", "--database-url", &file.url()]);
        assert!(said(&line).contains(&"check either".to_owned()), "{action}: {line}");
        assert_eq!(
            said(&impact(&Workspace::new(), &["--database-url", &file.url()])),
            ["referred"],
            "{action}"
        );
        let update = "PRAGMA foreign_keys = ON; UPDATE p SET id = 9 WHERE id = 1";
        // NULL is neither true nor false, which a CHECK takes, unless something else of it is true.
        assert_eq!(file.try_execute(update).is_ok(), action == "SET NULL", "{action}");
    }
}

#[test]
fn in_sqlite() {
    for case in SQLITE {
        let file = SqliteFile::new(&format!("{PARENT} {}", case.sql));
        says(case, &file.url());
        let worked = file.try_execute("PRAGMA foreign_keys = ON; DELETE FROM p WHERE id = 1");
        assert_eq!(worked.is_ok(), case.works, "{}: {worked:?}", case.name);
        let then = file.try_execute(&assertion(case.then));
        assert!(then.is_ok(), "{}: {}", case.name, case.then);
    }
}

#[test]
fn in_postgres() {
    on_server(|| Some(postgres()?.fresh_database()), POSTGRES);
    if postgres().is_some_and(|server| server.major_version() >= 15) {
        on_server(|| Some(postgres()?.fresh_database()), POSTGRES_15);
    }
}
