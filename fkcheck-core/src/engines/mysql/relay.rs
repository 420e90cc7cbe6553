//! Between the driver and a server that speaks in plain text. The driver reserves as much memory as a server says that it has
//! columns, and has no limit of its own: so what passes here is looked at first. Within TLS nothing can be seen, and nothing has
//! to be: the certificate says who speaks.

use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::engines::budget::{MOST_BYTES, TooMuch};
use crate::engines::with_causes;

/// Length and number.
const HEADER: usize = 4;

/// What announces a length of three bytes, and of eight; a packet that begins so is no answer that fkcheck asks for, unless it
/// is a short one, which ends the rows.
const THREE_BYTES: u8 = 0xfd;
const EIGHT_BYTES: u8 = 0xfe;
const LONGEST_END: usize = 8;

/// A connection to a server, and the port of this host at which the driver finds it.
pub(super) struct Relay {
    pub(super) port: u16,
    /// Why it ended, if not because both sides had said all.
    ended: Arc<OnceLock<String>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Connects; takes one client, and no other after it.
    pub(super) async fn open(host: &str, port: u16) -> io::Result<Self> {
        let server = TcpStream::connect((host, port)).await?;
        server.set_nodelay(true)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let ended = Arc::new(OnceLock::new());
        let reason = Arc::clone(&ended);
        let task = tokio::spawn(async move {
            if let Err(error) = pass(listener, server).await {
                reason.get_or_init(|| with_causes(&error));
            }
        });
        Ok(Relay { port, ended, task })
    }

    /// Why it ended, where it was not the driver who had enough.
    pub(super) fn ended(&self) -> Option<&str> {
        self.ended.get().map(String::as_str)
    }

    /// Until the last word of the driver has gone to the server.
    pub(super) async fn close(self) {
        let _ended = self.task.await;
    }
}

async fn pass(listener: TcpListener, server: TcpStream) -> io::Result<()> {
    let (driver, _) = listener.accept().await?;
    drop(listener);
    driver.set_nodelay(true)?;
    let (from_server, to_server) = server.into_split();
    let (from_driver, to_driver) = driver.into_split();
    // Before its first command, the server asks for a password in its own way.
    let is_asked = AtomicBool::new(false);
    let mut questions = Questions { packets: Packets::default(), is_asked: &is_asked };
    let mut answers = Answers { packets: Packets::default(), is_asked: &is_asked, all: 0 };
    let asking = pin!(copy(from_driver, to_server, move |bytes| {
        questions.read(bytes);
        Ok(())
    }));
    let answering = pin!(copy(from_server, to_driver, move |bytes| answers.read(bytes)));
    match select(asking, answering).await {
        Either::Left((ended, _)) | Either::Right((ended, _)) => ended,
    }
}

/// Passes on what comes until no more comes, or what comes is refused.
async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut look: impl FnMut(&[u8]) -> Result<(), TooMuch>,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(1 << 16);
    while from.read_buf(&mut bytes).await? > 0 {
        look(&bytes).map_err(|refusal| io::Error::new(io::ErrorKind::InvalidData, refusal))?;
        to.write_all(&bytes).await?;
        bytes.clear();
    }
    to.shutdown().await
}

/// What the driver says.
struct Questions<'a> {
    packets: Packets,
    is_asked: &'a AtomicBool,
}

impl Questions<'_> {
    fn read(&mut self, bytes: &[u8]) {
        self.packets.read(bytes, |head| {
            // The numbers of packets begin anew with each command.
            if head[HEADER - 1] == 0 {
                self.is_asked.store(true, Ordering::Relaxed);
            }
        });
    }
}

/// What the server says.
struct Answers<'a> {
    packets: Packets,
    is_asked: &'a AtomicBool,
    all: usize,
}

impl Answers<'_> {
    fn read(&mut self, bytes: &[u8]) -> Result<(), TooMuch> {
        self.all = self.all.saturating_add(bytes.len());
        let mut is_absurd = false;
        self.packets.read(bytes, |head| {
            let is_end = length(head) <= LONGEST_END;
            is_absurd |= head[HEADER] == THREE_BYTES || head[HEADER] == EIGHT_BYTES && !is_end;
        });
        match self.all {
            _ if is_absurd && self.is_asked.load(Ordering::Relaxed) => Err(TooMuch::Columns),
            all if all > MOST_BYTES => Err(TooMuch::Altogether),
            _ => Ok(()),
        }
    }
}

/// Finds where packets begin.
#[derive(Default)]
struct Packets {
    /// The header and the first byte behind it.
    head: [u8; HEADER + 1],
    /// How much of it has come.
    in_head: usize,
    /// What is to come of the current packet.
    rest: usize,
}

impl Packets {
    /// Tells of the head of each packet that begins here. An empty one has none.
    fn read(&mut self, mut bytes: &[u8], mut tell: impl FnMut([u8; HEADER + 1])) {
        while !bytes.is_empty() {
            if self.rest > 0 {
                let passed = self.rest.min(bytes.len());
                self.rest -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            let more = bytes.len().min(self.head.len() - self.in_head);
            self.head[self.in_head..self.in_head + more].copy_from_slice(&bytes[..more]);
            self.in_head += more;
            if self.in_head >= HEADER && length(self.head) == 0 {
                // What was taken of the next one goes back.
                bytes = &bytes[more - (self.in_head - HEADER)..];
                self.in_head = 0;
                continue;
            }
            bytes = &bytes[more..];
            if self.in_head > HEADER {
                tell(self.head);
                self.in_head = 0;
                self.rest = length(self.head) - 1;
            }
        }
    }
}

/// What a header announces.
fn length(head: [u8; HEADER + 1]) -> usize {
    usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [&length[..3], &[number], body].concat()
    }

    #[test]
    fn an_absurd_number_of_columns_is_refused_however_it_is_cut() {
        let many = [&[0xfe][..], &(1_u64 << 62).to_le_bytes()].concat();
        for (answer, is_absurd) in [
            (packet(1, &many), true),
            (packet(1, &[&many[..], &vec![0; 70_000]].concat()), true),
            (packet(1, &[0xfd, 0, 0, 0xff]), true),
            (packet(1, &[0xfc, 0xff, 0xff]), false),
            (packet(1, &[2]), false),
            (packet(9, &[0xfe, 0, 0, 2, 0, 0, 0]), false),
            (packet(1, b"\0\0\0\x02\0\0\0"), false),
            ([packet(1, b""), packet(2, &[b'x'; 300]), packet(3, &many)].concat(), true),
        ] {
            for piece in [1, 3, 5, answer.len()] {
                let is_asked = AtomicBool::new(false);
                let mut questions = Questions { packets: Packets::default(), is_asked: &is_asked };
                let mut answers = Answers { packets: Packets::default(), is_asked: &is_asked, all: 0 };
                // Before the first command a server may ask for another way to log in.
                questions.read(&packet(1, b"login"));
                answers.read(&packet(2, b"\xfemysql_native_password\0nonce")).unwrap();
                questions.read(&packet(0, b"\x03SELECT 1"));
                let refused = answer.chunks(piece).any(|bytes| answers.read(bytes).is_err());
                assert_eq!(refused, is_absurd, "{answer:?} in pieces of {piece}");
            }
        }
    }
}
