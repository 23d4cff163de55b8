//! Text from outside made fit for a mail: normalised, without the characters that break headers, hide words or turn lines round.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// A name is cut here.
const NAME_CHARS: usize = 100;

/// NFC without control characters, byte order marks and noncharacters of old encodings (M16); line ends stay.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let plain = |octet: u8| matches!(octet, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let kept = text.nfc().filter(|letter| {
        matches!(letter, '\n' | '\r' | '\t') || !(letter.is_control() || *letter == '\u{feff}')
    });
    Cow::Owned(kept.collect())
}

/// `clean`, on one line: nothing that becomes a header may end it (X1).
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in clean(text).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// A reader's name as a greeting takes it: one line of at most 100 characters that leaves the words after it in order (M17).
pub(super) fn name(text: &str) -> String {
    // Enough to see that it is too long: the rest of a name of ten thousand characters is not looked at.
    let kept: String = text
        .chars()
        .filter(|letter| !turns(*letter))
        .take(4 * NAME_CHARS)
        .collect();
    let mut name = one_line(&kept);
    if let Some((end, _)) = name.char_indices().nth(NAME_CHARS) {
        let last = name[..end].char_indices().next_back();
        name.truncate(last.map_or(0, |(at, _)| at));
        name.truncate(name.trim_end().len());
        name.push('…');
    }
    name
}

/// Whether a character ends a header or a line of it (X1).
pub(super) fn is_break(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates of direction: they reach beyond the name that holds them.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
