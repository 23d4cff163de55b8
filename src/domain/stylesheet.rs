//! A site's own style rules for its mails, and what mail clients would not take of them. Plain rules are written into the elements
//! when a mail is made; rules for narrow or dark screens stay in the mail's head.

use super::theme::Colour;

/// How long a site's style sheet may be: Gmail drops a `<style>` of more than 16 KB, and ours needs its share (T6).
pub const LONGEST: usize = 8 << 10;

/// A checked style sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stylesheet {
    /// Rules for the elements themselves.
    pub rules: String,
    /// `@media` blocks.
    pub media: String,
}

/// What is wrong with a style sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct StylesheetError {
    /// Counted from 1.
    pub line: usize,
    /// What, and what to write in its place.
    pub what: String,
}

impl Stylesheet {
    /// Reads a style sheet of plain rules and `@media` blocks; what some large mail client does not know, or what could leave the
    /// style element, is refused where it stands (T3, T6, T11).
    pub fn parse(text: &str) -> Result<Self, StylesheetError> {
        if text.len() > LONGEST {
            return Err(error_at(
                text,
                0,
                format!(
                    "the file is longer than {LONGEST} octets, and mail clients drop long style sheets"
                ),
            ));
        }
        let text = &without_comments(text)?;
        if let Some(at) = text.find(['<', '\\']) {
            return Err(error_at(
                text,
                at,
                "`<` and `\\` have no place in a mail's style sheet",
            ));
        }
        let mut sheet = Self::default();
        let mut at = 0;
        while let Some(found) = text[at..].find(|letter: char| !letter.is_whitespace()) {
            let start = at + found;
            let is_media = text[start..].starts_with("@media");
            if text[start..].starts_with('@') && !is_media {
                let what = "of at-rules only @media is taken: mail clients load no other files and know no others for certain";
                return Err(error_at(text, start, what));
            }
            let end = block_end(text, start)?;
            let block = &text[start..end];
            if is_media {
                let open = block.find('{').unwrap_or_default() + 1;
                let mut inner = start + open;
                while let Some(found) =
                    text[inner..end - 1].find(|letter: char| !letter.is_whitespace())
                {
                    let rule = inner + found;
                    let rule_end = block_end(text, rule)?.min(end);
                    check_rule(text, rule, rule_end)?;
                    inner = rule_end;
                }
                sheet.media.push_str(block);
                sheet.media.push('\n');
            } else {
                check_rule(text, start, end)?;
                sheet.rules.push_str(block);
                sheet.rules.push('\n');
            }
            at = end;
        }
        Ok(sheet)
    }
}

fn error_at(text: &str, at: usize, what: impl Into<String>) -> StylesheetError {
    StylesheetError {
        line: text[..at].matches('\n').count() + 1,
        what: what.into(),
    }
}

/// Comments become spaces, line ends stay, so that lines can still be told.
fn without_comments(text: &str) -> Result<String, StylesheetError> {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        let Some(end) = rest[start + 2..].find("*/").map(|end| end + 2) else {
            return Err(error_at(
                text,
                text.len() - rest.len() + start,
                "a comment has no end",
            ));
        };
        kept.push_str(&rest[..start]);
        kept.extend(
            rest[start..start + end]
                .chars()
                .filter(|letter| *letter == '\n'),
        );
        kept.push(' ');
        rest = &rest[start + end + 2..];
    }
    kept.push_str(rest);
    Ok(kept)
}

/// Where the block that begins here ends: after the brace that closes its first.
fn block_end(text: &str, start: usize) -> Result<usize, StylesheetError> {
    let mut depth = 0_usize;
    for (at, letter) in text[start..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Err(error_at(text, start + at, "a brace closes nothing")),
            '}' if depth == 1 => return Ok(start + at + 1),
            '}' => depth -= 1,
            ';' if depth == 0 => {
                return Err(error_at(
                    text,
                    start,
                    "this is no rule: selector { property: value; }",
                ));
            }
            _ => {}
        }
    }
    Err(error_at(text, start, "a rule has no closing brace"))
}

/// What large clients do not know, by the beginning or the whole of a property; and what to do without it.
const PROPERTIES: [(&str, &str); 9] = [
    ("position", "Gmail and Outlook ignore it"),
    ("float", "Outlook ignores it"),
    ("grid", "Gmail and Outlook ignore it"),
    ("flex", "Gmail and Outlook ignore it"),
    ("behavior", "it runs programs"),
    ("-moz-binding", "it runs programs"),
    ("animation", "Gmail and Outlook ignore it"),
    ("inset", "Gmail and Outlook ignore it"),
    ("--", "Gmail, Outlook and Yahoo drop custom properties"),
];
/// What must not be in a value.
const VALUES: [(&str, &str); 4] = [
    (
        "(",
        "write colours as #rrggbb and lengths in px; nothing is loaded by a mail's style sheet, and clients know few functions for certain",
    ),
    ("flex", "Gmail and Outlook ignore it"),
    ("grid", "Gmail and Outlook ignore it"),
    ("@", "it has no place in a value"),
];

fn check_rule(text: &str, start: usize, end: usize) -> Result<(), StylesheetError> {
    let open = text[start..end].find('{').map_or(end, |at| start + at);
    if text[start..open].trim().starts_with('@') {
        let what = "an at-rule inside @media is not taken: mail clients do not know it for certain";
        return Err(error_at(text, start, what));
    }
    if text[start..open].trim().is_empty() {
        return Err(error_at(text, start, "a rule has no selector"));
    }
    let mut at = open + 1;
    for declaration in text[open + 1..end - 1].split(';') {
        check_declaration(declaration).map_err(|what| {
            error_at(
                text,
                at + declaration.len() - declaration.trim_start().len(),
                what,
            )
        })?;
        at += declaration.len() + 1;
    }
    Ok(())
}

fn check_declaration(declaration: &str) -> Result<(), String> {
    let declaration = declaration.trim().to_ascii_lowercase();
    if declaration.is_empty() {
        return Ok(());
    }
    if declaration.contains(['{', '}']) {
        return Err("rules inside rules are not taken".to_owned());
    }
    let Some((property, value)) = declaration.split_once(':') else {
        return Err(format!(
            "`{declaration}` is no declaration: property: value;"
        ));
    };
    let (property, value) = (property.trim(), value.trim());
    let logical = ["inline", "block"].iter().any(|axis| {
        property.starts_with(&format!("{axis}-")) || property.contains(&format!("-{axis}"))
    });
    let side = property == "text-align" && (value.starts_with("start") || value.starts_with("end"));
    if logical || side {
        return Err(format!(
            "`{property}: {value}`: Gmail, Outlook and Yahoo ignore logical sides; write left or right"
        ));
    }
    if let Some((_, why)) = PROPERTIES.iter().find(|(bad, _)| property.starts_with(bad)) {
        return Err(format!("`{property}`: {why}"));
    }
    let words = value.split([' ', ',']).filter(|word| !word.is_empty());
    let is_colour = |word: &str| {
        let plain = ["inherit", "transparent", "!important"].contains(&word);
        plain || Colour::parse(word).is_some()
    };
    if property.ends_with("color") && !words.clone().all(is_colour) {
        return Err(format!(
            "`{value}`: write colours as #rrggbb, which every client knows"
        ));
    }
    if let Some((bad, why)) = VALUES.iter().find(|(bad, _)| value.contains(bad)) {
        return Err(format!("`{bad}` in the value of `{property}`: {why}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_media_blocks_are_told_apart() {
        let sheet = Stylesheet::parse(
            "/* ours */\n.masthead { background-color: #102030; }\n@media (max-width: 480px) {\n .lead h2 { font-size: 22px !important }\n \
             .a{color:#111111}\n}\nh3 { color: #222222 }\n",
        )
        .unwrap();
        assert_eq!(
            sheet.rules,
            ".masthead { background-color: #102030; }\nh3 { color: #222222 }\n"
        );
        assert!(sheet.media.starts_with("@media (max-width: 480px) {"));
        assert!(sheet.media.contains(".a{color:#111111}"));
        assert_eq!(Stylesheet::parse(" \n").unwrap(), Stylesheet::default());
    }

    #[test]
    fn t3_t6_t11_what_clients_do_not_know_is_refused_where_it_stands() {
        for (text, line, words) in [
            (
                "p { color: #111111;\n margin-inline: 4px }",
                2,
                "left or right",
            ),
            ("p { text-align: start }", 1, "left or right"),
            ("\n\n@import 'x.css';", 3, "only @media"),
            ("\n@font-face { font-family: X }", 2, "only @media"),
            (
                "p { background: url(https://x.example/a.png) }",
                1,
                "nothing is loaded",
            ),
            (
                "p { background-image: image-set('x.png' 1x) }",
                1,
                "nothing is loaded",
            ),
            ("p { color: rgb(0 0 0 / 1) }", 1, "#rrggbb"),
            ("p { color: oklch(40% 0.2 30) }", 1, "#rrggbb"),
            ("p { inline-size: 4px }", 1, "left or right"),
            ("p { color: red }", 1, "#rrggbb"),
            ("p { background-color: #fff }", 1, "#rrggbb"),
            (
                "@media screen {\n @font-face { font-family: X } }",
                2,
                "inside @media",
            ),
            ("p { color: VAR(--x) }", 1, "#rrggbb"),
            (":root { --x: 1 }", 1, "custom properties"),
            ("p { display: flex }", 1, "ignore it"),
            ("p { position: fixed }", 1, "ignore it"),
            ("p { color: #111111 }</style><script>", 1, "`<`"),
            ("p { width: expr\\65ssion(1) }", 1, "no place"),
            ("/* no end", 1, "no end"),
            ("p { color: #111111", 1, "no closing brace"),
            ("}", 1, "closes nothing"),
            ("color: #111111;", 1, "no rule"),
            ("p { color }", 1, "no declaration"),
            ("{ color: #111111 }", 1, "no selector"),
            ("@media print {\n p { float: left } }", 2, "Outlook ignores"),
        ] {
            let error = Stylesheet::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.what.contains(words), "{text}: {error}");
        }
        assert!(Stylesheet::parse(&"a{color:#111111}".repeat(1_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn x2_nothing_leaves_the_style_element(text in "[-a-z@{};:/*<> \\n\\\\#0-9.()]{0,80}") {
            if let Ok(sheet) = Stylesheet::parse(&text) {
                let both = format!("{}{}", sheet.rules, sheet.media);
                proptest::prop_assert!(!both.contains('<') && !both.contains("/*"));
                proptest::prop_assert_eq!(both.matches('{').count(), both.matches('}').count());
            }
        }
    }
}
