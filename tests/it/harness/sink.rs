//! Postfix's `smtp-sink`: a relay that is not ours and fails as it is told. `TEST_SMTP_SINK` names the program.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::LIMIT;
use super::process::{Program, Running};

/// Where Debian's package `postfix` puts it.
const DEBIAN: &str = "/usr/sbin/smtp-sink";

/// A running smtp-sink. It is stopped when this value goes.
pub struct Sink {
    /// The port it takes mail at.
    pub port: u16,
    _process: Running,
}

impl Sink {
    /// Starts one with these options, when it is installed.
    pub async fn start(options: &[&str]) -> Option<Self> {
        let path = super::variable("TEST_SMTP_SINK").unwrap_or_else(|| DEBIAN.to_owned());
        if !Path::new(&path).exists() {
            super::skip(
                "smtp-sink",
                "it is not installed (Debian's package postfix)",
            );
            return None;
        }
        // It cannot choose its own port, and a port that was free a moment ago may be taken: then it ends, and we try again.
        for _ in 0..5 {
            let port = free_port();
            let place = format!("127.0.0.1:{port}");
            // Root's privileges are given up, as it demands; another user has none to give.
            let mut arguments = if is_root() {
                vec!["-u", "nobody"]
            } else {
                vec![]
            };
            arguments.extend(options);
            arguments.extend([place.as_str(), "100"]);
            let process = Program::new(&path, arguments).spawn();
            if listens(&process, port).await {
                return Some(Self {
                    port,
                    _process: process,
                });
            }
        }
        panic!("smtp-sink does not start");
    }
}

/// Waits until it takes connections: it does not say so. False: it ended.
async fn listens(process: &Running, port: u16) -> bool {
    let end = Instant::now() + LIMIT;
    while Instant::now() < end {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        if process.output().stderr.contains("fatal") {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// A port that is free now, and not one of those that the system gives to whoever asks for any.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % 100;
        let port = 10_000 + (std::process::id() % 200) as u16 * 100 + number;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // What this process makes belongs to its user.
    std::fs::metadata(tempfile::tempdir().unwrap().path())
        .unwrap()
        .uid()
        == 0
}
