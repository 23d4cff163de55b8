//! An article that a program sends: the keys of JSON lines, its list, and every fault named by its field. A feed is read as far as it
//! goes, for nobody answers for it; here somebody can put right what is wrong.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{MAX_PUBLISHED_MS, parse_date};
use super::error::{FileFault, SkipReason};
use super::json::{is_number_of_views, read_json_object};
use super::sanitise;
use crate::domain::article::NewArticle;

/// So many faults of one article are told.
const MOST_FAULTS: usize = 20;
/// Characters told of a key that is not known.
const MOST_NAME: usize = 60;

/// What a key takes.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Id,
    Texts,
    Person,
    Persons,
    Attachments,
    Views,
}

/// Every key; those in one line are names of the same thing.
const KEYS: [(&[&str], Kind); 20] = [
    (&["list"], Kind::Text),
    (&["section"], Kind::Text),
    (&["id", "guid"], Kind::Id),
    (&["url", "link"], Kind::Text),
    (&["external_url"], Kind::Text),
    (&["title"], Kind::Text),
    (&["summary"], Kind::Text),
    (&["content_html"], Kind::Text),
    (&["content_text"], Kind::Text),
    (&["image"], Kind::Text),
    (&["banner_image"], Kind::Text),
    (&["image_alt"], Kind::Text),
    (&["date_published", "date", "published"], Kind::Text),
    (&["date_modified"], Kind::Text),
    (&["source"], Kind::Text),
    (&["tags", "categories"], Kind::Texts),
    (&["author"], Kind::Person),
    (&["authors"], Kind::Persons),
    (&["attachments"], Kind::Attachments),
    (&["views"], Kind::Views),
];

/// Keys that hold a date.
const DATES: [&str; 4] = ["date_published", "date", "published", "date_modified"];
/// Keys that hold the address of a picture.
const PICTURES: [&str; 2] = ["image", "banner_image"];

/// An article and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The article, cleaned.
    pub article: NewArticle,
    /// The slug of its list, as given.
    pub list: String,
    /// The key of its section, as given; without it the categories decide.
    pub section: Option<String>,
}

/// What is wrong with one key of an article.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The key; empty: the article as a whole.
    pub field: String,
    /// For programs; never changes its meaning.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Fault {
    /// A fault of this key.
    pub fn of(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            code,
            message: message.into(),
        }
    }
}

/// Reads one article of at most `limit` bytes; all that is wrong with it at once.
///
/// Codes: `not-an-object`, `too-large`, `unknown-field`, `wrong-type`, `given-twice`, `missing`, `bad-date`, `bad-url`, `bad-id`.
pub fn read_pushed(item: Value, limit: usize) -> Result<Pushed, Vec<Fault>> {
    let bytes = item.to_string().len();
    if bytes > limit {
        let reason = SkipReason::TooLarge { bytes, limit };
        return Err(vec![Fault::of("", "too-large", reason.to_string())]);
    }
    let Value::Object(mut object) = item else {
        return Err(vec![Fault::of(
            "",
            "not-an-object",
            "an article is a JSON object",
        )]);
    };
    // As in JSON lines, null says no more than leaving the key out.
    object.retain(|_, value| !value.is_null());
    let mut faults = of_shape(&object);
    let list = text(&object, "list");
    if list.is_none() && !object.contains_key("list") {
        faults.push(Fault::of(
            "list",
            "missing",
            "the slug of the list that the article goes to",
        ));
    }
    if !faults.is_empty() {
        faults.truncate(MOST_FAULTS);
        return Err(faults);
    }
    let section = text(&object, "section");
    let article = read_json_object(object.clone()).map_err(|fault| vec![named(&object, &fault)])?;
    let lost = lost(&object, &article);
    if lost.is_empty() {
        let list = list.unwrap_or_default();
        Ok(Pushed {
            article,
            list,
            section,
        })
    } else {
        Err(lost)
    }
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The first of these keys that the article has.
fn first<'a>(object: &Map<String, Value>, keys: &[&'a str]) -> Option<&'a str> {
    keys.iter().copied().find(|key| object.contains_key(*key))
}

/// Keys that are not known, values of the wrong type, the same thing under two names, dates that are none.
fn of_shape(object: &Map<String, Value>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (key, value) in object {
        let Some((_, kind)) = KEYS.iter().find(|(names, _)| names.contains(&key.as_str())) else {
            let name: String = sanitise::line(key).chars().take(MOST_NAME).collect();
            faults.push(Fault::of(
                &name,
                "unknown-field",
                "an article has no such key",
            ));
            continue;
        };
        if let Err(wanted) = kind.check(value) {
            faults.push(Fault::of(key, "wrong-type", format!("must be {wanted}")));
        } else if DATES.contains(&key.as_str()) && value.as_str().and_then(moment).is_none() {
            let wanted = "is not a date since 1970; write 2026-11-23 or 2026-11-23T09:30:00+03:00";
            faults.push(Fault::of(key, "bad-date", wanted));
        }
    }
    for (names, _) in KEYS {
        let mut given = names.iter().filter(|name| object.contains_key(**name));
        if let (Some(one), Some(other)) = (given.next(), given.next()) {
            faults.push(Fault::of(
                other,
                "given-twice",
                format!("is another name of {one}; give one of them"),
            ));
        }
    }
    faults
}

impl Kind {
    /// What the key takes, when the value is something else.
    fn check(self, value: &Value) -> Result<(), &'static str> {
        let each = |is_good: fn(&Value) -> bool| {
            value.as_array().is_some_and(|all| all.iter().all(is_good))
        };
        let (is_good, wanted) = match self {
            Self::Text => (value.is_string(), "a text"),
            Self::Id => (value.is_string() || value.is_number(), "a text or a number"),
            Self::Texts => (each(Value::is_string), "an array of texts"),
            Self::Person => (is_person(value), "a text, or an object with a name"),
            Self::Persons => (each(is_person), "an array of objects with a name"),
            Self::Attachments => (
                each(is_attachment),
                "an array of objects with url and mime_type",
            ),
            Self::Views => (
                is_number_of_views(value),
                "a whole number from 0 to 1000000000000",
            ),
        };
        if is_good { Ok(()) } else { Err(wanted) }
    }
}

fn is_person(value: &Value) -> bool {
    value.is_string()
        || value
            .get("name")
            .is_some_and(|name| name.is_string() || name.is_null())
}

fn is_attachment(value: &Value) -> bool {
    let is_text = |key| {
        value
            .get(key)
            .is_none_or(|value| value.is_string() || value.is_null())
    };
    value.is_object() && is_text("url") && is_text("mime_type")
}

/// The key behind what makes an article unusable.
fn named(object: &Map<String, Value>, fault: &FileFault) -> Fault {
    match fault {
        FileFault::Unusable(SkipReason::NoLink) => {
            match first(object, &["url", "link", "external_url"]) {
                Some(key) => Fault::of(
                    key,
                    "bad-url",
                    "must be an http(s) address of at most 2000 characters",
                ),
                None => Fault::of("url", "missing", "the address of the article's page"),
            }
        }
        FileFault::Unusable(SkipReason::NoTitle) => Fault::of(
            "title",
            "missing",
            "an article needs a title, or a summary to make one of",
        ),
        other => Fault::of("", "unreadable", other.to_string()),
    }
}

/// A date that an article can have: the zero of a program's clock, such as year 1, is none.
fn moment(text: &str) -> Option<i64> {
    parse_date(text).filter(|ms| (0..=MAX_PUBLISHED_MS).contains(ms))
}

/// What was given and did not come through: a feed does without it, a program is told.
fn lost(object: &Map<String, Value>, article: &NewArticle) -> Vec<Fault> {
    let mut lost = Vec::new();
    if let Some(key) = first(object, &["id", "guid"])
        && article.guid.is_none()
    {
        let wanted = "must have 1 to 1000 octets and no control characters";
        lost.push(Fault::of(key, "bad-id", wanted));
    }
    let page = Url::parse(&article.url).ok();
    for key in PICTURES {
        let given = object.get(key).and_then(Value::as_str);
        if given.is_some_and(|given| sanitise::absolute(given, page.as_ref()).is_none()) {
            lost.push(Fault::of(
                key,
                "bad-url",
                "must be the http(s) address of a picture",
            ));
        }
    }
    lost
}
