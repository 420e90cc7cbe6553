//! Servers that send without end: a run ends in 3 within its deadline, takes little memory, and says what was wrong.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::{Duration, Instant};

use fkcheck_tests::{
    MysqlAttack, PostgresAttack, Workspace, binary, hostile_mysql, hostile_postgres, unwrapped,
};

const MOST_RESIDENT_MB: u64 = 256;

const DEADLINE: Duration = Duration::from_secs(30);

fn workspace() -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        "diesel::table! { organizations (id) { id -> Integer, } }
diesel::table! { batch_jobs (id) { id -> Integer, org_id -> Integer, } }

#[derive(Queryable, fkcheck_macros::ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJob {
    pub id: i32,
    #[fk(references = organizations(id), on_delete = cascade)]
    pub org_id: i32,
}",
    )
}

/// The most memory that a process has had, in kB; `None`: it has ended.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn refused(name: &str, url: &str, says: &str) {
    let workspace = workspace();
    let output = |name| std::fs::File::create(workspace.dir().join(name)).expect("a file");
    let started = Instant::now();
    let mut child = Command::new(binary())
        .args(["fkcheck", "--deadline", &DEADLINE.as_secs().to_string(), "--database-url", url])
        .current_dir(workspace.dir())
        .stdout(output("stdout"))
        .stderr(output("stderr"))
        .spawn()
        .expect("it runs");
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()).unwrap_or_default());
        if let Some(status) = child.try_wait().expect("asked") {
            break status;
        }
        if most > 4 * MOST_RESIDENT_MB * 1024 {
            child.kill().expect("killed");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |name| std::fs::read_to_string(workspace.dir().join(name)).expect("UTF-8");
    let told = unwrapped(&(text("stdout") + &text("stderr")));
    println!("{name}: {status}, {} MB, {:.1?}", most / 1024, started.elapsed());
    assert_eq!(status.code(), Some(3), "{name}: {status}, {} MB\n{told}", most / 1024);
    assert!(told.contains(says), "{name}: {says:?} is not in:\n{told}");
    assert!(started.elapsed() < DEADLINE, "{name}: {:?}", started.elapsed());
    assert!(most > 0 && most < MOST_RESIDENT_MB * 1024, "{name}: {} MB", most / 1024);
}

#[test]
fn a_server_that_sends_without_end_is_3_on_postgres() {
    for (attack, says) in [
        (
            PostgresAttack::LengthBeforeLogin,
            "it announced a message of 2147483647 bytes; fkcheck takes no more than 16 MB",
        ),
        (PostgresAttack::Settings, "it sent notices and settings without end"),
        (PostgresAttack::Notices, "it sent notices and settings without end"),
        (PostgresAttack::Rows, "it sent rows without end"),
        (PostgresAttack::RowsOfArrays, "it sent rows without end"),
        (PostgresAttack::Field, "it announced a message of 1073741834 bytes"),
        (PostgresAttack::RowsForNothing, "it sent more than 128 MB"),
        (PostgresAttack::Types, "it answered with a type that leads to another one without end"),
    ] {
        refused(&format!("PostgreSQL, {attack:?}"), &hostile_postgres(attack), says);
    }
}

#[test]
fn a_server_that_sends_without_end_is_3_on_mysql() {
    for (attack, says) in [
        (MysqlAttack::Rows, "it sent rows without end"),
        (MysqlAttack::Field, "it sent a message that is longer than 16 MB"),
        (MysqlAttack::Greeting, "it sent a message that is longer than 16 MB"),
        (MysqlAttack::Columns(1 << 62), "it announced an absurd number of columns"),
        (MysqlAttack::Columns(1 << 40), "it announced an absurd number of columns"),
        (MysqlAttack::Columns(u64::MAX), "it announced an absurd number of columns"),
        (MysqlAttack::ColumnsBehind(1 << 40), "it announced an absurd number of columns"),
    ] {
        refused(&format!("MySQL, {attack:?}"), &hostile_mysql(attack), says);
    }
}
