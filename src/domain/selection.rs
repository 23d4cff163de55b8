//! Which articles a digest holds, where they stand, and why the others do not.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::article::Article;
use super::digest::{Decided, Decision, Edition, EditionSection, Extra, Item, Why};
use super::list::{Layout, Section};
use super::stories::{Stories, Twin};

/// What was chosen, and the decision about each article that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// What the digest says.
    pub edition: Edition,
    /// One for each article, in the order of the letter, those left out last.
    pub decisions: Vec<Decided>,
    /// What stands beside the news, and why.
    pub extras: Vec<Extra>,
}

/// By what is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The sections that the readers get, in their order.
    pub sections: &'a [Section],
    /// Whether the first story stands apart.
    pub with_lead: bool,
    /// What tells the same story, when such articles are folded into one; knows every article that is chosen from, and those sent.
    pub stories: Option<&'a Stories>,
    /// The articles that the readers have been sent: what tells their story again is folded into them.
    pub sent: &'a HashSet<i64>,
    /// The articles that editors hold in the digest: others that tell their story are folded into them.
    pub held: &'a HashSet<i64>,
}

/// An article on its way into the digest.
struct Candidate {
    article: Article,
    /// The place of its section among those of the readers.
    place: usize,
    why: Why,
}

struct LeftOut {
    article: Article,
    decision: Decision,
    other_id: Option<i64>,
    why: Why,
}

/// Chooses from `articles` (newest first): what tells the same story as another is folded into it; a section with too few gives its
/// articles to its fallback; each section then takes its newest up to its limit. The lead story is the newest of the first section of
/// cards that has one, and one with a picture goes before one without.
pub fn select(rules: &Rules<'_>, articles: Vec<Article>) -> Selection {
    let mut left_out = Vec::new();
    let candidates = placed(rules, articles, &mut left_out);
    let candidates = folded(rules, candidates, &mut left_out);
    let candidates = filled(rules, candidates, &mut left_out);
    let mut chosen = limited(rules, candidates, &mut left_out);
    let lead = rules
        .with_lead
        .then(|| take_lead(rules.sections, &mut chosen));
    record(rules, lead.flatten(), chosen, left_out)
}

/// Those of the readers' sections.
fn placed(
    rules: &Rules<'_>,
    articles: Vec<Article>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for article in articles {
        let mut sections = rules.sections.iter();
        match sections.position(|section| section.key == article.section) {
            Some(place) => candidates.push(Candidate {
                article,
                place,
                why: Why::default(),
            }),
            None => left_out.push(LeftOut {
                article,
                decision: Decision::NoSection,
                other_id: None,
                why: Why::default(),
            }),
        }
    }
    candidates
}

/// One for each story. The one that stands is the one that has room in its section; of those that have, one with a picture; then the
/// one that tells more; then the earlier; then the one that was stored first.
fn folded(
    rules: &Rules<'_>,
    candidates: Vec<Candidate>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Candidate> {
    let Some(stories) = rules.stories else {
        return candidates;
    };
    let has_room = having_room(rules, stories, &candidates);
    let mut order: Vec<&Article> = candidates.iter().map(|one| &one.article).collect();
    order.sort_by_key(|article| {
        (
            !rules.held.contains(&article.id),
            !has_room.contains(&article.id),
            article.image.is_none(),
            Reverse(article.summary_text.chars().count()),
            article.published_ms,
            article.id,
        )
    });
    let mut stands = HashSet::new();
    let mut into: HashMap<i64, (Twin, bool)> = HashMap::new();
    for article in order {
        let best = |among: &HashSet<i64>| {
            let twins = stories.twins(article.id).iter();
            let twins = twins.filter(|twin| among.contains(&twin.id));
            twins
                .max_by_key(|twin| (twin.alike, Reverse(twin.id)))
                .copied()
        };
        if rules.held.contains(&article.id) {
            stands.insert(article.id);
        } else if let Some(twin) = best(rules.sent) {
            into.insert(article.id, (twin, true));
        } else if let Some(twin) = best(&stands) {
            into.insert(article.id, (twin, false));
        } else {
            stands.insert(article.id);
        }
    }
    let mut kept = Vec::new();
    for candidate in candidates {
        match into.get(&candidate.article.id) {
            None => kept.push(candidate),
            Some((twin, sent)) => left_out.push(LeftOut {
                article: candidate.article,
                decision: Decision::Folded,
                other_id: Some(twin.id),
                why: Why {
                    alike: Some(twin.alike),
                    sent: *sent,
                    ..Why::default()
                },
            }),
        }
    }
    kept
}

/// Those that their section has room for, when those of one story take one place in it: a story must not go with an article that does
/// not stand.
fn having_room(rules: &Rules<'_>, stories: &Stories, candidates: &[Candidate]) -> HashSet<i64> {
    let mut counts = vec![0; rules.sections.len()];
    for candidate in candidates {
        counts[candidate.place] += 1;
    }
    // By section: the first of each story that it has room for.
    let mut first: Vec<HashSet<i64>> = rules.sections.iter().map(|_| HashSet::new()).collect();
    let mut has_room = HashSet::new();
    for candidate in candidates {
        let (id, place) = (candidate.article.id, candidate.place);
        let (section, first) = (&rules.sections[place], &mut first[place]);
        let stands = counts[place] >= section.min || section.fallback.is_some();
        let is_told = stories
            .twins(id)
            .iter()
            .any(|twin| first.contains(&twin.id));
        if stands && (is_told || first.len() < section.limit) {
            if !is_told {
                first.insert(id);
            }
            has_room.insert(id);
        }
    }
    has_room
}

/// Sections with too few give what they have to their fallback, or lose it. A section whose fallback the readers did not choose keeps
/// it: they have no other place for it.
fn filled(
    rules: &Rules<'_>,
    mut candidates: Vec<Candidate>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Candidate> {
    for place in givers_first(rules.sections) {
        let section = &rules.sections[place];
        let had = candidates.iter().filter(|one| one.place == place).count();
        if had == 0 || had >= section.min {
            continue;
        }
        let Some(fallback) = &section.fallback else {
            let (lost, kept) = candidates.into_iter().partition(|one| one.place == place);
            candidates = kept;
            left_out.extend(
                lost.into_iter()
                    .map(|Candidate { article, why, .. }| LeftOut {
                        article,
                        decision: Decision::SectionShort,
                        other_id: None,
                        why: Why {
                            // Of the section that it is left out with.
                            had: Some(had),
                            min: Some(section.min),
                            ..why
                        },
                    }),
            );
            continue;
        };
        let to = rules.sections.iter().position(|one| one.key == *fallback);
        if let Some(to) = to {
            for candidate in candidates.iter_mut().filter(|one| one.place == place) {
                candidate.place = to;
                if candidate.why.from.is_none() {
                    candidate.why = Why {
                        from: Some(section.key.clone()),
                        had: Some(had),
                        min: Some(section.min),
                        ..Why::default()
                    };
                }
            }
        }
    }
    candidates
}

/// The places of the sections, each after all that may give it something.
fn givers_first(sections: &[Section]) -> Vec<usize> {
    let steps = |section: &Section| {
        let (mut at, mut steps) = (section, 0);
        // No more steps than sections: the configuration refuses circles.
        while let Some(next) = at.fallback.as_ref().filter(|_| steps < sections.len()) {
            let Some(next) = sections.iter().find(|one| one.key == *next) else {
                break;
            };
            (at, steps) = (next, steps + 1);
        }
        steps
    };
    let mut places: Vec<usize> = (0..sections.len()).collect();
    places.sort_by_key(|place| Reverse(steps(&sections[*place])));
    places
}

/// Each section's newest up to its limit.
fn limited(
    rules: &Rules<'_>,
    candidates: Vec<Candidate>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Vec<Candidate>> {
    let mut chosen: Vec<Vec<Candidate>> = rules.sections.iter().map(|_| Vec::new()).collect();
    for mut candidate in candidates {
        let (section, stand) = (
            &rules.sections[candidate.place],
            &mut chosen[candidate.place],
        );
        candidate.article.section.clone_from(&section.key);
        // The lead is taken from its section's share: it costs the section one place.
        if stand.len() < section.limit {
            stand.push(candidate);
        } else {
            left_out.push(LeftOut {
                article: candidate.article,
                decision: Decision::SectionFull,
                other_id: None,
                why: Why {
                    newer: Some(stand.len()),
                    ..candidate.why
                },
            });
        }
    }
    chosen
}

fn take_lead(sections: &[Section], chosen: &mut [Vec<Candidate>]) -> Option<Candidate> {
    let from = sections
        .iter()
        .zip(&*chosen)
        .position(|(section, articles)| section.layout == Layout::Cards && !articles.is_empty())?;
    let articles = &mut chosen[from];
    let place = articles
        .iter()
        .position(|one| one.article.image.is_some())
        .unwrap_or(0);
    Some(articles.remove(place))
}

fn record(
    rules: &Rules<'_>,
    lead: Option<Candidate>,
    chosen: Vec<Vec<Candidate>>,
    mut left_out: Vec<LeftOut>,
) -> Selection {
    left_out.sort_by_key(|one| (Reverse(one.article.published_ms), one.article.id));
    let mut decisions = Vec::new();
    let mut decide = |article: &Article, decision, other_id, why: &Why| {
        let position = decisions.len() as i64;
        decisions.push(Decided {
            article_id: article.id,
            decision,
            section: article.section.clone(),
            position,
            other_id,
            why: why.clone(),
        });
    };
    if let Some(lead) = &lead {
        decide(&lead.article, Decision::Lead, None, &lead.why);
    }
    for one in chosen.iter().flatten() {
        decide(&one.article, Decision::Chosen, None, &one.why);
    }
    for one in &left_out {
        decide(&one.article, one.decision, one.other_id, &one.why);
    }
    let sections = rules
        .sections
        .iter()
        .zip(chosen)
        .filter(|(_, articles)| !articles.is_empty())
        .map(|(section, articles)| EditionSection {
            key: section.key.clone(),
            name: section.name.clone(),
            layout: section.layout,
            items: articles.into_iter().map(|one| item(one.article)).collect(),
        })
        .collect();
    Selection {
        edition: Edition {
            lead: lead.map(|lead| item(lead.article)),
            sections,
            ..Edition::default()
        },
        decisions,
        extras: Vec::new(),
    }
}

/// An article as it stands in an edition.
pub fn item(article: Article) -> Item {
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
mod tests;
