//! What was wrong in a digest that went out. What was mailed stays as it was: a correction is laid over it where it is shown.

use super::article::SafeHtml;
use super::digest::{Edition, Item, Related};

/// The longest note, in characters.
pub const NOTE_CHARS: usize = 500;

/// A correction of one article of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The article's row.
    pub article_id: i64,
    /// Its title from now on.
    pub title: Option<String>,
    /// Its summary from now on, as plain text.
    pub summary: Option<String>,
    /// Whether the digest does not show it any more.
    pub dropped: bool,
    /// What readers are told: one sentence or two.
    pub note: String,
    /// When, epoch milliseconds.
    pub created_ms: i64,
}

/// The edition with its corrections, in their order.
pub fn corrected(mut edition: Edition, corrections: &[Correction]) -> Edition {
    for correction in corrections {
        let is_it = |item: &Item| item.article_id == correction.article_id;
        if correction.dropped {
            edition.lead = edition.lead.filter(|lead| !is_it(lead));
            for section in &mut edition.sections {
                section.items.retain(|item| !is_it(item));
            }
            edition.suggested.retain(|item| !is_it(item));
            edition.popular.retain(|item| !is_it(item));
            for item in edition.each_item() {
                let is_another = |one: &Related| one.article_id != correction.article_id;
                item.related.retain(is_another);
            }
            continue;
        }
        for item in edition.each_item() {
            if let Some(title) = &correction.title {
                let related = item.related.iter_mut();
                for one in related.filter(|one| one.article_id == correction.article_id) {
                    one.title.clone_from(title);
                }
            }
            if !is_it(item) {
                continue;
            }
            if let Some(title) = &correction.title {
                item.title.clone_from(title);
            }
            if let Some(summary) = &correction.summary {
                item.summary_text.clone_from(summary);
                item.summary_html = SafeHtml::of_text(summary);
            }
        }
    }
    edition.sections.retain(|section| !section.items.is_empty());
    edition
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::EditionSection;
    use crate::domain::list::Layout;

    fn item(article_id: i64) -> Item {
        Item {
            article_id,
            title: format!("Title {article_id}"),
            url: format!("https://news.example/{article_id}"),
            summary_html: SafeHtml::default(),
            summary_text: String::new(),
            source: None,
            image: None,
            published_ms: 0,
            related: Vec::new(),
        }
    }

    fn related(article_id: i64) -> Related {
        Related {
            article_id,
            title: format!("Title {article_id}"),
            url: format!("https://news.example/{article_id}"),
        }
    }

    fn correction(article_id: i64) -> Correction {
        Correction {
            article_id,
            title: None,
            summary: None,
            dropped: false,
            note: "It was otherwise.".into(),
            created_ms: 0,
        }
    }

    #[test]
    fn a_correction_changes_its_article_and_the_last_word_counts() {
        let edition = Edition {
            lead: Some(Item {
                related: [2, 3].map(related).to_vec(),
                ..item(1)
            }),
            sections: vec![EditionSection {
                key: "a".into(),
                name: "A".into(),
                layout: Layout::Cards,
                items: vec![item(2)],
            }],
            ..Edition::default()
        };
        let corrections = [
            Correction {
                title: Some("First".into()),
                ..correction(1)
            },
            Correction {
                title: Some("Second".into()),
                summary: Some("1 < 2".into()),
                ..correction(1)
            },
            Correction {
                dropped: true,
                ..correction(2)
            },
            Correction {
                title: Some("Third".into()),
                ..correction(3)
            },
        ];
        let shown = corrected(edition.clone(), &corrections);
        let lead = shown.lead.expect("a lead");
        assert_eq!(lead.title, "Second");
        assert_eq!(lead.summary_html.as_str(), "1 &lt; 2");
        let also: Vec<&str> = lead.related.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(also, ["Third"], "what was taken back is not read also");
        assert!(shown.sections.is_empty());
        assert_eq!(corrected(edition.clone(), &[]), edition);
    }
}
