//! What comes, when and where to, by signed link without a password: GET and HEAD show it, a POST does what its `do` says.

mod form;
mod page;
mod zones;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};

use self::form::{Fields, Typed, Wrong, field};
use self::page::{ErasePage, ErasedPage, ListView, PreferencesPage};
use super::floor::Floor;
use super::page::{SiteView, address_error};
use super::validate::{new_address, takes_mail};
use super::visit::{Visit, render};
use super::{Error, Web, headers};
use crate::domain::rhythm::Rhythm;
use crate::domain::subscription::ConsentMethod;
use crate::domain::token::{Purpose, SubscriptionToken};
use crate::locale::Locale;
use crate::service::erase::{self, Whom};
use crate::service::preferences::{self, Person};
use crate::service::{
    change_address::{self, Asked},
    export,
};

pub use form::pause_until;

/// What a page can say was just done.
const NOTES: [&str; 5] = ["saved", "moving", "left", "back", "all-back"];

/// `GET /p/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let person = find(&web, &token).await?;
    let note = visit.query("note");
    let note = NOTES
        .into_iter()
        .find(|known| note.as_deref() == Some(known));
    show(
        &web,
        &visit,
        &person,
        &Shown {
            note,
            ..Shown::default()
        },
    )
}

/// `POST /p/{token}`
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let person = find(&web, &token).await?;
    match field(&fields, "do") {
        "save" => save(&web, &token, &visit, &person, &fields).await,
        "move" => {
            // D5: how long it takes tells nothing of the new address either.
            let floor = Floor::from_now();
            let answer = change(&web, &token, &visit, &person, &fields).await;
            floor.reach().await;
            answer
        }
        "leave-all" => leave_all(&web, &token, &visit, &person).await,
        "undo" => undo(&web, &token, &visit, &person, &fields).await,
        "download" => download(&web, &person).await,
        "erase" => {
            let locale = locale(&web, &visit, &person)?;
            let page = ErasePage {
                site: &site(&web, &person),
                locale: &locale,
            };
            Ok(render(&page)?.into_response())
        }
        "erase-now" => {
            let whom = Whom::Subscriber(person.subscriber_id);
            erase::erase(&web.context, whom, ConsentMethod::Form).await?;
            let locale = locale(&web, &visit, &person)?;
            let page = ErasedPage {
                site: &site(&web, &person),
                locale: &locale,
            };
            Ok(render(&page)?.into_response())
        }
        _ => Err(Error::unreadable(StatusCode::BAD_REQUEST)),
    }
}

async fn find(web: &Web, token: &str) -> Result<Person, Error> {
    let found = preferences::look(&web.context, token).await?;
    found.ok_or_else(Error::bad_link)
}

async fn save(
    web: &Web,
    token: &str,
    visit: &Visit,
    person: &Person,
    fields: &Fields,
) -> Result<Response, Error> {
    let (zone, now_ms) = (field(fields, "zone"), web.context.clock.now_ms());
    let mut shown = Shown {
        zone: Some(zone),
        ..Shown::default()
    };
    let mut wishes = Vec::new();
    for standing in &person.subscriptions {
        let Some(typed) = Typed::read(&standing.list.slug, fields) else {
            shown.typed.push((Typed::of(standing), Vec::new()));
            continue;
        };
        let wrong = match typed.choices(standing, zone, now_ms) {
            Ok(choices) => {
                wishes.push((standing.list.id, choices));
                Vec::new()
            }
            Err(wrong) => wrong,
        };
        shown.typed.push((typed, wrong));
    }
    if shown.typed.iter().any(|(_, wrong)| !wrong.is_empty()) {
        return refuse(web, visit, person, &shown);
    }
    preferences::save(&web.context, token, &wishes).await?;
    Ok(back(token, "saved", visit))
}

async fn change(
    web: &Web,
    token: &str,
    visit: &Visit,
    person: &Person,
    fields: &Fields,
) -> Result<Response, Error> {
    let (email, locale) = (field(fields, "email"), locale(web, visit, person)?);
    let origin = visit.origin(web, "", &locale);
    let address = match new_address(web, email, field(fields, "insist")) {
        Ok((address, _)) => takes_mail(web, &address, &origin).await.map(|()| address),
        Err(refusal) => Err(refusal),
    };
    match address {
        Ok(address) => {
            let asked = change_address::ask(&web.context, token, &address, &origin).await?;
            match asked {
                Asked::Taken => Ok(back(token, "moving", visit)),
                Asked::TooMany(wait) => Err(Error::too_many(wait)),
                Asked::Unknown => Err(Error::bad_link()),
            }
        }
        Err(refusal) => {
            let suggestion = refusal.suggestion();
            let shown = Shown {
                email,
                email_remark: Some(address_error(&locale, &refusal.view(), suggestion)),
                ..Shown::default()
            };
            refuse(web, visit, person, &shown)
        }
    }
}

/// Ends everything, and answers with the page itself: only this answer holds what undoes it, as on the page of one list.
async fn leave_all(
    web: &Web,
    token: &str,
    visit: &Visit,
    person: &Person,
) -> Result<Response, Error> {
    let chosen = locale(web, visit, person)?;
    let origin = visit.origin(web, "", &chosen);
    let undo = preferences::leave_all(&web.context, token, &origin).await?;
    let shown = Shown {
        note: Some("left"),
        undo,
        locale: Some(chosen),
        ..Shown::default()
    };
    show(web, visit, &find(web, token).await?, &shown)
}

/// The button that comes after leaving all: `SLUG.undo` is the proof for a list.
async fn undo(
    web: &Web,
    token: &str,
    visit: &Visit,
    person: &Person,
    fields: &Fields,
) -> Result<Response, Error> {
    let origin = visit.origin(web, "", &locale(web, visit, person)?);
    let proofs = web.context.lists.iter().map(|list| {
        let proof = field(fields, &format!("{}.undo", list.slug));
        (list.id, proof)
    });
    let proofs: Vec<_> = proofs.filter(|(_, proof)| !proof.is_empty()).collect();
    if preferences::undo_all(&web.context, token, &proofs, &origin).await? {
        return Ok(back(token, "all-back", visit));
    }
    let page = show(web, visit, person, &Shown::default())?;
    Ok((StatusCode::GONE, page).into_response())
}

async fn download(web: &Web, person: &Person) -> Result<Response, Error> {
    let data = export::export(&web.context, person.subscriber_id).await?;
    let data = data.ok_or_else(Error::bad_link)?;
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
    ];
    Ok((headers, format!("{data:#}\n")).into_response())
}

/// What stands on the page besides the stored choices.
#[derive(Default)]
struct Shown<'a> {
    note: Option<&'static str>,
    /// The proofs that undo what was just ended, by the list's row.
    undo: Vec<(i64, String)>,
    /// The language of the page, where what is stored tells it no more.
    locale: Option<Locale>,
    /// What was typed and refused, for each list.
    typed: Vec<(Typed, Vec<Wrong>)>,
    zone: Option<&'a str>,
    email: &'a str,
    email_remark: Option<String>,
}

fn show(web: &Web, visit: &Visit, person: &Person, shown: &Shown<'_>) -> Result<Response, Error> {
    let context = &web.context;
    let subscriptions = &person.subscriptions;
    let lists = subscriptions.iter().enumerate().map(|(place, standing)| {
        let typed = shown.typed.get(place).cloned();
        let (typed, wrong) = typed.unwrap_or_else(|| (Typed::of(standing), Vec::new()));
        let token = SubscriptionToken {
            list_id: standing.list.id,
            subscriber_id: person.subscriber_id,
        };
        let token = token.sign(&context.keyring, Purpose::Unsubscribe);
        ListView {
            standing,
            typed,
            wrong,
            leave_url: format!("/u/{token}"),
        }
    });
    let own = subscriptions
        .iter()
        .find_map(|standing| standing.choices.rhythm.as_ref());
    let lists_zone = subscriptions
        .first()
        .map_or("UTC", |first| first.list.schedule.zone_name());
    let stored = own.map_or(lists_zone, Rhythm::zone);
    let list = context.list_by_id(person.list_id);
    let stored_locale = locale(web, visit, person)?;
    // A list that left the configuration cannot be had back.
    let undo = shown.undo.iter().filter_map(|(list_id, proof)| {
        let list = context.list_by_id(*list_id)?;
        Some((list.slug.as_str(), proof.as_str()))
    });
    let page = PreferencesPage {
        locale: shown.locale.as_ref().unwrap_or(&stored_locale),
        site: &site(web, person),
        person,
        note: shown.note,
        undo: undo.collect(),
        lists: lists.collect(),
        zone: shown.zone.unwrap_or(stored),
        guess_zone: own.is_none() && shown.zone.is_none() && !subscriptions.is_empty(),
        email: shown.email,
        email_remark: shown.email_remark.clone(),
        subscribe_url: list
            .filter(|_| !person.moved)
            .map(|list| format!("/subscribe/{}", list.slug)),
    };
    let mut response = render(&page)?.into_response();
    let policy = HeaderValue::from_static(headers::POLICY_WITH_SCRIPT);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The page again with what was wrong on it.
fn refuse(web: &Web, visit: &Visit, person: &Person, shown: &Shown<'_>) -> Result<Response, Error> {
    let page = show(web, visit, person, shown)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// To the page again, by GET, in the language in which it was shown.
fn back(token: &str, note: &str, visit: &Visit) -> Response {
    Redirect::to(&visit.link(&format!("/p/{token}?note={note}"))).into_response()
}

/// The link's list's masthead, or the site's.
fn site<'a>(web: &'a Web, person: &Person) -> SiteView<'a> {
    let list = web.context.list_by_id(person.list_id);
    list.map_or_else(|| web.site(), |list| web.list_site(list))
}

/// As asked for, else as the reader chose, else the list's.
fn locale(web: &Web, visit: &Visit, person: &Person) -> Result<Locale, Error> {
    let first = person.subscriptions.first();
    let chosen = first.and_then(|standing| standing.choices.language.as_deref());
    let list = first.map(|standing| &standing.list);
    match list.or_else(|| web.context.list_by_id(person.list_id)) {
        Some(list) => visit.reader_locale(list, chosen),
        None => visit.site_locale(web),
    }
}
