//! A fast SMTP sink: its own process, so that its CPU time is not the client's. It parses what it must, answers what it must, and
//! counts. With a latency it answers each batch of input that much later, as a distant relay would.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Result;

/// What a sink is told on its command line: `sink LATENCY_MS PIPELINING`.
pub fn serve(arguments: &[String]) -> Result<()> {
    let latency = Duration::from_millis(arguments[0].parse()?);
    let pipelining = arguments[1] == "true";
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let taken = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&taken);
    // The parent closes standard input when it is done.
    std::thread::spawn(move || {
        let mut line = String::new();
        while std::io::stdin()
            .read_line(&mut line)
            .is_ok_and(|octets| octets > 0)
        {
            println!("{}", count.swap(0, Ordering::Relaxed));
            line.clear();
        }
        std::process::exit(0);
    });
    for connection in listener.incoming() {
        let (connection, taken) = (connection?, Arc::clone(&taken));
        std::thread::spawn(move || session(connection, latency, pipelining, &taken));
    }
    Ok(())
}

/// Where a session stands.
struct Session {
    in_message: bool,
    /// What of an unfinished line, or of the end of a message, is carried over.
    rest: Vec<u8>,
    replies: Vec<u8>,
    taken: u64,
    pipelining: bool,
    over: bool,
}

fn session(mut connection: TcpStream, latency: Duration, pipelining: bool, taken: &AtomicU64) {
    let _ = connection.set_nodelay(true);
    let mut session = Session {
        in_message: false,
        rest: Vec::new(),
        replies: Vec::new(),
        taken: 0,
        pipelining,
        over: false,
    };
    let mut buffer = vec![0; 256 * 1024];
    if connection.write_all(b"220 sink\r\n").is_err() {
        return;
    }
    while let Ok(octets) = connection.read(&mut buffer) {
        if octets == 0 {
            return;
        }
        session.take(&buffer[..octets]);
        taken.fetch_add(std::mem::take(&mut session.taken), Ordering::Relaxed);
        if session.replies.is_empty() {
            continue;
        }
        if !latency.is_zero() {
            std::thread::sleep(latency);
        }
        if connection.write_all(&session.replies).is_err() || session.over {
            return;
        }
        session.replies.clear();
    }
}

impl Session {
    fn take(&mut self, input: &[u8]) {
        const END: &[u8] = b"\r\n.\r\n";
        let mut input = input;
        let joined;
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(input);
            joined = std::mem::take(&mut self.rest);
            input = &joined;
        }
        while !input.is_empty() {
            if self.in_message {
                let Some(at) = find(input, END) else {
                    self.rest = input[input.len().saturating_sub(END.len() - 1)..].to_vec();
                    return;
                };
                input = &input[at + END.len()..];
                self.in_message = false;
                self.taken += 1;
                self.replies.extend_from_slice(b"250 2.0.0 ok\r\n");
            } else {
                let Some(at) = input.iter().position(|octet| *octet == b'\n') else {
                    self.rest = input.to_vec();
                    return;
                };
                self.command(&input[..at]);
                input = &input[at + 1..];
            }
        }
    }

    fn command(&mut self, line: &[u8]) {
        let reply: &[u8] = match line.first() {
            Some(b'E') if self.pipelining => {
                b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0\r\n"
            }
            Some(b'E') => b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0\r\n",
            Some(b'D') => {
                self.in_message = true;
                b"354 go\r\n"
            }
            Some(b'Q') => {
                self.over = true;
                b"221 bye\r\n"
            }
            _ => b"250 2.1.0 ok\r\n",
        };
        self.replies.extend_from_slice(reply);
    }
}

/// Where the end of a message begins: its dot is looked for, for bodies hold few, and in pieces, for a whole piece is searched faster
/// than octet by octet.
fn find(input: &[u8], end: &[u8]) -> Option<usize> {
    const PIECE: usize = 512;
    for (number, piece) in input.chunks(PIECE).enumerate() {
        if !piece.contains(&b'.') {
            continue;
        }
        let dots = piece
            .iter()
            .enumerate()
            .filter(|(_, octet)| **octet == b'.');
        for (dot, _) in dots {
            let at = number * PIECE + dot;
            if at >= 2 && input[at - 2..].starts_with(end) {
                return Some(at - 2);
            }
        }
    }
    None
}
