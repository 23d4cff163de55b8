//! Which section of a list an article belongs to, and by which rule.

use serde::Serialize;
use url::Url;

use super::list::Section;

/// By which rule an article is in its section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Its feed names the section, or whoever sent the article.
    Named,
    /// This URL pattern of the section is that of its address.
    Url(String),
    /// The section has this category, which is one of the article's.
    Category(String),
    /// No rule is for it: the first section without rules has it, or else the last section.
    Rest,
}

impl Rule {
    /// The words in tables and output: `named`, `url /health/*`, `category Health`, `rest`.
    pub fn to_words(&self) -> String {
        match self {
            Self::Named => "named".to_owned(),
            Self::Url(pattern) => format!("url {pattern}"),
            Self::Category(name) => format!("category {name}"),
            Self::Rest => "rest".to_owned(),
        }
    }

    /// Reads the words.
    pub fn parse(words: &str) -> Option<Self> {
        match words.split_once(' ') {
            None if words == "named" => Some(Self::Named),
            None if words == "rest" => Some(Self::Rest),
            Some(("url", pattern)) => Some(Self::Url(pattern.to_owned())),
            Some(("category", name)) => Some(Self::Category(name.to_owned())),
            _ => None,
        }
    }
}

/// The section an article belongs to, and why: the one that its feed or its sender names; else the first with a URL pattern of its
/// address; else the first whose categories, name or key are one of its categories; else the first that has neither patterns nor
/// categories; else the last. `None` when the named section is not there.
pub fn place<'a>(
    sections: &'a [Section],
    named: Option<&str>,
    address: &str,
    categories: &[String],
) -> Option<(&'a Section, Rule)> {
    if let Some(key) = named {
        let section = sections.iter().find(|section| section.key == key)?;
        return Some((section, Rule::Named));
    }
    by_url(sections, address)
        .or_else(|| by_category(sections, categories))
        .or_else(|| {
            let open =
                |section: &&Section| section.categories.is_empty() && section.urls.is_empty();
            let section = sections.iter().find(open).or(sections.last())?;
            Some((section, Rule::Rest))
        })
}

fn by_url<'a>(sections: &'a [Section], address: &str) -> Option<(&'a Section, Rule)> {
    if sections.iter().all(|section| section.urls.is_empty()) {
        return None;
    }
    let place = Place::of(&Url::parse(address).ok()?);
    sections.iter().find_map(|section| {
        let pattern = section.urls.iter().find(|one| one.fits(&place))?;
        Some((section, Rule::Url(pattern.as_str().to_owned())))
    })
}

fn by_category<'a>(sections: &'a [Section], categories: &[String]) -> Option<(&'a Section, Rule)> {
    let folded = |name: &str| name.trim().to_lowercase();
    let given: Vec<String> = categories.iter().map(|name| folded(name)).collect();
    sections.iter().find_map(|section| {
        let mut wanted = section
            .categories
            .iter()
            .chain([&section.name, &section.key]);
        let name = wanted.find(|wanted| given.contains(&folded(wanted)))?;
        Some((section, Rule::Category(name.clone())))
    })
}

/// Where a page is: host and port, and the decoded path without a slash at its end.
struct Place {
    host: String,
    path: String,
}

impl Place {
    fn of(url: &Url) -> Self {
        let port = url.port().map(|port| format!(":{port}"));
        let path = decoded(url.path());
        Self {
            host: format!(
                "{}{}",
                url.host_str().unwrap_or_default(),
                port.unwrap_or_default()
            ),
            path: path.trim_end_matches('/').to_owned(),
        }
    }
}

/// A pattern for the addresses of articles: `/health/*` for paths of any site, or `https://example.org/opinion/**` for those of one.
/// `*` stands for anything within one segment of the path, `**` for anything. Percent-encoded letters are the letters; the scheme, the
/// query and a slash at the end do not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct UrlPattern {
    text: String,
    /// With the host, for the addresses of one site.
    has_host: bool,
    parts: Vec<Part>,
}

impl From<UrlPattern> for String {
    fn from(pattern: UrlPattern) -> Self {
        pattern.text
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Letter(char),
    /// `*`
    Segment,
    /// `**`
    Anything,
}

impl UrlPattern {
    /// Reads a pattern; an error says what it has to be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const HINT: &str =
            "is no pattern of addresses; write /health/* or https://example.org/opinion/**";
        let text = text.trim();
        if text.contains(['?', '#']) || text.chars().any(char::is_control) {
            return Err("must not hold ? or #: only the path of an address counts");
        }
        let has_host = !text.starts_with('/');
        if has_host && !text.starts_with("http://") && !text.starts_with("https://") {
            return Err(HINT);
        }
        // The same way as an article's address, so that both are written alike.
        let whole = if has_host {
            text.to_owned()
        } else {
            format!("https://any.invalid{text}")
        };
        let place = Place::of(&Url::parse(&whole).map_err(|_| HINT)?);
        let pattern = if has_host {
            place.host + &place.path
        } else {
            place.path
        };
        Ok(Self {
            text: text.to_owned(),
            has_host,
            parts: parts(&pattern),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a pattern of this address.
    pub fn matches(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| self.fits(&Place::of(&url)))
    }

    fn fits(&self, place: &Place) -> bool {
        let host = if self.has_host { &place.host } else { "" };
        let letters = host.chars().chain(place.path.chars());
        // Every place in the pattern where the letters so far may have led to.
        let mut at = vec![false; self.parts.len() + 1];
        at[0] = true;
        self.pass_empty(&mut at);
        for letter in letters {
            let mut next = vec![false; at.len()];
            for (index, part) in self
                .parts
                .iter()
                .enumerate()
                .filter(|(index, _)| at[*index])
            {
                match part {
                    Part::Letter(wanted) => next[index + 1] |= *wanted == letter,
                    Part::Segment => next[index] |= letter != '/',
                    Part::Anything => next[index] = true,
                }
            }
            self.pass_empty(&mut next);
            at = next;
        }
        at[self.parts.len()]
    }

    /// Both kinds of star also stand for nothing.
    fn pass_empty(&self, at: &mut [bool]) {
        for (index, part) in self.parts.iter().enumerate() {
            at[index + 1] |= at[index] && !matches!(part, Part::Letter(_));
        }
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for letter in pattern.chars() {
        match (letter, parts.last()) {
            ('*', Some(Part::Segment)) => {
                parts.pop();
                parts.push(Part::Anything);
            }
            ('*', Some(Part::Anything)) => {}
            ('*', _) => parts.push(Part::Segment),
            (letter, _) => parts.push(Part::Letter(letter)),
        }
    }
    parts
}

/// Percent-encoded octets as the letters that they are in UTF-8 (RFC 3986 §2.1); what is none stays as it is.
fn decoded(path: &str) -> String {
    let octets = path.as_bytes();
    let mut found = Vec::with_capacity(octets.len());
    let mut at = 0;
    while at < octets.len() {
        let code = path.get(at + 1..at + 3).filter(|_| octets[at] == b'%');
        if let Some(octet) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            found.push(octet);
            at += 3;
        } else {
            found.push(octets[at]);
            at += 1;
        }
    }
    String::from_utf8(found).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::list::testing::section;

    fn fits(pattern: &str, address: &str) -> bool {
        UrlPattern::parse(pattern).expect(pattern).matches(address)
    }

    #[test]
    fn a_star_stays_in_its_segment_and_two_cross_it() {
        for (pattern, address, expected) in [
            ("/health/*", "https://a.example/health/one", true),
            ("/health/*", "http://b.example/health/one/?page=2#top", true),
            ("/health/*", "https://a.example/health/2026/one", false),
            ("/health/**", "https://a.example/health/2026/one", true),
            ("/health/**", "https://a.example/healthy/one", false),
            ("/*/opinion/*", "https://a.example/ar/opinion/x", true),
            ("/**/opinion/*", "https://a.example/ar/2026/opinion/x", true),
            ("/news-*-day", "https://a.example/news-of-the-day", true),
            (
                "https://a.example/opinion/**",
                "http://a.example/opinion/a/b",
                true,
            ),
            (
                "https://a.example/opinion/**",
                "https://b.example/opinion/a",
                false,
            ),
            ("https://a.example:8080/*", "https://a.example/x", false),
            ("https://*.example/x", "https://ar.example/x", true),
            ("/", "https://a.example", true),
            ("/", "https://a.example/x", false),
        ] {
            assert_eq!(fits(pattern, address), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn arabic_letters_are_the_same_encoded_or_not() {
        let encoded = "https://a.example/%D8%B5%D8%AD%D8%A9/%D8%AE%D8%A8%D8%B1";
        assert!(fits("/صحة/*", encoded));
        assert!(fits("/%D8%B5%D8%AD%D8%A9/*", "https://a.example/صحة/خبر"));
        assert!(!fits("/صحة", encoded));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "health/*",
            "*.example.org/x",
            "ftp://a.example/*",
            "/x?id=*",
            "/x#y",
        ] {
            assert!(UrlPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_go_before_patterns_before_categories_before_the_rest() {
        let mut sections = [
            section("news", 5),
            section("health", 5),
            section("opinion", 5),
        ];
        sections[1].categories = vec!["صحة".into()];
        sections[2].urls = vec![UrlPattern::parse("/opinion/**").expect("a pattern")];
        let placed = |named, address: &str, category: &str| {
            place(&sections, named, address, &[category.to_owned()])
                .map(|(section, rule)| (section.key.clone(), rule.to_words()))
        };
        let as_is = |key: &str, words: &str| Some((key.to_owned(), words.to_owned()));
        let opinion = "https://a.example/opinion/x";
        assert_eq!(placed(Some("news"), opinion, "صحة"), as_is("news", "named"));
        assert_eq!(
            placed(None, opinion, "صحة"),
            as_is("opinion", "url /opinion/**")
        );
        assert_eq!(
            placed(None, "https://a.example/x", " صحة "),
            as_is("health", "category صحة")
        );
        assert_eq!(
            placed(None, "https://a.example/x", "HEALTH"),
            as_is("health", "category HEALTH")
        );
        assert_eq!(
            placed(None, "https://a.example/x", "other"),
            as_is("news", "rest")
        );
        assert_eq!(placed(Some("gone"), opinion, ""), None);
        assert_eq!(
            place(&sections[1..], None, "https://a.example/x", &[]).map(|(_, rule)| rule),
            Some(Rule::Rest),
            "the last one, when each has rules"
        );
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        for rule in [
            Rule::Named,
            Rule::Rest,
            Rule::Url("/a b/*".into()),
            Rule::Category("تقارير وتحقيقات".into()),
        ] {
            assert_eq!(Rule::parse(&rule.to_words()), Some(rule));
        }
        assert_eq!(Rule::parse("whatever"), None);
    }

    proptest! {
        #[test]
        fn x5_no_path_makes_it_panic_and_a_path_is_its_own_pattern(path in "(/[^?#*\\\\\u{0}-\u{20}]{0,12}){1,4}") {
            let address = format!("https://a.example{path}");
            let _ = fits("/**/a%D8/*", &address);
            if let Ok(pattern) = UrlPattern::parse(&path) {
                prop_assert!(pattern.matches(&address), "{path}");
            }
        }
    }
}
