//! A stream of PostgreSQL's messages that refuses what would fill the memory. The driver has no limits: it reserves as many
//! bytes as a message announces, before anybody has logged in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use crate::engines::budget::{MOST_BESIDE_ROWS, MOST_BYTES, MOST_IN_A_MESSAGE, MOST_LOOKUPS, TooMuch};

/// Tag and length.
const HEADER: usize = 5;

const DATA_ROW: u8 = b'D';
const PARSE_COMPLETE: u8 = b'1';
const BIND_COMPLETE: u8 = b'2';

/// What keeping the smallest message takes.
const OVERHEAD: usize = 200;

/// Measures what a server sends.
#[derive(Debug, Default)]
struct Meter {
    header: [u8; HEADER],
    /// How much of `header` has come.
    in_header: usize,
    /// What is to come of the current message.
    rest: usize,
    all: usize,
    beside_rows: usize,
    /// The tag of the message before this one.
    before: u8,
    /// Answers to a statement that was there already: the driver's own, which looks up a type. All of ours are new ones.
    lookups: usize,
}

impl Meter {
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), TooMuch> {
        self.all = self.all.saturating_add(bytes.len());
        if self.all > MOST_BYTES {
            return Err(TooMuch::Altogether);
        }
        while let Some((first, behind)) = bytes.split_first() {
            if self.rest > 0 {
                let passed = self.rest.min(bytes.len());
                self.rest -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.header[self.in_header] = *first;
            self.in_header += 1;
            bytes = behind;
            if self.in_header == HEADER {
                self.in_header = 0;
                self.begin_message()?;
            }
        }
        Ok(())
    }

    fn begin_message(&mut self) -> Result<(), TooMuch> {
        let [tag, length @ ..] = self.header;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MOST_IN_A_MESSAGE {
            return Err(TooMuch::InAMessage(length));
        }
        if tag != DATA_ROW {
            self.beside_rows += length + OVERHEAD;
            if self.beside_rows > MOST_BESIDE_ROWS {
                return Err(TooMuch::BesideRows);
            }
        }
        if tag == BIND_COMPLETE && self.before != PARSE_COMPLETE {
            self.lookups += 1;
            if self.lookups > MOST_LOOKUPS {
                return Err(TooMuch::Types);
            }
        }
        self.before = tag;
        // The length counts itself; the driver refuses one that is less.
        self.rest = length.saturating_sub(HEADER - 1);
        Ok(())
    }
}

/// The stream itself, inside TLS where there is TLS.
pub(super) struct Guarded<S> {
    stream: S,
    meter: Meter,
    is_shut: bool,
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S) -> Self {
        Guarded { stream, meter: Meter::default(), is_shut: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let taken = self.meter.take(&buffer.filled()[before..]);
        Poll::Ready(taken.map_err(|refusal| io::Error::new(io::ErrorKind::InvalidData, refusal)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Waits until the server has closed, too: only then is there room for the next connection where few may be open.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.is_shut = true;
        }
        let mut bytes = [0; 256];
        loop {
            let mut ignored = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut ignored))?;
            if ignored.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: TlsStream + Unpin> TlsStream for Guarded<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// TLS with such a stream inside.
pub(super) struct GuardedTls<T>(pub(super) T);

impl<S, T> TlsConnect<S> for GuardedTls<T>
where
    T: TlsConnect<S>,
    T::Stream: Send,
    T::Future: Send + 'static,
{
    type Stream = Guarded<T::Stream>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Self::Error>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let handshake = self.0.connect(stream);
        Box::pin(async move { handshake.await.map(Guarded::new) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(tag: u8, length: u32, body: usize) -> Vec<u8> {
        let mut bytes = vec![tag];
        bytes.extend(length.to_be_bytes());
        bytes.resize(HEADER + body, 0);
        bytes
    }

    #[test]
    fn messages_are_measured_however_they_are_cut() {
        let messages = [message(b'Z', 5, 1), message(b'D', 1004, 1000), message(b'1', 4, 0)].concat();
        for piece in 1..=messages.len() {
            let mut meter = Meter::default();
            messages.chunks(piece).for_each(|bytes| meter.take(bytes).unwrap());
            assert_eq!((meter.rest, meter.in_header), (0, 0), "{piece}");
            assert_eq!(meter.beside_rows, 5 + 4 + 2 * OVERHEAD);
            assert!(matches!(meter.take(&message(b'R', 0x7fff_ffff, 0)), Err(TooMuch::InAMessage(_))));
        }
    }

    #[test]
    fn lengths_that_are_none_pass_to_the_driver() {
        for length in 0..4 {
            Meter::default().take(&message(b'R', length, 0)).unwrap();
        }
    }

    #[test]
    fn all_is_counted_and_what_is_no_row_counts_for_more() {
        let until_refused = |message: &[u8]| {
            let mut meter = Meter::default();
            loop {
                if let Err(refusal) = meter.take(message) {
                    return (refusal, meter.all);
                }
            }
        };
        let (refusal, all) = until_refused(&message(DATA_ROW, 1 << 20, (1 << 20) - 4));
        assert!(matches!(refusal, TooMuch::Altogether) && all > MOST_BYTES);
        let (refusal, all) = until_refused(&message(b'N', 4, 0));
        assert!(matches!(refusal, TooMuch::BesideRows) && all < MOST_BESIDE_ROWS / 8);
    }
}
