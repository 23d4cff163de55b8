//! HTML from outside becomes inline text tags, plain text and a picture (standards X2, M16, M17).
//!
//! ammonia does the work twice: first down to tags that can be read in one walk, then, after the walk, down to what may
//! be stored; so the last hand on every `SafeHtml` is the sanitiser's.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::markup::{Token, Tokens, attribute, unescape};
use crate::domain::article::{Image, SafeHtml, is_turning};

/// As much HTML of one item as is read: a lead is a paragraph, and deep nonsense costs time.
const MAX_HTML: usize = 64 * 1024;

const INLINE: [&str; 6] = ["a", "b", "br", "em", "i", "strong"];
/// Tags that end a paragraph, kept through the first pass so that words on both sides do not grow together.
const BLOCK: [&str; 28] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "tr",
    "ul",
];
/// Tags whose content is not text to read.
const DROPPED: [&str; 20] = [
    "audio",
    "button",
    "canvas",
    "form",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

static READABLE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = INLINE.into_iter().chain(BLOCK).chain(["img"]).collect();
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
    ]);
    builder(tags, attributes, UrlRelative::PassThrough)
});

static STORED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes = HashMap::from([("a", HashSet::from(["href"]))]);
    builder(INLINE.into_iter().collect(), attributes, UrlRelative::Deny)
});

fn builder(
    tags: HashSet<&'static str>,
    attributes: HashMap<&'static str, HashSet<&'static str>>,
    relative: UrlRelative<'static>,
) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(DROPPED))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(relative)
        .link_rel(None);
    builder
}

/// What a piece of HTML says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// Inline tags and http(s) links only; empty when there is no text.
    pub html: SafeHtml,
    /// One paragraph.
    pub text: String,
    /// The first picture that is more than a counting pixel.
    pub image: Option<Image>,
}

/// Reads HTML from outside; links are resolved against `base`.
pub fn read_html(html: &str, base: Option<&Url>) -> Fragment {
    let readable = READABLE.clean(beginning(html)).to_string();
    let mut walk = Walk::default();
    for (_, token) in Tokens::new(&readable).map_while(Result::ok) {
        walk.step(token, base);
    }
    walk.finish()
}

/// At most `MAX_HTML` of it, and no half of a tag at the end.
fn beginning(html: &str) -> &str {
    let head = &html[..html.floor_char_boundary(MAX_HTML)];
    match head.rfind(['<', '>']) {
        Some(at) if head.len() < html.len() && head[at..].starts_with('<') => &head[..at],
        _ => head,
    }
}

/// Plain text as the same kind of fragment.
pub fn read_text(text: &str) -> Fragment {
    let text = line(text);
    Fragment {
        html: escaped(&text),
        text,
        image: None,
    }
}

/// Text as HTML.
pub fn escaped(text: &str) -> SafeHtml {
    let mut html = String::with_capacity(text.len());
    push_escaped(&mut html, text);
    SafeHtml::from_sanitised(html)
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

/// One line of clean text: NFC, single spaces, no controls, no direction overrides.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text
        .nfc()
        .filter(|c| !is_stripped(*c))
        .collect::<String>()
        .split_whitespace()
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Controls other than white space, and what changes the direction of the text around it (ZWNJ and marks stay).
fn is_stripped(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || is_turning(c)
}

/// The text cut to about `max` characters at the end of a sentence or a word; `None` when it is short enough.
pub fn cut(text: &str, max: usize) -> Option<String> {
    let (end, _) = text.char_indices().nth(max)?;
    let head = &text[..end];
    let late = |at: &usize| *at > end / 2;
    let sentence = head
        .rmatch_indices(['.', '!', '?', '؟', '۔', '…'])
        .map(|(at, mark)| at + mark.len())
        .find(|after| text[*after..].starts_with(' '));
    if let Some(after) = sentence.filter(late) {
        return Some(format!("{} …", &head[..after]));
    }
    let word = if text[end..].starts_with(' ') {
        Some(end)
    } else {
        head.rfind(' ')
    };
    let kept = &head[..word.filter(late).unwrap_or(end)];
    Some(format!(
        "{}…",
        kept.trim_end_matches([' ', ',', ';', ':', '،', '؛'])
    ))
}

/// What stands between two words of the source.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Break,
}

#[derive(Default)]
struct Walk {
    html: String,
    text: String,
    gap: Gap,
    image: Option<Image>,
    caption: String,
    in_caption: bool,
    /// Inline tags opened, but with no letter inside yet.
    waiting: Vec<(String, String)>,
}

impl Walk {
    fn step(&mut self, token: Token<'_>, base: Option<&Url>) {
        match token {
            Token::Text(text) if self.in_caption => self.caption.push_str(&unescape(text)),
            Token::Text(text) => self.text(&unescape(text)),
            Token::Start {
                name: "img",
                attributes,
                ..
            } => self.picture(attributes, base),
            Token::Start { name: "br", .. } => self.gap = Gap::Break,
            Token::Start { name, .. } | Token::End(name)
                if self.in_caption && INLINE.contains(&name) => {}
            Token::Start {
                name, attributes, ..
            } if INLINE.contains(&name) => self.open(name, attributes, base),
            Token::End(name) if INLINE.contains(&name) => self.close(name),
            Token::Start { name, .. } => {
                self.in_caption |= name == "figcaption";
                self.gap = Gap::Break;
            }
            Token::End(name) => {
                self.in_caption &= name != "figcaption";
                self.gap = Gap::Break;
            }
            Token::CData(_) | Token::Doctype(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.nfc().filter(|c| !is_stripped(*c)) {
            if c.is_whitespace() {
                self.gap = self.gap.max(Gap::Space);
                continue;
            }
            self.fill_gap();
            self.text.push(c);
            push_escaped(&mut self.html, c.encode_utf8(&mut [0; 4]));
        }
    }

    /// What stands before the next letter: the gap, then the tags that were opened since the last one.
    fn fill_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if gap != Gap::None && !self.text.is_empty() {
            self.text.push(' ');
            self.html
                .push_str(if gap == Gap::Break { "<br>" } else { " " });
        }
        for (_, tag) in self.waiting.drain(..) {
            self.html.push_str(&tag);
        }
    }

    fn open(&mut self, name: &str, attributes: &str, base: Option<&Url>) {
        let tag = if name == "a" {
            let target = attribute(attributes, "href").and_then(|href| absolute(&href, base));
            target.map_or_else(String::new, |target| {
                format!("<a href=\"{}\">", escaped(target.as_str()))
            })
        } else {
            format!("<{name}>")
        };
        self.waiting.push((name.to_owned(), tag));
    }

    /// Tags around nothing leave nothing; the end of a link without a target is dropped by the second pass.
    fn close(&mut self, name: &str) {
        if self.waiting.pop_if(|(open, _)| open == name).is_none() {
            self.html.extend(["</", name, ">"]);
        }
    }

    fn picture(&mut self, attributes: &str, base: Option<&Url>) {
        let tiny =
            |side| attribute(attributes, side).is_some_and(|size| matches!(size.trim(), "0" | "1"));
        if self.image.is_some() || tiny("width") || tiny("height") {
            return;
        }
        let source = attribute(attributes, "src").and_then(|source| absolute(&source, base));
        self.image = source.map(|source| Image {
            url: source.into(),
            alt: attribute(attributes, "alt")
                .map(|alt| line(&alt))
                .unwrap_or_default(),
        });
    }

    fn finish(mut self) -> Fragment {
        if let Some(image) = self.image.as_mut().filter(|image| image.alt.is_empty()) {
            image.alt = line(&self.caption);
        }
        Fragment {
            html: SafeHtml::from_sanitised(STORED.clean(&self.html).to_string()),
            text: self.text,
            image: self.image,
        }
    }
}

/// An absolute http(s) address.
pub fn absolute(address: &str, base: Option<&Url>) -> Option<Url> {
    let address = address.trim();
    Url::parse(address)
        .ok()
        .or_else(|| base?.join(address).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests;
