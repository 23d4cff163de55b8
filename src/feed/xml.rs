//! The frame of an XML feed: refuses DTDs and depth (standards X4, X5), and cuts out the items one by one, so that a
//! broken, oversized or truncated item costs itself and not the feed.

use super::FetchLimits;
use super::error::FeedError;
use super::markup::{Fault, Token, Tokens, attribute, local};

const MAX_DEPTH: usize = 100;
/// Bytes of a tag around the items, which is read again with each of them.
const MAX_ENVELOPE_TAG: usize = 8 * 1024;

/// A feed cut into its items.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    /// The tags open around an item, outermost first.
    envelope: Vec<Open<'a>>,
    /// The tags open around the feed's title.
    title_envelope: Vec<Open<'a>>,
    title: Option<&'a str>,
    /// The items read whole, at most the limit.
    pub items: Vec<&'a str>,
    /// How many items there were beyond the limit.
    pub left_out: usize,
    /// Where the markup breaks, if it does: line and reason.
    pub fault: Option<(usize, &'static str)>,
}

#[derive(Debug, Clone, Copy)]
struct Open<'a> {
    at: usize,
    name: &'a str,
    tag: &'a str,
}

impl<'a> Frame<'a> {
    /// Reads the frame; `place` is for the errors.
    pub fn read(text: &'a str, place: &str, limits: &FetchLimits) -> Result<Self, FeedError> {
        check_root(text, place)?;
        let mut frame = Self::default();
        let mut open: Vec<Open<'a>> = Vec::new();
        for token in Tokens::new(text) {
            let step = token.and_then(|(range, token)| match token {
                Token::Start { empty: true, .. } | Token::Text(_) | Token::CData(_) => Ok(()),
                Token::Start { name, .. } => {
                    let tag = &text[range.clone()];
                    open.push(Open {
                        at: range.start,
                        name,
                        tag,
                    });
                    let reason = if open.len() > MAX_DEPTH {
                        "the elements are nested more than 100 deep"
                    } else if open.len() <= 2 && tag.len() > MAX_ENVELOPE_TAG {
                        "a tag around the items is longer than 8 KB"
                    } else {
                        return Ok(());
                    };
                    Err(Fault {
                        at: range.start,
                        reason,
                    })
                }
                Token::End(name) => match open.pop() {
                    Some(closed) if closed.name == name => {
                        frame.close(&open, closed, &text[closed.at..range.end], limits);
                        Ok(())
                    }
                    _ => Err(Fault {
                        at: range.start,
                        reason: "a closing tag does not match its opening tag",
                    }),
                },
                // Before the root an external one is left alone: nothing fetches it. `check_root` refused the others.
                Token::Doctype(_) if open.is_empty() => Ok(()),
                Token::Doctype(_) => Err(Fault {
                    at: range.start,
                    reason: "a declaration stands inside an element",
                }),
            });
            if let Err(fault) = step {
                frame.fault = Some((line(text, fault.at), fault.reason));
                return frame.or_malformed(place);
            }
        }
        if !open.is_empty() {
            frame.fault = Some((
                line(text, text.len()),
                "the document ends before its elements are closed",
            ));
        }
        frame.or_malformed(place)
    }

    fn close(
        &mut self,
        open: &[Open<'a>],
        closed: Open<'a>,
        element: &'a str,
        limits: &FetchLimits,
    ) {
        let parent = open.last().map_or("", |open| local(open.name));
        match (parent, local(closed.name)) {
            ("channel" | "RDF", "item") | ("feed", "entry") => {
                if self.items.len() == limits.max_items {
                    self.left_out += 1;
                    return;
                }
                if self.items.is_empty() {
                    self.envelope = open.to_vec();
                }
                self.items.push(element);
            }
            ("channel" | "feed", "title") if self.title.is_none() => {
                self.title_envelope = open.to_vec();
                self.title = Some(element);
            }
            _ => {}
        }
    }

    /// A fault before the first whole item leaves nothing to read.
    fn or_malformed(self, place: &str) -> Result<Self, FeedError> {
        match self.fault {
            Some((line, reason)) if self.items.is_empty() => Err(FeedError::Malformed {
                place: place.to_owned(),
                line,
                reason,
            }),
            _ => Ok(self),
        }
    }

    /// A feed of this one item, with all the namespaces it needs.
    pub fn alone(&self, item: &str) -> String {
        wrap(&self.envelope, item)
    }

    /// A feed of the title alone.
    pub fn title(&self) -> Option<String> {
        self.title.map(|title| wrap(&self.title_envelope, title))
    }
}

fn wrap(envelope: &[Open<'_>], inside: &str) -> String {
    let mut out = String::new();
    for open in envelope {
        out.push_str(&with_version(open));
    }
    out.push_str(inside);
    for open in envelope.iter().rev() {
        out.push_str("</");
        out.push_str(open.name);
        out.push('>');
    }
    out
}

/// Feeds written by hand forget `version`, or invent one; what they hold is RSS 2.0.
fn with_version(open: &Open<'_>) -> String {
    let version = attribute(&open.tag[1 + open.name.len()..], "version");
    if open.name != "rss" || matches!(version.as_deref(), Some("2.0" | "0.91" | "0.92")) {
        return open.tag.to_owned();
    }
    let tag = open.tag.replacen(" version", " was", 1);
    tag.replacen("<rss", "<rss version=\"2.0\"", 1)
}

fn check_root(text: &str, place: &str) -> Result<(), FeedError> {
    let not_a_feed = |found: String| FeedError::NotAFeed {
        place: place.to_owned(),
        found,
    };
    for token in Tokens::new(text) {
        match token {
            Ok((_, Token::Doctype(inside))) if inside.contains('[') => {
                return Err(FeedError::Dtd {
                    place: place.to_owned(),
                });
            }
            Ok((_, Token::Start { name, .. })) => {
                return match local(name) {
                    "rss" | "RDF" | "feed" => Ok(()),
                    other if other.eq_ignore_ascii_case("html") => {
                        Err(not_a_feed("an HTML page".to_owned()))
                    }
                    other => Err(not_a_feed(format!(
                        "a document of <{}>",
                        other.chars().take(40).collect::<String>()
                    ))),
                };
            }
            Ok(_) => {}
            Err(fault) => {
                return Err(FeedError::Malformed {
                    place: place.to_owned(),
                    line: line(text, fault.at),
                    reason: fault.reason,
                });
            }
        }
    }
    Err(not_a_feed("text without a single element".to_owned()))
}

fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
