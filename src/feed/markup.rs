//! Tags, text and attributes of XML, or of HTML that the sanitiser wrote: a tokeniser that keeps places, no tree.

use std::ops::Range;

/// One piece of markup; comments and processing instructions are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name attributes>` or, when empty, `<name attributes/>`.
    Start {
        /// With its prefix.
        name: &'a str,
        /// What follows the name, still escaped.
        attributes: &'a str,
        /// Whether it closes itself.
        empty: bool,
    },
    /// `</name>`.
    End(&'a str),
    /// Text, still escaped.
    Text(&'a str),
    /// The inside of a CDATA section, literal.
    CData(&'a str),
    /// The inside of a document type declaration.
    Doctype(&'a str),
}

/// Markup that does not hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The byte where it begins.
    pub at: usize,
    /// What it is.
    pub reason: &'static str,
}

/// Walks over the tokens of a text; ends after the first fault.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// From the beginning of the text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Takes `open … close` at the front; gives what lies between them.
    fn between(
        &mut self,
        open: usize,
        close: &str,
        reason: &'static str,
    ) -> Result<&'a str, Fault> {
        let from = self.at + open;
        let inside = self
            .text
            .get(from..)
            .and_then(|rest| Some(&rest[..rest.find(close)?]));
        let inside = inside.ok_or(Fault {
            at: self.at,
            reason,
        })?;
        self.at = from + inside.len() + close.len();
        Ok(inside)
    }

    fn markup(&mut self) -> Result<Option<Token<'a>>, Fault> {
        let at = self.at;
        let rest = &self.text[at..];
        let bytes = rest.as_bytes();
        if rest.starts_with("<!--") {
            self.between(4, "-->", "a comment has no end").map(|_| None)
        } else if rest.starts_with("<![CDATA[") {
            self.between(9, "]]>", "a CDATA section has no end")
                .map(Token::CData)
                .map(Some)
        } else if rest.starts_with("<?") {
            self.between(2, "?>", "a processing instruction has no end")
                .map(|_| None)
        } else if rest.starts_with("<!") {
            let end = tag_end(rest, true).ok_or(Fault {
                at,
                reason: "a declaration has no end",
            })?;
            self.at += end + 1;
            Ok(Some(Token::Doctype(&rest[2..end])))
        } else if rest.starts_with("</") {
            let name = self.between(2, ">", "a closing tag has no end")?;
            Ok(Some(Token::End(name.trim_end())))
        } else if bytes
            .get(1)
            .is_some_and(|next| next.is_ascii_alphabetic() || *next == b'_' || *next >= 0x80)
        {
            let end = tag_end(rest, false).ok_or(Fault {
                at,
                reason: "a tag has no end",
            })?;
            self.at += end + 1;
            let inside = &rest[1..end];
            let (inside, empty) = match inside.strip_suffix('/') {
                Some(inside) => (inside, true),
                None => (inside, false),
            };
            let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
            let (name, attributes) = inside.split_at(name_end);
            Ok(Some(Token::Start {
                name,
                attributes,
                empty,
            }))
        } else {
            Err(Fault {
                at,
                reason: "a < begins no tag",
            })
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<(Range<usize>, Token<'a>), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.at;
            let rest = &self.text[from..];
            if rest.is_empty() {
                return None;
            }
            let token = if rest.starts_with('<') {
                match self.markup() {
                    Ok(Some(token)) => token,
                    Ok(None) => continue,
                    Err(fault) => {
                        self.at = self.text.len();
                        return Some(Err(fault));
                    }
                }
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                Token::Text(&rest[..end])
            };
            return Some(Ok((from..self.at, token)));
        }
    }
}

/// Where the `>` of a tag is: not inside quotes, nor inside the brackets of a document type.
fn tag_end(text: &str, brackets: bool) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') if brackets => depth += 1,
            (None, b']') if brackets => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some(at),
            (None, b'<') if !brackets => return None,
            _ => {}
        }
    }
    None
}

/// The name without its prefix.
pub fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The value of an attribute, unescaped.
pub fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''))?;
        let (value, next) = after[1..].split_once(quote)?;
        if name.trim() == wanted {
            return Some(unescape(value));
        }
        rest = next;
    }
}

/// Resolves character references and the entities that XML and HTML share; leaves the rest as it stands.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.bytes().take(11).position(|byte| byte == b';');
        if let Some((resolved, end)) =
            reference.and_then(|end| Some((resolve(&rest[1..end])?, end)))
        {
            out.push(resolved);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn resolve(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// The text inside a piece of XML, unescaped once, without its tags.
pub fn text_of(xml: &str) -> String {
    Tokens::new(xml)
        .map_while(Result::ok)
        .map(|(_, token)| match token {
            Token::Text(text) => unescape(text),
            Token::CData(text) => text.to_owned(),
            _ => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_quotes_comments_and_cdata_apart() {
        let xml = "<?xml version='1.0'?><a x='1>2'><!-- <b> --><b/>t&amp;<![CDATA[<c>]]></a>";
        let tokens: Vec<_> = Tokens::new(xml).map(|token| token.unwrap().1).collect();
        assert_eq!(
            tokens,
            [
                Token::Start {
                    name: "a",
                    attributes: " x='1>2'",
                    empty: false
                },
                Token::Start {
                    name: "b",
                    attributes: "",
                    empty: true
                },
                Token::Text("t&amp;"),
                Token::CData("<c>"),
                Token::End("a"),
            ]
        );
        assert_eq!(text_of(xml), "t&<c>");
    }

    #[test]
    fn what_does_not_end_is_a_fault_at_its_place() {
        for (xml, at) in [
            ("<a>b<c d='", 4),
            ("<!-- a", 0),
            ("x<![CDATA[", 1),
            ("<a></a", 3),
            ("a < b", 2),
            ("<", 0),
            ("<a <b>", 0),
        ] {
            let fault = Tokens::new(xml).find_map(Result::err).unwrap();
            assert_eq!(fault.at, at, "{xml}");
        }
    }

    #[test]
    fn references_are_resolved_once() {
        assert_eq!(
            unescape("&amp;lt; &#1606;&#x634; &bogus; & &#x110000;"),
            "&lt; نش &bogus; & &#x110000;"
        );
        assert_eq!(
            attribute(" a = '1' b=\"x&quot;y\"", "b").as_deref(),
            Some("x\"y")
        );
        assert_eq!(attribute(" a=b", "a"), None);
    }
}
