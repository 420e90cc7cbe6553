//! A relay between the command and a server that writes down what passes: every statement that is sent, and all that comes back.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A relay to one server. It ends with the process.
pub struct Wire {
    port: u16,
    to: String,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    /// By connection, in the order in which they were made.
    statements: Vec<Vec<String>>,
    answers: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Postgres,
    Mysql,
}

impl Wire {
    /// Listens for what would go to the server of this URL, `scheme://user@host:port/database`.
    pub fn to(url: &str) -> Wire {
        let protocol = if url.starts_with("postgres") { Protocol::Postgres } else { Protocol::Mysql };
        let parsed = url::Url::parse(url).expect("a URL");
        let address = format!(
            "{}:{}",
            parsed.host_str().expect("a host"),
            parsed.port().expect("tests/with-servers says the port")
        );
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let wire = Wire {
            port: listener.local_addr().expect("an address").port(),
            to: address.clone(),
            log: Arc::default(),
        };
        let log = Arc::clone(&wire.log);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&address).expect("the server answers");
                let number = {
                    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                    log.statements.push(Vec::new());
                    log.statements.len() - 1
                };
                relay(client, server, protocol, number, &log);
            }
        });
        wire
    }

    /// The same URL, through the relay.
    pub fn url(&self, url: &str) -> String {
        url.replace(&self.to, &format!("127.0.0.1:{}", self.port))
    }

    /// The statements of each connection so far.
    pub fn statements(&self) -> Vec<Vec<String>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).statements.clone()
    }

    /// Whether the server has sent this.
    pub fn has_answered(&self, text: &str) -> bool {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.answers.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

fn relay(client: TcpStream, server: TcpStream, protocol: Protocol, number: usize, log: &Arc<Mutex<Log>>) {
    let (up, down) = (client.try_clone().expect("a copy"), server.try_clone().expect("a copy"));
    let asked = Arc::clone(log);
    let mut seen = Vec::new();
    let mut is_open = false;
    std::thread::spawn(move || {
        pass(up, down, |bytes| {
            seen.extend_from_slice(bytes);
            let statements = match protocol {
                Protocol::Postgres => postgres_statements(&mut seen, &mut is_open),
                Protocol::Mysql => mysql_statements(&mut seen),
            };
            asked.lock().unwrap_or_else(PoisonError::into_inner).statements[number].extend(statements);
        });
    });
    let answered = Arc::clone(log);
    std::thread::spawn(move || {
        pass(server, client, |bytes| {
            answered.lock().unwrap_or_else(PoisonError::into_inner).answers.extend_from_slice(bytes);
        });
    });
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                see(&buffer[..count]);
                if to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
        }
    }
    // Either end may be gone already.
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// `Query` and `Parse` messages; the first message has no type.
fn postgres_statements(seen: &mut Vec<u8>, is_open: &mut bool) -> Vec<String> {
    let mut statements = Vec::new();
    loop {
        let head = usize::from(*is_open);
        let Some(length) = seen.get(head..head + 4) else { return statements };
        let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
        if seen.len() < head + length {
            return statements;
        }
        let message: Vec<u8> = seen.drain(..head + length).collect();
        let text = |from: usize| {
            let end =
                message[from..].iter().position(|byte| *byte == 0).map_or(message.len(), |end| from + end);
            (String::from_utf8_lossy(&message[from..end]).into_owned(), end + 1)
        };
        match message[0] {
            _ if !*is_open => *is_open = true,
            b'Q' => statements.push(text(5).0),
            b'P' => statements.push(text(text(5).1).0),
            _ => {}
        }
    }
}

/// `COM_QUERY` and `COM_STMT_PREPARE`: packets that begin an exchange.
fn mysql_statements(seen: &mut Vec<u8>) -> Vec<String> {
    let mut statements = Vec::new();
    loop {
        let Some(&[low, middle, high, sequence]) = seen.first_chunk::<4>() else { return statements };
        let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
        if seen.len() < 4 + length {
            return statements;
        }
        let packet: Vec<u8> = seen.drain(..4 + length).collect();
        if sequence == 0 && matches!(packet.get(4), Some(0x03 | 0x16)) {
            statements.push(String::from_utf8_lossy(&packet[5..]).into_owned());
        }
    }
}
