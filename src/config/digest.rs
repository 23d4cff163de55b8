//! `[digest]`: what holds for every list's digest, unless the list says otherwise.

use std::time::Duration;

use jiff::SignedDuration;

use super::reader::Reader;
use super::value;
use crate::domain::extras::Extras;
use crate::domain::popular::{Popular, Source};
use crate::domain::subject::SubjectPattern;

/// What holds for every list's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestConfig {
    /// How late a missed digest may still go out.
    pub lateness: Duration,
    /// With fewer new articles no digest goes out.
    pub min_articles: usize,
    /// What subjects say, where it is not the list's name and the first title.
    pub subject: Option<SubjectPattern>,
    /// Whether articles that tell the same story are folded into one.
    pub fold: bool,
    /// What stands beside the news.
    pub extras: Extras,
    /// How long before its hour a draft opens for the editors; zero: it does not.
    pub review: Duration,
    /// The addresses of those who are told of the draft and may edit it by a link.
    pub editors: Vec<String>,
}

const SOURCES: [(&str, Source); 3] = [
    ("pushed", Source::Pushed),
    ("feed", Source::Feed),
    ("clicks", Source::Clicks),
];

impl DigestConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let days = |days: u64| Duration::from_hours(24 * days);
        Self::read_over(
            reader,
            &Self {
                lateness: days(1),
                min_articles: 1,
                subject: None,
                fold: true,
                extras: Extras {
                    read_also: 2,
                    suggest: 0,
                    popular: Popular {
                        most: 0,
                        by: Source::ALL.to_vec(),
                        half_life: days(7),
                        min_age: days(1),
                        max_age: days(30),
                    },
                },
                review: Duration::ZERO,
                editors: Vec::new(),
            },
        )
    }

    /// Reads the keys where they may be overridden: in `[digest]`, and again in each list.
    pub(super) fn read_over(reader: &mut Reader, default: &Self) -> Self {
        let extras = &default.extras;
        let popular = &extras.popular;
        let review = match default.review {
            Duration::ZERO => "off".to_owned(),
            time => written(time),
        };
        let editors: Vec<&str> = default.editors.iter().map(String::as_str).collect();
        let by: Vec<&str> = popular.by.iter().map(|source| source.as_str()).collect();
        let (half_life, min_age) = (written(popular.half_life), written(popular.min_age));
        let (lateness, max_age) = (written(default.lateness), written(popular.max_age));
        let read = Self {
            lateness: reader.or("lateness", &lateness, value::delay),
            min_articles: reader.number("min_articles", default.min_articles, 1..=1000),
            subject: reader
                .optional("subject", |text| SubjectPattern::parse(&value::line(text)?))
                .or_else(|| default.subject.clone()),
            review: reader.or("review", &review, off_or_delay),
            editors: reader.several("editors", &editors, value::address),
            fold: reader.flag("fold", default.fold),
            extras: Extras {
                read_also: reader.number("read_also", extras.read_also, 0..=3),
                suggest: reader.number("suggest", extras.suggest, 0..=10),
                popular: Popular {
                    most: reader.number("popular", popular.most, 0..=10),
                    by: reader.several("popular_by", &by, |text| value::choice(text, &SOURCES)),
                    half_life: reader.or("popular_half_life", &half_life, value::duration),
                    min_age: reader.or("popular_min_age", &min_age, value::delay),
                    max_age: reader.or("popular_max_age", &max_age, value::duration),
                },
            },
        };
        let popular = &read.extras.popular;
        if popular.min_age >= popular.max_age {
            let reason =
                "is not less than popular_max_age, so that no article would ever be popular";
            reader.problem("popular_min_age", reason);
        }
        read
    }
}

/// As a person writes it: days when there are several, and nothing but days.
fn written(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = duration.as_secs();
    if seconds > DAY && seconds.is_multiple_of(DAY) {
        return format!("{}d", seconds / DAY);
    }
    let duration = SignedDuration::try_from(duration).unwrap_or_default();
    format!("{duration:#}")
}

fn off_or_delay(text: &str) -> Result<Duration, &'static str> {
    match text {
        "off" => Ok(Duration::ZERO),
        text => value::delay(text),
    }
}
