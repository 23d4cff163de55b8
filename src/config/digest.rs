//! `[digest]`: what holds for every list's digest, unless the list says otherwise.

use std::time::Duration;

use jiff::SignedDuration;

use super::reader::Reader;
use super::value;
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
}

impl DigestConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self::read_over(
            reader,
            &Self {
                lateness: Duration::from_hours(24),
                min_articles: 1,
                subject: None,
            },
        )
    }

    /// Reads the keys where they may be overridden: in `[digest]`, and again in each list.
    pub(super) fn read_over(reader: &mut Reader, default: &Self) -> Self {
        let lateness = SignedDuration::try_from(default.lateness).unwrap_or_default();
        Self {
            lateness: reader.or("lateness", &format!("{lateness:#}"), value::delay),
            min_articles: reader.number("min_articles", default.min_articles, 1..=1000),
            subject: reader
                .optional("subject", |text| SubjectPattern::parse(&value::line(text)?))
                .or_else(|| default.subject.clone()),
        }
    }
}
