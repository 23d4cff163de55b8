//! What stands in a digest beside its news: articles to read also, articles that readers may like, and popular posts. None of them is
//! in the news of the same digest, none stands twice, and none tells a story that is there already.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::article::Article;
use super::digest::{Decision, Edition, Extra, ExtraKind, Related};
use super::popular::{Popular, Scored};
use super::selection::{Selection, item};
use super::stories::Stories;

/// What a list shows beside its news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extras {
    /// How many articles the lead story leads to; 0: none.
    pub read_also: usize,
    /// How many articles go with the news as a whole; 0: none.
    pub suggest: usize,
    /// Which posts are popular.
    pub popular: Popular,
}

impl Extras {
    /// Whether there is nothing but news.
    pub fn is_off(&self) -> bool {
        self.read_also == 0 && self.suggest == 0 && self.popular.most == 0
    }
}

/// So many articles of the news are looked at for what goes with them all.
const MOST_NEWS: usize = 12;

/// What to choose from.
pub struct Beside<'a> {
    /// How much is shown.
    pub rules: &'a Extras,
    /// What goes with what.
    pub stories: &'a Stories,
    /// Every article that the readers may be shown because it is no news to them, or will never be; by row.
    pub articles: &'a HashMap<i64, &'a Article>,
    /// The most popular first.
    pub popular: &'a [Scored],
}

impl Beside<'_> {
    /// Adds to a selection what stands beside its news, with the record of it.
    pub fn add(&self, selection: &mut Selection) {
        let mut taken: HashSet<i64> = HashSet::new();
        for one in &selection.decisions {
            // An article that had no room may be read also, unless another tells its story or editors left it out.
            if matches!(
                one.decision,
                Decision::Lead
                    | Decision::Chosen
                    | Decision::Pinned
                    | Decision::Folded
                    | Decision::Dropped
            ) {
                self.take(one.article_id, &mut taken);
            }
        }
        self.relate(selection, &mut taken);
        let ranked = self.popular.iter().map(|one| (one.article_id, one.score));
        let most = self.rules.popular.most;
        let popular = self.pick(ranked, most, &mut taken);
        let near = self.near(&selection.edition);
        let suggested = self.pick(near.into_iter(), self.rules.suggest, &mut taken);
        for (kind, picked, stand) in [
            (ExtraKind::Popular, popular, &mut selection.edition.popular),
            (
                ExtraKind::Suggested,
                suggested,
                &mut selection.edition.suggested,
            ),
        ] {
            for (article_id, score) in picked {
                selection.extras.push(Extra {
                    article_id,
                    kind,
                    position: stand.len() as i64,
                    score,
                    other_id: None,
                });
                let article = self.articles.get(&article_id);
                stand.extend(article.map(|article| item(Article::clone(article))));
            }
        }
    }

    /// What goes with the lead story.
    fn relate(&self, selection: &mut Selection, taken: &mut HashSet<i64>) {
        let Some(lead) = selection
            .edition
            .lead
            .as_mut()
            .filter(|_| self.rules.read_also > 0)
        else {
            return;
        };
        let kin = self.stories.kin(lead.article_id);
        let kin = kin.into_iter().map(|one| (one.id, one.score));
        for (article_id, score) in self.pick(kin, self.rules.read_also, taken) {
            let Some(article) = self.articles.get(&article_id) else {
                continue;
            };
            selection.extras.push(Extra {
                article_id,
                kind: ExtraKind::Related,
                position: lead.related.len() as i64,
                score,
                other_id: Some(lead.article_id),
            });
            lead.related.push(Related {
                article_id,
                title: article.title.clone(),
                url: article.url.clone(),
            });
        }
    }

    /// What goes with the news as a whole, the nearest first.
    fn near(&self, edition: &Edition) -> Vec<(i64, i64)> {
        if self.rules.suggest == 0 {
            return Vec::new();
        }
        let mut sums: HashMap<i64, i64> = HashMap::new();
        for item in edition.items().take(MOST_NEWS) {
            for kin in self.stories.kin(item.article_id) {
                *sums.entry(kin.id).or_default() += kin.score;
            }
        }
        let mut near: Vec<(i64, i64)> = sums.into_iter().collect();
        near.sort_by_key(|(id, score)| (Reverse(*score), Reverse(*id)));
        near
    }

    /// The first of these that may stand.
    fn pick(
        &self,
        ranked: impl Iterator<Item = (i64, i64)>,
        most: usize,
        taken: &mut HashSet<i64>,
    ) -> Vec<(i64, i64)> {
        let mut picked = Vec::new();
        for (id, score) in ranked {
            if picked.len() == most {
                break;
            }
            if self.articles.contains_key(&id) && !taken.contains(&id) {
                self.take(id, taken);
                picked.push((id, score));
            }
        }
        picked
    }

    /// An article stands, and so does its story.
    fn take(&self, id: i64, taken: &mut HashSet<i64>) {
        taken.insert(id);
        taken.extend(self.stories.twins(id).iter().map(|twin| twin.id));
    }
}

#[cfg(test)]
mod tests;
