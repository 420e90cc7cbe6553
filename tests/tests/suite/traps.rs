//! Whoever may make something in a schema on the search path sets traps there; a run by a superuser springs none of them.

use std::fmt::Write as _;

use fkcheck_tests::fixing::{TABLES, posts};
use fkcheck_tests::wire::Wire;
use fkcheck_tests::{fkcheck, mariadb, postgres, unwrapped};

use super::statements::{APPLIED, run_everything, workspace};

/// What a trap says when it is sprung: it reaches the client as a notice or an error, whatever becomes of the run.
const SPRUNG: &str = "SPRUNG";

/// In a schema that stands before `public` on the path, and in `public` itself.
fn traps_of_postgres(schema: &str) -> String {
    let function = |signature: &str, returns: &str, value: &str| {
        format!(
            "CREATE FUNCTION {schema}.{signature} RETURNS {returns} IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '{SPRUNG}'; RETURN {value}; END $$;\n"
        )
    };
    let mut sql = function("trap()", "boolean", "true");
    for (signature, returns, value) in [
        ("current_setting(text)", "text", "'public'"),
        ("set_config(text, text, boolean)", "text", "''"),
        ("version()", "text", "'1'"),
        ("quote_ident(text)", "text", "'x'"),
        ("quote_ident(name)", "text", "'x'"),
        ("unnest(smallint[])", "SETOF smallint", "NEXT 1"),
        ("unnest(oid[])", "SETOF oid", "NEXT 1"),
        ("unnest(text[])", "SETOF text", "NEXT 'x'"),
        ("pg_get_constraintdef(oid)", "text", "'x'"),
        ("format_type(oid, integer)", "text", "'x'"),
        ("equal_text(text, text)", "boolean", "true"),
        ("equal_name(name, text)", "boolean", "true"),
        ("equal_char(\"char\", \"char\")", "boolean", "true"),
        ("equal_oid(oid, oid)", "boolean", "true"),
        ("equal_smallint(smallint, smallint)", "boolean", "true"),
        ("equal_integer(integer, integer)", "boolean", "true"),
        ("joined(text, text)", "text", "'x'"),
        ("matches(text, text)", "boolean", "true"),
    ] {
        let value = if let Some(next) = value.strip_prefix("NEXT ") {
            format!("NEXT {next}; RETURN")
        } else {
            value.to_owned()
        };
        // A set is returned by RETURN NEXT and a bare RETURN.
        sql.push_str(&function(signature, returns, &value));
    }
    for (name, function, left, right) in [
        ("=", "equal_text", "text", "text"),
        ("=", "equal_name", "name", "text"),
        ("=", "equal_char", "\"char\"", "\"char\""),
        ("<>", "equal_char", "\"char\"", "\"char\""),
        ("=", "equal_oid", "oid", "oid"),
        ("<>", "equal_oid", "oid", "oid"),
        ("=", "equal_smallint", "smallint", "smallint"),
        ("=", "equal_integer", "integer", "integer"),
        ("||", "joined", "text", "text"),
        ("~", "matches", "text", "text"),
        ("!~", "matches", "text", "text"),
    ] {
        let _ = writeln!(
            sql,
            "CREATE OPERATOR {schema}.{name} (FUNCTION = {schema}.{function}, LEFTARG = {left}, RIGHTARG = {right});"
        );
    }
    for name in ["text", "name", "oid", "regclass", "int2"] {
        let _ = writeln!(sql, "CREATE DOMAIN {schema}.{name} AS pg_catalog.text CHECK ({schema}.trap());");
    }
    for name in ["pg_class", "pg_constraint", "pg_namespace", "pg_attribute", "pg_settings", "pg_roles"] {
        let _ = writeln!(sql, "CREATE VIEW {schema}.{name} AS SELECT {schema}.trap() AS oid;");
    }
    sql
}

/// `SPRUNG` is said where a trap is touched at all; else this test could not fail.
fn works(wire: &Wire, database: &fkcheck_tests::Database, sql: &str) {
    assert!(!wire.has_answered(SPRUNG), "a trap was sprung");
    let url = wire.url(&database.url());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
        let mut connection = diesel_async::AsyncPgConnection::establish(&url).await.unwrap();
        connection.batch_execute(sql).await.unwrap();
    });
    assert!(wire.has_answered(SPRUNG), "the trap can't be sprung: {sql}");
}

#[test]
fn no_trap_of_postgres_is_sprung() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    database.execute(APPLIED);
    database.execute(&format!(
        "CREATE SCHEMA attack; ALTER DATABASE {} SET search_path = attack, public, pg_catalog;",
        database.name()
    ));
    database.execute(&traps_of_postgres("attack"));
    let wire = Wire::to(&database.url());
    run_everything(&workspace("postgres"), &wire.url(&database.url()));
    works(&wire, &database, "SELECT current_setting('a'::text)");

    // The real table of migrations was read all the same.
    let run = fkcheck(workspace("postgres").dir(), &["--database-url", &database.url()], &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("changed by hand"), "{run:?}");
}

/// A view, or a table that calls something when it is read, in the place of Diesel's: it isn't read, and dictates nothing.
#[test]
fn somebody_elses_table_of_migrations_is_not_read() {
    let Some(server) = postgres() else { return };
    let trap = format!(
        "CREATE FUNCTION public.trap(x int) RETURNS varchar IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '{SPRUNG}'; RETURN '20260101000000'; END $$;"
    );
    let table = "CREATE TABLE public.__diesel_schema_migrations (version varchar(50) NOT NULL PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now()); INSERT INTO public.__diesel_schema_migrations (version) VALUES ('20260101000000');";
    for (what, sql, touch) in [
        (
            "a view",
            "CREATE VIEW public.__diesel_schema_migrations AS SELECT public.trap(1) AS version;".to_owned(),
            "SELECT * FROM __diesel_schema_migrations",
        ),
        (
            "a materialized view",
            "CREATE MATERIALIZED VIEW public.__diesel_schema_migrations AS SELECT public.trap(1) AS version;"
                .to_owned(),
            "REFRESH MATERIALIZED VIEW __diesel_schema_migrations",
        ),
        (
            "an index on an expression",
            format!("{table} CREATE INDEX ON public.__diesel_schema_migrations ((public.trap(1)));"),
            "SELECT * FROM __diesel_schema_migrations WHERE version = 'x'",
        ),
        (
            "a condition of an index",
            format!(
                "{table} CREATE INDEX ON public.__diesel_schema_migrations (version) WHERE public.trap(1) = version;"
            ),
            "SELECT * FROM __diesel_schema_migrations WHERE version = 'x'",
        ),
        (
            "a CHECK",
            format!(
                "{table} ALTER TABLE public.__diesel_schema_migrations ADD CHECK (public.trap(1) > '1');"
            ),
            "SET constraint_exclusion = on; SELECT * FROM __diesel_schema_migrations WHERE version = 'x'",
        ),
        (
            "a policy",
            format!(
                "{table} ALTER TABLE public.__diesel_schema_migrations ENABLE ROW LEVEL SECURITY; ALTER TABLE public.__diesel_schema_migrations FORCE ROW LEVEL SECURITY; CREATE POLICY p ON public.__diesel_schema_migrations USING (public.trap(1) = version);"
            ),
            "SELECT public.trap(1)",
        ),
    ] {
        let database = server.fresh_database();
        database.execute(TABLES);
        database.execute(&trap);
        database.execute(&sql);
        let wire = Wire::to(&database.url());
        let url = wire.url(&database.url());
        let run = fkcheck(workspace("postgres").dir(), &["--database-url", &url], &[]).expect(1);
        assert!(!wire.has_answered(SPRUNG), "{what} was read");
        assert!(!unwrapped(&run.stdout).contains("they are applied"), "{what}: {run:?}");
        works(&wire, &database, touch);
    }
}

/// `--data` counts tables alone.
#[test]
fn views_are_not_counted() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20));
         CREATE FUNCTION trap() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '{SPRUNG}'; RETURN 1; END $$;
         CREATE VIEW posts AS SELECT trap() AS id, trap() AS user_id, trap() AS editor_id;"
    ));
    let wire = Wire::to(&database.url());
    let arguments = ["--data", "--database-url", &wire.url(&database.url())];
    let run = fkcheck(posts("no_action", "restrict").dir(), &arguments, &[]);
    assert!(!wire.has_answered(SPRUNG), "{run:?}");
    assert!(unwrapped(&run.stdout).contains("only tables are read"), "{run:?}");
    works(&wire, &database, "SELECT * FROM posts");
}

#[test]
fn no_trap_of_mariadb_is_sprung() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(&format!(
        "CREATE FUNCTION trap() RETURNS VARCHAR(50) RETURN (SELECT '{SPRUNG}');
         CREATE FUNCTION database2() RETURNS VARCHAR(50) RETURN (SELECT '{SPRUNG}');"
    ));
    database.execute(TABLES);
    database.execute("CREATE VIEW __diesel_schema_migrations AS SELECT trap() AS version");
    let wire = Wire::to(&database.url());
    let url = wire.url(&database.url());
    run_everything(&workspace("mysql"), &url);
    assert!(!wire.has_answered(SPRUNG), "the view was read");
    database.execute("DROP VIEW __diesel_schema_migrations; DROP TABLE posts; CREATE VIEW posts AS SELECT trap() AS id, trap() AS user_id, trap() AS editor_id");
    let run = fkcheck(posts("no_action", "restrict").dir(), &["--data", "--database-url", &url], &[]);
    assert!(!wire.has_answered(SPRUNG), "{run:?}");
    assert!(unwrapped(&run.stdout).contains("only tables are read"), "{run:?}");
}
