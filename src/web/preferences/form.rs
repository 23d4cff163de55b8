//! The preferences form: what stands in it, and what it means. Fields of a list are named `SLUG.field`.

use crate::domain::choices::Choices;
use crate::domain::rhythm::{Cadence, InvalidRhythm, Rhythm};
use crate::locale::SUPPORTED;
use crate::service::preferences::Standing;

/// The fields of a form in the order in which they came.
pub type Fields = Vec<(String, String)>;

/// The first field of this name, or nothing.
pub fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// The pauses to choose from, and how long each is.
pub const PAUSES: [(&str, i64); 3] = [("two-weeks", 14), ("month", 30), ("three-months", 91)];

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// When a pause ends that begins now.
pub fn pause_until(word: &str, now_ms: i64) -> Option<i64> {
    let (_, days) = PAUSES.iter().find(|(known, _)| *known == word)?;
    Some(now_ms + days * DAY_MS)
}

/// A field whose value cannot be taken, by the end of its name.
pub type Wrong = &'static str;

/// What stands in the fields of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The sections that are ticked.
    pub sections: Vec<String>,
    /// `list`, or a cadence.
    pub cadence: String,
    /// 1 (Monday) to 7.
    pub weekday: String,
    /// 1 to 28.
    pub monthday: String,
    /// 0 to 23.
    pub hour: String,
    /// A language, or nothing for the list's.
    pub language: String,
    /// `keep`, `none`, or one of [`PAUSES`].
    pub pause: String,
}

impl Typed {
    /// The fields as they show what was chosen.
    pub fn of(standing: &Standing) -> Self {
        let (list, choices) = (&standing.list, &standing.choices);
        let every = || list.sections.iter().map(|section| section.key.clone());
        let rhythm = choices.rhythm.as_ref();
        let day = |cadence| {
            let own = rhythm.filter(|own| own.cadence() == cadence);
            own.map_or(1, Rhythm::day).to_string()
        };
        let hour = rhythm.map(Rhythm::hour);
        let hour = hour.or_else(|| list.schedule.next_hour_after(standing.next_ms? - 1));
        Self {
            sections: choices
                .sections
                .clone()
                .unwrap_or_else(|| every().collect()),
            cadence: rhythm.map_or("list", |own| own.cadence().as_str()).into(),
            weekday: day(Cadence::Weekly),
            monthday: day(Cadence::Monthly),
            hour: hour.unwrap_or(7).to_string(),
            language: choices.language.clone().unwrap_or_default(),
            pause: "keep".into(),
        }
    }

    /// The fields as they arrived; `None`: this list was not in the form.
    pub fn read(slug: &str, fields: &Fields) -> Option<Self> {
        let value = |name: &str| field(fields, &format!("{slug}.{name}")).to_owned();
        let ticked = format!("{slug}.section");
        let typed = Self {
            sections: fields
                .iter()
                .filter(|(key, _)| *key == ticked)
                .map(|(_, value)| value.clone())
                .collect(),
            cadence: value("cadence"),
            weekday: value("weekday"),
            monthday: value("monthday"),
            hour: value("hour"),
            language: value("language"),
            pause: value("pause"),
        };
        (!typed.cadence.is_empty()).then_some(typed)
    }

    /// What the fields mean, or those that cannot be taken.
    pub fn choices(
        &self,
        standing: &Standing,
        zone: &str,
        now_ms: i64,
    ) -> Result<Choices, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let sections = standing.list.sections.iter();
        let offered: Vec<&str> = sections.map(|section| section.key.as_str()).collect();
        let rhythm = self.rhythm(standing, zone).unwrap_or_else(|field| {
            wrong.push(field);
            None
        });
        let language = Some(self.language.clone()).filter(|language| !language.is_empty());
        if language
            .as_deref()
            .is_some_and(|language| !SUPPORTED.contains(&language))
        {
            wrong.push("language");
        }
        let paused_until_ms = match self.pause.as_str() {
            "" | "keep" => standing.choices.paused_until_ms,
            "none" => None,
            word => {
                let until = pause_until(word, now_ms);
                if until.is_none() {
                    wrong.push("pause");
                }
                until
            }
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Choices {
            language,
            sections: Choices::ticked(self.sections.iter().map(String::as_str), &offered),
            rhythm,
            paused_until_ms,
        })
    }

    fn rhythm(&self, standing: &Standing, zone: &str) -> Result<Option<Rhythm>, Wrong> {
        if self.cadence == "list" {
            return Ok(None);
        }
        let cadence = offered(standing)
            .into_iter()
            .find(|cadence| cadence.as_str() == self.cadence)
            .ok_or("cadence")?;
        let day = match cadence {
            Cadence::Daily => Ok(0),
            Cadence::Weekly => self.weekday.parse(),
            Cadence::Monthly => self.monthday.parse(),
        };
        let day_field = if cadence == Cadence::Weekly {
            "weekday"
        } else {
            "monthday"
        };
        let day = day.map_err(|_| day_field)?;
        let hour = self.hour.parse().map_err(|_| "hour")?;
        let rhythm = Rhythm::new(cadence, day, hour, zone).map_err(|problem| match problem {
            InvalidRhythm::Day => day_field,
            InvalidRhythm::Hour => "hour",
            InvalidRhythm::Zone => "zone",
        })?;
        Ok(Some(rhythm))
    }
}

/// The cadences that the list offers, and the one that the reader has though it is offered no more.
pub fn offered(standing: &Standing) -> Vec<Cadence> {
    let own = standing.choices.rhythm.as_ref().map(Rhythm::cadence);
    let is_offered =
        |cadence: &Cadence| standing.list.cadences.contains(cadence) || own == Some(*cadence);
    Cadence::ALL.into_iter().filter(is_offered).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::list::testing::list;

    const NOW: i64 = 1_795_424_400_000;

    fn standing(choices: Choices) -> Standing {
        Standing {
            list: Arc::new(list("0 7 * * 1", "UTC")),
            since_ms: NOW,
            choices,
            next_ms: Some(NOW),
        }
    }

    #[test]
    fn what_was_chosen_is_what_the_form_says_again() {
        let rhythm = Rhythm::new(Cadence::Monthly, 12, 18, "Asia/Beirut").expect("it exists");
        for choices in [
            Choices::default(),
            Choices {
                language: Some("ar".into()),
                rhythm: Some(rhythm),
                paused_until_ms: Some(NOW + 5),
                ..Choices::default()
            },
        ] {
            let standing = standing(choices.clone());
            let typed = Typed::of(&standing);
            assert_eq!(typed.choices(&standing, "Asia/Beirut", NOW), Ok(choices));
        }
    }

    #[test]
    fn what_was_not_offered_is_refused_by_its_field() {
        let standing = standing(Choices::default());
        let good = Typed {
            cadence: "weekly".into(),
            ..Typed::of(&standing)
        };
        let set = |change: fn(&mut Typed)| {
            let mut typed = good.clone();
            change(&mut typed);
            typed.choices(&standing, "UTC", NOW).map(drop)
        };
        assert_eq!(set(|_| ()), Ok(()));
        assert_eq!(
            set(|typed| typed.cadence = "hourly".into()),
            Err(vec!["cadence"])
        );
        assert_eq!(
            set(|typed| typed.weekday = "8".into()),
            Err(vec!["weekday"])
        );
        assert_eq!(set(|typed| typed.hour = "99".into()), Err(vec!["hour"]));
        assert_eq!(set(|typed| typed.hour = "x".into()), Err(vec!["hour"]));
        assert_eq!(
            set(|typed| {
                typed.cadence = "monthly".into();
                typed.monthday = "31".into();
            }),
            Err(vec!["monthday"])
        );
        assert_eq!(
            set(|typed| {
                typed.language = "tlh".into();
                typed.pause = "ever".into();
            }),
            Err(vec!["language", "pause"])
        );
        assert_eq!(good.choices(&standing, "Mars", NOW), Err(vec!["zone"]));
    }

    #[test]
    fn a_pause_is_kept_begun_or_ended() {
        let standing = standing(Choices {
            paused_until_ms: Some(NOW + 5),
            ..Choices::default()
        });
        let until = |word: &str| {
            let typed = Typed {
                pause: word.into(),
                ..Typed::of(&standing)
            };
            typed
                .choices(&standing, "UTC", NOW)
                .map(|choices| choices.paused_until_ms)
        };
        assert_eq!(until("keep"), Ok(Some(NOW + 5)));
        assert_eq!(until("none"), Ok(None));
        assert_eq!(until("two-weeks"), Ok(Some(NOW + 14 * DAY_MS)));
    }
}
