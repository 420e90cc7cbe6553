//! Deletes and updates of PostgreSQL that end otherwise than keys and rows alone would have it: each is foretold as it ends, or said
//! beforehand to be unknown, and then run.

use fkcheck_tests::{Server, Workspace, fkcheck, postgres, unwrapped};
use serde_json::Value;

/// A statement on `p`, and what is made before it.
struct Case {
    name: &'static str,
    sql: &'static str,
    /// The column that is set to 9 where `id` is 1; none: the row is deleted.
    update: Option<&'static str>,
    /// Whether it works.
    works: bool,
    /// What is said to be unknown; empty: all is known, and the statement ends as it was foretold.
    unknown: &'static str,
}

impl Case {
    const fn delete(name: &'static str, works: bool, unknown: &'static str, sql: &'static str) -> Case {
        Case { name, sql, update: None, works, unknown }
    }

    const fn update(name: &'static str, works: bool, unknown: &'static str, sql: &'static str) -> Case {
        Case { name, sql, update: Some("id"), works, unknown }
    }

    fn statement(&self) -> String {
        match self.update {
            None => "DELETE FROM p WHERE id = '1'".to_owned(),
            Some(column) => format!("UPDATE p SET {column} = 9 WHERE id = '1'"),
        }
    }
}

const CASES: &[Case] = &[
    // What refuses what ON UPDATE writes.
    Case::update(
        "a CHECK of the child",
        false,
        "`small` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE CONSTRAINT small CHECK (p_id < 5));
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "a CHECK of the child that no row meets",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE CONSTRAINT small CHECK (p_id < 5));
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (2);",
    ),
    Case::update(
        "a domain of the child",
        false,
        "`small` looks at what is written to `c`",
        "CREATE DOMAIN small AS int CHECK (VALUE < 5);
         CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id small REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "a narrower column of the child",
        true,
        "`c.p_id` may be too narrow for what is written to `p`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id smallint REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "a wider column of the child",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id bigint REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "a unique index on an expression of the child",
        false,
        "`once` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE);
         CREATE UNIQUE INDEX once ON c ((p_id % 2));
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1); INSERT INTO c VALUES (2); UPDATE p SET id = 8 WHERE id = 2;
         DROP INDEX once; CREATE UNIQUE INDEX once ON c ((p_id > 7));",
    ),
    Case::update(
        "the partition key of the child",
        false,
        "`c` may have no partition for what is written",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE) PARTITION BY LIST (p_id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "the partition key of the child, of which a text decides",
        false,
        "`c` looks at what is written to `c`",
        "CREATE TABLE p (id text PRIMARY KEY); CREATE TABLE c (p_id text REFERENCES p ON UPDATE CASCADE) PARTITION BY LIST (p_id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES IN ('1');
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "SET NULL and a partition key that takes none",
        false,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE SET NULL) PARTITION BY LIST (p_id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "SET DEFAULT and a partition key that takes it",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE c (p_id int DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT) PARTITION BY LIST (p_id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1); CREATE TABLE c2 PARTITION OF c FOR VALUES IN (2, 3);
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1);",
    ),
    Case::update(
        "an identity of the child, be there rows or not",
        false,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int GENERATED ALWAYS AS IDENTITY REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1);",
    ),
    Case::update(
        "a CHECK that isn't valid and looks elsewhere",
        false,
        "`late` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE, b int);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 0); ALTER TABLE c ADD CONSTRAINT late CHECK (b > 0) NOT VALID;",
    ),
    // What refuses the new value itself.
    Case::update(
        "a CHECK of the table itself",
        false,
        "`small` looks at what is written to `p`",
        "CREATE TABLE p (id int PRIMARY KEY CONSTRAINT small CHECK (id < 5)); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1);",
    ),
    Case::update(
        "a domain of the table itself",
        false,
        "`small` looks at what is written to `p`",
        "CREATE DOMAIN small AS int CHECK (VALUE < 5);
         CREATE TABLE p (id small PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE); INSERT INTO p VALUES (1);",
    ),
    Case::update(
        "an identity",
        false,
        "",
        "CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p DEFAULT VALUES;",
    ),
    Case::update(
        "a generated column of the table",
        false,
        "",
        "CREATE TABLE p (b int, id int GENERATED ALWAYS AS (b) STORED PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p);
         INSERT INTO p VALUES (1);",
    ),
    Case::update(
        "a unique index on an expression of the table itself",
        false,
        "`once` looks at what is written to `p`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE UNIQUE INDEX once ON p ((id > 5)); CREATE TABLE c (p_id int REFERENCES p);
         INSERT INTO p VALUES (1), (8);",
    ),
    Case::update(
        "a CHECK of the table that looks elsewhere",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY, b int CHECK (b > 0)); CREATE TABLE c (p_id int REFERENCES p ON UPDATE CASCADE);
         INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1);",
    ),
    // What looks at what SET NULL and SET DEFAULT write.
    Case::delete(
        "SET NULL and a unique index on an expression",
        false,
        "`once` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE SET NULL);
         CREATE UNIQUE INDEX once ON c (coalesce(p_id, 2)); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (2);",
    ),
    Case::delete(
        "SET NULL and a unique index for some rows",
        false,
        "`once` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE SET NULL, b int);
         CREATE UNIQUE INDEX once ON c (b) WHERE p_id IS NULL; INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (NULL, 1);",
    ),
    Case::delete(
        "SET DEFAULT and an EXCLUDE constraint",
        false,
        "`apart` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE c (p_id int DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT, CONSTRAINT apart EXCLUDE (p_id WITH =));
         INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (2);",
    ),
    Case::delete(
        "SET NULL and a CHECK on the whole row",
        false,
        "`whole` looks at what is written to `c`",
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE c (p_id int REFERENCES p ON DELETE SET NULL, CONSTRAINT whole CHECK (c IS NOT NULL));
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "SET DEFAULT of an identity",
        false,
        "the default of `c.p_id` is an expression",
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE c (p_id int GENERATED BY DEFAULT AS IDENTITY (START 7) REFERENCES p ON DELETE SET DEFAULT);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    // Values that are equal and not the same.
    Case::delete(
        "a parent of char(n) and a child of varchar",
        true,
        "types or collations of `c.p_id` and `p` differ",
        "CREATE TABLE p (id char(3) PRIMARY KEY); CREATE TABLE c (p_id varchar REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES ('1'); INSERT INTO c VALUES ('1'), ('1  ');",
    ),
    Case::delete(
        "numbers of several scales",
        true,
        "types or collations of `c.p_id` and `p` differ",
        "CREATE TABLE p (id numeric(5, 2) PRIMARY KEY); CREATE TABLE c (p_id numeric(5, 1) REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "numbers of one scale",
        true,
        "",
        "CREATE TABLE p (id numeric(5, 2) PRIMARY KEY); CREATE TABLE c (p_id numeric(5, 2) REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "numbers of any scale",
        true,
        "the type of `c.p_id` compares in a way of its own",
        "CREATE TABLE p (id numeric PRIMARY KEY); CREATE TABLE c (p_id numeric REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES (1.0); INSERT INTO c VALUES (1), (1.00);",
    ),
    Case::delete(
        "a date and a moment",
        true,
        "types or collations of `c.p_id` and `d` differ",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE d (id date PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE c (p_id timestamp REFERENCES d ON DELETE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO d VALUES ('2020-01-01', 1); INSERT INTO c VALUES ('2020-01-01');",
    ),
    Case::delete(
        "texts of several types",
        true,
        "",
        "CREATE TABLE p (id varchar(3) PRIMARY KEY); CREATE TABLE c (p_id text REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES ('1'); INSERT INTO c VALUES ('1');",
    ),
    // Publications.
    Case::delete(
        "a published table without a replica identity",
        false,
        "`news` on `p` acts on it, too",
        "CREATE TABLE p (id int UNIQUE); INSERT INTO p VALUES (1); CREATE PUBLICATION news FOR TABLE p;",
    ),
    Case::delete(
        "a published child without a replica identity, and without a row",
        false,
        "`news` on `c` acts on it, too",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         INSERT INTO p VALUES (1); CREATE PUBLICATION news FOR ALL TABLES;",
    ),
    Case::delete(
        "a published child that is written",
        false,
        "`news` on `c` acts on it, too",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE SET NULL);
         INSERT INTO p VALUES (1); CREATE PUBLICATION news FOR TABLE c WITH (publish = 'update');",
    ),
    Case::delete(
        "published inserts, a replica identity, an unlogged table",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE f (p_id int REFERENCES p ON DELETE CASCADE); ALTER TABLE f REPLICA IDENTITY FULL;
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);
         CREATE PUBLICATION news FOR TABLE c WITH (publish = 'insert'); CREATE PUBLICATION more FOR TABLE p, f;",
    ),
    // Statements that keys send without a row.
    Case::delete(
        "a rule of the child, without a row",
        false,
        "`kept` on `c` acts on it, too",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         CREATE RULE kept AS ON DELETE TO c DO INSTEAD NOTHING; INSERT INTO p VALUES (1);",
    ),
    Case::delete(
        "a trigger of the child for each statement, without a row",
        false,
        "`guard` on `c` acts on it, too",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
         CREATE TRIGGER guard BEFORE DELETE ON c EXECUTE PROCEDURE no(); INSERT INTO p VALUES (1);",
    ),
    Case::delete(
        "a trigger of the child for each row, without a row",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
         CREATE TRIGGER guard BEFORE DELETE ON c FOR EACH ROW EXECUTE PROCEDURE no(); INSERT INTO p VALUES (1);",
    ),
    // Partitions and heirs.
    Case::delete(
        "rows of an heir alone",
        true,
        "`heir` inherits from `p`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE heir () INHERITS (p); INSERT INTO heir VALUES (1);",
    ),
    Case::update(
        "an update of rows of an heir alone",
        true,
        "`heir` inherits from `p`",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE heir () INHERITS (p); INSERT INTO heir VALUES (1);",
    ),
    Case::delete(
        "an heir of the child, whose rows stay",
        true,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE heir () INHERITS (c); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1); INSERT INTO heir VALUES (1);",
    ),
    Case::delete(
        "a key to a single partition",
        false,
        "`c.p_id` refers to the partition `p1` alone",
        "CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p (PRIMARY KEY (id)) FOR VALUES IN (1);
         CREATE TABLE p2 PARTITION OF p DEFAULT; CREATE TABLE c (p_id int REFERENCES p1);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    ),
    Case::delete(
        "a key to a single partition of the child",
        false,
        "`d.c_id` refers to the partition `c1` alone",
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE c (id int, p_id int REFERENCES p ON DELETE CASCADE) PARTITION BY LIST (id);
         CREATE TABLE c1 PARTITION OF c (PRIMARY KEY (id)) FOR VALUES IN (1); CREATE TABLE d (c_id int REFERENCES c1);
         INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1); INSERT INTO d VALUES (1);",
    ),
    // Where two keys lead to rows, these are counted.
    Case::delete(
        "a trigger on rows that are counted takes away what would refuse",
        true,
        "`frees` on `c` acts on it, too",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE, a_id int REFERENCES a ON DELETE CASCADE);
         CREATE TABLE r (p_id int REFERENCES p);
         CREATE FUNCTION frees() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM r; RETURN OLD; END';
         CREATE TRIGGER frees BEFORE DELETE ON c FOR EACH ROW EXECUTE PROCEDURE frees();
         INSERT INTO p VALUES (1); INSERT INTO a VALUES (1, 1); INSERT INTO c VALUES (1, 1); INSERT INTO r VALUES (1);",
    ),
    Case::delete(
        "one of two keys clears what a partitioned table is divided by",
        false,
        "",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE c (p_id int REFERENCES p ON DELETE CASCADE, a_id int REFERENCES a ON DELETE SET NULL) PARTITION BY LIST (a_id);
         CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
         INSERT INTO p VALUES (1), (2); INSERT INTO a VALUES (1, 1); INSERT INTO c VALUES (2, 1);",
    ),
    Case::delete(
        "a collation to which several texts are equal",
        true,
        "the type of `c.name` compares in a way of its own",
        "CREATE COLLATION lax (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE n (name text COLLATE lax PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE);
         CREATE TABLE c (name text COLLATE lax REFERENCES n ON DELETE CASCADE);
         INSERT INTO p VALUES (1); INSERT INTO n VALUES ('a', 1); INSERT INTO c VALUES ('a'), ('A');",
    ),
];

#[test]
fn each_is_foretold_or_unknown() {
    // Before, there are no deterministic collations, and rows that move to another partition are no updates to keys.
    let Some(server) = postgres().filter(|server| server.major_version() >= 15) else { return };
    let wrong: Vec<String> = CASES.iter().filter_map(|case| wrong(&server, case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is foretold wrong.
fn wrong(server: &Server, case: &Case) -> Option<String> {
    let Case { name, unknown, works, .. } = case;
    let database = server.fresh_database();
    database.execute(case.sql);
    let url = database.url();
    let mut arguments =
        vec!["impact", "p", "--where", "id = '1'", "--message-format", "json", "--database-url", &url];
    arguments.extend(case.update.iter().flat_map(|column| ["--update", column]));
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]);
    let done = database.try_execute(&case.statement());
    if done.is_ok() != *works {
        return Some(format!("{name}: {done:?}"));
    }
    if !unknown.is_empty() {
        let is_said = run.code == 3 && unwrapped(&run.stderr).contains(unknown);
        return (!is_said).then(|| format!("{name}: {run:?}"));
    }
    let Some(line) = serde_json::from_str::<Value>(&run.stdout).ok().filter(|_| run.code == 0) else {
        return Some(format!("{name}: {run:?}"));
    };
    let rows = &line["rows"];
    (rows["refused"].is_null() != *works).then(|| format!("{name}: {rows}"))
}

/// The condition calls the table by its own name, whatever that is.
#[test]
fn a_condition_may_name_its_table() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        r#"CREATE TABLE posts (id int PRIMARY KEY, t int, posts int); INSERT INTO posts VALUES (1, 5, 6), (2, 5, 6);
           CREATE TABLE "t"" WHERE (1=1" (id int PRIMARY KEY); INSERT INTO "t"" WHERE (1=1" VALUES (1), (2);
           CREATE TABLE c (p_id int REFERENCES posts ON DELETE CASCADE, posts int); INSERT INTO c VALUES (1, 1), (1, 1), (2, 1);
           CREATE TABLE d (p_id int REFERENCES "t"" WHERE (1=1" ON DELETE CASCADE); INSERT INTO d VALUES (1);"#,
    );
    for (table, condition, numbers) in [
        ("posts", "posts.id = 1 AND t = 5 AND posts = 6", "deletes  3 rows of 2 tables"),
        (
            "posts",
            "EXISTS (SELECT FROM public.c WHERE c.p_id = posts.id AND posts.id < 2)",
            "deletes  3 rows of 2 tables",
        ),
        ("t\" WHERE (1=1", "\"t\"\" WHERE (1=1\".id = 1", "deletes  2 rows of 2 tables"),
    ] {
        let arguments = ["impact", table, "--where", condition, "--database-url", &database.url()];
        let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0);
        assert!(run.stdout.contains(numbers), "{condition}: {run:?}");
    }
}
