//! What was read most: the counts of several sources as one figure, which fades with an article's age.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who counts how often an article is read or talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The program or the file that the article came from: `views`.
    Pushed,
    /// Its feed: comments, or views of a JSON Feed.
    Feed,
    /// The links in digests that readers followed, counted without telling readers apart.
    Clicks,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Pushed, Self::Feed, Self::Clicks];

    /// The word in tables, configuration and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Feed => "feed",
            Self::Clicks => "clicks",
        }
    }
}

/// How a list finds its popular posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popular {
    /// How many a digest shows; 0: none.
    pub most: usize,
    /// Whose counts are asked.
    pub by: Vec<Source>,
    /// After this an article counts for half.
    pub half_life: Duration,
    /// Younger articles are not counted yet.
    pub min_age: Duration,
    /// Older ones are not counted any more.
    pub max_age: Duration,
}

/// An article that may be popular, and how popular it is, in thousandths for each source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// Its row.
    pub article_id: i64,
    /// More than 0.
    pub score: i64,
}

/// The articles (row, date) by how popular they are at this moment, the most popular first; those that nobody counted are left out.
///
/// Each source gives an article `ln(1 + count) / ln(1 + its largest count)`, so that no source drowns the others, and the sum is
/// halved with every half-life of the article's age.
pub fn rank<S: BuildHasher>(
    rules: &Popular,
    counts: &[HashMap<i64, i64, S>],
    articles: &[(i64, i64)],
    now_ms: i64,
) -> Vec<Scored> {
    let age = |published_ms: i64| Duration::from_millis((now_ms - published_ms).max(0) as u64);
    let in_time = |ms: i64| age(ms) >= rules.min_age && age(ms) <= rules.max_age;
    let articles: Vec<(i64, i64)> = articles
        .iter()
        .copied()
        .filter(|(_, published_ms)| in_time(*published_ms))
        .collect();
    let mut scored: Vec<Scored> = Vec::new();
    let logarithm = |count: i64| (count.max(0) as f64).ln_1p();
    let largest: Vec<f64> = counts
        .iter()
        .map(|counts| {
            let of = articles.iter().filter_map(|(id, _)| counts.get(id));
            logarithm(of.copied().max().unwrap_or(0))
        })
        .collect();
    for (article_id, published_ms) in articles {
        let shares = counts.iter().zip(&largest).map(|(counts, largest)| {
            let count = counts.get(&article_id).copied().unwrap_or(0);
            if *largest > 0.0 {
                logarithm(count) / largest
            } else {
                0.0
            }
        });
        let half_lives = age(published_ms).as_secs_f64() / rules.half_life.as_secs_f64().max(1.0);
        let score = shares.sum::<f64>() * 0.5_f64.powf(half_lives) * 1_000.0;
        let score = score.round() as i64;
        if score > 0 {
            scored.push(Scored { article_id, score });
        }
    }
    scored.sort_by_key(|one| (std::cmp::Reverse(one.score), one.article_id));
    scored
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000;
    const NOW: i64 = 100 * DAY;

    fn rules() -> Popular {
        Popular {
            most: 3,
            by: vec![Source::Pushed],
            half_life: Duration::from_hours(7 * 24),
            min_age: Duration::from_hours(24),
            max_age: Duration::from_hours(30 * 24),
        }
    }

    fn ranked(counts: &[&[(i64, i64)]], ages: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let counts: Vec<HashMap<i64, i64>> = counts
            .iter()
            .map(|counts| counts.iter().copied().collect())
            .collect();
        let articles: Vec<(i64, i64)> = ages.iter().map(|(id, age)| (*id, NOW - age)).collect();
        rank(&rules(), &counts, &articles, NOW)
            .into_iter()
            .map(|one| (one.article_id, one.score))
            .collect()
    }

    #[test]
    fn an_article_counts_for_half_after_a_half_life() {
        let found = ranked(&[&[(1, 100), (2, 100)]], &[(1, 7 * DAY), (2, 14 * DAY)]);
        assert_eq!(found, [(1, 500), (2, 250)]);
    }

    #[test]
    fn the_young_and_the_old_are_left_out_and_so_is_what_nobody_read() {
        let counts: &[(i64, i64)] = &[(1, 9), (2, 9), (3, 9), (4, 0)];
        let ages = [
            (1, DAY - 1),
            (2, DAY),
            (3, 30 * DAY + 1),
            (4, 2 * DAY),
            (5, 2 * DAY),
        ];
        assert_eq!(ranked(&[counts], &ages).len(), 1);
        assert_eq!(ranked(&[counts], &ages)[0].0, 2);
    }

    #[test]
    fn no_source_drowns_the_others() {
        let views: &[(i64, i64)] = &[(1, 1_000_000), (2, 900_000)];
        let comments: &[(i64, i64)] = &[(2, 3), (3, 3)];
        let found = ranked(&[views, comments], &[(1, DAY), (2, DAY), (3, DAY)]);
        assert_eq!(found[0].0, 2, "both read and talked about: {found:?}");
        assert_eq!(found[1].1, found[2].1);
    }
}
