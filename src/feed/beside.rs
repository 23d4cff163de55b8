//! What an item of XML says beside what feed-rs reads: the source, the RSS author, a thumbnail, the kind of GUID, how much it is talked
//! about.

use super::draft::name_line;
use super::markup::{Token, Tokens, attribute, local, text_of};

/// What feed-rs does not give, or not safely, read beside it.
#[derive(Debug)]
pub struct Beside {
    /// The name of the source.
    pub source: Option<String>,
    /// The RSS author.
    pub author: Option<String>,
    /// Address of media:thumbnail.
    pub thumbnail: Option<String>,
    /// How many comments it has (`slash:comments`, or `thr:total` of RFC 4685 §5).
    pub views: Option<i64>,
    /// Whether the GUID may be an address.
    pub guid_is_link: bool,
    /// The item for feed-rs: without RSS authors and durations, on which it panics when a letter of more than one byte
    /// stands beside an address, or a digit is not ASCII.
    pub rest: String,
}

impl Beside {
    /// Reads the item's own children; namespaces are told by the local name alone.
    pub fn read(item: &str) -> Self {
        let mut beside = Self {
            source: None,
            author: None,
            thumbnail: None,
            views: None,
            guid_is_link: true,
            rest: String::with_capacity(item.len()),
        };
        let mut kept = 0;
        for child in children(item) {
            let value =
                || Some(text_of(child.inside).trim().to_owned()).filter(|value| !value.is_empty());
            let plain = !child.inside.replace("<![CDATA[", "").contains('<');
            match local(child.name) {
                "source" | "publisher" if beside.source.is_none() => {
                    beside.source = source(child.inside);
                }
                "guid" => {
                    beside.guid_is_link =
                        attribute(child.attributes, "isPermaLink").as_deref() != Some("false");
                }
                "thumbnail" if beside.thumbnail.is_none() => {
                    beside.thumbnail = attribute(child.attributes, "url");
                }
                // The element of RSS itself with this name holds an address.
                "comments" | "total" if beside.views.is_none() => {
                    beside.views = value().and_then(|value| value.parse().ok());
                }
                "author" | "creator" | "duration" if plain => {
                    if local(child.name) != "duration" && beside.author.is_none() {
                        beside.author = value();
                    }
                    beside.rest.push_str(&item[kept..child.from]);
                    kept = child.to;
                }
                _ => {}
            }
        }
        beside.rest.push_str(&item[kept..]);
        beside
    }
}

/// RSS `<source>` and Dublin Core hold a name or an address, Atom `<source>` a title among other things.
fn source(inside: &str) -> Option<String> {
    let title = children(&format!("<source>{inside}</source>"))
        .into_iter()
        .find(|child| local(child.name) == "title")
        .map(|child| text_of(child.inside));
    let name = title.unwrap_or_else(|| {
        if inside.contains("</") {
            String::new()
        } else {
            text_of(inside)
        }
    });
    Some(name.trim().to_owned()).filter(|name| !name.is_empty() && !name.contains("://"))
}

/// The title of an item that cannot be read otherwise, for the record.
pub fn title_of(item: &str) -> String {
    let title = children(item)
        .into_iter()
        .find(|child| local(child.name) == "title");
    title
        .and_then(|title| name_line(&text_of(title.inside)))
        .unwrap_or_default()
}

struct Child<'a> {
    name: &'a str,
    attributes: &'a str,
    inside: &'a str,
    from: usize,
    to: usize,
}

/// The elements directly inside the one that the text is.
fn children(element: &str) -> Vec<Child<'_>> {
    let mut found: Vec<Child<'_>> = Vec::new();
    let mut depth = 0;
    for (range, token) in Tokens::new(element).map_while(Result::ok) {
        match token {
            Token::Start {
                name,
                attributes,
                empty,
            } => {
                if depth == 1 {
                    found.push(Child {
                        name,
                        attributes,
                        inside: "",
                        from: range.start,
                        to: range.end,
                    });
                }
                depth += usize::from(!empty);
            }
            Token::End(_) => {
                depth = usize::saturating_sub(depth, 1);
                if depth == 1
                    && let Some(child) = found.last_mut()
                {
                    // Until now `to` was the end of its opening tag.
                    child.inside = &element[child.to..range.start];
                    child.to = range.end;
                }
            }
            _ => {}
        }
    }
    found
}
