//! Roles that see less than all: the right answer or "could not know", never a pass by blindness.

use fkcheck_tests::{Database, Run, Workspace, fkcheck};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL,
    CONSTRAINT author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX posts_author ON posts (author_id)";

fn workspace(action: &str) -> Workspace {
    let models = format!(
        "use crate::schema::*;
         #[derive(fkcheck_macros::ForeignKeys)] #[diesel(table_name = posts)]
         pub struct Post {{ pub id: i32, #[fk(references = users(id), on_delete = {action})] pub author_id: i32 }}"
    );
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", &models)
}

fn run(action: &str, url: &str) -> Run {
    fkcheck(workspace(action).dir(), &["--database-url", url], &[])
}

/// Both what agrees and what has drifted must be answered rightly, or both not at all.
fn answers(who: &str, database: &Database, user: &str, password: &str, knows: bool) {
    let url = database.url_as(user, password);
    let (agrees, drifted) = (run("cascade", &url), run("restrict", &url));
    let codes = (agrees.code, drifted.code);
    assert_eq!(codes, if knows { (0, 1) } else { (3, 3) }, "{who}: {agrees:?} {drifted:?}");
}

#[test]
fn postgres_shows_every_key_to_every_role() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(DATABASE);
    let name = database.name();
    let roles = [
        ("login only", "NOSUPERUSER", "REVOKE ALL ON SCHEMA public FROM PUBLIC".to_owned()),
        (
            "login only, with another search path",
            "NOSUPERUSER",
            format!("ALTER ROLE {name}_1 SET search_path = pg_catalog, public"),
        ),
        ("SELECT only", "NOSUPERUSER", format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}_2")),
        ("superuser", "SUPERUSER", "SELECT 1".to_owned()),
    ];
    for (number, (who, kind, more)) in roles.iter().enumerate() {
        let role = format!("{name}_{number}");
        database.execute(&format!("CREATE ROLE {role} LOGIN {kind}; {more}"));
        answers(who, &database, &role, "", true);
    }
    // A path that leads elsewhere: the tables are not where the code means them.
    database.execute(&format!("ALTER ROLE {name}_0 SET search_path = pg_catalog"));
    answers("a search path without public", &database, &format!("{name}_0"), "", false);
    for number in 0..roles.len() {
        database.execute(&format!("DROP OWNED BY {name}_{number}; DROP ROLE {name}_{number}"));
    }
}

#[test]
fn mariadb_shows_a_role_what_it_may_see() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let database = server.fresh_database();
    database.execute(DATABASE);
    let name = database.name().to_owned();
    let users = [
        ("no grant", String::new(), false),
        ("SELECT on the database", format!("GRANT SELECT ON {name}.* TO USER"), true),
        ("SELECT on the child alone", format!("GRANT SELECT ON {name}.posts TO USER"), false),
        ("SELECT on a column", format!("GRANT SELECT (id) ON {name}.posts TO USER"), false),
        ("INSERT on the database", format!("GRANT INSERT ON {name}.* TO USER"), true),
        ("REFERENCES on the database", format!("GRANT REFERENCES ON {name}.* TO USER"), true),
    ];
    for (number, (who, grant, knows)) in users.iter().enumerate() {
        let user = format!("{name}_{number}@'%'");
        server.execute_globally(&format!(
            "CREATE USER {user} IDENTIFIED BY 'x'; {}",
            grant.replace("USER", &user)
        ));
        let url = database.url_as(&format!("{name}_{number}"), "x");
        let (agrees, drifted) = (run("cascade", &url), run("restrict", &url));
        println!("{who}: {} {}", agrees.code, drifted.code);
        // A right answer is welcome where none is demanded; blindness is not.
        let rightly = agrees.code == 0 && drifted.code == 1;
        let unknown = agrees.code == 3 && drifted.code == 3;
        let partly = agrees.code == 3 && drifted.code == 1;
        assert!(rightly || !knows && (unknown || partly), "{who}: {agrees:?} {drifted:?}");
        server.execute_globally(&format!("DROP USER {user}"));
    }
}
