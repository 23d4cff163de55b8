//! `GET /subscribe/{list}/embed`: the form to be copied into another site's page, with and without a script.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::page::{EmbedForm, EmbedPage, UnknownListPage};
use super::visit::{Visit, render};
use super::{Error, Web, asset, form, home, subscribe};

/// `GET /subscribe/{list}/embed`: `?lang=` for another language than the list's, `?lists=a,b` for a choice of lists, `?source=` for
/// the label that is kept with the consent.
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let list = subscribe::find(&web, &slug)?;
    // What the owner's browser likes says nothing about the readers of the site.
    let locale = visit.edition_locale(&list)?;
    let site_view = web.list_site(&list);
    let source = form::prefilled(query.as_deref()).source;
    let wanted = visit.query("lists").unwrap_or_default();
    let kept = kept(&wanted, &source);
    let unknown: Vec<&str> = wanted
        .split(',')
        .filter(|slug| !slug.is_empty() && web.context.list(slug).is_none())
        .collect();
    if !unknown.is_empty() {
        let known: Vec<&str> = web.context.lists.iter().map(|list| &*list.slug).collect();
        let page = render(&UnknownListPage {
            locale: &locale,
            site: &site_view,
            kept: &kept,
            unknown: &unknown.join(", "),
            known: &known.join(", "),
        })?;
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    }
    let lists = subscribe::named(&web, query.as_deref());
    let asks_name = lists.iter().chain([&list]).any(|list| list.ask_name);
    let site = &web.context.site;
    let plain = EmbedForm {
        locale: &locale,
        action: if lists.is_empty() {
            web.context.subscribe_url(&list)
        } else {
            format!("{}/subscribe", site.public_url)
        },
        id: &list.slug,
        choices: lists.iter().map(|list| home::choice(list, false)).collect(),
        asks_name,
        source: &source,
        script_url: None,
    };
    let scripted = EmbedForm {
        script_url: Some(format!("{}{}", site.public_url, asset::SCRIPT_URL)),
        ..plain.clone()
    };
    let plain = render(&plain)?.0;
    let page = render(&EmbedPage {
        locale: &locale,
        site: &site_view,
        kept: &kept,
        scripted: render(&scripted)?.0,
        preview: plain.clone(),
        plain,
    })?;
    Ok(page.into_response())
}

/// What a link to the same page in another language takes along.
fn kept(lists: &str, source: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("lists", lists), ("source", source)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
