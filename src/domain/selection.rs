//! Which articles a digest holds, where they stand, and why the others do not.

use super::article::Article;
use super::digest::{Decided, Decision, Edition, EditionSection, Item};
use super::list::{Layout, Section};

/// What was chosen, and the decision about each article that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// What the digest says.
    pub edition: Edition,
    /// One for each article, in the order of the letter, those left out last.
    pub decisions: Vec<Decided>,
}

/// Chooses from `articles` (newest first): each section takes its newest up to its limit; the lead story is the newest of
/// the first section of cards that has one, and one with a picture goes before one without.
pub fn select(sections: &[Section], with_lead: bool, articles: Vec<Article>) -> Selection {
    let mut chosen: Vec<Vec<Article>> = sections.iter().map(|_| Vec::new()).collect();
    let mut left_out = Vec::new();
    for article in articles {
        match sections
            .iter()
            .position(|section| section.key == article.section)
        {
            // The lead is taken from its section's share: it costs the section one place.
            Some(place) if chosen[place].len() < sections[place].limit => {
                chosen[place].push(article);
            }
            Some(_) => left_out.push((article, Decision::SectionFull)),
            None => left_out.push((article, Decision::NoSection)),
        }
    }

    let lead = with_lead
        .then(|| take_lead(sections, &mut chosen))
        .flatten();
    let mut decisions = Vec::new();
    let mut decide = |article: &Article, decision| {
        let position = decisions.len() as i64;
        decisions.push(Decided {
            article_id: article.id,
            decision,
            section: article.section.clone(),
            position,
        });
    };
    if let Some(lead) = &lead {
        decide(lead, Decision::Lead);
    }
    for article in chosen.iter().flatten() {
        decide(article, Decision::Chosen);
    }
    for (article, decision) in &left_out {
        decide(article, *decision);
    }

    let sections = sections
        .iter()
        .zip(chosen)
        .filter(|(_, articles)| !articles.is_empty())
        .map(|(section, articles)| EditionSection {
            key: section.key.clone(),
            name: section.name.clone(),
            layout: section.layout,
            items: articles.into_iter().map(item).collect(),
        })
        .collect();
    Selection {
        edition: Edition {
            lead: lead.map(item),
            sections,
            ..Edition::default()
        },
        decisions,
    }
}

fn take_lead(sections: &[Section], chosen: &mut [Vec<Article>]) -> Option<Article> {
    let from = sections
        .iter()
        .zip(&*chosen)
        .position(|(section, articles)| section.layout == Layout::Cards && !articles.is_empty())?;
    let articles = &mut chosen[from];
    let place = articles
        .iter()
        .position(|article| article.image.is_some())
        .unwrap_or(0);
    Some(articles.remove(place))
}

/// An article as a digest says it.
pub(super) fn item(article: Article) -> Item {
    Item {
        article_id: article.id,
        title: article.title,
        url: article.url,
        summary_html: article.summary_html,
        summary_text: article.summary_text,
        source: article.source,
        image: article.image,
        published_ms: article.published_ms,
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::{Image, SafeHtml};

    fn section(key: &str, limit: usize, layout: Layout) -> Section {
        Section {
            key: key.into(),
            name: key.to_uppercase(),
            limit,
            layout,
            categories: Vec::new(),
        }
    }

    fn article(id: i64, section: &str, picture: bool) -> Article {
        Article {
            id,
            url: format!("https://news.example/{id}"),
            title: format!("Title {id}"),
            summary_html: SafeHtml::default(),
            summary_text: String::new(),
            source: None,
            image: picture.then(|| Image {
                url: format!("https://news.example/{id}.png"),
                alt: String::new(),
            }),
            published_ms: 1_000 - id,
            section: section.into(),
        }
    }

    #[test]
    fn the_lead_is_the_newest_with_a_picture_of_the_first_section_of_cards() {
        let sections = [
            section("brief", 5, Layout::Headlines),
            section("reports", 5, Layout::Cards),
        ];
        let articles = vec![
            article(1, "brief", true),
            article(2, "reports", false),
            article(3, "reports", true),
        ];
        let selection = select(&sections, true, articles);
        assert_eq!(selection.edition.lead.expect("a lead").article_id, 3);
        let keys: Vec<_> = selection
            .edition
            .sections
            .iter()
            .map(|section| section.key.as_str())
            .collect();
        assert_eq!(keys, ["brief", "reports"], "the list's order");
    }

    #[test]
    fn every_article_has_one_decision_and_limits_hold() {
        let sections = [
            section("a", 2, Layout::Cards),
            section("b", 1, Layout::Headlines),
        ];
        let articles: Vec<_> = (1..=4)
            .map(|id| article(id, "a", false))
            .chain([article(5, "b", false), article(6, "gone", false)])
            .collect();
        let selection = select(&sections, true, articles);
        let words: Vec<_> = selection
            .decisions
            .iter()
            .map(|decided| (decided.article_id, decided.decision.as_str()))
            .collect();
        assert_eq!(
            words,
            [
                (1, "lead"),
                (2, "chosen"),
                (5, "chosen"),
                (3, "section_full"),
                (4, "section_full"),
                (6, "no_section")
            ]
        );
        assert_eq!(selection.edition.article_count(), 3);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let selection = select(&[section("a", 2, Layout::Cards)], true, Vec::new());
        assert_eq!(selection.edition.article_count(), 0);
        assert!(selection.edition.sections.is_empty());
    }
}
