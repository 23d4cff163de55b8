//! The subject of a digest, as a pattern that the operator wrote: `{list}: {title}`.

/// What a pattern may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What readers call the list.
    List,
    /// The title of the lead story, or of the first.
    Title,
    /// The day of the edition.
    Date,
    /// How many articles it has, in words: "12 articles".
    Articles,
}

const PARTS: [(&str, Part); 4] = [
    ("list", Part::List),
    ("title", Part::Title),
    ("date", Part::Date),
    ("articles", Part::Articles),
];

/// A pattern that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectPattern {
    /// Text, and the part after it.
    pieces: Vec<(String, Part)>,
    rest: String,
}

impl SubjectPattern {
    /// Reads a pattern: text with `{list}`, `{title}`, `{date}` and `{articles}` in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(start) = rest.find(['{', '}']) {
            let named = rest[start..]
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'));
            let Some((name, after)) = named else {
                return Err("has a brace without its other half".to_owned());
            };
            let Some((_, part)) = PARTS.iter().find(|(known, _)| *known == name) else {
                let known = PARTS.map(|(name, _)| format!("{{{name}}}")).join(", ");
                return Err(format!("names {{{name}}}; there are {known}"));
            };
            pieces.push((rest[..start].to_owned(), *part));
            rest = after;
        }
        if pieces.is_empty() {
            return Err(
                "would be the same for every digest; name {title} or {date} in it".to_owned(),
            );
        }
        Ok(Self {
            pieces,
            rest: rest.to_owned(),
        })
    }

    /// Whether it tells the title of the first story.
    pub fn tells_the_title(&self) -> bool {
        self.pieces.iter().any(|(_, part)| *part == Part::Title)
    }

    /// The subject, with each part's words in its place.
    pub fn fill(&self, mut words: impl FnMut(Part) -> String) -> String {
        let mut filled = String::new();
        for (text, part) in &self.pieces {
            filled.push_str(text);
            filled.push_str(&words(*part));
        }
        filled + &self.rest
    }
}

/// A subject without what mailbox providers take for a false reply (V15): "Re:" and "Fwd:" at its beginning.
pub fn without_reply_marks(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    while let Some((mark, after)) = rest.split_once(':') {
        if !["re", "fw", "fwd"].contains(&mark.trim().to_ascii_lowercase().as_str()) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_stands_in_its_place_and_others_are_refused() {
        let pattern = SubjectPattern::parse("{list}، {date}: {title}!").unwrap();
        let filled = pattern.fill(|part| format!("{part:?}"));
        assert_eq!(filled, "List، Date: Title!");
        for (bad, words) in [
            ("{name}: x", "there are {list}"),
            ("{title", "other half"),
            ("title}", "other half"),
            ("Weekly", "the same for every digest"),
        ] {
            let error = SubjectPattern::parse(bad).unwrap_err();
            assert!(error.contains(words), "{bad}: {error}");
        }
    }

    #[test]
    fn v15_a_subject_is_no_reply() {
        assert_eq!(
            without_reply_marks("Re: RE : fwd:The harbour"),
            "The harbour"
        );
        assert_eq!(without_reply_marks("Report: it rains"), "Report: it rains");
        assert_eq!(without_reply_marks("رد: خبر"), "رد: خبر");
        assert_eq!(without_reply_marks("re:"), "");
    }
}
