//! A relay's replies, out of one bounded buffer: however they were split or glued together on the way (RFC 5321 §4.2).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use super::fault::{Fault, tidy};

/// Eight times what RFC 5321 §4.5.3.1.5 allows: some relays tell stories. What goes on after that is passed over.
const LINE: usize = 4096;
const LINES: usize = 100;
const OCTETS: usize = 64 << 10;

/// A whole reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// What stands behind the code, line by line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Itself, if its code starts with `class`.
    pub(super) fn expect(self, class: u16) -> Result<Self, Fault> {
        let Self { code, .. } = self;
        if code / 100 == class {
            return Ok(self);
        }
        let text = self.text();
        Err(if code < 400 {
            Fault::Garbage(format!("{code} {text}"))
        } else {
            Fault::Refused { code, text }
        })
    }

    /// Its text in one line. An enhanced code that each line repeats is said once (RFC 2034 §4).
    pub(super) fn text(&self) -> String {
        let Some((first, more)) = self.lines.split_first() else {
            return String::new();
        };
        let repeated = first.split(' ').next().filter(|word| is_enhanced(word));
        let mut text = first.clone();
        for line in more {
            let rest = repeated
                .and_then(|code| line.strip_prefix(code))
                .and_then(|rest| rest.strip_prefix(' '));
            text.push(' ');
            text.push_str(rest.unwrap_or(line));
        }
        tidy(&text)
    }
}

fn is_enhanced(word: &str) -> bool {
    let parts: Vec<_> = word.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_digit())
        })
}

/// What a relay has said and nobody has read yet.
pub(super) struct Replies {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// A reply whose last line has not come.
    begun: Option<Reply>,
    octets: usize,
}

impl Replies {
    pub(super) fn new() -> Self {
        Self {
            buffer: vec![0; 2 * LINE].into_boxed_slice(),
            start: 0,
            end: 0,
            begun: None,
            octets: 0,
        }
    }

    /// Whether nothing is left of what was said.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end && self.begun.is_none()
    }

    /// Reads on. There is room for it when [`next`](Self::next) has just found no whole reply.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Poll<io::Result<()>> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let mut room = ReadBuf::new(&mut self.buffer[self.end..]);
        ready!(Pin::new(stream).poll_read(cx, &mut room))?;
        let count = room.filled().len();
        self.end += count;
        Poll::Ready(if count > 0 {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        })
    }

    /// The next whole reply, if it has come.
    pub(super) fn next(&mut self) -> Result<Option<Reply>, Fault> {
        loop {
            let rest = &self.buffer[self.start..self.end];
            let end = rest.iter().position(|octet| *octet == b'\n');
            let Some(length) = end else {
                return self.cut_short().map(|()| None);
            };
            let line = Line::parse(&rest[..length])?;
            self.start += length + 1;
            if self.add(line)? {
                self.octets = 0;
                return Ok(self.begun.take());
            }
        }
    }

    /// Makes room for the end of a line: its code counts, and nobody reads more than the beginning of such a text.
    fn cut_short(&mut self) -> Result<(), Fault> {
        let length = self.end - self.start;
        if length > LINE {
            Line::parse(&self.buffer[self.start..self.end])?;
            self.octets += length - LINE;
            self.end = self.start + LINE;
        }
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Fault> {
        if self.octets > OCTETS {
            return Err(Fault::Garbage("a reply without an end".to_owned()));
        }
        Ok(())
    }

    /// Adds a line to the reply that is coming in; whether it was the last.
    fn add(&mut self, line: Line) -> Result<bool, Fault> {
        let code = line.code;
        let reply = self.begun.get_or_insert_with(|| Reply {
            code,
            lines: Vec::new(),
        });
        if reply.code != code {
            let reason = format!("{} and {code} in one reply", reply.code);
            return Err(Fault::Garbage(reason));
        }
        self.octets += line.text.len();
        reply.lines.push(line.text);
        if reply.lines.len() > LINES {
            return Err(Fault::Garbage(format!(
                "a reply of more than {LINES} lines"
            )));
        }
        self.bounded().map(|()| line.last)
    }
}

/// One line of a reply.
struct Line {
    code: u16,
    last: bool,
    text: String,
}

impl Line {
    fn parse(line: &[u8]) -> Result<Self, Fault> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (code, rest) = line
            .split_first_chunk::<3>()
            .and_then(|(code, rest)| Some((number(*code)?, rest)))
            .ok_or_else(|| no_reply(line))?;
        let last = match rest.first() {
            None | Some(b' ') => true,
            Some(b'-') => false,
            Some(_) => return Err(no_reply(line)),
        };
        let text = rest.get(1..).unwrap_or_default();
        Ok(Self {
            code,
            last,
            text: String::from_utf8_lossy(text).into_owned(),
        })
    }
}

/// The code that three digits make, if SMTP has such.
fn number(digits: [u8; 3]) -> Option<u16> {
    let known = matches!(digits[0], b'2'..=b'5') && digits.iter().all(u8::is_ascii_digit);
    known.then(|| {
        digits
            .iter()
            .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))
    })
}

fn no_reply(line: &[u8]) -> Fault {
    std::str::from_utf8(line).map_or_else(
        |_| Fault::not_text(),
        |line| Fault::Garbage(format!("no reply code in \"{}\"", tidy(line))),
    )
}
