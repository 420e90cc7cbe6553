//! A checkout names programs in `.git/config`, `.git/hooks` and `.gitattributes`: no command runs one of them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use fkcheck_tests::git::{CODE, TABLES};
use fkcheck_tests::{SqliteFile, Workspace, commit, fkcheck, git};

/// `TRAP` is a program that notes its name. Each setting is known to run it in one of git's commands.
const CONFIG: &str = r#"
[core]
    fsmonitor = TRAP/fsmonitor
    hooksPath = TRAP
    pager = TRAP/pager
    editor = TRAP/editor
    sshCommand = TRAP/ssh
    askPass = TRAP/askpass
    gitProxy = TRAP/proxy
    alternateRefsCommand = TRAP/refs
    virtualFilesystem = TRAP/virtual
[filter "trap"]
    clean = TRAP/clean
    smudge = TRAP/smudge
[filter "long"]
    process = TRAP/process
[diff]
    external = TRAP/external
[diff "trap"]
    textconv = TRAP/textconv
    command = TRAP/diff
[merge "trap"]
    driver = TRAP/merge
[pager]
    log = TRAP/pager
    ls-files = TRAP/pager
    ls-tree = TRAP/pager
    rev-list = TRAP/pager
[alias]
    status = !TRAP/alias
    ls-files = !TRAP/alias
    ls-tree = !TRAP/alias
    rev-list = !TRAP/alias
    check-attr = !TRAP/alias
[credential]
    helper = !TRAP/credential
[gpg]
    program = TRAP/gpg
[gpg "ssh"]
    program = TRAP/gpg
[log]
    showSignature = true
[sequence]
    editor = TRAP/editor
[interactive]
    diffFilter = TRAP/filter
[uploadpack]
    packObjectsHook = TRAP/pack
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[remote "origin"]
    url = git@localhost:a/b
    promisor = true
    partialclonefilter = blob:none
    uploadpack = TRAP/upload
[extensions]
    partialClone = origin
"#;

const ATTRIBUTES: &str =
    "* filter=trap diff=trap merge=trap\nCargo.toml filter=long\nfkcheck.lock filter=long diff=trap\n";

/// A committed workspace, and beside it the traps.
struct Trapped {
    workspace: Workspace,
    traps: tempfile::TempDir,
    database: SqliteFile,
}

impl Trapped {
    fn new() -> Self {
        let workspace = Workspace::new()
            .file("src/lib.rs", CODE)
            .file("migrations/.keep", "")
            .file(".gitignore", "target\nCargo.lock\n");
        let database = SqliteFile::new(TABLES);
        let dir = workspace.dir();
        fkcheck(dir, &["snapshot", "--database-url", &database.url()], &[]).expect(0);
        git(dir, &["init", "--quiet"]);
        commit(dir);
        let trapped = Trapped { traps: tempfile::tempdir().expect("a directory"), workspace, database };
        trapped.sign();
        trapped.set();
        trapped
    }

    /// Replaces the commit by the same with a signature, for `gpg.program` to look at.
    fn sign(&self) {
        let script = r"
            { git cat-file commit HEAD | sed '/^$/,$d'
              printf 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n\nstate\n'
            } | git hash-object -t commit -w --stdin | xargs git update-ref HEAD";
        let status =
            Command::new("sh").args(["-c", script]).current_dir(self.workspace.dir()).status().expect("sh");
        assert!(status.success());
    }

    fn set(&self) {
        let traps = self.traps.path();
        for name in CONFIG.split("TRAP/").skip(1).filter_map(|rest| rest.lines().next()) {
            self.trap(&traps.join(name));
        }
        for hook in
            ["post-index-change", "reference-transaction", "pre-commit", "post-checkout", "read-object"]
        {
            self.trap(&traps.join(hook));
            self.trap(&self.workspace.dir().join(".git/hooks").join(hook));
        }
        let config = CONFIG.replace("TRAP", &traps.display().to_string());
        let (dir, included) = (self.workspace.dir().join(".git"), traps.join("included"));
        std::fs::write(&included, &config).expect("written");
        let before = std::fs::read_to_string(dir.join("config")).expect("read");
        // Version 1 is what makes `extensions` count.
        let before = before.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
        let include = format!("[include]\n    path = {}\n", included.display());
        std::fs::write(dir.join("config"), format!("{before}{config}{include}")).expect("written");
        std::fs::create_dir_all(dir.join("info")).expect("made");
        std::fs::write(dir.join("info/attributes"), ATTRIBUTES).expect("written");
        // Without them as a change of its own.
        self.workspace.write("ignored/.gitattributes", ATTRIBUTES);
        std::fs::write(dir.join("info/exclude"), "ignored\n").expect("written");
        self.touch();
    }

    fn trap(&self, path: &Path) {
        let script = format!("#!/bin/sh\necho {} >> {}\nexit 1\n", path.display(), self.log().display());
        std::fs::write(path, script).expect("written");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }

    /// Makes git look into the files: their times say that they may have changed.
    fn touch(&self) {
        for file in ["src/lib.rs", "Cargo.toml", "fkcheck.lock"] {
            let path = self.workspace.dir().join(file);
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
            std::fs::File::open(&path).and_then(|file| file.set_modified(later)).expect("touched");
        }
    }

    fn log(&self) -> PathBuf {
        self.traps.path().join("sprung.log")
    }

    /// The names of the traps that something ran into.
    fn sprung(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let name = |line: &str| line.rsplit('/').next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = log.lines().map(name).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Takes away the tree of `src`, which a partial clone would fetch.
    fn without_a_tree(self) -> Self {
        let output = Command::new("git")
            .args(["-c", "core.fsmonitor=false", "rev-parse", "HEAD:src"])
            .current_dir(self.workspace.dir())
            .output()
            .expect("git runs");
        let number = String::from_utf8(output.stdout).expect("a number").trim().to_owned();
        let object = format!(".git/objects/{}/{}", &number[..2], &number[2..]);
        std::fs::remove_file(self.workspace.dir().join(object)).expect("a loose object");
        self
    }
}

/// Every command that touches files, with its exit code.
const COMMANDS: [(&[&str], i32); 14] = [
    (&["--data"], 1),
    (&["--message-format", "sarif"], 1),
    (&["--message-format", "html"], 1),
    (&["--against", "snapshot"], 1),
    (&["snapshot"], 0),
    (&["snapshot", "--check"], 0),
    (&["baseline"], 0),
    (&["baseline", "--prune"], 0),
    (&["annotate", "--dry-run"], 0),
    (&["annotate"], 0),
    (&["annotate", "--from", "snapshot"], 0),
    (&["fix", "--dry-run"], 0),
    (&["fix", "--code"], 0),
    (&["fix"], 0),
];

#[test]
fn no_command_runs_what_the_checkout_names() {
    for (arguments, code) in COMMANDS {
        let trapped = Trapped::new();
        let url = trapped.database.url();
        let is_live = !arguments.contains(&"snapshot") || arguments[0] == "snapshot";
        let database = if is_live { &["--database-url", &url][..] } else { &[] };
        let run = fkcheck(trapped.workspace.dir(), &[arguments, database].concat(), &[]);
        assert_eq!(trapped.sprung(), [""; 0], "{arguments:?}\n{run:?}");
        let run = run.expect(code);
        if arguments == ["--against", "snapshot"] {
            assert!(run.stderr.contains("of fkcheck.lock of 20"), "{run:?}");
        }
    }
}

#[test]
fn nothing_is_fetched_that_a_repository_lacks() {
    for arguments in [&["annotate"][..], &["fix", "--code"], &["--against", "snapshot"]] {
        let trapped = Trapped::new().without_a_tree();
        let url = trapped.database.url();
        let run = fkcheck(trapped.workspace.dir(), &[arguments, &["--database-url", &url]].concat(), &[]);
        assert_eq!(trapped.sprung(), [""; 0], "{arguments:?}\n{run:?}");
    }
}

/// The traps are none of ours: what git does on its own runs into them.
#[test]
fn git_itself_runs_into_the_traps() {
    let plainly = |trapped: &Trapped, arguments: &[&str]| {
        let _ = Command::new("git").args(arguments).current_dir(trapped.workspace.dir()).output();
        trapped.sprung()
    };
    for (arguments, expected) in [
        (&["status", "--porcelain"][..], "fsmonitor"),
        (&["hash-object", "src/lib.rs"], "clean"),
        (&["hash-object", "Cargo.toml"], "process"),
        (&["log", "-1"], "gpg"),
        (&["fetch"], "ssh"),
    ] {
        let sprung = plainly(&Trapped::new(), arguments);
        assert!(sprung.contains(&expected.to_owned()), "{arguments:?}: {sprung:?}");
    }
    let sprung = plainly(&Trapped::new().without_a_tree(), &["ls-tree", "-r", "HEAD"]);
    assert!(sprung.contains(&"ssh".to_owned()), "{sprung:?}");
}
