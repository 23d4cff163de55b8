//! The socket under lettre's client: it counts what left, and keeps STARTTLS honest.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The first octet of a TLS handshake record; no SMTP command starts with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Tells how much left a [`Wire`] that lettre's client owns.
#[derive(Debug, Default)]
pub(super) struct Tap(AtomicU64);

impl Tap {
    /// How many octets the kernel has taken: of the text itself, or of its cipher when the connection is encrypted.
    pub(super) fn written(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A TCP connection with its [`Tap`].
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    tap: Arc<Tap>,
    /// Before STARTTLS reads give one octet at a time. lettre's reader buffers ahead, and what somebody put behind the
    /// relay's "220 go ahead" in clear would be taken for replies under TLS; so it must never be in that buffer.
    narrow: bool,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream, before_starttls: bool) -> (Self, Arc<Tap>) {
        let tap = Arc::new(Tap::default());
        let wire = Self {
            tcp,
            tap: Arc::clone(&tap),
            narrow: before_starttls,
        };
        (wire, tap)
    }

    fn sending(&mut self, octets: &[u8]) {
        if octets.first() == Some(&TLS_HANDSHAKE) {
            self.narrow = false;
        }
    }

    fn sent(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = result {
            self.tap.0.fetch_add(count as u64, Relaxed);
        }
        result
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.narrow {
            return Pin::new(&mut self.tcp).poll_read(cx, buf);
        }
        let mut octet = [0];
        let mut one = ReadBuf::new(&mut octet);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut one))?;
        buf.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.sending(buf);
        let result = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.sent(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.sending(bufs.first().map_or(&[], |first| first));
        let result = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.sent(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}

/// A [`Wire`] that was encrypted from the start, in the shape that lettre's client takes.
#[derive(Debug)]
pub(super) struct Encrypted(pub(super) TlsStream<Wire>);

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}
