//! A relay that does its worst at every step, and what we make of it (S1–S5, S8, S10–S12, S17, L4–L6).

mod connecting;
mod encrypted;
mod pipelining;
mod replies;
mod script;
mod sending;
mod server;

use std::time::Duration;

use encrypted::Identity;
use script::{Dribble, Encrypt, Hang, Hear, Line, Scripted, replies, say};
use server::{Act, Faults, Server};

use super::*;
use crate::domain::delivery::Outcome;

const FROM: &str = "bounces@example.org";
const TO: &str = "reader@example.net";
const MESSAGE: &[u8] = b"Subject: x\r\n\r\nhello\r\n";

const REFUSED_NOW: Act = Act::Say("451 4.3.0 later");
const REFUSED: Act = Act::Say("550 5.1.1 no");
const CLOSING: Act = Act::Say("421 4.3.2 closing");
const GARBAGE: Act = Act::Say("hello there");

/// What a relay says to EHLO that lets several commands come in one go.
const PIPELINING: Act = Act::Say("250-relay.test\r\n250 PIPELINING");

const STUCK: [Act; 2] = [Act::SayThenDrop("354 go"), Act::SayThenHang("354 go")];

/// More than the buffers of both sockets hold, so its final dot cannot leave while nobody reads.
fn endless() -> Vec<u8> {
    b"aaaaaa\r\n".repeat(3 << 20)
}

fn relay(port: u16) -> Relay {
    Relay {
        host: "127.0.0.1".to_owned(),
        port,
        tls: TlsMode::None,
        credentials: None,
        helo: "nashra.test".to_owned(),
        timeouts: Timeouts::default(),
        ca_file: None,
    }
}

/// Short enough to wait for, long enough for a busy machine to answer in.
fn impatient() -> Timeouts {
    let limit = Duration::from_millis(700);
    Timeouts {
        connect: limit,
        greeting: limit,
        command: limit,
        data_init: limit,
        data_block: limit,
        final_dot: limit,
        quit: limit,
    }
}

async fn connect(relay: Relay) -> Result<Connection, ConnectError> {
    Connector::new(relay).unwrap().connect().await
}

async fn session(faults: Faults) -> (Connection, Server) {
    let server = Server::start(faults).await;
    let connection = connect(relay(server.port)).await.unwrap();
    (connection, server)
}

fn told(error: &ConnectError) -> String {
    match error {
        ConnectError::Refused { step, code, .. } => format!("refused {code} at {step}"),
        ConnectError::Timeout { step, .. } => format!("timeout at {step}"),
        ConnectError::Lost { step, .. } => format!("lost at {step}"),
        ConnectError::Garbage { step, .. } => format!("garbage at {step}"),
        other => other.to_string(),
    }
}

fn became(outcome: &Outcome) -> String {
    let code = |code: &Option<u16>| code.map_or("-".to_owned(), |code| code.to_string());
    match outcome {
        Outcome::Sent { .. } => "sent".to_owned(),
        Outcome::Retry { code: c, .. } => format!("retry {}", code(c)),
        Outcome::Failed { code: c, .. } => format!("failed {}", code(c)),
        Outcome::SenderRefused { code, .. } => format!("sender refused {code}"),
        Outcome::Unknown { .. } => "unknown".to_owned(),
    }
}
