//! What a reader chose for a subscription; whatever is not chosen is as the list does it.

use super::rhythm::Rhythm;

/// A reader's choices for one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The language of mails: one that has texts.
    pub language: Option<String>,
    /// Keys of the sections that interest, sorted; `None`: everything.
    pub sections: Option<Vec<String>>,
    /// A rhythm of the reader's own, in place of the list's schedule.
    pub rhythm: Option<Rhythm>,
    /// No digest before this, epoch milliseconds.
    pub paused_until_ms: Option<i64>,
}

impl Choices {
    /// The sections that were ticked, of those that a list has. All of them, or none, both mean everything; a choice of
    /// sections that the list has lost means everything as well.
    pub fn ticked<'a>(
        ticked: impl IntoIterator<Item = &'a str>,
        offered: &[&str],
    ) -> Option<Vec<String>> {
        let mut keys: Vec<String> = ticked
            .into_iter()
            .filter(|key| offered.contains(key))
            .map(str::to_owned)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        (!keys.is_empty() && keys.len() < offered.len()).then_some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_none_ticked_mean_everything() {
        let offered = ["news", "reports", "cartoons"];
        assert_eq!(Choices::ticked([], &offered), None);
        assert_eq!(Choices::ticked(offered, &offered), None);
        assert_eq!(Choices::ticked(["gone"], &offered), None);
        assert_eq!(
            Choices::ticked(["reports", "news", "news", "gone"], &offered),
            Some(vec!["news".to_owned(), "reports".to_owned()])
        );
    }
}
