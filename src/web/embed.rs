//! `GET /subscribe/{list}/embed`: the form to be copied into another site's page, with and without a script.

use axum::extract::{Path, RawQuery, State};
use axum::response::Html;

use super::page::{EmbedForm, EmbedPage};
use super::visit::{Visit, render};
use super::{Error, Web, asset, form, home, subscribe};

/// `GET /subscribe/{list}/embed`: `?lang=` for another language than the list's, `?lists=a,b` for a choice of lists, `?source=` for
/// the label that is kept with the consent.
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let list = subscribe::find(&web, &slug)?;
    // What the owner's browser likes says nothing about the readers of the site.
    let locale = visit.edition_locale(&list)?;
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
        source: &form::prefilled(query.as_deref()).source,
        script_url: None,
    };
    let scripted = EmbedForm {
        script_url: Some(format!("{}{}", site.public_url, asset::SCRIPT_URL)),
        ..plain.clone()
    };
    let plain = render(&plain)?.0;
    render(&EmbedPage {
        locale: &locale,
        site: &web.list_site(&list),
        scripted: render(&scripted)?.0,
        preview: plain.clone(),
        plain,
    })
}
