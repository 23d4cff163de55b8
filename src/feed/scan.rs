//! A look over a feed before it is parsed: its encoding is undone, a DTD is refused (X5), nesting is bounded, a feed that breaks
//! off is closed after its last whole item, and each item's source line is noted (the parser does not keep it).

use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::FeedError;
use super::sanitise;

/// The deepest nesting of elements that is read.
const DEPTH: usize = 100;

/// A feed ready for the parser.
pub struct Scanned {
    /// UTF-8 without an XML declaration.
    pub text: String,
    /// The source line of each item, in the order of the items.
    pub sources: Vec<Option<String>>,
    /// What stands after the last whole item cannot be read.
    pub broken: bool,
}

/// Looks over a feed.
pub fn scan(bytes: &[u8], content_type: Option<&str>, url: &str) -> Result<Scanned, FeedError> {
    let text = decode(bytes, content_type);
    let start = text.trim_start();
    if start.starts_with('{') {
        return Ok(Scanned {
            text,
            sources: Vec::new(),
            broken: false,
        });
    }
    if !start.starts_with('<') {
        let reason = if start.is_empty() {
            "it is empty"
        } else {
            "neither XML nor JSON"
        };
        return Err(FeedError::NotAFeed {
            url: url.to_owned(),
            reason: reason.to_owned(),
        });
    }
    look_over(start, url)
}

/// BOM, then the server's charset, then the XML declaration, then UTF-8 (RFC 7303 §3).
fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let told = content_type.and_then(|value| {
        let (_, charset) = value.split_once("charset=")?;
        Encoding::for_label(
            charset
                .split(';')
                .next()?
                .trim()
                .trim_matches('"')
                .as_bytes(),
        )
    });
    let encoding = told.or_else(|| declared(bytes)).unwrap_or(UTF_8);
    // `decode` lets a byte order mark win over what was told.
    let (text, _, _) = encoding.decode(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // The declaration names the encoding that was just undone: the parser must not see it.
    match text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
    {
        Some((_, rest)) => rest.to_owned(),
        None => text.to_owned(),
    }
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    // UTF-16 without a mark shows itself by the zero beside the first "<".
    match bytes {
        [0, b'<', ..] => return Some(encoding_rs::UTF_16BE),
        [b'<', 0, ..] => return Some(encoding_rs::UTF_16LE),
        _ => {}
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")?
        .split_once("?>")?
        .0
        .to_owned();
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

fn look_over(text: &str, url: &str) -> Result<Scanned, FeedError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    let mut sources = Vec::new();
    let (mut item, mut source, mut whole) =
        (None::<usize>, None::<String>, None::<(usize, Vec<String>)>);
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => {
                return Err(FeedError::Dtd {
                    url: url.to_owned(),
                });
            }
            Ok(Event::Start(tag)) => {
                let name = tag.local_name().as_ref().to_owned();
                if item.is_none() && matches!(name.as_str(), "item" | "entry") {
                    (item, source) = (Some(open.len()), None);
                } else if item.is_some_and(|depth| open.len() == depth + 1) && name == "source" {
                    source = Some(String::new());
                }
                open.push(name);
                if open.len() > DEPTH {
                    let reason = format!("elements are nested deeper than {DEPTH}");
                    return Err(FeedError::NotAFeed {
                        url: url.to_owned(),
                        reason,
                    });
                }
            }
            Ok(Event::End(_)) => {
                open.pop();
                if item == Some(open.len()) {
                    item = None;
                    sources.push(
                        source
                            .take()
                            .map(|line| sanitise::text(&line))
                            .filter(|line| !line.is_empty()),
                    );
                    whole = Some((reader.buffer_position() as usize, open.clone()));
                }
                if open.is_empty() && whole.is_some() {
                    return Ok(Scanned {
                        text: text.to_owned(),
                        sources,
                        broken: false,
                    });
                }
            }
            Ok(Event::Text(content)) if wanted(&open, item) => {
                source.get_or_insert_default().push_str(&content);
            }
            Ok(Event::CData(content)) if wanted(&open, item) => {
                source.get_or_insert_default().push_str(&content);
            }
            Ok(Event::GeneralRef(entity)) if wanted(&open, item) => {
                source.get_or_insert_default().extend(["&", &*entity, ";"]);
            }
            Ok(Event::Eof) if open.is_empty() => {
                return Ok(Scanned {
                    text: text.to_owned(),
                    sources,
                    broken: false,
                });
            }
            Ok(Event::Eof) | Err(_) => {
                return close(text, sources, whole, url, reader.error_position());
            }
            Ok(_) => {}
        }
    }
}

/// Whether text here is an item's source line: RSS `source`, or the title of Atom's `source`.
fn wanted(open: &[String], item: Option<usize>) -> bool {
    let Some(depth) = item else { return false };
    match &open[(depth + 1).min(open.len())..] {
        [source] => source == "source",
        [source, title] => source == "source" && title == "title",
        _ => false,
    }
}

/// The feed up to its last whole item, with the elements around it closed.
fn close(
    text: &str,
    sources: Vec<Option<String>>,
    whole: Option<(usize, Vec<String>)>,
    url: &str,
    position: u64,
) -> Result<Scanned, FeedError> {
    let Some((end, open)) = whole else {
        let reason = format!(
            "the XML breaks off or is malformed at octet {position}, before the first whole item"
        );
        return Err(FeedError::NotAFeed {
            url: url.to_owned(),
            reason,
        });
    };
    // The names in `open` are local names; the elements around items have no prefix but in RSS 1.0.
    let prefix = if open.first().is_some_and(|root| root == "RDF") {
        "rdf:"
    } else {
        ""
    };
    let ends = open.iter().rev().enumerate().map(|(place, name)| {
        let prefix = if place + 1 == open.len() { prefix } else { "" };
        format!("</{prefix}{name}>")
    });
    let text = format!("{}{}", &text[..end], ends.collect::<String>());
    Ok(Scanned {
        text,
        sources,
        broken: true,
    })
}
