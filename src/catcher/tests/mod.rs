//! A client that speaks raw SMTP, so that the tests see every octet of the answers.

mod faults;
mod http;
mod script;
mod secure;
mod smtp;

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Catcher, CatcherConfig};

/// 2026-01-02 03:04:05 UTC.
const NOW_MS: i64 = 1_767_323_045_000;

fn config() -> CatcherConfig {
    CatcherConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)), || NOW_MS)
}

async fn start() -> Catcher {
    Catcher::start(config()).await.unwrap()
}

async fn scripted(script: &str) -> Catcher {
    let mut config = config();
    config.script = script.parse().unwrap();
    Catcher::start(config).await.unwrap()
}

struct Client<S = TcpStream> {
    stream: BufReader<S>,
}

impl Client {
    /// Connects and reads the greeting.
    async fn connect(catcher: &Catcher) -> (Self, String) {
        let mut client = Self::open(catcher).await;
        let greeting = client.reply().await;
        (client, greeting)
    }

    async fn open(catcher: &Catcher) -> Self {
        let stream = TcpStream::connect(catcher.smtp_addr()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }

    /// Connected and past EHLO.
    async fn greeted(catcher: &Catcher) -> Self {
        let (mut client, _) = Self::connect(catcher).await;
        client.ask("EHLO test").await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    fn over(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Reads one answer, its lines parted by line feeds; empty when the connection was closed.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            // A reset is an end as well.
            let _ = self.stream.read_line(&mut reply).await;
            let line = reply[start..].trim_end().to_owned();
            if line.as_bytes().get(3) != Some(&b'-') {
                return reply.replace("\r\n", "\n").trim_end().to_owned();
            }
        }
    }

    async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.reply().await
    }

    async fn ask_all<const N: usize>(&mut self, lines: [&str; N]) -> [String; N] {
        let mut replies = lines.map(|_| String::new());
        for (reply, line) in replies.iter_mut().zip(lines) {
            *reply = self.ask(line).await;
        }
        replies
    }

    /// Sends a message in five steps and returns the answer to the dot.
    async fn deliver(&mut self, to: &str, message: &str) -> String {
        self.ask("MAIL FROM:<list@news.example>").await;
        self.ask(&format!("RCPT TO:<{to}>")).await;
        self.ask("DATA").await;
        self.send(message).await;
        self.ask(".").await
    }

    /// Everything until the server closes.
    async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.stream.read_to_end(&mut rest).await;
        String::from_utf8(rest).unwrap()
    }
}
