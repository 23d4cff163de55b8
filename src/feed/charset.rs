//! Bytes to text: byte order mark, else what HTTP says, else what the XML declaration says, else UTF-8 (RFC 7303 §3).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The text of a feed, without its byte order mark.
///
/// Labels lie: bytes that are UTF-8 beyond chance are read as UTF-8, and a label that does not fit the bytes gives way
/// to the next one. Only when none fits are bytes replaced.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(body).0.into_owned();
    }
    if !bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let candidates: Vec<&'static Encoding> = [
        utf16_without_mark(bytes),
        content_type.and_then(http_charset),
        declared(bytes),
        Some(UTF_8),
    ]
    .into_iter()
    .flatten()
    .collect();
    candidates
        .iter()
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes))
        .unwrap_or_else(|| {
            let first = candidates.first().copied().unwrap_or(UTF_8);
            first.decode_without_bom_handling(bytes).0
        })
        .into_owned()
}

/// An XML or JSON document begins with an ASCII character.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, b'<' | b'{', ..] => Some(UTF_16BE),
        [b'<' | b'{', 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    let (_, label) = content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    ascii_compatible(label.trim().trim_matches('"').as_bytes())
}

/// The encoding of `<?xml version="1.0" encoding="windows-1256"?>`.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(256))?;
    let head: String = head.iter().copied().map(char::from).collect();
    let declaration = head.trim_start().strip_prefix("<?xml")?;
    let (declaration, _) = declaration.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let label = value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
    ascii_compatible(label.as_bytes())
}

/// UTF-16 shows in the bytes; a label that says so without them is wrong.
fn ascii_compatible(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label).filter(|encoding| encoding.is_ascii_compatible())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARABIC: &str = "<t>نشرة الأسبوع</t>";

    fn in_1256(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1256.encode(text).0.into_owned()
    }

    #[test]
    fn x5_windows_1256_by_declaration_or_by_http() {
        let declared = format!("<?xml version=\"1.0\" encoding='windows-1256'?>{ARABIC}");
        assert_eq!(decode(&in_1256(&declared), Some("text/xml")), declared);
        let bare = in_1256(ARABIC);
        assert_eq!(
            decode(&bare, Some("text/xml; charset=\"Windows-1256\"")),
            ARABIC
        );
    }

    #[test]
    fn x5_utf_16_with_and_without_a_mark() {
        let little: Vec<u8> = ARABIC.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = ARABIC.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, None), ARABIC);
        assert_eq!(decode(&big, None), ARABIC);
        assert_eq!(decode(&[&[0xff, 0xfe][..], &little].concat(), None), ARABIC);
        assert_eq!(
            decode(
                &[&[0xfe, 0xff][..], &big].concat(),
                Some("text/xml; charset=utf-8")
            ),
            ARABIC
        );
    }

    #[test]
    fn wrong_labels_give_way_to_the_bytes() {
        assert_eq!(
            decode(ARABIC.as_bytes(), Some("text/xml; charset=iso-8859-1")),
            ARABIC
        );
        let declared = format!("<?xml version=\"1.0\" encoding=\"windows-1256\"?>{ARABIC}");
        assert_eq!(
            decode(&in_1256(&declared), Some("text/xml; charset=utf-8")),
            declared
        );
        assert_eq!(
            decode(
                b"<?xml encoding=\"utf-16\"?><t>a</t>",
                Some("x; charset=nonsense")
            ),
            "<?xml encoding=\"utf-16\"?><t>a</t>"
        );
        assert_eq!(decode(b"a\xffb", None), "a\u{fffd}b");
    }
}
