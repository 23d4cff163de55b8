//! The single values of the file: what each kind may look like, and what to write instead.
//!
//! A refusal reads on from the refused value: `"7 cows" is not a duration…`.

use std::net::IpAddr;
use std::time::Duration;

use icu_locale::Locale;
use icu_locale::extensions::unicode::{Value, key};
use jiff::civil::Date;
use jiff::{Span, SpanRelativeTo};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use crate::domain::address::EmailAddress;

/// Languages that Nashra has texts in.
pub const SUPPORTED_LANGUAGES: [&str; 7] = ["ar", "en", "fr", "fa", "he", "ur", "tr"];

/// Digits as CLDR names them: 1 2 3, ١ ٢ ٣ and ۱ ۲ ۳.
pub(super) const DIGITS: [(&str, &str); 3] =
    [("latn", "latn"), ("arab", "arab"), ("arabext", "arabext")];

/// Calendars as CLDR names them.
pub(super) const CALENDARS: [(&str, &str); 3] = [
    ("gregory", "gregory"),
    ("islamic-umalqura", "islamic-umalqura"),
    ("persian", "persian"),
];

/// Longer than any mail, lease or link lives; keeps sums of times far from overflow.
const LONGEST: Duration = Duration::from_hours(24 * 3650);

/// A value, or what is wrong with it.
pub type Parsed<T> = Result<T, &'static str>;

/// One line of text, NFC, without what could end a mail header or turn the text after it around (X1, M17).
pub(super) fn line(text: &str) -> Parsed<String> {
    if text.chars().any(char::is_control) {
        return Err("must be one line without control characters");
    }
    if text.contains(|letter| matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        return Err("must not hold invisible direction marks or line separators");
    }
    Ok(text.trim().nfc().collect())
}

/// A time that passes: `90s`, `15m`, `72h`, `5d`, `1h 30m`. May be zero.
pub(super) fn delay(text: &str) -> Parsed<Duration> {
    let span: Span = text
        .parse()
        .map_err(|_| "is not a duration; write 90s, 15m, 72h or 5d")?;
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "has no fixed length; write it in days, such as 30d")?;
    match Duration::try_from(signed) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err("is longer than ten years"),
        Err(_) => Err("is negative"),
    }
}

/// A [`delay`] longer than zero.
pub(super) fn duration(text: &str) -> Parsed<Duration> {
    match delay(text)? {
        Duration::ZERO => Err("must be longer than zero"),
        duration => Ok(duration),
    }
}

/// An amount of bytes: `800 KB`, `5 MB` (powers of ten) or `5 MiB` (powers of two).
pub(super) fn size(text: &str) -> Parsed<u64> {
    const HINT: &str = "is not a size; write 800 KB or 5 MB";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(HINT),
    };
    match number.parse::<u64>().map_err(|_| HINT)?.checked_mul(factor) {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("must be more than zero, and fewer than 18 exabytes"),
    }
}

/// A domain name in its ASCII form (RFC 5890 A-labels).
pub fn domain(text: &str) -> Parsed<String> {
    idna::domain_to_ascii_strict(text).map_err(|_| "is not a domain name, such as news.example.org")
}

/// The domain of readers' addresses, as [`EmailAddress`] keeps it.
pub(super) fn mailbox_domain(text: &str) -> Parsed<String> {
    match EmailAddress::parse(&format!("reader@{text}")) {
        Ok(address) => Ok(address.domain().to_owned()),
        Err(_) => Err("is not the domain of an address, such as example.org"),
    }
}

/// The name of a DKIM key in DNS (RFC 6376 §3.1): labels with full stops between them.
pub fn selector(text: &str) -> Parsed<String> {
    let is_label = |label: &str| {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= 120 && text.split('.').all(is_label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("is not a selector, such as s1 or 2027-01: letters, digits and - within, 120 at most")
    }
}

/// A day: `2026-12-01`.
pub(super) fn date(text: &str) -> Parsed<Date> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "is not a date, such as 2026-12-01")
}

/// What stands after EHLO (RFC 5321 §4.1.1.1): a domain name, or an address literal such as `[192.0.2.1]`.
pub(super) fn helo(text: &str) -> Parsed<String> {
    match text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        None => domain(text),
        Some(literal) => match literal.strip_prefix("IPv6:").unwrap_or(literal).parse() {
            Ok(address) => Ok(address_literal(address)),
            Err(_) => Err("is not an address literal, such as [192.0.2.1]"),
        },
    }
}

/// An IP address as SMTP writes it (RFC 5321 §4.1.3).
pub(super) fn address_literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// An e-mail address of ours: any relay must be able to carry it, also one without SMTPUTF8.
pub(super) fn address(text: &str) -> Result<String, String> {
    match EmailAddress::parse(text) {
        Ok(address) if address.needs_smtputf8() => Err(
            "must be ASCII before the @: many relays and mailboxes take no other sender".to_owned(),
        ),
        Ok(address) => Ok(address.as_str().to_owned()),
        Err(error) => Err(format!(
            "is not an e-mail address such as editor@example.org: {error}"
        )),
    }
}

/// The ASCII domain of an [`address`].
pub(super) fn domain_of(address: &str) -> String {
    let host = address.rsplit_once('@').map_or("", |(_, host)| host);
    domain(host).unwrap_or_default()
}

/// A language tag in canonical form (BCP 47).
pub(super) fn formats(text: &str) -> Parsed<String> {
    match Locale::try_from_str(text) {
        Ok(locale) => Ok(locale.to_string()),
        Err(_) => Err("is not a language tag, such as ar or ar-LB-u-nu-latn"),
    }
}

/// The tag of [`formats`] with digits and a calendar of one's own in place of those it has or implies.
pub(super) fn formats_with(formats: &str, digits: Option<&str>, calendar: Option<&str>) -> String {
    let Ok(mut tag) = Locale::try_from_str(formats) else {
        return formats.to_owned();
    };
    for (key, value) in [(key!("nu"), digits), (key!("ca"), calendar)] {
        if let Some(Ok(value)) = value.map(Value::try_from_str) {
            tag.extensions.unicode.keywords.set(key, value);
        }
    }
    tag.to_string()
}

/// A language tag whose language has texts.
pub(super) fn locale(text: &str) -> Result<String, String> {
    let tag = formats(text)?;
    let language = tag.split('-').next().unwrap_or_default();
    if SUPPORTED_LANGUAGES.contains(&language) {
        return Ok(tag);
    }
    let known = SUPPORTED_LANGUAGES.join(", ");
    Err(format!(
        "is in a language that Nashra has no texts in; it has {known}"
    ))
}

/// An absolute http or https address without credentials, which would end up in logs and pages.
pub(super) fn web_address(text: &str) -> Parsed<Url> {
    match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Err("is not a web address; write it in full, such as https://example.org/")
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("must not hold a user name or password")
        }
        Ok(url) => Ok(url),
        Err(_) => Err("is not a web address; write it in full, such as https://example.org/"),
    }
}

/// The origin of a site, as browsers write it (RFC 6454 §6.2).
pub(super) fn origin(text: &str) -> Parsed<String> {
    const HINT: &str = "is not the origin of a site, such as https://example.org";
    let url = web_address(text).map_err(|_| HINT)?;
    if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
        Ok(url.origin().ascii_serialization())
    } else {
        Err(HINT)
    }
}

/// A short name that appears in addresses: `a-z`, `0-9` and `-`, at most 40.
pub(super) fn slug(text: &str) -> Parsed<String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if text.len() <= 40 && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 40 of a-z, 0-9 and -")
    }
}

/// One of a few words.
pub(super) fn choice<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(format!("is not one of: {}", known.join(", ")))
}

/// Whether a host is this very machine, so that nothing is read on the way.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}
