//! The octets of one session: lines and message bodies in, answers out.
//!
//! Answers are sent together when there is nothing left to read, so that a pipelined batch costs one packet (RFC 2920 §3.2).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::body::Body;

/// How long a silent client is borne with (RFC 5321 §4.5.3.2.7).
pub(super) const IDLE: Duration = Duration::from_mins(5);

/// How long a closed session still reads, so that its last answer is not lost to a reset.
const LINGER: Duration = Duration::from_secs(1);

/// The longest line outside messages, its end included: what RFC 4954 §4 asks for AUTH, well over the 512 octets of other commands.
const MAX_LINE: usize = 12_288;

const READ_BUFFER: usize = 16 * 1024;

/// A connection, encrypted or not.
pub(super) type Stream = Box<dyn Duplex>;

pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// What a client sent as a line.
pub(super) enum Line {
    Text(String),
    TooLong,
    /// It did not end in CRLF.
    NotCrlf,
    NotUtf8,
    /// The client is gone.
    End,
}

pub(super) struct Wire {
    stream: BufReader<Stream>,
    answers: Vec<u8>,
}

impl Wire {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream: BufReader::with_capacity(READ_BUFFER, stream),
            answers: Vec::new(),
        }
    }

    /// Where answers are written; they leave before the next octet is waited for.
    pub fn answers(&mut self) -> &mut Vec<u8> {
        &mut self.answers
    }

    /// Whether the client already sent more than was read.
    pub fn has_more(&self) -> bool {
        !self.stream.buffer().is_empty()
    }

    pub async fn flush(&mut self) -> io::Result<()> {
        if self.answers.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.answers).await?;
        self.answers.clear();
        self.stream.flush().await
    }

    /// Reads one line.
    pub async fn line(&mut self) -> io::Result<Line> {
        let mut line = Vec::new();
        loop {
            let chunk = self.fill().await?;
            if chunk.is_empty() {
                return Ok(Line::End);
            }
            let end = chunk.iter().position(|&octet| octet == b'\n');
            let taken = end.map_or(chunk.len(), |at| at + 1);
            // One octet over the limit is enough to know that the line is too long.
            let kept = taken.min(MAX_LINE + 1 - line.len());
            line.extend_from_slice(&chunk[..kept]);
            self.stream.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if line.len() > MAX_LINE {
            return Ok(Line::TooLong);
        }
        if !line.ends_with(b"\r\n") {
            return Ok(Line::NotCrlf);
        }
        line.truncate(line.len() - 2);
        Ok(String::from_utf8(line).map_or(Line::NotUtf8, Line::Text))
    }

    /// Reads a message up to its final dot; none when the client left before it.
    pub async fn body(&mut self, limit: usize) -> io::Result<Option<Body>> {
        let mut body = Body::new(limit);
        loop {
            let chunk = self.fill().await?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let end = body.push(chunk);
            let taken = end.unwrap_or(chunk.len());
            self.stream.consume(taken);
            if end.is_some() {
                return Ok(Some(body));
            }
        }
    }

    /// Gives back the connection, for TLS to begin on it. What was read ahead is forgotten: it was not encrypted
    /// (RFC 3207 §4.2).
    pub async fn into_stream(mut self) -> io::Result<Stream> {
        self.flush().await?;
        Ok(self.stream.into_inner())
    }

    /// Sends the last answer and closes so that it arrives.
    pub async fn close(mut self) -> io::Result<()> {
        self.flush().await?;
        self.stream.shutdown().await?;
        timeout(LINGER, self.discard()).await.unwrap_or(Ok(()))
    }

    /// Reads, and answers nothing, until the client leaves.
    pub async fn discard(&mut self) -> io::Result<()> {
        self.flush().await?;
        loop {
            let length = self.stream.fill_buf().await?.len();
            if length == 0 {
                return Ok(());
            }
            self.stream.consume(length);
        }
    }

    /// What can be read now, or the next that comes; empty at the end.
    async fn fill(&mut self) -> io::Result<&[u8]> {
        if self.stream.buffer().is_empty() {
            self.flush().await?;
            timeout(IDLE, self.stream.fill_buf()).await??;
        }
        Ok(self.stream.buffer())
    }
}
