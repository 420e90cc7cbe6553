//! Git as somebody uses it who works in a checkout.

use std::path::Path;
use std::process::Command;

/// Runs git, which must succeed.
pub fn git(dir: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(dir)
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// Commits all that is there.
pub fn commit(dir: &Path) {
    git(dir, &["add", "--all"]);
    git(dir, &["commit", "--quiet", "--message", "state"]);
}
