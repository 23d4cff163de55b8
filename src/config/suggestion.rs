//! "Did you mean": the known key that a misspelt one stands nearest to.

/// The known key that was probably meant: at most two letters away, and fewer in short words.
pub(super) fn closest(
    key: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let allowed = if key.chars().count() < 5 { 1 } else { 2 };
    known
        .map(|known| (distance(key, known), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, known)| known)
}

/// Letters to insert, remove, replace or swap with their neighbour to make one word the other (optimal string
/// alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    // edits[i][j]: from the first i letters of one to the first j of the other.
    let mut edits = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            edits[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = edits[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                replaced.min(edits[i - 1][j] + 1).min(edits[i][j - 1] + 1)
            };
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                edits[i][j] = edits[i][j].min(edits[i - 2][j - 2] + 1);
            }
        }
    }
    edits[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_suggested_and_a_far_one_is_not() {
        let known = || ["host", "port", "helo", "max_bytes"].into_iter();
        assert_eq!(closest("hots", known()), Some("host"));
        assert_eq!(closest("prt", known()), Some("port"));
        assert_eq!(closest("max_byte", known()), Some("max_bytes"));
        assert_eq!(closest("colour", known()), None);
    }

    #[test]
    fn distance_counts_edits() {
        for (from, to, edits) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
            ("ulr", "url", 1),
        ] {
            assert_eq!(distance(from, to), edits, "{from} {to}");
        }
    }
}
