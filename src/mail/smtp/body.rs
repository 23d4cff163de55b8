//! A message as it goes over the wire after DATA (RFC 5321 §4.1.1.4, §4.5.2).

/// The message with CRLF line ends, its leading dots doubled, and the final dot, in one piece.
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
    wire.push_str(END);
    wire
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
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"),
            ("no line end", "no line end\r\n.\r\n"),
            ("bare\nlf\n", "bare\r\nlf\r\n.\r\n"),
            ("bare\rcr\r", "bare\r\ncr\r\n.\r\n"),
            (".\r\n..\r\na.b\r\n", "..\r\n...\r\na.b\r\n.\r\n"),
            ("x\n.\r\nMAIL", "x\r\n..\r\nMAIL\r\n.\r\n"),
            ("x\r.\r\nMAIL", "x\r\n..\r\nMAIL\r\n.\r\n"),
            ("x\n.\nMAIL", "x\r\n..\r\nMAIL\r\n.\r\n"),
            ("a\r\n\r\nb\r\n\r\n", "a\r\n\r\nb\r\n\r\n.\r\n"),
        ] {
            assert_eq!(encode(message), wire, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn x13_nothing_but_the_end_looks_like_the_end(message in "[a.\r\n]{0,40}") {
            let wire = encode(&message);
            prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']));
            let lines: Vec<_> = wire.split("\r\n").collect();
            prop_assert_eq!(lines.iter().position(|line| *line == "."), Some(lines.len() - 2));
        }
    }
}
