//! Git, asked so that it runs nothing which the checkout names, and so that it ends.
//!
//! A checkout brings its own `.git/config` and `.gitattributes`, and these name programs. Only plumbing is called, which takes
//! neither aliases nor filters nor pagers nor signatures nor textconv into account as long as no file of the work tree is
//! compared; what else reading a repository can start is turned off here.

use std::io::{self, Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// No index is longer.
const LONGEST_ANSWER: u64 = 256 << 20;

/// What the command line says, a repository's configuration can't.
const OVERRIDES: [&str; 5] = [
    // A program, or a daemon, that is asked when an index is read.
    "core.fsmonitor=false",
    // The same in Microsoft's git.
    "core.virtualFilesystem=",
    "core.hooksPath=/dev/null",
    // An object that isn't there is fetched from a "promisor": by ssh, by a helper, by a program that a remote names.
    "protocol.allow=never",
    "submodule.recurse=false",
];

/// Which repository is meant is a question of the directory alone; a hook that runs this command sets these.
const NOT_INHERITED: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Whether a directory or one above it has a repository, by its looks: git itself may not be able to read it.
pub(crate) fn has_repository(directory: &Path) -> bool {
    directory.ancestors().any(|directory| directory.join(".git").symlink_metadata().is_ok())
}

/// What a git command answers in a directory, or why it doesn't.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    git_fed(directory, arguments, Vec::new())
}

/// The same of a command that reads this on stdin.
pub(crate) fn git_fed(directory: &Path, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, String> {
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let spawned = command(directory, arguments).stdin(stdin).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no `git` on the PATH".to_owned(),
        _ => format!("git can't be run: {error}"),
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // It answers while it reads. One that stops reading says why itself.
        thread::spawn(move || stdin.write_all(&input));
    }
    let (answer, complaint) = (gathered(child.stdout.take()), gathered(child.stderr.take()));
    let ended = answer.recv_timeout(PATIENCE).and_then(|text| Ok((text, complaint.recv_timeout(PATIENCE)?)));
    let Ok((answer, complaint)) = ended else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("git gave no answer within {} seconds", PATIENCE.as_secs()));
    };
    match child.wait() {
        Ok(status) if status.success() => Ok(answer),
        Ok(status) if complaint.is_empty() => Err(format!("git ended with {status}")),
        Ok(_) => Err(one_line(&String::from_utf8_lossy(&complaint))),
        Err(error) => Err(format!("git can't be waited for: {error}")),
    }
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(["--no-pager", "--no-optional-locks"]);
    for setting in OVERRIDES {
        command.args(["-c", setting]);
    }
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    // No protocol is allowed, whatever the configuration says of a single one.
    command.env("GIT_ALLOW_PROTOCOL", "").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// All that comes out of a pipe, once it has come.
fn gathered(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = pipe.map(|pipe| pipe.take(LONGEST_ANSWER).read_to_end(&mut text));
        // Half an answer is none; nor does anybody wait for a late one.
        if matches!(read, None | Some(Ok(_))) {
            let _ = sender.send(text);
        }
    });
    receiver
}

/// Git's words without the first one, `fatal: `.
fn one_line(complaint: &str) -> String {
    let words: Vec<&str> = complaint.split_whitespace().collect();
    let text = words.join(" ");
    text.strip_prefix("fatal: ").or(text.strip_prefix("error: ")).unwrap_or(&text).to_owned()
}
