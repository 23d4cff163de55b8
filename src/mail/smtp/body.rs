//! A message as it goes over the wire after DATA (RFC 5321 §4.1.1.4, §4.5.2).

/// The message with CRLF line ends and its leading dots doubled, without the final dot.
///
/// A bare CR or LF becomes a line end: `\n.\r\n` or `\r.\r\n` inside a message would let a second mail be smuggled
/// past relays that take one for the end.
pub(super) fn encode(message: &str) -> String {
    let mut wire = String::with_capacity(message.len() + message.len() / 32 + 8);
    let lines = message.strip_suffix('\n').unwrap_or(message);
    for line in lines.split('\n') {
        for part in line.strip_suffix('\r').unwrap_or(line).split('\r') {
            if part.starts_with('.') {
                wire.push('.');
            }
            wire.push_str(part);
            wire.push_str("\r\n");
        }
    }
    wire
}

/// A message that is ready for the wire as it was before its leading dots were doubled.
pub(in crate::mail) fn decode(wire: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(wire.len());
    for line in wire.split_inclusive(|octet| *octet == b'\n') {
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    message
}

/// The final dot, after a line end.
pub(super) const END: &str = ".\r\n";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn x13_lines_end_in_crlf_and_leading_dots_are_doubled() {
        for (message, wire) in [
            ("a\r\nb\r\n", "a\r\nb\r\n"),
            ("no line end", "no line end\r\n"),
            ("bare\nlf\n", "bare\r\nlf\r\n"),
            ("bare\rcr\r", "bare\r\ncr\r\n"),
            (".\r\n..\r\na.b\r\n", "..\r\n...\r\na.b\r\n"),
            ("x\n.\r\nMAIL", "x\r\n..\r\nMAIL\r\n"),
            ("x\r.\r\nMAIL", "x\r\n..\r\nMAIL\r\n"),
            ("x\n.\nMAIL", "x\r\n..\r\nMAIL\r\n"),
            ("a\r\n\r\nb\r\n\r\n", "a\r\n\r\nb\r\n\r\n"),
        ] {
            assert_eq!(encode(message), wire, "{message:?}");
            let whole = wire.replace("\r\n..", "\r\n.");
            let whole = whole
                .strip_prefix("..")
                .map_or(whole.clone(), |rest| format!(".{rest}"));
            assert_eq!(decode(wire.as_bytes()), whole.as_bytes(), "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn x13_nothing_but_the_end_looks_like_the_end(message in "[a.\r\n]{0,40}") {
            let wire = encode(&message) + END;
            prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']));
            let lines: Vec<_> = wire.split("\r\n").collect();
            prop_assert_eq!(lines.iter().position(|line| *line == "."), Some(lines.len() - 2));
        }
    }
}
