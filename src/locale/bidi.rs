//! Which way a text runs, judged by its letters; enough of the Unicode Bidirectional Algorithm (UAX 9) to choose a
//! direction and a mark, the reader's client does the rest.

/// Whether the letters are mostly of the direction that is not the locale's.
///
/// One foreign name does not make a sentence foreign: the locale's own letters must be fewer than a quarter.
pub fn is_foreign(text: &str, rtl: bool) -> bool {
    let (mut own, mut foreign) = (0_usize, 0_usize);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        if is_rtl(letter) == rtl {
            own += 1;
        } else {
            foreign += 1;
        }
    }
    own * 3 < foreign
}

/// Whether the first character is a right-to-left letter.
pub fn begins_rtl(text: &str) -> bool {
    text.chars().next().is_some_and(is_rtl)
}

/// Hebrew, Arabic and their neighbours, with the presentation forms.
fn is_rtl(letter: char) -> bool {
    matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}
