//! Roles that may do little or nothing: a right answer, or exit 3; never 0 by blindness.

use fkcheck_tests::{Database, Run, Workspace, fkcheck, unwrapped};

const DATABASE: &str = "
    CREATE TABLE organizations (id integer NOT NULL PRIMARY KEY);
    CREATE TABLE batch_jobs (id integer NOT NULL PRIMARY KEY, org_id integer NOT NULL,
        CONSTRAINT batch_jobs_org FOREIGN KEY (org_id) REFERENCES organizations (id) ON DELETE CASCADE);
    CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id)";

/// A crate whose one key is declared so.
fn workspace(action: &str) -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        &format!(
            "diesel::table! {{ organizations (id) {{ id -> Integer, }} }}
diesel::table! {{ batch_jobs (id) {{ id -> Integer, org_id -> Integer, }} }}
fkcheck_macros::foreign_keys! {{ batch_jobs (org_id) -> organizations (id), on_delete = {action}; }}"
        ),
    )
}

fn check(action: &str, url: &str) -> Run {
    let run =
        fkcheck(workspace(action).dir(), &["-v", "--message-format", "json", "--database-url", url], &[]);
    assert!(!format!("{run:?}").contains("Canary"), "{run:?}");
    run
}

/// The role sees all: agreement is 0, drift is 1 and told in full.
fn sees(url: &str) {
    let run = check("cascade", url).expect(0);
    assert_eq!(run.rules(), [""; 0]);
    let run = check("restrict", url).expect(1);
    assert_eq!(run.rules(), ["fk_on_delete_mismatch"]);
    assert_eq!(run.findings()[0]["observed"]["on_delete"], "CASCADE");
    assert_eq!(run.findings()[0]["constraint"], "batch_jobs_org");
}

/// The role sees too little: whatever the code says, nobody knows, and the role's owner is told what to grant.
fn is_blind(url: &str, advice: &str) {
    for action in ["cascade", "restrict"] {
        let run = check(action, url).expect(3);
        assert_eq!(run.rules(), [""; 0], "{run:?}");
        let lines = run.json();
        let told = lines.iter().filter(|line| line["message"]["level"] == "error");
        let told: String = told.filter_map(|line| line["message"]["rendered"].as_str()).collect();
        let told = unwrapped(&told);
        assert!(told.contains("could not know") && told.contains(advice), "{advice:?} is not in: {told}");
    }
}

mod postgres {
    use super::{Database, check, is_blind, sees};

    const PASSWORD: &str = "CanaryRole";

    /// A role of its own for one test, dropped when it goes.
    struct Role<'a> {
        database: &'a Database,
        name: String,
    }

    impl<'a> Role<'a> {
        /// `NAME` in `more` is the role's name.
        fn new(database: &'a Database, more: &str) -> Self {
            let name = format!("{}_role", database.name());
            database.execute(&format!(
                "CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'; {}",
                more.replace("NAME", &name)
            ));
            Role { database, name }
        }

        fn url(&self) -> String {
            self.database.url_as(&self.name, PASSWORD)
        }
    }

    impl Drop for Role<'_> {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.database.execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
            }
        }
    }

    fn with_database(sql: &str, test: impl FnOnce(&Database)) {
        let Some(server) = fkcheck_tests::postgres() else { return };
        let database = server.fresh_database();
        database.execute(sql);
        test(&database);
    }

    #[test]
    fn a_role_that_may_only_log_in_sees_all() {
        with_database(super::DATABASE, |database| sees(&Role::new(database, "").url()));
    }

    /// Even where PUBLIC has lost what it has by default; then `public` has to be named, or to be in the search path.
    #[test]
    fn a_role_without_usage_on_the_schema_sees_all() {
        with_database(super::DATABASE, |database| {
            database.execute(
                "REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
            );
            sees(&Role::new(database, "").url());
        });
    }

    /// A table without a schema means what the role's own search path says.
    #[test]
    fn the_role_s_search_path_counts() {
        let in_schema = format!("CREATE SCHEMA billing; SET search_path = billing; {}", super::DATABASE);
        with_database(&in_schema, |database| {
            let role = Role::new(database, "");
            is_blind(&role.url(), "tables without a schema were looked for in");
            database.execute(&format!("ALTER ROLE {} SET search_path = billing, public", role.name));
            sees(&role.url());
        });
    }

    /// Two schemas have such tables: the search path decides which of them are compared.
    #[test]
    fn the_first_schema_of_the_search_path_wins() {
        let elsewhere = super::DATABASE.replace("CASCADE", "RESTRICT");
        let two = format!("{}; CREATE SCHEMA other; SET search_path = other; {elsewhere}", super::DATABASE);
        with_database(&two, |database| {
            let role = Role::new(database, "");
            sees(&role.url());
            database.execute(&format!("ALTER ROLE {} SET search_path = other, public", role.name));
            check("restrict", &role.url()).expect(0);
            let run = check("cascade", &role.url()).expect(1);
            assert_eq!(run.findings()[0]["observed"]["on_delete"], "RESTRICT");
        });
    }

    /// A role for which the catalogue itself is closed.
    #[test]
    fn a_role_that_may_not_read_the_catalogue_is_told_so() {
        with_database(super::DATABASE, |database| {
            let role = Role::new(database, "");
            database.execute("REVOKE SELECT ON pg_catalog.pg_constraint FROM PUBLIC");
            is_blind(&role.url(), "permission denied");
        });
    }

    #[test]
    fn a_role_that_may_not_connect_is_told_so() {
        with_database(super::DATABASE, |database| {
            database.execute(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", database.name()));
            is_blind(&Role::new(database, "").url(), "permission denied for database");
        });
        with_database(super::DATABASE, |database| {
            is_blind(&Role::new(database, "ALTER ROLE NAME NOLOGIN").url(), "is not permitted to log in");
        });
    }

    /// Settings of the role that would change what is read, or stop it: they count for nothing.
    #[test]
    fn a_role_s_settings_do_no_harm() {
        with_database(super::DATABASE, |database| {
            let more = "ALTER ROLE NAME SET row_security = off; ALTER ROLE NAME SET quote_all_identifiers = on;
                ALTER ROLE NAME SET standard_conforming_strings = off; ALTER ROLE NAME SET statement_timeout = '1h';
                ALTER ROLE NAME SET default_transaction_read_only = on; ALTER ROLE NAME SET bytea_output = 'escape';
                ALTER ROLE NAME SET client_encoding = 'LATIN1'; ALTER ROLE NAME SET datestyle = 'German';
                ALTER ROLE NAME SET extra_float_digits = 0";
            sees(&Role::new(database, more).url());
        });
    }
}

mod mariadb {
    use super::{Database, check, is_blind, sees};

    /// A user with these grants (`DB` is the database, `USER` the user) and the URL of the database as that user.
    fn as_user(grants: &[&str], test: impl FnOnce(&Database, &str)) {
        let Some(server) = fkcheck_tests::mariadb() else { return };
        let database = server.fresh_database();
        database.execute(super::DATABASE);
        let (name, user) = (database.name(), format!("'{}'@'127.0.0.1'", database.name()));
        database.execute(&format!("CREATE USER {user} IDENTIFIED BY 'CanaryRole'"));
        for grant in grants {
            database.execute(&grant.replace("DB", name).replace("USER", &user));
        }
        test(&database, &database.url_as(name, "CanaryRole"));
        database.execute(&format!("DROP USER {user}"));
    }

    #[test]
    fn a_user_without_a_grant_does_not_get_in() {
        as_user(&[], |_, url| is_blind(url, "GRANT REFERENCES ON"));
    }

    #[test]
    fn references_insert_and_all_see_all() {
        for grant in [
            "GRANT REFERENCES ON DB.* TO USER",
            "GRANT INSERT ON DB.* TO USER",
            "GRANT ALL ON DB.* TO USER",
            "GRANT REFERENCES ON *.* TO USER",
        ] {
            as_user(&[grant], |_, url| sees(url));
        }
    }

    /// `information_schema` hides the rules from who may only SELECT; SHOW CREATE TABLE doesn't.
    #[test]
    fn select_sees_all_by_a_detour() {
        as_user(&["GRANT SELECT ON DB.* TO USER"], |_, url| sees(url));
    }

    /// The key is not in what such users see, or only a part of it: that it is absent can't be said.
    #[test]
    fn a_grant_on_a_part_is_not_taken_for_the_whole() {
        for grants in [
            &["GRANT SELECT (id) ON DB.batch_jobs TO USER"][..],
            &["GRANT SELECT ON DB.organizations TO USER"],
            &["GRANT SELECT (id) ON DB.batch_jobs TO USER", "GRANT SELECT (id) ON DB.organizations TO USER"],
            &["GRANT EXECUTE ON DB.* TO USER"],
            &["GRANT CREATE TEMPORARY TABLES ON DB.* TO USER"],
        ] {
            as_user(grants, |_, url| is_blind(url, "GRANT REFERENCES ON"));
        }
    }

    /// With the key's whole table in sight the answer is right, whatever else there may be.
    #[test]
    fn a_grant_on_the_child_table_is_enough_for_its_keys() {
        as_user(&["GRANT REFERENCES ON DB.batch_jobs TO USER"], |_, url| {
            check("cascade", url).expect(0);
            check("restrict", url).expect(1);
        });
    }

    /// Without the whole in sight, a key that isn't there is unknown, not missing.
    #[test]
    fn what_is_absent_for_a_half_blind_user_is_unknown() {
        as_user(&["GRANT REFERENCES ON DB.batch_jobs TO USER"], |database, url| {
            database.execute("ALTER TABLE batch_jobs DROP FOREIGN KEY batch_jobs_org");
            is_blind(url, "GRANT REFERENCES ON");
        });
        as_user(&["GRANT REFERENCES ON DB.* TO USER"], |database, url| {
            database.execute("ALTER TABLE batch_jobs DROP FOREIGN KEY batch_jobs_org");
            assert_eq!(check("cascade", url).expect(1).rules(), ["fk_missing_in_source"]);
        });
    }
}

mod sqlite {
    use super::{check, is_blind, sees};
    use fkcheck_tests::SqliteFile;

    #[test]
    fn a_file_without_permission_is_unknown() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = SqliteFile::new(super::DATABASE);
        let url = file.url();
        let set_mode =
            |mode| std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        set_mode(0o000);
        // Nothing is closed to root.
        if std::fs::File::open(file.path()).is_err() {
            is_blind(&url, "must be readable");
        }
        set_mode(0o444);
        let before = std::fs::metadata(file.path()).unwrap().modified().unwrap();
        // A constraint without a name has none to tell; this one has.
        sees(&url);
        check("cascade", &url).expect(0);
        assert_eq!(std::fs::metadata(file.path()).unwrap().modified().unwrap(), before);
        assert_eq!(std::fs::read_dir(file.dir()).unwrap().count(), 1, "no journal beside it");
    }
}
