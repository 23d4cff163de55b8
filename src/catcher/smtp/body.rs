//! Takes the transport off a message (RFC 5321 §4.5.2): removes stuffed dots and finds the end.
//!
//! Only CRLF `.` CRLF ends a message: a bare line feed or carriage return beside the dot does not (SMTP smuggling).

/// A message that is being received; beyond its limit it is only counted.
pub(super) struct Body {
    limit: usize,
    size: usize,
    kept: Vec<u8>,
    at: At,
}

#[derive(Clone, Copy)]
enum At {
    LineStart,
    /// After a dot at the start of a line.
    Dot,
    /// After that dot and a carriage return.
    DotCr,
    Middle,
    /// After a carriage return that was kept.
    Cr,
}

impl Body {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            size: 0,
            kept: Vec::new(),
            at: At::LineStart,
        }
    }

    /// Takes the next octets; at the end of the message, tells how many of them belong to it.
    pub fn push(&mut self, chunk: &[u8]) -> Option<usize> {
        let mut position = 0;
        while let Some(&octet) = chunk.get(position) {
            match (self.at, octet) {
                (At::DotCr, b'\n') => return Some(position + 1),
                (At::LineStart, b'.') => self.at = At::Dot,
                (At::Dot, b'\r') => self.at = At::DotCr,
                (At::DotCr, _) => {
                    // Not the end after all: the carriage return belongs to the message, and this octet is looked at again.
                    self.keep(b"\r");
                    self.at = At::Cr;
                    continue;
                }
                (At::Cr, b'\n') => {
                    self.keep(b"\n");
                    self.at = At::LineStart;
                }
                _ => {
                    let rest = &chunk[position..];
                    let end = rest.iter().position(|&octet| octet == b'\r');
                    let run = end.map_or(rest.len(), |at| at + 1);
                    self.keep(&rest[..run]);
                    self.at = if end.is_some() { At::Cr } else { At::Middle };
                    position += run;
                    continue;
                }
            }
            position += 1;
        }
        None
    }

    /// The message; none when it was larger than its limit.
    pub fn into_message(mut self) -> Option<Vec<u8>> {
        if self.size > self.limit {
            return None;
        }
        self.kept.shrink_to_fit();
        Some(self.kept)
    }

    fn keep(&mut self, octets: &[u8]) {
        self.size += octets.len();
        if self.size <= self.limit {
            self.kept.extend_from_slice(octets);
        } else {
            self.kept = Vec::new();
        }
    }
}
