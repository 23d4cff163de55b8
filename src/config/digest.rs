//! `[digest]`: what holds for every list's digest, unless the list says otherwise.

use std::time::Duration;

use jiff::SignedDuration;

use super::reader::Reader;
use super::value;

/// What holds for every list's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestConfig {
    /// How late a missed digest may still go out.
    pub lateness: Duration,
    /// With fewer new articles no digest goes out.
    pub min_articles: usize,
    /// How long before its hour a draft opens for the editors; zero: it does not.
    pub review: Duration,
    /// The addresses of those who are told of the draft and may edit it by a link.
    pub editors: Vec<String>,
}

impl DigestConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self::read_over(
            reader,
            &Self {
                lateness: Duration::from_hours(24),
                min_articles: 1,
                review: Duration::ZERO,
                editors: Vec::new(),
            },
        )
    }

    /// Reads the keys where they may be overridden: in `[digest]`, and again in each list.
    pub(super) fn read_over(reader: &mut Reader, default: &Self) -> Self {
        let written = |time: Duration| {
            let time = SignedDuration::try_from(time).unwrap_or_default();
            format!("{time:#}")
        };
        let review = match default.review {
            Duration::ZERO => "off".to_owned(),
            time => written(time),
        };
        let editors: Vec<&str> = default.editors.iter().map(String::as_str).collect();
        Self {
            lateness: reader.or("lateness", &written(default.lateness), value::delay),
            min_articles: reader.number("min_articles", default.min_articles, 1..=1000),
            review: reader.or("review", &review, off_or_delay),
            editors: reader.several("editors", &editors, value::address),
        }
    }
}

fn off_or_delay(text: &str) -> Result<Duration, &'static str> {
    match text {
        "off" => Ok(Duration::ZERO),
        text => value::delay(text),
    }
}
