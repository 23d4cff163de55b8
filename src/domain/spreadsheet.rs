//! Cells of files that people open in a spreadsheet: what would be taken for a formula is marked as text (standards X14, OWASP's CSV
//! injection).

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula, in any width, and the mark itself, so that marking can be undone.
fn begins_badly(letter: char) -> bool {
    matches!(
        letter,
        '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n' | MARK
    )
}

/// A program that takes another character for the separator, or is confused by quotation marks, begins a new cell behind these.
fn separates(letter: char) -> bool {
    matches!(letter, ',' | ';' | '|' | '"' | '\t' | '\r' | '\n')
}

/// An apostrophe in front makes a spreadsheet show a cell and not run it.
const MARK: char = '\'';

/// The cell as it is written: marked wherever a spreadsheet could take it for a formula.
pub fn marked(cell: &str) -> String {
    let mut written = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for letter in cell.chars() {
        if begins && begins_badly(letter) {
            written.push(MARK);
        }
        written.push(letter);
        begins = separates(letter);
    }
    written
}

/// The cell as it was meant.
pub fn meant(cell: &str) -> Cow<'_, str> {
    if !cell.contains(MARK) {
        return Cow::Borrowed(cell);
    }
    let mut meant = String::with_capacity(cell.len());
    let mut letters = cell.chars().peekable();
    let mut begins = true;
    while let Some(mut letter) = letters.next() {
        if begins
            && letter == MARK
            && let Some(bad) = letters.next_if(|next| begins_badly(*next))
        {
            letter = bad;
        }
        meant.push(letter);
        begins = separates(letter);
    }
    Cow::Owned(meant)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn x14_formulas_are_marked_and_all_else_stays() {
        for bad in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'=1", "＝1", "＋1", "－1", "＠x",
        ] {
            assert_eq!(marked(bad), format!("'{bad}"));
        }
        for good in [
            "",
            "layla@example.org",
            "ليلى",
            "a=1",
            "Layla; Nour",
            "a, b",
        ] {
            assert_eq!(marked(good), good);
        }
        assert_eq!(meant("'quoted"), "'quoted");
    }

    #[test]
    fn x14_a_cell_within_a_cell_is_marked_too() {
        for (cell, written) in [
            ("ليلى;=1+1", "ليلى;'=1+1"),
            ("a,=1", "a,'=1"),
            ("a|@x", "a|'@x"),
            ("a\";=1", "a\";'=1"),
            ("a;\"=1", "a;\"'=1"),
            ("a\t＝1", "a\t'＝1"),
            ("a\n-1", "a\n'-1"),
        ] {
            assert_eq!(marked(cell), written);
            assert_eq!(meant(written), cell);
        }
    }

    proptest! {
        #[test]
        fn x14_what_was_marked_reads_back(cell in "[='+@\\-＝\\t\\r\\n;,|\"a]{0,8}\\PC{0,8}") {
            let written = marked(&cell);
            let cells = written.split([',', ';', '|', '"', '\t', '\r', '\n']);
            for cell in cells {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{written:?}");
            }
            prop_assert_eq!(meant(&written), cell.as_str());
        }
    }
}
