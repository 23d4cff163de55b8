//! The wire to a relay: octets go out and replies come in at the same time, each within its time (RFC 5321 §4.5.3.2).

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite as _;
use tokio::time::timeout;

use super::fault::Fault;
use super::reply::{Replies, Reply};
use super::stream::Stream;

/// What goes out in one piece: a message, if there is one, and the commands behind it.
pub(super) type Out<'a> = [&'a [u8]; 2];

/// A stream to a relay with the replies that came over it.
pub(super) struct Wire {
    stream: Stream,
    replies: Replies,
    /// How long the relay may take none of what goes out.
    block: Duration,
    /// How much of what goes out the socket has taken, or TLS in front of it.
    taken: usize,
    /// Nothing is left to go out, or the relay takes no more of it.
    quiet: bool,
}

impl Wire {
    pub(super) fn new(stream: Stream, block: Duration) -> Self {
        Self {
            stream,
            replies: Replies::new(),
            block,
            taken: 0,
            quiet: true,
        }
    }

    /// The stream alone, if nothing came over it that is not read yet.
    pub(super) fn into_stream(self) -> Option<Stream> {
        self.replies.is_empty().then_some(self.stream)
    }

    /// The stream, to look at.
    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// How much of what [began](Self::begin) last has left.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// Something new goes out with the next [`reply`](Self::reply).
    pub(super) fn begin(&mut self) {
        self.taken = 0;
        self.quiet = false;
    }

    /// Sends one command and reads its reply.
    pub(super) async fn command(&mut self, command: &str, limit: Duration) -> Result<Reply, Fault> {
        self.begin();
        self.reply([command.as_bytes(), b""], limit).await
    }

    /// Reads the next reply, once what is left of `out` has gone out; or sooner, when the relay answers sooner.
    pub(super) async fn reply(&mut self, out: Out<'_>, limit: Duration) -> Result<Reply, Fault> {
        loop {
            if let Some(reply) = self.replies.next()? {
                return Ok(reply);
            }
            if self.quiet {
                return within(limit, self.whole_reply()).await;
            }
            within(self.block, poll_fn(|cx| self.poll_move(cx, out))).await?;
        }
    }

    /// What the relay said, or that it left, although nobody had asked.
    pub(super) async fn unasked(&mut self) -> Result<(), Fault> {
        if self.replies.is_empty() {
            let heard = poll_fn(|cx| Poll::Ready(self.poll_hear(cx))).await;
            match heard {
                Poll::Pending => return Ok(()),
                Poll::Ready(heard) => heard?,
            }
        }
        Err(match self.replies.next()? {
            Some(reply) if reply.code == 421 => Fault::Refused {
                code: reply.code,
                text: reply.text(),
            },
            Some(reply) => Fault::Garbage(format!("{} {}, unasked", reply.code, reply.text())),
            None => Fault::Garbage("half a reply, unasked".to_owned()),
        })
    }

    async fn whole_reply(&mut self) -> Result<Reply, Fault> {
        loop {
            poll_fn(|cx| self.poll_hear(cx)).await?;
            if let Some(reply) = self.replies.next()? {
                return Ok(reply);
            }
        }
    }

    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.replies
            .poll_read(cx, &mut self.stream)
            .map_err(Fault::from)
    }

    /// Sends what the relay takes; when it takes nothing, hears what it says.
    fn poll_move(&mut self, cx: &mut Context<'_>, out: Out<'_>) -> Poll<Result<(), Fault>> {
        match self.poll_send(cx, out) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            // It may have said why before it closed: that is still to be read.
            Poll::Ready(Err(_)) => {
                self.quiet = true;
                Poll::Ready(Ok(()))
            }
            Poll::Pending => self.poll_hear(cx),
        }
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        [first, second]: Out<'_>,
    ) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        let behind = self.taken.saturating_sub(first.len());
        let left = [
            IoSlice::new(first.get(self.taken..).unwrap_or_default()),
            IoSlice::new(&second[behind..]),
        ];
        if left.iter().all(|part| part.is_empty()) {
            ready!(stream.poll_flush(cx))?;
            self.quiet = true;
            return Poll::Ready(Ok(()));
        }
        let count = ready!(stream.as_mut().poll_write_vectored(cx, &left))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.taken += count;
        Poll::Ready(Ok(()))
    }
}

/// Waits for `work`, at most `limit`.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(Fault::Silent(limit)),
    }
}
