//! Runs the real command.

use std::ffi::OsString;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What a run of the command gave.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// Its status lines.
    pub stderr: String,
}

impl Run {
    /// The lines of stdout, each a JSON object.
    pub fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{self:?}"))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// The `fkcheck` members of the findings.
    pub fn findings(&self) -> Vec<serde_json::Value> {
        self.json().into_iter().filter_map(|line| line.get("fkcheck").cloned()).collect()
    }

    /// `rule` of each finding.
    pub fn rules(&self) -> Vec<String> {
        self.findings().iter().filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
    }

    /// Panics unless the run ended in this exit code.
    #[expect(clippy::return_self_not_must_use, reason = "mostly it is wanted for the panic")]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Text that was wrapped for a terminal, on one line.
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// Runs `cargo-fkcheck fkcheck` on the workspace in `dir`, with nothing of this environment that it would heed but
/// what `environment` says.
pub fn fkcheck(dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = Command::new(binary());
    command.arg("fkcheck").args(arguments);
    run(command, dir, environment)
}

/// The same with this text on stdin and no environment.
pub fn fkcheck_with_stdin(dir: &Path, arguments: &[&str], text: &str) -> Run {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(text.as_bytes()).and_then(|()| file.rewind()).expect("written");
    let mut command = Command::new(binary());
    command.arg("fkcheck").args(arguments).stdin(file);
    run(command, dir, &[])
}

/// Runs `cargo fkcheck` in `dir`, as an editor does, with these arguments and no other.
pub fn cargo_fkcheck(dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO"));
    command.arg("fkcheck").args(arguments).env("PATH", search_path());
    run(command, dir, environment)
}

/// Runs a script in `dir` as GitHub's runner does, with the command on its path.
pub fn bash(dir: &Path, script: &str, environment: &[(&str, &str)]) -> Run {
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", search_path());
    run(command, dir, environment)
}

/// `PATH`, with the command before all.
pub fn search_path() -> OsString {
    let folder = binary().parent().into_iter().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(folder.chain(std::env::split_paths(&path))).expect("a search path")
}

fn run(mut command: Command, dir: &Path, environment: &[(&str, &str)]) -> Run {
    let heeded = |name: &str| {
        let prefixes = [
            "DATABASE_URL",
            "PG",
            "MYSQL",
            "CARGO_TERM",
            "NO_COLOR",
            "CLICOLOR",
            "FKCHECK",
            "TERM",
            "GITHUB",
        ];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(heeded) {
            command.env_remove(name);
        }
    }
    command.current_dir(dir).env("TERM", "dumb").envs(environment.iter().copied());
    let output = command.output().expect("the command runs");
    Run {
        code: output.status.code().expect("it was not killed by a signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The command: `FKCHECK_TEST_BIN`, as `tests/run` sets it, or one that is built now.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("FKCHECK_TEST_BIN") {
            return path.into();
        }
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "cargo-fkcheck"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(built.success(), "cargo-fkcheck does not build");
        // target/debug/deps/this_test, or target/debug/this_tool
        let this = std::env::current_exe().expect("this test");
        let directory = this.parent().expect("a directory");
        let directory = directory.parent().filter(|_| directory.ends_with("deps")).unwrap_or(directory);
        directory.join(format!("cargo-fkcheck{}", std::env::consts::EXE_SUFFIX))
    })
}

/// Whether `FKCHECK_TEST_SKIP` names Diesel's own command.
pub fn diesel_is_skipped() -> bool {
    crate::is_skipped("diesel")
}

/// Runs Diesel's own command, `FKCHECK_TEST_DIESEL` or what is on the path, with no configuration of its own.
///
/// # Errors
/// What it says, where it fails.
pub fn run_diesel(arguments: &[&str]) -> Result<(), String> {
    let diesel = std::env::var_os("FKCHECK_TEST_DIESEL").unwrap_or_else(|| "diesel".into());
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("diesel.toml"), "").expect("written");
    let output = Command::new(&diesel).args(arguments).current_dir(dir.path()).output();
    let output = output.map_err(|error| format!("{}: {error}", diesel.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("diesel {}:\n{}{}", arguments.join(" "), text(&output.stdout), text(&output.stderr)))
}
