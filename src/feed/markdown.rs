//! Articles written as Markdown with front matter: `key: value` lines between two `---` (a small subset of YAML).

use pulldown_cmark::{Options, Parser, html};

use super::draft::{Draft, MAX_VIEWS, Rich, parse_date};
use super::error::{FeedError, FileFault};
use crate::domain::article::{Image, NewArticle};

/// Reads one article; `path` is for the errors. `None`: it is a draft (`draft: true`), whatever else it lacks.
///
/// Keys: `title`, `url` (or `link`), `id` (or `guid`), `date`, `section`, `categories` (or `tags`; `a, b`, `[a, b]` or lines of
/// `- a`), `source`, `author`, `image`, `image_alt`, `summary` (or `description`), `views`, `draft`; other keys are left alone. Without a
/// summary the text gives the lead.
pub fn read_markdown(text: &str, path: &str) -> Result<Option<NewArticle>, FeedError> {
    let failed = |line: usize, fault: FileFault| FeedError::File {
        place: path.to_owned(),
        line,
        fault,
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let mut lines = text.split_inclusive('\n').zip(1..);
    let mut consumed = match lines.next() {
        Some((first, _)) if first.trim_end() == "---" => first.len(),
        _ => return Err(failed(1, FileFault::NoFrontMatter)),
    };
    let mut front = Front::default();
    loop {
        let Some((raw, number)) = lines.next() else {
            return Err(failed(1, FileFault::NotClosed));
        };
        consumed += raw.len();
        if raw.trim_end() == "---" {
            break;
        }
        front
            .line(raw.trim())
            .map_err(|fault| failed(number, fault))?;
    }
    if front.is_draft {
        return Ok(None);
    }
    front
        .into_draft(&text[consumed..])
        .into_article(None)
        .map(Some)
        .map_err(|reason| failed(1, reason.into()))
}

#[derive(Default)]
struct Front {
    draft: Draft,
    image: String,
    image_alt: String,
    /// Whether lines of `- a` belong to the categories.
    in_categories: bool,
    /// Not to be published yet.
    is_draft: bool,
}

impl Front {
    fn line(&mut self, line: &str) -> Result<(), FileFault> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(element) = line.strip_prefix("- ") {
            if self.in_categories {
                self.draft.categories.push(unquoted(element));
            }
            return Ok(());
        }
        let (key, value) = line
            .split_once(':')
            .ok_or_else(|| FileFault::NotKeyValue(line.to_owned()))?;
        let key = key.trim().to_ascii_lowercase();
        let value = unquoted(value);
        self.in_categories = matches!(key.as_str(), "categories" | "tags");
        match key.as_str() {
            "title" => self.draft.title = Some(Rich::Text(value)),
            "url" | "link" => self.draft.link = Some(value),
            "id" | "guid" => self.draft.guid = Some(value),
            "date" if !value.is_empty() => {
                self.draft.published_ms = Some(parse_date(&value).ok_or(FileFault::Date(value))?);
            }
            "section" => self.draft.categories.insert(0, value),
            "categories" | "tags" => self.draft.categories.extend(elements(&value)),
            "source" => self.draft.source = Some(value),
            "author" => self.draft.author = Some(value),
            "draft" => {
                self.is_draft = ["true", "yes"].contains(&value.to_ascii_lowercase().as_str());
            }
            "views" if !value.is_empty() => {
                let views = value
                    .parse()
                    .ok()
                    .filter(|views| (0..=MAX_VIEWS).contains(views));
                self.draft.views = Some(views.ok_or(FileFault::Views(value))?);
            }
            "image" => self.image = value,
            "image_alt" => self.image_alt = value,
            "summary" | "description" => self.draft.summary = Some(Rich::Text(value)),
            _ => {}
        }
        Ok(())
    }

    fn into_draft(self, body: &str) -> Draft {
        let mut content = String::new();
        html::push_html(
            &mut content,
            Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH),
        );
        Draft {
            content: Some(Rich::Html(content)),
            image: (!self.image.is_empty()).then_some(Image {
                url: self.image,
                alt: self.image_alt,
            }),
            ..self.draft
        }
    }
}

fn elements(value: &str) -> Vec<String> {
    let inside = value
        .strip_prefix('[')
        .and_then(|value| value.strip_suffix(']'))
        .unwrap_or(value);
    inside
        .split([',', '،'])
        .map(unquoted)
        .filter(|element| !element.is_empty())
        .collect()
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARTICLE: &str = "---\n# a note\ntitle: \"قصة: البحر\"\nurl: https://site.example/sea\nid: sea-1\ndate: 2026-11-20T09:30:00+03:00\n\
        section: reports\ncategories: [بحر, 'صيد']\nsource: وكالات\nauthor: سلمى\nimage: /sea.jpg\nimage_alt: قارب\nviews: 12\nlayout: post\n---\n\n\
        فقرة **أولى** فيها [رابط](/more) و<script>alert(1)</script>نص.\n";

    #[test]
    fn front_matter_and_text_become_an_article() {
        let article = read_markdown(ARTICLE, "sea.md").unwrap().unwrap();
        assert_eq!(article.title, "قصة: البحر");
        assert_eq!(article.guid.as_deref(), Some("sea-1"));
        assert_eq!(article.published_ms, Some(1_795_156_200_000));
        assert_eq!(article.categories, ["reports", "بحر", "صيد"]);
        assert_eq!(article.views, Some(12));
        assert_eq!(
            (article.source.as_deref(), article.author.as_deref()),
            (Some("وكالات"), Some("سلمى"))
        );
        let image = article.image.unwrap();
        assert_eq!(
            (image.url.as_str(), image.alt.as_str()),
            ("https://site.example/sea.jpg", "قارب")
        );
        assert_eq!(article.summary_text, "فقرة أولى فيها رابط ونص.");
        assert_eq!(
            article.summary_html.as_str(),
            "فقرة <strong>أولى</strong> فيها <a href=\"https://site.example/more\">رابط</a> ونص."
        );
    }

    #[test]
    fn lists_may_stand_on_lines_of_their_own() {
        let text = "\u{FEFF}---\r\ntitle: t\r\nurl: https://site.example/a\r\ncategories:\r\n  - one\r\n  - two\r\nother:\r\n  - three\r\n---\r\n";
        let article = read_markdown(text, "a.md").unwrap().unwrap();
        assert_eq!(article.categories, ["one", "two"]);
        assert_eq!(article.summary_text, "");
    }

    #[test]
    fn errors_name_the_file_and_the_line() {
        for (text, line, word) in [
            ("# just text", 1, "front matter"),
            ("", 1, "front matter"),
            ("---\ntitle: t\n", 1, "closing"),
            ("---\ntitle: t\nnonsense\n---\n", 3, "nonsense"),
            (
                "---\ntitle: t\nurl: https://s.example/\ndate: never\n---\n",
                4,
                "never",
            ),
            ("---\ntitle: t\nviews: many\n---\n", 3, "how often"),
            ("---\ntitle: t\nviews: -1\n---\n", 3, "how often"),
            ("---\ntitle: t\n---\n", 1, "link"),
            ("---\nurl: https://s.example/\n---\n", 1, "title"),
        ] {
            let said = read_markdown(text, "a.md").unwrap_err().to_string();
            assert!(
                said.contains(&format!("a.md, line {line}:")) && said.contains(word),
                "{said}"
            );
        }
    }
}
