//! The articles that a digest is made of, read once: which of them tell the same story, and which go with which.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::article::Article;
use super::similar::{Print, numbers, same_story, words};

/// Articles that go together share so many words or tags,
const LEAST_SHARED: u32 = 2;
/// and are so near, in thousandths.
const LEAST_NEAR: i64 = 120;

/// Articles by their words. To add one compares it with those that share a word of its title, and with no other.
#[derive(Debug, Clone, Default)]
pub struct Stories {
    /// Words and tags by their number.
    lexicon: HashMap<String, u32>,
    places: HashMap<i64, usize>,
    entries: Vec<Entry>,
    /// By word: the places of those whose titles have it.
    titles: Vec<Vec<usize>>,
    /// By word: the places of those that have it anywhere.
    holders: Vec<Vec<usize>>,
    /// Found when it is first asked for, and again after another article came.
    weights: OnceLock<Weights>,
}

#[derive(Debug, Clone)]
struct Weights {
    /// By word: how few articles have it.
    words: Vec<f64>,
    /// By place: the length of the article's words as a vector.
    lengths: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: i64,
    print: Print,
    /// All its words and tags, sorted.
    words: Vec<u32>,
    twins: Vec<Twin>,
}

/// Another article on the same story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twin {
    /// Its row.
    pub id: i64,
    /// How alike they are, in hundredths.
    pub alike: u8,
}

/// An article that goes with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kin {
    /// Its row.
    pub id: i64,
    /// How near it is, in thousandths.
    pub score: i64,
}

impl Stories {
    /// Adds an article; one that is there stays as it is.
    pub fn add(&mut self, article: &Article) {
        if self.places.contains_key(&article.id) {
            return;
        }
        let title = self.numbered(words(&article.title));
        let lead = self.numbered(words(&article.summary_text));
        let tags = article.categories.iter().map(|tag| words(tag).join(" "));
        let tags = tags
            .filter(|tag| !tag.is_empty())
            .map(|tag| format!("#{tag}"));
        let tags = self.numbered(tags.collect());
        let words = sorted([title.clone(), lead.clone(), tags].concat());
        let print = Print {
            title: sorted(title),
            lead: sorted(lead),
            title_numbers: numbers(&article.title),
            lead_numbers: numbers(&article.summary_text),
            published_ms: article.published_ms,
        };
        self.weights.take();
        let place = self.entries.len();
        let twins = self.find_twins(article.id, &print);
        for word in &print.title {
            self.titles[*word as usize].push(place);
        }
        for word in &words {
            self.holders[*word as usize].push(place);
        }
        self.places.insert(article.id, place);
        self.entries.push(Entry {
            id: article.id,
            print,
            words,
            twins,
        });
    }

    /// The other articles on the same story, in no order.
    pub fn twins(&self, id: i64) -> &[Twin] {
        self.entry(id).map_or(&[], |entry| &entry.twins)
    }

    fn entry(&self, id: i64) -> Option<&Entry> {
        self.places.get(&id).map(|place| &self.entries[*place])
    }

    fn numbered(&mut self, words: Vec<String>) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(words.len());
        for word in words {
            let next = self.lexicon.len() as u32;
            numbers.push(*self.lexicon.entry(word).or_insert(next));
        }
        self.titles.resize_with(self.lexicon.len(), Vec::new);
        self.holders.resize_with(self.lexicon.len(), Vec::new);
        numbers
    }

    /// Compares a new article with those whose titles share a word with its own, and tells them of it.
    fn find_twins(&mut self, id: i64, print: &Print) -> Vec<Twin> {
        let sharing = print
            .title
            .iter()
            .flat_map(|word| &self.titles[*word as usize]);
        let mut sharing: Vec<usize> = sharing.copied().collect();
        sharing.sort_unstable();
        sharing.dedup();
        let mut twins = Vec::new();
        for place in sharing {
            let other = &mut self.entries[place];
            if let Some(alike) = same_story(&other.print, print) {
                other.twins.push(Twin { id, alike });
                twins.push(Twin {
                    id: other.id,
                    alike,
                });
            }
        }
        twins
    }

    /// The articles that go with this one by their words and tags, the nearest first: the cosine of their words, each weighed by how few
    /// articles have it (inverse document frequency). A word in more than half of them weighs nothing.
    pub fn kin(&self, id: i64) -> Vec<Kin> {
        let Some(own) = self.places.get(&id).copied() else {
            return Vec::new();
        };
        let Weights { words, lengths } = self.weights.get_or_init(|| self.weigh());
        let mut sums = vec![(0.0, 0); self.entries.len()];
        for word in &self.entries[own].words {
            let weight = words[*word as usize];
            if weight > 0.0 {
                for place in &self.holders[*word as usize] {
                    sums[*place].0 += weight * weight;
                    sums[*place].1 += 1;
                }
            }
        }
        let mut kin = Vec::new();
        for (place, (sum, shared)) in sums.into_iter().enumerate() {
            if place == own || shared < LEAST_SHARED {
                continue;
            }
            let score = (sum / (lengths[own] * lengths[place]) * 1_000.0).round() as i64;
            if score >= LEAST_NEAR {
                let id = self.entries[place].id;
                kin.push(Kin { id, score });
            }
        }
        kin.sort_by_key(|one| (Reverse(one.score), Reverse(one.id)));
        kin
    }

    fn weigh(&self) -> Weights {
        let all = self.entries.len();
        let weight = |holders: &Vec<usize>| {
            if holders.len() * 2 > all {
                return 0.0;
            }
            let (holders, all) = (holders.len() as f64, all as f64);
            ((all - holders + 0.5) / (holders + 0.5)).ln_1p()
        };
        let words: Vec<f64> = self.holders.iter().map(weight).collect();
        let length = |entry: &Entry| {
            let weights = entry.words.iter().map(|word| words[*word as usize]);
            weights.map(|weight| weight * weight).sum::<f64>().sqrt()
        };
        let lengths = self.entries.iter().map(length).collect();
        Weights { words, lengths }
    }
}

fn sorted(mut words: Vec<u32>) -> Vec<u32> {
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests;
