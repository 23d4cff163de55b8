//! One SMTP session (RFC 5321 §3, §4): takes each command in order, lets the script decide first, carries it out, answers.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::command::{self, Command};
use super::reply::Reply;
use super::wire::{IDLE, Line, Stream, Wire};
use super::{Server, auth};
use crate::catcher::Tls;
use crate::catcher::inbox::Envelope;
use crate::catcher::script::{Action, Event, Fault};

/// The most recipients of one message; RFC 5321 §4.5.3.1.8 asks for 100 at least.
const MAX_RECIPIENTS: usize = 1000;

const NO_MAIL: Reply = Reply::new(503, "5.5.1", "MAIL comes first");
const TOO_BIG: Reply = Reply::new(
    552,
    "5.3.4",
    "the message is larger than this catcher takes",
);
const OK: Reply = Reply::new(250, "2.0.0", "ok");

/// How a session goes on.
enum Next {
    Go,
    /// Send what is to be said, then close.
    Close,
    /// Close at once.
    Drop,
    /// Stay, and say nothing more.
    Hang,
}

struct Session {
    server: Arc<Server>,
    wire: Wire,
    encrypted: bool,
    greeted: bool,
    authenticated: bool,
    envelope: Option<Envelope>,
}

/// Serves one connection until it ends.
pub(super) async fn run(stream: TcpStream, server: Arc<Server>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (stream, encrypted): (Stream, bool) = match &server.tls {
        Some(Tls::Implicit(config)) => {
            let handshake = TlsAcceptor::from(Arc::clone(config)).accept(stream);
            (Box::new(timeout(IDLE, handshake).await??), true)
        }
        Some(Tls::StartTls(_)) | None => (Box::new(stream), false),
    };
    let mut session = Session {
        server,
        wire: Wire::new(stream),
        encrypted,
        greeted: false,
        authenticated: false,
        envelope: None,
    };
    let mut next = session.greet().await?;
    loop {
        next = match next {
            Next::Go => session.step().await?,
            Next::Close => return session.wire.close().await,
            Next::Drop => return session.wire.flush().await,
            Next::Hang => return session.wire.discard().await,
        };
    }
}

impl Session {
    async fn greet(&mut self) -> io::Result<Next> {
        let fault = self.server.decide(Event::Connect, &[]);
        let action = self.wait(fault).await?;
        if let Some(next) = self.refuse(&action, Event::Connect) {
            // A client that is refused at the door has nothing more to say (RFC 5321 §3.1).
            return Ok(match next {
                Next::Go if matches!(action, Action::Reply { .. }) => Next::Close,
                next => next,
            });
        }
        Ok(self.conclude(
            action,
            &Reply::plain(220, "localhost ESMTP catcher, keeps what it is sent"),
        ))
    }

    /// Takes one command.
    async fn step(&mut self) -> io::Result<Next> {
        let line = match self.wire.line().await? {
            Line::Text(line) => line,
            Line::TooLong => {
                return Ok(self.answer(&Reply::new(500, "5.5.2", "the line is too long")));
            }
            Line::NotCrlf => {
                return Ok(self.answer(&Reply::new(500, "5.5.2", "lines end in CRLF")));
            }
            Line::NotUtf8 => {
                return Ok(self.answer(&Reply::new(500, "5.5.2", "the line is not UTF-8")));
            }
            Line::End => return Ok(Next::Drop),
        };
        if !self.server.extensions.pipelining && self.wire.has_more() {
            return Ok(self.answer(&Reply::new(
                503,
                "5.5.0",
                "PIPELINING is not offered: wait for each answer",
            )));
        }
        let (event, command) = command::parse(&line, self.server.extensions);
        let recipients = match (&command, &self.envelope) {
            (Ok(Command::Rcpt { to }), _) => std::slice::from_ref(to),
            (_, Some(envelope)) => &envelope.recipients,
            _ => &[],
        };
        let fault = self.server.decide(event, recipients);
        let action = self.wait(fault).await?;
        if let Some(next) = self.refuse(&action, event) {
            return Ok(next);
        }
        let reply = match command {
            Ok(command) => self.carry_out(command).await?,
            Err(refusal) => refusal,
        };
        let code = reply.code;
        match (code, self.conclude(action, &reply)) {
            (354, Next::Go) => self.message().await,
            (220, Next::Go) => self.encrypt().await,
            (_, next) => Ok(next),
        }
    }

    /// Waits as long as the script says.
    async fn wait(&mut self, fault: Fault) -> io::Result<Action> {
        if !fault.delay.is_zero() {
            self.wire.flush().await?;
            sleep(fault.delay).await;
        }
        Ok(fault.action)
    }

    /// Makes the faults that leave undone what was asked.
    fn refuse(&mut self, action: &Action, event: Event) -> Option<Next> {
        match action {
            Action::Reply { code, text } => {
                let done = match event {
                    Event::Data => *code == 354,
                    _ => code / 100 == 2,
                };
                (!done).then(|| self.answer(&Reply::plain(*code, text.clone())))
            }
            Action::Raw(octets) => {
                self.wire.answers().extend_from_slice(octets);
                Some(Next::Go)
            }
            Action::Lose => Some(Next::Drop),
            Action::Pass | Action::Drop | Action::Hang => None,
        }
    }

    /// Answers what was done, unless the script has it otherwise.
    fn conclude(&mut self, action: Action, reply: &Reply) -> Next {
        match action {
            Action::Drop => Next::Drop,
            Action::Hang => Next::Hang,
            Action::Reply { code, text } if reply.is_positive() => {
                self.answer(&Reply::plain(code, text))
            }
            _ => self.answer(reply),
        }
    }

    fn answer(&mut self, reply: &Reply) -> Next {
        let enhanced = self.server.extensions.enhanced_status_codes;
        reply.write(enhanced, self.wire.answers());
        match reply.code {
            221 | 421 => Next::Close,
            _ => Next::Go,
        }
    }

    async fn carry_out(&mut self, command: Command) -> io::Result<Reply> {
        Ok(match command {
            Command::Helo => self.start_over(Reply::plain(250, "localhost")),
            Command::Ehlo => {
                let reply = Reply::plain(250, self.offer());
                self.start_over(reply)
            }
            Command::Rset => {
                self.envelope = None;
                OK
            }
            Command::Noop => OK,
            Command::Vrfy => Reply::new(252, "2.5.0", "send, and it will be kept"),
            Command::Quit => Reply::new(221, "2.0.0", "bye"),
            Command::StartTls => self.may_encrypt(),
            Command::Auth { mechanism, initial } => self.authenticate(&mechanism, initial).await?,
            Command::Mail {
                from,
                size,
                smtputf8,
            } => self.mail(from, size, smtputf8),
            Command::Rcpt { to } => self.rcpt(to),
            Command::Data => self.data(),
        })
    }

    fn start_over(&mut self, reply: Reply) -> Reply {
        self.greeted = true;
        self.envelope = None;
        reply
    }

    /// The lines of the answer to EHLO.
    fn offer(&self) -> String {
        let server = &self.server;
        let offers = server.extensions;
        let mut text = String::from("localhost");
        for (offered, line) in [
            (offers.pipelining, "\nPIPELINING"),
            (offers.eight_bit_mime, "\n8BITMIME"),
            (offers.smtputf8, "\nSMTPUTF8"),
            (offers.enhanced_status_codes, "\nENHANCEDSTATUSCODES"),
            (self.may_encrypt().is_positive(), "\nSTARTTLS"),
            (
                server.auth.is_some() && !self.needs_tls(),
                "\nAUTH PLAIN LOGIN",
            ),
        ] {
            text.push_str(if offered { line } else { "" });
        }
        if offers.size {
            let _ = write!(text, "\nSIZE {}", server.max_message_bytes); // a String takes any text
        }
        text
    }

    /// Whether this session could be encrypted and is not yet.
    fn needs_tls(&self) -> bool {
        matches!(self.server.tls, Some(Tls::StartTls(_))) && !self.encrypted
    }

    fn may_encrypt(&self) -> Reply {
        if self.needs_tls() {
            return Reply::new(220, "2.0.0", "begin");
        }
        Reply::new(502, "5.5.1", "STARTTLS is not offered")
    }

    async fn encrypt(&mut self) -> io::Result<Next> {
        let Some(Tls::StartTls(config)) = &self.server.tls else {
            return Ok(Next::Drop);
        };
        let acceptor = TlsAcceptor::from(Arc::clone(config));
        let plain = std::mem::replace(&mut self.wire, Wire::new(Box::new(tokio::io::empty())));
        let handshake = acceptor.accept(plain.into_stream().await?);
        self.wire = Wire::new(Box::new(timeout(IDLE, handshake).await??));
        self.encrypted = true;
        // What was said in clear counts no more (RFC 3207 §4.2).
        self.greeted = false;
        self.envelope = None;
        Ok(Next::Go)
    }

    async fn authenticate(
        &mut self,
        mechanism: &str,
        initial: Option<String>,
    ) -> io::Result<Reply> {
        let server = Arc::clone(&self.server);
        let Some(credentials) = &server.auth else {
            return Ok(Reply::new(502, "5.5.1", "AUTH is not offered"));
        };
        if self.needs_tls() {
            return Ok(Reply::new(538, "5.7.11", "STARTTLS comes first"));
        }
        if !self.greeted || self.authenticated || self.envelope.is_some() {
            return Ok(Reply::new(
                503,
                "5.5.1",
                "AUTH comes once, after EHLO and before MAIL",
            ));
        }
        let reply = auth::exchange(&mut self.wire, credentials, mechanism, initial).await?;
        self.authenticated = reply.is_positive();
        Ok(reply)
    }

    fn mail(&mut self, from: String, size: usize, smtputf8: bool) -> Reply {
        if !self.greeted {
            return Reply::new(503, "5.5.1", "EHLO comes first");
        }
        if self.server.auth.is_some() && !self.authenticated {
            return Reply::new(530, "5.7.0", "authentication is required");
        }
        if self.envelope.is_some() {
            return Reply::new(503, "5.5.1", "one MAIL at a time; RSET forgets it");
        }
        if size > self.server.max_message_bytes {
            return TOO_BIG;
        }
        self.envelope = Some(Envelope {
            from,
            recipients: Vec::new(),
            smtputf8,
        });
        Reply::new(250, "2.1.0", "sender ok")
    }

    fn rcpt(&mut self, to: String) -> Reply {
        let Some(envelope) = &mut self.envelope else {
            return NO_MAIL;
        };
        if !envelope.smtputf8 && !to.is_ascii() {
            return Reply::new(553, "5.6.7", "this recipient needs SMTPUTF8 at MAIL");
        }
        if envelope.recipients.len() >= MAX_RECIPIENTS {
            return Reply::new(452, "4.5.3", "too many recipients");
        }
        envelope.recipients.push(to);
        Reply::new(250, "2.1.5", "recipient ok")
    }

    fn data(&self) -> Reply {
        match &self.envelope {
            None => NO_MAIL,
            Some(envelope) if envelope.recipients.is_empty() => {
                Reply::new(554, "5.5.1", "no recipient was accepted")
            }
            Some(_) => Reply::plain(354, "go on, and end with a dot on a line of its own"),
        }
    }

    /// Takes the message that follows DATA.
    async fn message(&mut self) -> io::Result<Next> {
        let Some(envelope) = self.envelope.take() else {
            return Ok(self.answer(&NO_MAIL));
        };
        let limit = self.server.max_message_bytes;
        let Some(body) = self.wire.body(limit).await? else {
            return Ok(Next::Drop);
        };
        let fault = self.server.decide(Event::Dot, &envelope.recipients);
        let action = self.wait(fault).await?;
        if let Some(next) = self.refuse(&action, Event::Dot) {
            return Ok(next);
        }
        let reply = match body.into_message() {
            Some(raw) => {
                let id = self.server.inbox.keep(envelope, raw);
                Reply::with(250, "2.0.0", format!("kept as {id}"))
            }
            None => TOO_BIG,
        };
        Ok(self.conclude(action, &reply))
    }
}
