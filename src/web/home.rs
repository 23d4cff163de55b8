//! `GET /`: what one can subscribe to, and one form for several lists.

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::form::{self, SignUpForm};
use super::guard::{self, Guard};
use super::page::{Choice, FormView, ListView, ListsPage};
use super::refusal::Refusal;
use super::visit::{Visit, render};
use super::{Error, Web, subscribe};
use crate::domain::list::List;
use crate::locale::Locale;

/// `GET /` and `GET /subscribe`
pub async fn get(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let form = form::prefilled(query.as_deref());
    show(&web, &visit.site_locale(&web)?, &form, &Refusal::default())
}

/// The lists, with what was typed.
pub fn show(
    web: &Web,
    locale: &Locale,
    form: &SignUpForm,
    refusal: &Refusal,
) -> Result<Response, Error> {
    let declared = &web.context.lists;
    let lists = declared.iter().map(|list| ListView {
        name: &list.name,
        description: &list.description,
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    });
    // With one list there is nothing to choose, unless a form came back.
    let choices = if declared.len() > 1 || refusal.lists.is_some() || refusal.email.is_some() {
        let chosen = |list: &List| form.lists.contains(&list.slug);
        declared
            .iter()
            .map(|list| choice(list, chosen(list)))
            .collect()
    } else {
        Vec::new()
    };
    let asks_name = declared.iter().any(|list| list.ask_name);
    let guard = Guard::of_form(web, guard::SEVERAL, &form.stamp);
    let page = render(&ListsPage {
        locale,
        site: &web.site(),
        lists: lists.collect(),
        form: FormView {
            choices,
            ..subscribe::view(form, refusal, asks_name)
        },
        guard: &guard,
    })?;
    Ok(guard::with_script(guard.script_url, page))
}

/// A list to be ticked.
pub fn choice(list: &List, chosen: bool) -> Choice<'_> {
    Choice {
        slug: &list.slug,
        name: &list.name,
        description: &list.description,
        subscribe_url: format!("/subscribe/{}", list.slug),
        chosen,
    }
}
