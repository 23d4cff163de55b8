//! Cells of files that people open in a spreadsheet: what would be taken for a formula is marked as text (standards X14).

/// What a spreadsheet takes for the beginning of a formula, and the mark itself, so that marking can be undone.
fn begins_badly(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '\'')
}

/// The cell as it is written: an apostrophe in front makes a spreadsheet show it and not run it.
pub fn marked(cell: &str) -> String {
    if cell.starts_with(begins_badly) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The cell as it was meant.
pub fn meant(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(begins_badly) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn x14_formulas_are_marked_and_all_else_stays() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1"] {
            assert_eq!(marked(bad), format!("'{bad}"));
        }
        for good in ["", "layla@example.org", "ليلى", "a=1"] {
            assert_eq!(marked(good), good);
        }
        assert_eq!(meant("'quoted"), "'quoted");
    }

    proptest! {
        #[test]
        fn x14_what_was_marked_reads_back(cell in "[='+@\\-\\t\\r]{0,3}\\PC{0,8}") {
            let written = marked(&cell);
            prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(meant(&written), cell.as_str());
        }
    }
}
