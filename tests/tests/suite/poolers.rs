//! Through `PgBouncer` in transaction mode and `PGlite`'s socket, where many clients share one session: nothing is left in it, so
//! that a second run is as the first. And how often a run waits for the server.

use fkcheck_tests::fixing::{TABLES, fix, migrations, posts};
use fkcheck_tests::{Pooler, Run, Workspace, counting_relay, fkcheck, mariadb, postgres};

fn run(workspace: &Workspace, arguments: &[&str], url: &str) -> Run {
    fkcheck(workspace.dir(), &[arguments, &["--database-url", url]].concat(), &[])
}

/// Each command, twice. The tables are those of `TABLES`.
fn each_command_twice(url: &str) {
    for _ in 0..2 {
        let agreeing = posts("cascade", "restrict");
        let _ = run(&agreeing, &[], url).expect(0);
        let _ = run(&agreeing, &["--data"], url).expect(0);
        let _ = run(&agreeing, &["snapshot"], url).expect(0);
        let _ = run(&agreeing, &["snapshot", "--check"], url).expect(0);
        let drifted = posts("restrict", "restrict");
        assert_eq!(
            run(&drifted, &["--message-format", "json"], url).expect(1).rules(),
            ["fk_on_delete_mismatch"]
        );
        let _ = run(&drifted, &["annotate", "--dry-run"], url);
        let _ = fix(&drifted, url, &[]).expect(0);
        assert!(!migrations(&drifted).is_empty());
    }
}

#[test]
fn all_works_twice_through_pgbouncer() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    let Some(pooler) = Pooler::pgbouncer(&database) else { return };
    each_command_twice(&pooler.url(database.name()));
}

#[test]
fn all_works_twice_through_pglite() {
    let Some(pooler) = Pooler::pglite() else { return };
    pooler.execute("postgres", TABLES);
    each_command_twice(&pooler.url("postgres"));
}

/// A failing statement and a deadline leave no open transaction behind either: the session is everybody's.
#[test]
fn nothing_is_left_in_a_session_by_a_run_that_fails() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    let Some(pooler) = Pooler::pgbouncer(&database) else { return };
    let url = pooler.url(database.name());
    let agreeing = posts("cascade", "restrict");
    for _ in 0..2 {
        // Diesel's table isn't there, so that asking for it fails within the transaction.
        let _ = run(&agreeing, &["--against", "database"], &url).expect(0);
        let _ = run(&agreeing, &["--deadline", "1", "--data"], &url);
    }
    let _ = run(&agreeing, &[], &url).expect(0);
}

/// The log-in, which tests do without a password, begins the transaction, reads, and ends the transaction; MySQL's protocol has
/// an answer for every statement before the next may be sent.
#[test]
fn a_check_waits_for_the_server_few_times() {
    const TERMINATE: &[u8] = b"X\0\0\0\x04";
    const QUIT: &[u8] = b"\x01\0\0\0\x01";
    for (server, farewell, most) in [(postgres(), TERMINATE, 4), (mariadb(), QUIT, 12)] {
        let Some(server) = server else { continue };
        let database = server.fresh_database();
        database.execute(TABLES);
        let (url, traffic) = counting_relay(&database, farewell);
        let _ = run(&posts("cascade", "restrict"), &["--against", "database"], &url).expect(0);
        println!("{url}: {traffic:?}");
        assert!(traffic.round_trips() <= most, "{traffic:?}");
        let (connections, farewells) = traffic.connections_and_farewells();
        assert_eq!((connections, farewells), (1, 1), "{traffic:?}");
    }
}
