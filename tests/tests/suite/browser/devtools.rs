//! A headless Chromium, spoken to by the protocol of its developer tools.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// How long the browser may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page, gone with its profile when this is dropped.
pub(crate) struct Browser {
    process: Child,
    socket: WebSocket<TcpStream>,
    _profile: tempfile::TempDir,
    session: Option<String>,
    sent: u64,
    /// What the page logged, threw or was refused, and every request beside the page's own.
    pub(crate) complaints: Vec<String>,
    loaded: bool,
}

impl Browser {
    /// `None` where `FKCHECK_TEST_SKIP` names `chromium`.
    pub(crate) fn start() -> Option<Browser> {
        if fkcheck_tests::is_skipped("chromium") {
            return None;
        }
        let program = program().expect("no chromium here: run tests/run, or set FKCHECK_TEST_SKIP=chromium");
        let profile = tempfile::tempdir().expect("a directory");
        let process = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let (port, path) = address(profile.path());
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the browser listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let (socket, _) =
            tungstenite::client(format!("ws://127.0.0.1:{port}{path}"), stream).expect("the browser answers");
        let mut browser = Browser {
            process,
            socket,
            _profile: profile,
            session: None,
            sent: 0,
            complaints: Vec::new(),
            loaded: false,
        };
        let target = browser.send("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.send("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.send(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Opens a file and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path) {
        self.loaded = false;
        let url = url::Url::from_file_path(file).expect("an absolute path");
        let opened = self.send("Page.navigate", &json!({ "url": url.as_str() }));
        assert!(opened.get("errorText").is_none(), "{opened}");
        while !self.loaded {
            self.read();
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.send("Runtime.evaluate", &parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub(crate) fn is_true(&mut self, expression: &str) -> bool {
        self.value(expression).as_bool().unwrap_or_default()
    }

    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.send("Emulation.setDeviceMetricsOverride", &size);
    }

    pub(crate) fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.send("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    pub(crate) fn allow_clipboard(&mut self) {
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.send("Browser.grantPermissions", &permissions);
        self.send("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }));
    }

    pub(crate) fn scripts(&mut self, are_on: bool) {
        self.send("Emulation.setScriptExecutionDisabled", &json!({ "value": !are_on }));
    }

    /// Presses a key as a person does.
    pub(crate) fn press(&mut self, key: &str, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let code = text.chars().next().map_or(9, u32::from);
            let event =
                json!({ "type": kind, "key": key, "code": key, "text": text, "windowsVirtualKeyCode": code });
            self.send("Input.dispatchKeyEvent", &event);
        }
    }

    /// A picture of the whole page, where `FKCHECK_TEST_PICTURES` names a directory for them: to be looked at.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(directory) = std::env::var_os("FKCHECK_TEST_PICTURES") else { return };
        let picture = self.send("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }));
        let data = picture["data"].as_str().unwrap_or_default();
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).expect("base64");
        std::fs::write(Path::new(&directory).join(format!("{name}.png")), bytes).expect("written");
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn send(&mut self, method: &str, parameters: &Value) -> Value {
        self.sent += 1;
        let number = self.sent;
        let mut command = json!({ "id": number, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(command.to_string())).expect("sent");
        loop {
            let mut message = self.read();
            if message["id"] == number {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
        }
    }

    fn read(&mut self) -> Value {
        let text = loop {
            if let Message::Text(text) = self.socket.read().expect("the browser goes on") {
                break text;
            }
        };
        let message: Value = serde_json::from_str(text.as_str()).expect("JSON");
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded") => {
                self.complaints.push(message.to_string());
            }
            Some("Network.requestWillBeSent") if message["params"]["type"] != "Document" => {
                self.complaints.push(message.to_string());
            }
            _ => {}
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // So that it takes its own children along.
        let close = json!({ "id": 0, "method": "Browser.close" }).to_string();
        let _ = self.socket.send(Message::text(close));
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Port and path, which the browser writes into its profile.
fn address(profile: &Path) -> (u16, String) {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        if let Some((port, path)) = text.split_once('\n')
            && let Ok(port) = port.parse()
            && !path.is_empty()
        {
            return (port, path.trim().to_owned());
        }
        assert!(Instant::now() < end, "the browser does not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn program() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("FKCHECK_TEST_CHROMIUM") {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "google-chrome"];
    let files = std::env::split_paths(&path).flat_map(|directory| {
        names.map(|name| directory.join(name.to_owned() + std::env::consts::EXE_SUFFIX))
    });
    files.into_iter().find(|file| file.is_file())
}
