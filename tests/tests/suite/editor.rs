//! Editors: `--editor` streams cargo's messages first, and rust-analyzer publishes the findings where they are.

use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use fkcheck_tests::{SqliteFile, Workspace, cargo_fkcheck};
use serde_json::{Value, json};

#[test]
fn cargos_messages_come_first() {
    let workspace = Workspace::new()
        .file(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
        )
        .file("src/lib.rs", "mod schema {}\nfn unused() {}\n")
        // Read and not compiled: the crate needs no Diesel.
        .file(
            "src/keys.rs",
            "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
fkcheck_macros::foreign_keys! { posts (user_id) -> users (id), on_delete = restrict; }",
        );
    let database = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE)",
    );
    let arguments =
        ["--editor", "--workspace", "--message-format", "json", "--database-url", &database.url()];
    let run = cargo_fkcheck(workspace.dir(), &arguments, &[]).expect(1);
    let codes: Vec<String> = run
        .json()
        .iter()
        .filter_map(|line| line["message"]["code"]["code"].as_str().map(str::to_owned))
        .collect();
    let place = |code: &str| codes.iter().position(|other| other == code);
    let (ours, rustcs) = (place("fkcheck::fk_on_delete_mismatch"), place("dead_code"));
    assert!(rustcs.is_some() && rustcs < ours, "{codes:?}\n{}", run.stderr);
}

/// The line of the span's start in the example's models, from 0, as editors count.
const LINES: [&str; 3] = ["permission_profile_id", "org_id", "org_id"];

#[test]
fn rust_analyzer_publishes_the_three_findings() {
    let Some(program) = rust_analyzer() else {
        // Not eprintln!, which the test runner keeps to itself when a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: rust-analyzer is not here; `rustup component add rust-analyzer`"
        );
        return;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let dir = tempfile::tempdir().expect("a directory");
    copy(&here.join("examples/billing"), dir.path());
    let manifest = dir.path().join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).expect("it is there");
    let macros = here.join("fkcheck-macros").display().to_string();
    std::fs::write(&manifest, text.replace("../../fkcheck-macros", &macros)).expect("written");
    let binary = PathBuf::from(std::env::var_os("FKCHECK_TEST_BIN").expect("tests/run sets it"));
    let models = dir.path().join("src/models.rs");
    let mut client = Client::start(&program, dir.path(), &binary);
    client.open(&models);
    let found = client.diagnostics(&models, Duration::from_secs(180));
    let source = std::fs::read_to_string(&models).expect("it is there");
    let lines: Vec<&str> = source.lines().collect();
    let mut columns: Vec<String> = found
        .iter()
        .map(|diagnostic| {
            let line =
                diagnostic["range"]["start"]["line"].as_u64().and_then(|line| usize::try_from(line).ok());
            let line = line.expect("a line");
            assert!(lines[line].contains("on_delete"), "{diagnostic:#}");
            let field = lines[line + 1].trim().trim_start_matches("pub ");
            field.split(':').next().unwrap_or_default().to_owned()
        })
        .collect();
    columns.sort_unstable();
    let mut expected = LINES;
    expected.sort_unstable();
    assert_eq!(columns, expected, "{found:#?}");
}

fn rust_analyzer() -> Option<PathBuf> {
    let output = Command::new("rustup").args(["which", "rust-analyzer"]).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && path.is_file()).then_some(path)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            if entry.file_name() != "target" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Speaks to a language server.
struct Client {
    process: Child,
    messages: Receiver<Value>,
    next: u64,
}

impl Client {
    fn start(program: &Path, root: &Path, binary: &Path) -> Self {
        let folder = binary.parent().into_iter().map(Path::to_owned);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(folder.chain(std::env::split_paths(&path))).expect("a search path");
        let mut process = Command::new(program)
            .current_dir(root)
            .env("PATH", path)
            .env_remove("DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut reader = BufReader::new(process.stdout.take().expect("a pipe"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read_message(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut client = Client { process, messages, next: 0 };
        let uri = format!("file://{}", root.display());
        client.request(
            "initialize",
            &json!({
                "processId": std::process::id(), "rootUri": uri, "capabilities": {},
                "initializationOptions": {
                    "check": { "overrideCommand": ["cargo", "fkcheck", "--message-format=json"] },
                    "checkOnSave": true,
                    "cargo": { "buildScripts": { "enable": false } },
                    "procMacro": { "enable": false },
                    "cachePriming": { "enable": false },
                },
            }),
        );
        client.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        client
    }

    fn open(&mut self, file: &Path) {
        let text = std::fs::read_to_string(file).expect("it is there");
        let document = json!({ "uri": format!("file://{}", file.display()), "languageId": "rust", "version": 1, "text": text });
        self.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    }

    /// The errors of `fkcheck` in a file, as soon as there are three; saves it now and then, as one does.
    fn diagnostics(&mut self, file: &Path, patience: Duration) -> Vec<Value> {
        let uri = format!("file://{}", file.display());
        let saved = json!({ "jsonrpc": "2.0", "method": "textDocument/didSave", "params": { "textDocument": { "uri": uri } } });
        let started = Instant::now();
        let mut last = Vec::new();
        let mut next_save = Duration::ZERO;
        while started.elapsed() < patience {
            if started.elapsed() >= next_save {
                self.send(&saved);
                next_save += Duration::from_secs(10);
            }
            let Ok(message) = self.messages.recv_timeout(Duration::from_secs(1)) else { continue };
            if message.get("method").is_some() && message.get("id").is_some() {
                self.answer(&message);
            }
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
            {
                let all = message["params"]["diagnostics"].as_array().cloned().unwrap_or_default();
                last = all
                    .into_iter()
                    .filter(|one| one["source"] == "fkcheck" && one["severity"] == 1)
                    .collect();
                if last.len() == 3 {
                    break;
                }
            }
        }
        last
    }

    /// What the server asks is answered with nothing.
    fn answer(&mut self, message: &Value) {
        let items = message["params"]["items"].as_array().map_or(0, Vec::len);
        let result = if message["method"] == "workspace/configuration" {
            Value::Array(vec![Value::Null; items])
        } else {
            Value::Null
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
    }

    fn request(&mut self, method: &str, params: &Value) {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        while let Ok(message) = self.messages.recv_timeout(Duration::from_secs(60)) {
            if message["id"] == id && message.get("method").is_none() {
                return;
            }
        }
        panic!("no answer to {method}");
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let pipe = self.process.stdin.as_mut().expect("a pipe");
        write!(pipe, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("sent");
        pipe.flush().expect("sent");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read_message(reader: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
