//! Nothing stands twice, and nothing stands beside the news that is in it or tells a story of it.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::article::SafeHtml;
use crate::domain::list::testing::section;
use crate::domain::selection::{Rules, select};

fn article(id: i64, words: &[usize]) -> Article {
    let known = [
        "harbour",
        "quay",
        "fishermen",
        "olives",
        "harvest",
        "school",
        "train",
        "songs",
    ];
    let title: Vec<&str> = words.iter().map(|word| known[word % known.len()]).collect();
    Article {
        id,
        url: format!("https://news.example/{id}"),
        title: title.join(" "),
        summary_html: SafeHtml::default(),
        summary_text: String::new(),
        source: None,
        image: None,
        published_ms: 1_000_000_000 - id * 10_000_000,
        categories: Vec::new(),
        section: "news".into(),
    }
}

proptest! {
    #[test]
    fn nothing_stands_twice_or_tells_a_story_that_is_there(
        news in proptest::collection::vec(proptest::collection::vec(0..8_usize, 1..5), 1..8),
        old in proptest::collection::vec(proptest::collection::vec(0..8_usize, 1..5), 0..25),
        limit in 1..5_usize,
        read_also in 0..4_usize,
        suggest in 0..6_usize,
        most in 0..6_usize,
    ) {
        let news: Vec<Article> = news.iter().zip(1..).map(|(words, id)| article(id, words)).collect();
        let old: Vec<Article> = old.iter().zip(50..).map(|(words, id)| article(id, words)).collect();
        let mut stories = Stories::default();
        for one in news.iter().chain(&old) {
            stories.add(one);
        }
        let rules = Extras {
            read_also,
            suggest,
            popular: Popular {
                most,
                by: Vec::new(),
                half_life: Duration::from_secs(1),
                min_age: Duration::ZERO,
                max_age: Duration::from_secs(1),
            },
        };
        let choice = Rules {
            sections: &[section("news", limit)],
            with_lead: true,
            stories: Some(&stories),
            sent: &HashSet::new(),
            held: &HashSet::new(),
        };
        let mut selection = select(&choice, news.clone());
        let bare = selection.edition.clone();
        // Articles of the news are offered too, as those are that do not stand.
        let articles: HashMap<i64, &Article> = news.iter().chain(&old).map(|one| (one.id, one)).collect();
        let popular: Vec<Scored> = articles.keys().map(|id| Scored { article_id: *id, score: 1 }).collect();
        let beside = Beside { rules: &rules, stories: &stories, articles: &articles, popular: &popular };
        beside.add(&mut selection);
        let edition = &selection.edition;
        prop_assert_eq!(edition.news(), bare, "the news stay as they are");
        let related = edition.items().flat_map(|item| &item.related).map(|one| one.article_id);
        let related: Vec<i64> = related.collect();
        let beside: Vec<i64> = related.iter().copied()
            .chain(edition.popular.iter().chain(&edition.suggested).map(|item| item.article_id))
            .collect();
        prop_assert!(related.len() <= read_also && edition.popular.len() <= most && edition.suggested.len() <= suggest);
        let all: Vec<i64> = edition.items().map(|item| item.article_id).chain(beside.iter().copied()).collect();
        let once: HashSet<i64> = all.iter().copied().collect();
        prop_assert_eq!(once.len(), all.len());
        for id in &beside {
            prop_assert!(stories.twins(*id).iter().all(|twin| !once.contains(&twin.id)));
        }
        let mut recorded: Vec<i64> = selection.extras.iter().map(|one| one.article_id).collect();
        let mut stands = beside;
        recorded.sort_unstable();
        stands.sort_unstable();
        prop_assert_eq!(recorded, stands);
    }
}
