//! One request, as every page needs it: its language, its headers, the site.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::response::Html;

use super::page::SiteView;
use super::{Error, Web, asset, origin};
use crate::domain::list::List;
use crate::locale::{Locale, negotiate, supported};
use crate::store::consent::Origin;

/// What is known of a request before its page is.
pub struct Visit {
    headers: HeaderMap,
    extensions: Extensions,
    query: String,
    lang: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(
            &parts.headers,
            &parts.extensions,
            parts.uri.query(),
        ))
    }
}

impl Visit {
    /// A visit from the parts of a request.
    pub fn of(headers: &HeaderMap, extensions: &Extensions, query: Option<&str>) -> Self {
        let mut visit = Self {
            headers: headers.clone(),
            extensions: extensions.clone(),
            query: query.unwrap_or_default().to_owned(),
            lang: None,
        };
        visit.lang = visit.query("lang");
        visit
    }

    /// The first value of this name in the address.
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// The same visit in the language that a form was shown in.
    pub fn in_language(mut self, lang: &str) -> Self {
        if !lang.is_empty() {
            self.lang = Some(lang.to_owned());
        }
        self
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The language of a list's pages: as asked for, else what the browser likes, else the list's own, with its formats.
    pub fn list_locale(&self, list: &List) -> Result<Locale, Error> {
        self.locale(self.accepted(), &list.language, list.formats.as_deref())
    }

    /// A link to a page of ours, which takes the language along when it was asked for.
    pub fn link(&self, url: &str) -> String {
        let joint = if url.contains('?') { '&' } else { '?' };
        let lang = self.lang.as_deref().and_then(supported);
        lang.map_or_else(|| url.to_owned(), |lang| format!("{url}{joint}lang={lang}"))
    }

    /// The language of a list's pages for a reader whom we know: as asked for, else as this reader chose.
    pub fn reader_locale(&self, list: &List, chosen: Option<&str>) -> Result<Locale, Error> {
        match chosen {
            Some(chosen) => {
                let formats = list.formats.as_deref().filter(|_| chosen == list.language);
                self.locale(None, chosen, formats)
            }
            None => self.list_locale(list),
        }
    }

    /// The language around what a list has published, which is in the list's own: as asked for, else that. The browser is not
    /// asked, so that caches may keep one copy for all.
    pub fn edition_locale(&self, list: &List) -> Result<Locale, Error> {
        self.locale(None, &list.language, list.formats.as_deref())
    }

    /// The language of pages that belong to no list: as asked for, else what the browser likes, else the site's.
    pub fn site_locale(&self, web: &Web) -> Result<Locale, Error> {
        self.locale(self.accepted(), &web.context.site.language, None)
    }

    fn accepted(&self) -> Option<&str> {
        self.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()
    }

    /// `formats` are those of the language `own`.
    fn locale(
        &self,
        accepted: Option<&str>,
        own: &str,
        formats: Option<&str>,
    ) -> Result<Locale, Error> {
        let asked = self.lang.as_deref().and_then(supported);
        let chosen = negotiate(asked, accepted, own);
        let locale =
            Locale::new(chosen, formats.filter(|_| chosen == own)).map_err(Error::internal)?;
        Ok(if asked.is_some() {
            locale.asked_for()
        } else {
            locale
        })
    }

    /// What a consent record keeps of this visit.
    pub fn origin(&self, web: &Web, source: &str, locale: &Locale) -> Origin {
        origin::origin(
            &self.headers,
            &self.extensions,
            &web.trusted,
            source,
            locale.lang(),
        )
    }
}

impl Web {
    /// The site, as every page shows it.
    pub fn site(&self) -> SiteView<'_> {
        SiteView {
            name: &self.context.site.name,
            home_url: &self.context.site.public_url,
            privacy_url: self.context.site.privacy_url.as_deref(),
            stylesheet_url: asset::STYLESHEET_URL,
        }
    }
}

impl Web {
    /// The site as a list's pages show it: under the list's own masthead.
    pub fn list_site<'a>(&'a self, list: &'a List) -> SiteView<'a> {
        SiteView {
            name: &list.masthead,
            ..self.site()
        }
    }
}

/// Renders a page.
pub fn render(page: &impl Template) -> Result<Html<String>, Error> {
    page.render().map(Html).map_err(Error::internal)
}
