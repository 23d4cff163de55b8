//! The letter: one edition of a list as a mail, the same for all its readers but for the slots.

use askama::Template;
use jiff::tz::TimeZone;

use super::{Rendered, SLOT_ADDRESS, Sender, TemplateError, slot, templates};
use crate::domain::digest::{Edition, Item};
use crate::domain::subject::{Part, SubjectPattern, without_reply_marks};
use crate::domain::theme::Theme;
use crate::locale::Locale;

/// One edition of a list, the same for all its readers but for the slots.
#[derive(Debug, Clone)]
pub struct DigestMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its dates.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// How it looks.
    pub theme: &'a Theme,
    /// The list.
    pub list_name: &'a str,
    /// What the subject says, where it is not the list's name and the first title.
    pub subject: Option<&'a SubjectPattern>,
    /// What it says.
    pub edition: &'a Edition,
    /// How many articles of the edition there was no room for; they are on its page.
    pub left_out: usize,
    /// The day of the edition, epoch milliseconds.
    pub date_ms: i64,
    /// The same edition in the browser.
    pub view_url: &'a str,
    /// Past editions.
    pub archive_url: Option<&'a str>,
    /// A link that no person sees, where clicks are counted; see [`crate::domain::clicks`].
    pub decoy_url: Option<&'a str>,
}

impl DigestMail<'_> {
    /// The subject alone.
    pub fn subject(&self) -> Result<String, TemplateError> {
        let edition = slot::without_slots(self.edition);
        let mail = DigestMail {
            edition: &edition,
            ..self.clone()
        };
        mail.subject_line()
    }

    /// Subject, text and HTML, with slots.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        let edition = slot::without_slots(self.edition);
        let mail = DigestMail {
            edition: &edition,
            ..self.clone()
        };
        mail.fill(&mail.preheader())
    }

    /// The first titles that the subject has not told.
    fn preheader(&self) -> String {
        let told = self.subject.is_none_or(SubjectPattern::tells_the_title);
        let titles: Vec<String> = self
            .edition
            .items()
            .skip(usize::from(told))
            .take(4)
            .map(|item| self.locale.isolate(&item.title))
            .collect();
        match (titles.is_empty(), self.edition.items().next()) {
            (true, Some(only)) => only.summary_text.clone(),
            _ => titles.join(" · "),
        }
    }

    /// The subject before it is cut.
    fn subject_text(&self) -> String {
        let Some(pattern) = self.subject else {
            let values = [
                ("list", self.list_name.into()),
                ("title", self.headline().into()),
            ];
            return self.locale.plain_with("digest-subject", &values);
        };
        pattern.fill(|part| match part {
            Part::List => self.locale.isolate(self.list_name),
            Part::Title => self.headline(),
            Part::Date => self.date(),
            Part::Articles => self.articles(),
        })
    }

    fn date(&self) -> String {
        self.locale.date_long(self.date_ms, self.zone)
    }

    /// How many articles the edition has, in words.
    fn articles(&self) -> String {
        let count = self.edition.article_count() + self.left_out;
        self.locale.count("count-articles", count)
    }

    /// The headline of the subject: the lead's, else the first.
    fn headline(&self) -> String {
        let title = self.edition.items().next().map(|item| &item.title);
        // Inside its isolate the subject's own check would not see them (V15).
        let title = title.map(|title| without_reply_marks(title));
        let title = title.filter(|title| !title.is_empty());
        title.map_or_else(|| self.date(), |title| self.locale.isolate(title))
    }

    /// What follows the greeting: the editor's words, or else what there is to read.
    fn intro(&self) -> Vec<String> {
        if let Some(words) = &self.edition.introduction {
            let paragraphs = words.split("\n\n").map(super::one_line);
            let paragraphs = paragraphs.filter(|words| !words.is_empty());
            // The greeting stands alone: the editor's own words may begin with another.
            return std::iter::once(String::new()).chain(paragraphs).collect();
        }
        let articles = ("articles", self.articles().into());
        let line = match self.edition.sections.len() {
            0 => self.locale.plain_with("digest-intro-short", &[articles]),
            sections => {
                let sections = self.locale.count("in-sections", sections);
                let values = [articles, ("sections", sections.into())];
                self.locale.plain_with("digest-intro", &values)
            }
        };
        vec![line]
    }

    /// How many articles are on the edition's page alone.
    fn more(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            let left_out = self.locale.count("count-articles", self.left_out);
            self.locale
                .plain_with("digest-more", &[("articles", left_out.into())])
        })
    }

    fn why(&self) -> String {
        self.locale.text_with(
            "digest-why",
            &[
                ("address", SLOT_ADDRESS.into()),
                ("list", self.list_name.into()),
            ],
        )
    }

    /// Source and date of an item, on one line of the text part.
    fn meta(&self, item: &Item) -> String {
        let day = self.locale.date_day(item.published_ms, self.zone);
        match &item.source {
            Some(source) => format!("{} · {day}", self.locale.isolate(source)),
            None => day,
        }
    }

    /// A place among the popular, as the text part writes it: "1. title".
    fn ranked(&self, place: usize, item: &Item) -> String {
        let place = self.locale.number(place);
        self.locale
            .line(&format!("{place}. {}", self.locale.isolate(&item.title)))
    }
}

templates!(DigestMail:
    DigestSubject "email/digest/subject.txt",
    DigestText "email/digest/body.txt",
    DigestHtml "email/digest/body.html");
