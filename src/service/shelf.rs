//! The articles of a list as one digest is made of them: each is read, compared and counted once, for all readers, whatever they chose.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use super::Error;
use crate::domain::article::Article;
use crate::domain::clicks::day;
use crate::domain::digest::{Audience, Decision};
use crate::domain::editing::Editing;
use crate::domain::extras::Beside;
use crate::domain::list::{List, Section};
use crate::domain::popular::{self, Scored, Source};
use crate::domain::selection::{Rules, Selection, select};
use crate::domain::similar::SAME_STORY_MS;
use crate::domain::stories::Stories;
use crate::store::article::Window;
use crate::store::owed::Owed;
use crate::store::{self, Tx};

/// Articles to read also are no older.
const OLDEST_BESIDE: Duration = Duration::from_hours(90 * 24);

/// What tells windows apart.
pub(super) type Key = (i64, Vec<Owed>);

/// What was looked at for one digest.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    list: List,
    /// Articles dated up to this are looked at.
    until_ms: i64,
    /// For the list's digests, which editors see, or for readers' own hours.
    audience: Audience,
    /// Only what this digest has looked at, when it is being frozen.
    within: Option<i64>,
    stories: Stories,
    /// What may stand beside the news, whatever the window.
    old: HashMap<i64, Article>,
    /// What each source counts.
    counts: Vec<HashMap<i64, i64>>,
    windows: BTreeMap<Key, Looked>,
    /// What editors decided.
    editing: Editing,
}

/// What was looked at for the readers of one window.
#[derive(Debug, Clone)]
struct Looked {
    /// New for them, newest first.
    articles: Vec<Article>,
    /// The articles by which they have been told stories.
    sent: Vec<Told>,
    is_the_lists: bool,
}

/// An article by which readers have been told its story.
#[derive(Debug, Clone)]
struct Told {
    id: i64,
    section: String,
    /// In the digest itself, and not only in what readers with other choices got.
    stood: bool,
}

impl Shelf {
    /// Reads what may stand beside the news. `oldest_ms`: what is dated before it is no news for the list any more.
    pub(super) async fn open(
        tx: &mut Tx,
        list: &List,
        (oldest_ms, until_ms): (i64, i64),
        (audience, within): (Audience, Option<i64>),
    ) -> Result<Self, Error> {
        let mut shelf = Self {
            list: list.clone(),
            until_ms,
            audience,
            within,
            stories: Stories::default(),
            old: HashMap::new(),
            counts: Vec::new(),
            windows: BTreeMap::new(),
            editing: Editing::default(),
        };
        if list.extras.is_off() {
            return Ok(shelf);
        }
        let rules = &list.extras.popular;
        let reach = OLDEST_BESIDE.max(rules.max_age);
        let span = (until_ms - reach.as_millis() as i64, until_ms);
        let digest_id = within.unwrap_or(0);
        for article in store::article_pool::old(tx, list.id, span, oldest_ms, digest_id).await? {
            shelf.stories.add(&article);
            shelf.old.insert(article.id, article);
        }
        if rules.most > 0 {
            let span = (until_ms - rules.max_age.as_millis() as i64 - 1, until_ms);
            let known: Vec<i64> = shelf.old.keys().copied().collect();
            for source in &rules.by {
                let counts = match source {
                    Source::Pushed | Source::Feed => {
                        store::score::of_list(tx, list.id, *source, span).await?
                    }
                    // What was never sent was never clicked.
                    Source::Clicks => {
                        store::clicks::of_articles(tx, list.id, &known, day(span.0)).await?
                    }
                };
                shelf.counts.push(counts);
            }
        }
        Ok(shelf)
    }

    /// Looks at what is new in a window, once.
    pub(super) async fn look(
        &mut self,
        tx: &mut Tx,
        window: &Window,
        is_the_lists: bool,
    ) -> Result<(), Error> {
        if self.windows.contains_key(&window.key()) {
            return Ok(());
        }
        let (list_id, until_ms) = (self.list.id, self.until_ms);
        let of = (self.within, self.audience == Audience::List);
        let articles = store::article::new(tx, list_id, window, until_ms, of).await?;
        let mut sent = Vec::new();
        let oldest_ms = articles.iter().map(|article| article.published_ms).min();
        if let Some(oldest_ms) = oldest_ms.filter(|_| self.list.fold) {
            let (of, since_ms) = ((window, is_the_lists), oldest_ms - SAME_STORY_MS - 1);
            let new: HashSet<i64> = articles.iter().map(|article| article.id).collect();
            for one in store::article_pool::sent(tx, list_id, of, since_ms).await? {
                // What was taken back is new once more.
                if !new.contains(&one.article.id) {
                    self.stories.add(&one.article);
                    sent.push(Told {
                        id: one.article.id,
                        section: one.article.section,
                        stood: one.stood,
                    });
                }
            }
        }
        for article in &articles {
            self.stories.add(article);
        }
        let looked = Looked {
            articles,
            sent,
            is_the_lists,
        };
        self.windows.insert(window.key(), looked);
        Ok(())
    }

    /// Lays what editors decided over all that is chosen from now on.
    pub(super) fn edit(&mut self, editing: Editing) {
        self.editing = editing;
    }

    /// The windows that were looked at.
    pub(super) fn keys(&self) -> BTreeSet<Key> {
        self.windows.keys().cloned().collect()
    }

    /// Everything that was looked at, some of it more than once.
    pub(super) fn articles(&self) -> impl Iterator<Item = &Article> {
        self.windows.values().flat_map(|looked| &looked.articles)
    }

    /// Chooses the news for the readers of these sections (`None`: of all) whose window this is.
    pub(super) fn choose(&self, keys: Option<&[String]>, window: &Key) -> Selection {
        let Some(looked) = self.windows.get(window) else {
            return Selection::default();
        };
        let sections = self.sections(keys);
        let is_plain = keys.is_none() && looked.is_the_lists;
        let told = looked.sent.iter().filter(|told| {
            let offered = sections.iter().any(|section| section.key == told.section);
            offered && (told.stood || !is_plain)
        });
        let rules = Rules {
            sections: &sections,
            with_lead: self.list.lead,
            stories: self.list.fold.then_some(&self.stories),
            sent: &told.map(|told| told.id).collect(),
            held: &self.editing.held(),
        };
        let articles = looked.articles.clone();
        self.editing
            .apply(&sections, articles, |articles| select(&rules, articles))
    }

    /// Adds to such a selection what stands beside its news.
    pub(super) fn add_extras(
        &self,
        keys: Option<&[String]>,
        window: &Key,
        selection: &mut Selection,
    ) {
        if self.list.extras.is_off() || selection.edition.article_count() == 0 {
            return;
        }
        let sections = self.sections(keys);
        let offered = |article: &&Article| sections.iter().any(|one| one.key == article.section);
        // What was looked at and does not stand is no news later either.
        let left_out = selection
            .decisions
            .iter()
            .filter(|one| matches!(one.decision, Decision::SectionFull | Decision::SectionShort));
        let left_out: HashSet<i64> = left_out.map(|one| one.article_id).collect();
        let looked = self
            .windows
            .get(window)
            .map_or(&[][..], |looked| &looked.articles);
        let left_out = looked
            .iter()
            .filter(|article| left_out.contains(&article.id));
        let articles = self.old.values().chain(left_out).filter(offered);
        let articles: HashMap<i64, &Article> = articles.map(|one| (one.id, one)).collect();
        let dated: Vec<(i64, i64)> = articles
            .values()
            .map(|article| (article.id, article.published_ms))
            .collect();
        let popular = self.popular(&dated);
        let beside = Beside {
            rules: &self.list.extras,
            stories: &self.stories,
            articles: &articles,
            popular: &popular,
        };
        beside.add(selection);
    }

    fn popular(&self, articles: &[(i64, i64)]) -> Vec<Scored> {
        if self.list.extras.popular.most == 0 {
            return Vec::new();
        }
        popular::rank(
            &self.list.extras.popular,
            &self.counts,
            articles,
            self.until_ms,
        )
    }

    fn sections(&self, keys: Option<&[String]>) -> Vec<Section> {
        let sections = self.list.sections.iter();
        let wanted = sections.filter(|one| keys.is_none_or(|keys| keys.contains(&one.key)));
        wanted.cloned().collect()
    }
}
