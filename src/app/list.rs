//! A list as the configuration declares it becomes the list that the services know.

use super::{AppError, address, addresses};
use crate::config::ListConfig;
use crate::domain::list::{List, SenderIdentity};
use crate::domain::schedule::Schedule;

/// The list, before it has a row.
pub(super) fn list(config: &ListConfig) -> Result<List, AppError> {
    let key = |name: &str| format!("list `{}` {name}", config.slug);
    Ok(List {
        id: 0,
        slug: config.slug.clone(),
        name: config.name.clone(),
        masthead: config.masthead.clone(),
        description: config.description.clone().unwrap_or_default(),
        language: language(&config.locale).to_owned(),
        formats: Some(config.formats.clone()).filter(|formats| formats != language(&config.locale)),
        schedule: Schedule::parse(&config.schedule, &config.zone)
            .map_err(|error| AppError::configuration(key("schedule"), error))?,
        relays: config.relays.clone(),
        rescheduled_ms: None,
        lateness: config.digest.lateness,
        min_articles: config.digest.min_articles,
        subject: config.digest.subject.clone(),
        review: config.digest.review,
        editors: addresses(&key("editors"), &config.digest.editors)?,
        lead: config.lead,
        fold: config.digest.fold,
        extras: config.digest.extras.clone(),
        archive: config.archive,
        index: config.index,
        welcome: config.welcome,
        ask_name: config.ask_name,
        cadences: config.cadences.clone(),
        origins: config.origins.clone(),
        sender: SenderIdentity {
            address: address(&key("from"), &config.from)?,
            name: config.from_name.clone(),
            reply_to: config
                .reply_to
                .as_deref()
                .map(|text| address(&key("reply_to"), text))
                .transpose()?,
        },
        sections: config.sections.clone(),
        feeds: config.feeds.clone(),
    })
}

/// The language that texts are written in: `ar` of `ar-LB`.
pub(super) fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}
