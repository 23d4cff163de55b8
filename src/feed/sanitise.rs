//! HTML from outside becomes harmless (X2): inline text tags and http(s) links, or plain text. Titles and summaries are one line
//! in NFC without control characters and without marks that turn text around (M16, M17).

use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex};

use ammonia::{Builder, UrlRelative};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use crate::domain::article::SafeHtml;

/// A summary is cut at about this many characters.
const SUMMARY_CHARS: usize = 320;

static INLINE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(["a", "em", "strong", "b", "i", "br"]))
        .clean_content_tags(DROPPED.into_iter().collect())
        .tag_attributes([("a", HashSet::from(["href"]))].into())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    builder
});

static NOTHING: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.clean_content_tags(DROPPED.into_iter().collect());
    builder
});

/// Elements that go with all they hold.
const DROPPED: [&str; 12] = [
    "script", "style", "svg", "math", "iframe", "object", "form", "template", "noscript", "title",
    "textarea", "select",
];

/// A summary: inline HTML and the same as plain text, both cut when it is long.
pub fn summary(html: &str) -> (SafeHtml, String) {
    let whole = text(html);
    let cut = shorten(&whole, SUMMARY_CHARS);
    if cut.len() < whole.len() {
        return (SafeHtml::from_sanitised(ammonia::clean_text(&cut)), cut);
    }
    let inline = one_line(&INLINE.clean(&spaced(html)).to_string());
    (SafeHtml::from_sanitised(inline), whole)
}

/// The text of some HTML on one line.
pub fn text(html: &str) -> String {
    let escaped = NOTHING.clean(&spaced(html)).to_string();
    // The sanitiser's serialiser escapes just these.
    let plain = escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    one_line(&plain)
}

/// NFC on one line, without what must not be in a title (M16, M17).
pub fn one_line(text: &str) -> String {
    let harmless = |letter: &char| {
        letter.is_whitespace()
            || !(letter.is_control()
                || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
    };
    let text: String = text.nfc().filter(harmless).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first picture of some HTML: its absolute address and its alternative text.
pub fn first_image(html: &str, base: Option<&Url>) -> Option<(String, String)> {
    if !html.contains("<img") && !html.contains("<IMG") {
        return None;
    }
    let seen: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let found = Arc::clone(&seen);
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(["img"]))
        .clean_content_tags(DROPPED.into_iter().collect())
        .tag_attributes([("img", HashSet::from(["src", "alt"]))].into())
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(move |_, name, value| {
            if let Ok(mut found) = found.lock() {
                found.push((name.to_owned(), value.to_owned()));
            }
            Some(value.into())
        });
    builder.clean(html);
    let seen = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
    let at = seen.iter().position(|(name, _)| name == "src")?;
    let url = absolute(&seen[at].1, base)?;
    // Attributes come in the order of the tag: the alternative text stands right before or after its address.
    let beside = [at.checked_sub(1), Some(at + 1)]
        .into_iter()
        .flatten()
        .filter_map(|place| seen.get(place));
    let alt = beside
        .filter(|(name, _)| name == "alt")
        .map(|(_, value)| one_line(value))
        .next();
    Some((url, alt.unwrap_or_default()))
}

/// An absolute http(s) address.
pub fn absolute(address: &str, base: Option<&Url>) -> Option<String> {
    let parsed = match Url::parse(address.trim()) {
        Ok(url) => url,
        Err(_) => base?.join(address.trim()).ok()?,
    };
    (matches!(parsed.scheme(), "http" | "https") && parsed.has_host()).then(|| parsed.to_string())
}

/// A space before each tag that begins or ends a block, so that its words do not grow together when the tag goes.
fn spaced(html: &str) -> String {
    const BLOCKS: [&str; 14] = [
        "p",
        "br",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "tr",
        "td",
        "blockquote",
        "figcaption",
    ];
    let mut spaced = String::with_capacity(html.len() + 32);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        spaced.push_str(before);
        let name: String = tag[1..]
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        if BLOCKS.contains(&name.to_ascii_lowercase().as_str()) {
            spaced.push(' ');
        }
        spaced.push('<');
        rest = &tag[1..];
    }
    spaced.push_str(rest);
    spaced
}

/// At most about so many characters: whole sentences if they fill half of that, else whole words and an ellipsis.
fn shorten(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let sentence = head.char_indices().rev().find(|(at, letter)| {
        matches!(letter, '.' | '!' | '?' | '؟' | '…')
            && text[at + letter.len_utf8()..].starts_with(' ')
    });
    match sentence {
        Some((at, letter)) if at * 2 > end => head[..at + letter.len_utf8()].to_owned(),
        _ => format!(
            "{}…",
            head.rsplit_once(' ').map_or(head, |(words, _)| words)
        ),
    }
}
