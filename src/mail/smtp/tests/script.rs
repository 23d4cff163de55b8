//! A server that hears and says exactly what its script has, so that a test knows what was on the wire before an answer.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::encrypted::Identity;

/// One thing that the server does. After the last one it closes the connection.
#[derive(Debug, Clone)]
pub(super) enum Line {
    /// Reads until what came ends so.
    Hear(&'static str),
    Say(String),
    /// Says it one octet at a time.
    Dribble(String),
    /// From here on under TLS.
    Encrypt,
    /// Neither reads nor writes again.
    Hang,
}

pub(super) use Line::{Dribble, Encrypt, Hang, Hear};

pub(super) fn say(text: &str) -> Line {
    Line::Say(text.to_owned())
}

/// Replies, each with its line end.
pub(super) fn replies(replies: &[&str]) -> String {
    replies.iter().map(|reply| format!("{reply}\r\n")).collect()
}

/// What one [`Hear`] heard, piece by piece as it was read.
pub(super) type Pieces = Vec<String>;

pub(super) struct Scripted {
    pub(super) port: u16,
    heard: JoinHandle<Vec<Pieces>>,
}

impl Scripted {
    /// Plays one script for each connection, one after the other.
    pub(super) async fn start(scripts: Vec<Vec<Line>>, identity: Option<&Identity>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls = identity.map(|identity| TlsAcceptor::from(Arc::new(identity.server())));
        let heard = tokio::spawn(async move {
            let mut heard = Vec::new();
            for script in scripts {
                let (tcp, _) = listener.accept().await.unwrap();
                tcp.set_nodelay(true).unwrap();
                heard.extend(play(Box::new(tcp), script, tls.as_ref()).await);
            }
            heard
        });
        Self { port, heard }
    }

    /// All that was heard, when the scripts are through.
    pub(super) async fn heard(self) -> Vec<Pieces> {
        self.heard.await.unwrap()
    }
}

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

async fn play(
    mut stream: Box<dyn Duplex>,
    script: Vec<Line>,
    tls: Option<&TlsAcceptor>,
) -> Vec<Pieces> {
    let mut heard = Vec::new();
    for line in script {
        match line {
            Line::Hear(end) => heard.push(hear(&mut stream, end).await),
            Line::Say(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
            Line::Dribble(text) => {
                for octet in text.bytes() {
                    stream.write_all(&[octet]).await.unwrap();
                    stream.flush().await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
            Line::Encrypt => stream = Box::new(tls.unwrap().accept(stream).await.unwrap()),
            // Held open beside the connections that follow.
            Line::Hang => {
                tokio::spawn(async move {
                    let _stream = stream;
                    std::future::pending::<()>().await;
                });
                return heard;
            }
        }
    }
    heard
}

async fn hear(stream: &mut Box<dyn Duplex>, end: &str) -> Pieces {
    let mut pieces = Pieces::new();
    let mut buffer = vec![0; 64 << 10];
    while !pieces.concat().ends_with(end) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed before {end:?}, after {pieces:?}");
        pieces.push(String::from_utf8(buffer[..count].to_vec()).unwrap());
    }
    pieces
}
