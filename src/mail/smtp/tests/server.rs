//! A well-behaved SMTP server for one connection, which does something else where it is told to.

use std::net::Ipv4Addr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the server does in place of its usual reply.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Say(&'static str),
    SayThenDrop(&'static str),
    SayThenHang(&'static str),
    Drop,
    /// Neither reads nor writes again.
    Hang,
}

/// Each fault replaces the reply to the first command that starts so; "" is the greeting and "." the final dot.
pub(super) type Faults = Vec<(&'static str, Act)>;

pub(super) struct Server {
    pub(super) port: u16,
    heard: JoinHandle<Vec<String>>,
}

impl Server {
    pub(super) async fn start(faults: Faults) -> Self {
        Self::listen(faults, None).await
    }

    pub(super) async fn start_tls(faults: Faults, tls: ServerConfig) -> Self {
        Self::listen(faults, Some(TlsAcceptor::from(Arc::new(tls)))).await
    }

    async fn listen(faults: Faults, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            tcp.set_nodelay(true).unwrap();
            match tls {
                None => play(tcp, faults).await,
                Some(tls) => match tls.accept(tcp).await {
                    Ok(stream) => play(stream, faults).await,
                    Err(_) => Vec::new(),
                },
            }
        });
        Self { port, heard }
    }

    /// All commands and messages, when the connection is over.
    pub(super) async fn heard(self) -> Vec<String> {
        self.heard.await.unwrap()
    }
}

async fn play(stream: impl AsyncRead + AsyncWrite + Unpin, mut faults: Faults) -> Vec<String> {
    let mut stream = BufReader::new(stream);
    let mut heard = Vec::new();
    let mut command = String::new();
    let mut step = "";
    loop {
        let fault = faults
            .iter()
            .position(|(at, _)| *at == step || (!at.is_empty() && command.starts_with(at)));
        let act = fault.map_or_else(
            || Act::Say(usual_reply(step, &command)),
            |index| faults.remove(index).1,
        );
        let reply = match act {
            Act::Say(reply) | Act::SayThenDrop(reply) | Act::SayThenHang(reply) => reply,
            Act::Drop => return heard,
            Act::Hang => std::future::pending().await,
        };
        let line = format!("{reply}\r\n");
        if stream.write_all(line.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return heard;
        }
        match act {
            Act::SayThenDrop(_) => return heard,
            Act::SayThenHang(_) => std::future::pending().await,
            _ => {}
        }
        step = if reply.starts_with("354") {
            "."
        } else {
            "command"
        };
        command = match read(&mut stream, step == ".").await {
            Some(text) => text,
            None => return heard,
        };
        heard.push(command.clone());
        if step == "." {
            command = ".".to_owned();
        }
    }
}

fn usual_reply(step: &str, command: &str) -> &'static str {
    match (step, command.get(..4).unwrap_or(command)) {
        ("", _) => "220 relay.test ready",
        (".", _) => "250 2.0.0 queued as 42",
        (_, "DATA") => "354 go ahead",
        (_, "QUIT") => "221 bye",
        _ => "250 ok",
    }
}

/// One line without its end, or a whole message as it came.
async fn read(stream: &mut (impl AsyncBufReadExt + Unpin), message: bool) -> Option<String> {
    let mut text = String::new();
    loop {
        let from = text.len();
        if stream.read_line(&mut text).await.unwrap_or(0) == 0 {
            return None;
        }
        if !message {
            return Some(text.trim_end().to_owned());
        }
        if &text[from..] == ".\r\n" {
            return Some(text);
        }
    }
}
