//! The reader's language: texts with plurals (Fluent), dates and digits (ICU), direction.
//!
//! Texts live in `locales/<language>/*.ftl`; a test keeps every language complete.

mod bidi;
mod clock;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use icu_datetime::{DateTimeFormatter, fieldsets, input};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale::{Direction, LocaleDirectionality};
use jiff::{Timestamp, Zoned, tz::TimeZone};

pub use texts::Value;

/// The languages that Nashra speaks, the default first.
pub const SUPPORTED: [&str; 7] = ["ar", "en", "fr", "fa", "he", "ur", "tr"];

/// How dates and numbers are written when the configuration does not say: plain Arabic, international English, the others as in
/// the country where most of their readers live.
const FORMATS: [&str; 7] = ["ar", "en-GB", "fr-FR", "fa-IR", "he-IL", "ur-PK", "tr-TR"];

/// Why a locale cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LocaleError {
    /// No texts in this language.
    #[error("no texts in the language \"{0}\": use one of {list}", list = SUPPORTED.join(", "))]
    UnknownLanguage(String),
    /// The formats are not a locale that ICU can write dates and numbers in.
    #[error(
        "\"{formats}\" is not a locale for dates and numbers: write one like ar-LB-u-nu-latn or en-GB ({reason})"
    )]
    BadFormats {
        /// What was given.
        formats: String,
        /// What ICU says.
        reason: String,
    },
}

/// A language with its way of writing dates and numbers.
#[derive(Debug, Clone)]
pub struct Locale {
    language: &'static str,
    formats: icu_locale::Locale,
    rtl: bool,
    asked: bool,
}

impl Locale {
    /// The locale of `language` (one of [`SUPPORTED`]) that writes dates and numbers as `formats`, a BCP 47 tag
    /// such as `ar-LB-u-nu-latn`.
    pub fn new(language: &str, formats: Option<&str>) -> Result<Self, LocaleError> {
        // Every page needs one and making it costs more than the page: the few that a configuration names are made once.
        static MADE: RwLock<BTreeMap<(String, Option<String>), Locale>> =
            RwLock::new(BTreeMap::new());
        let key = (language.to_owned(), formats.map(str::to_owned));
        let made = MADE.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(locale) = made.get(&key) {
            return Ok(locale.clone());
        }
        drop(made);
        let locale = Self::make(language, formats)?;
        let mut made = MADE.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(key, locale.clone());
        Ok(locale)
    }

    fn make(language: &str, formats: Option<&str>) -> Result<Self, LocaleError> {
        let index = SUPPORTED
            .iter()
            .position(|known| *known == language)
            .ok_or_else(|| LocaleError::UnknownLanguage(language.to_owned()))?;
        let tag = formats.unwrap_or(FORMATS[index]);
        let bad = |reason: String| LocaleError::BadFormats {
            formats: tag.to_owned(),
            reason,
        };
        let mut formats: icu_locale::Locale = tag
            .parse()
            .map_err(|reason: icu_locale::ParseError| bad(reason.to_string()))?;
        let usual: icu_locale::Locale = FORMATS[index]
            .parse()
            .map_err(|reason: icu_locale::ParseError| bad(reason.to_string()))?;
        // Who chooses digits alone has not chosen a country: "en" means the same with them as without.
        if formats.id.region.is_none() && formats.id.language == usual.id.language {
            formats.id.region = usual.id.region;
        }
        let preferences = (&formats).into();
        DateTimeFormatter::try_new(preferences, fieldsets::YMDE::long())
            .map_err(|reason| bad(reason.to_string()))?;
        let text_id = icu_locale::LanguageIdentifier::try_from_str(language)
            .map_err(|reason| bad(reason.to_string()))?;
        Ok(Self {
            language: SUPPORTED[index],
            formats,
            rtl: LocaleDirectionality::new_common().get(&text_id) == Some(Direction::RightToLeft),
            asked: false,
        })
    }

    /// The language code, for `lang`.
    pub fn lang(&self) -> &'static str {
        self.language
    }

    /// Language and region, as previews of links name them: `ar_LB`; Arabic without a region has the one that stands for none.
    pub fn with_region(&self) -> String {
        let region = self.formats.id.region;
        let region = region.map_or("AR".to_owned(), |region| region.to_string());
        format!("{}_{region}", self.language)
    }

    /// The direction of its script, for `dir`.
    pub fn dir(&self) -> &'static str {
        if self.rtl { "rtl" } else { "ltr" }
    }

    /// Whether it is written from right to left.
    pub fn is_rtl(&self) -> bool {
        self.rtl
    }

    /// The physical side where a line starts: mail clients know no logical sides (T3).
    pub fn start(&self) -> &'static str {
        if self.rtl { "right" } else { "left" }
    }

    /// The physical side where a line ends.
    pub fn end(&self) -> &'static str {
        if self.rtl { "left" } else { "right" }
    }

    /// The same, asked for with `?lang=`: links take it along.
    pub fn asked_for(self) -> Self {
        Self {
            asked: true,
            ..self
        }
    }

    /// Whether it was asked for with `?lang=`.
    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// A link to another page of ours, which takes the language along when it was asked for.
    pub fn link(&self, url: &str) -> String {
        if !self.asked {
            return url.to_owned();
        }
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}lang={}", self.language)
    }

    /// The other languages: code and own name.
    pub fn others(&self) -> Vec<(&'static str, String)> {
        let mut others = names();
        others.retain(|(code, _)| *code != self.language);
        others
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> String {
        texts::find(self.language, key, &[], false)
    }

    /// The text of a key with its values, each isolated by FSI and PDI so that a foreign name leaves the sentence in order.
    pub fn text_with(&self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        texts::find(self.language, key, values, true)
    }

    /// As [`Locale::text_with`] without the isolating marks, for titles of windows and where marks would show.
    pub fn plain_with(&self, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
        texts::find(self.language, key, values, false)
    }

    /// A text that counts: `$n` chooses the plural form, `$nf` is the number as this locale writes it.
    pub fn count(&self, key: &str, n: usize) -> String {
        self.plain_with(key, &[("n", n.into()), ("nf", self.number(n).into())])
    }

    /// A number with this locale's digits and grouping.
    pub fn number(&self, n: usize) -> String {
        DecimalFormatter::try_new(
            (&self.formats).into(),
            icu_decimal::options::DecimalFormatterOptions::default(),
        )
        .map_or_else(
            |_| n.to_string(),
            |formatter| formatter.format(&Decimal::from(n)).to_string(),
        )
    }

    /// A day in full: weekday, day, month and year.
    pub fn date_long(&self, ms: i64, zone: &TimeZone) -> String {
        DateTimeFormatter::try_new((&self.formats).into(), fieldsets::YMDE::long()).map_or_else(
            |_| local(ms, zone).date().to_string(),
            |formatter| formatter.format(&date(&local(ms, zone))).to_string(),
        )
    }

    /// A day in short: day and month.
    pub fn date_day(&self, ms: i64, zone: &TimeZone) -> String {
        DateTimeFormatter::try_new((&self.formats).into(), fieldsets::MD::long()).map_or_else(
            |_| local(ms, zone).date().to_string(),
            |formatter| formatter.format(&date(&local(ms, zone))).to_string(),
        )
    }

    /// A moment in full: day and clock, to the minute.
    pub fn date_time(&self, ms: i64, zone: &TimeZone) -> String {
        let moment = local(ms, zone);
        let Ok(time) = input::Time::try_new(
            moment.hour().unsigned_abs(),
            moment.minute().unsigned_abs(),
            0,
            0,
        ) else {
            return self.date_long(ms, zone);
        };
        let when = input::DateTime {
            date: date(&moment),
            time,
        };
        DateTimeFormatter::try_new(
            (&self.formats).into(),
            fieldsets::YMDE::long().with_time_hm(),
        )
        .map_or_else(
            |_| moment.to_string(),
            |formatter| formatter.format(&when).to_string(),
        )
    }

    /// The direction of a text from outside: this locale's, unless its letters are mostly of the other direction.
    pub fn dir_of(&self, text: &str) -> &'static str {
        match (bidi::is_foreign(text, self.rtl), self.rtl) {
            (false, true) | (true, false) => "rtl",
            (true, true) | (false, false) => "ltr",
        }
    }

    /// The text between FSI and PDI when it is of the other direction, for subjects and lines of text (M17).
    pub fn isolate(&self, text: &str) -> String {
        if bidi::is_foreign(text, self.rtl) {
            format!("\u{2068}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }

    /// Names one after the other, each in the quotation marks of this language and in order among its words.
    pub fn quoted(&self, names: &[String]) -> String {
        let quoted = |name: &String| self.text_with("quoted", &[("name", name.as_str().into())]);
        let names: Vec<String> = names.iter().map(quoted).collect();
        names.join(&format!("{} ", self.text("comma")))
    }

    /// The names of several lists as one; a single one as it is.
    pub fn several<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> String {
        let names: Vec<&str> = names.into_iter().collect();
        if let [name] = names.as_slice() {
            return (*name).to_owned();
        }
        let names: Vec<String> = names.iter().map(|name| self.isolate(name)).collect();
        names.join(" · ")
    }

    /// A line of a text part: a right-to-left line that does not begin with such a letter gets a mark that does,
    /// because readers of plain text take a line's direction from its first letter.
    pub fn line(&self, text: &str) -> String {
        if self.rtl && !bidi::is_foreign(text, true) && !bidi::begins_rtl(text) {
            format!("\u{200F}{text}")
        } else {
            text.to_owned()
        }
    }
}

/// Every language: code and own name.
pub fn names() -> Vec<(&'static str, String)> {
    SUPPORTED
        .into_iter()
        .map(|code| (code, texts::find(code, "language-name", &[], false)))
        .collect()
}

/// The moment on the clocks of a zone; a time out of range is the epoch.
fn local(ms: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(zone.clone())
}

fn date(moment: &Zoned) -> input::Date<icu_calendar::Iso> {
    input::Date::try_new_iso(
        i32::from(moment.year()),
        moment.month().unsigned_abs(),
        moment.day().unsigned_abs(),
    )
    .expect("jiff's dates are dates of the same ISO calendar")
}

/// The language of a tag, when there are texts in it.
pub fn supported(tag: &str) -> Option<&'static str> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
    SUPPORTED
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(primary))
}

/// The language of a page: the one asked for by name, else the best of `Accept-Language`, else the default.
pub fn negotiate(
    lang_param: Option<&str>,
    accept_language: Option<&str>,
    default: &str,
) -> &'static str {
    lang_param
        .and_then(supported)
        .or_else(|| accepted(accept_language?).into_iter().find_map(supported))
        .or_else(|| supported(default))
        .unwrap_or(SUPPORTED[0])
}

/// The tags of an `Accept-Language` header (RFC 9110 §12.5.4), best first; what cannot be read is left out.
fn accepted(header: &str) -> Vec<&str> {
    let mut tags: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|range| {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality: f32 = parameter.trim().strip_prefix("q=")?.trim().parse().ok()?;
            (quality > 0.0).then_some((quality, tag.trim()))
        })
        .collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    tags.into_iter().map(|(_, tag)| tag).collect()
}
