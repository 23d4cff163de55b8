//! `GET /`: what one can subscribe to.

use axum::extract::State;
use axum::response::Html;

use super::page::{ListView, ListsPage};
use super::visit::{Visit, render};
use super::{Error, Web};

/// `GET /`
pub async fn get(State(web): State<Web>, visit: Visit) -> Result<Html<String>, Error> {
    let locale = visit.site_locale(&web)?;
    let lists = web.context.lists.iter().map(|list| ListView {
        name: &list.name,
        description: &list.description,
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    });
    let site = web.site();
    render(&ListsPage {
        locale: &locale,
        site: &site,
        lists: lists.collect(),
    })
}
