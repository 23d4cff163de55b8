//! The form of a list and of several, and "check your mail". The answer to a sign-up is the same for every state of the
//! address (D5).

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;
use std::sync::Arc;

use super::floor::Floor;
use super::form::{self, Answer, SignUpForm};
use super::guard::{self, Guard, Verdict};
use super::page::{CheckMailPage, FormView, SubscribePage};
use super::refusal::Refusal;
use super::validate::{Valid, takes_mail, validate};
use super::visit::{Visit, render};
use super::{Error, Web, archive, cors, home};
use crate::domain::list::List;
use crate::domain::subscription::ConsentMethod;
use crate::domain::token::stamp::Page;
use crate::locale::Locale;
use crate::service::next;
use crate::service::sign_up::{self, Outcome, SignUp, gate};

/// `GET /subscribe/{list}`; the query may fill in fields.
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let list = find(&web, &slug)?;
    let locale = visit.list_locale(&list)?;
    let form = form::prefilled(query.as_deref());
    // A form with nothing of the reader's in it is the same for everybody.
    if form.fields().is_empty() {
        return empty(&web, &list, &locale).await;
    }
    show(&web, &list, &locale, &form, &Refusal::default()).await
}

/// The form with nothing filled in.
async fn empty(web: &Web, list: &List, locale: &Locale) -> Result<Response, Error> {
    let which = (list.id, locale.lang(), locale.is_asked());
    let guard = Guard::of(web, &list.slug, Page::Form);
    if let Some(page) = web.shown.with(which, &guard.stamp) {
        return Ok(guard::with_script(guard.script_url, Html(page)));
    }
    let (form, refusal) = (SignUpForm::default(), Refusal::default());
    let page = page(
        web,
        list,
        locale,
        view(&form, &refusal, list.ask_name),
        &guard,
    )
    .await?;
    web.shown.keep(which, &page, &guard.stamp);
    Ok(guard::with_script(guard.script_url, Html(page)))
}

/// `POST /subscribe/{list}`: for this list, and for others that the form names.
pub async fn post(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
    request: Request,
) -> Result<Response, Error> {
    let list = find(&web, &slug)?;
    submit(&web, Some(&list), visit, request).await
}

/// `POST /subscribe`: for the lists that the form names.
pub async fn post_several(
    State(web): State<Web>,
    visit: Visit,
    request: Request,
) -> Result<Response, Error> {
    submit(&web, None, visit, request).await
}

/// Reads the form, looks at it, asks for the sign-up, answers.
async fn submit(
    web: &Web,
    list: Option<&Arc<List>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Error> {
    let floor = Floor::from_now();
    let answer = Answer::wanted(visit.headers());
    let form = form::read(request)
        .await
        .map_err(|error| error.back(form_url(list.map(Arc::as_ref))))?;
    let visit = visit.in_language(&form.lang);
    let locale = match list {
        Some(list) => visit.list_locale(list)?,
        None => visit.site_locale(web)?,
    };
    if !form.wrong_type.is_empty() {
        return mistyped(&locale, answer, form, list.map(Arc::as_ref));
    }
    let answer = match validate(web, list, &form) {
        Ok(valid) => {
            let answer = accept(web, list, &visit, &locale, answer, &form, valid).await;
            floor.reach().await;
            answer
        }
        Err(refusal) => refused(web, list, &locale, answer, &form, &refusal).await,
    };
    let mut answer = answer
        .map_err(|error| error.in_language(&locale))
        .into_response();
    let chosen = form.lists.iter().filter_map(|slug| web.context.list(slug));
    let about: Vec<_> = list.into_iter().chain(chosen).cloned().collect();
    answer.extensions_mut().insert(cors::About(about));
    Ok(answer)
}

/// Judges where the form comes from, and asks for the sign-up. Each list gets a consent of its own (D11).
async fn accept(
    web: &Web,
    list: Option<&Arc<List>>,
    visit: &Visit,
    locale: &Locale,
    answer: Answer,
    form: &SignUpForm,
    valid: Valid,
) -> Result<Response, Error> {
    let name = list.map_or(guard::SEVERAL, |list| list.slug.as_str());
    let lists = valid.lists;
    let ask = || guard::ask(web, name, &lists, locale, answer, form);
    let verdict = guard::judge(web, name, visit.headers(), &friends(&lists), form);
    let mut passed = match verdict {
        Verdict::Pass(passed) => passed,
        Verdict::Forget => return Ok(accepted(locale, answer, &lists)),
        Verdict::Ask => return ask(),
        Verdict::Refuse => {
            return Err(Error::refused().back(form_url(list.map(Arc::as_ref))));
        }
    };
    let origin = visit.origin(web, &form.source, locale);
    let back = || form_url(list.map(Arc::as_ref));
    // A network that sends too much makes us ask no name server either.
    if let Some(wait) = gate::refused(&web.context, origin.ip.as_deref()) {
        return Err(Error::too_many(wait).back(back()));
    }
    if let Err(refusal) = takes_mail(web, &valid.address, &origin).await {
        let refusal = Refusal {
            email: Some(refusal),
            ..Refusal::default()
        };
        return refused(web, list, locale, answer, form, &refusal).await;
    }
    passed.doubts.extend(valid.doubts);
    let asked = SignUp {
        address: valid.address,
        lists: lists.clone(),
        name: valid.name,
        method: match answer {
            Answer::Json => ConsentMethod::Api,
            Answer::Html => ConsentMethod::Form,
        },
        wording: shown(passed.page, answer, locale, &lists),
        origin,
        spends: passed.spends,
        doubts: passed.doubts,
    };
    match sign_up::sign_up(&web.context, asked).await? {
        Outcome::Taken => Ok(accepted(locale, answer, &lists)),
        Outcome::ProofUsed => ask(),
        Outcome::TooMany(wait) => Err(Error::too_many(wait).back(back())),
    }
}

/// The text that a page of ours showed beside its button (D10): what other pages showed, or whether a program showed any, is not
/// known.
fn shown(
    page: Option<Page>,
    answer: Answer,
    locale: &Locale,
    lists: &[Arc<List>],
) -> Option<String> {
    match (page?, answer) {
        (Page::Form, _) => Some(locale.text("subscribe-what")),
        (Page::Step(_), Answer::Html) => Some(guard::step_text(locale, lists)),
        (Page::Step(_), Answer::Json) => None,
    }
}

/// The sites that may hold a form for all of these lists.
fn friends(lists: &[Arc<List>]) -> Vec<String> {
    let Some((first, others)) = lists.split_first() else {
        return Vec::new();
    };
    let mut origins = first.origins.clone();
    origins.retain(|origin| others.iter().all(|list| list.origins.contains(origin)));
    origins
}

/// The same for every state of the address (D5).
fn accepted(locale: &Locale, answer: Answer, lists: &[Arc<List>]) -> Response {
    match answer {
        Answer::Json => {
            let text = match lists {
                [list] => {
                    locale.text_with("check-mail-text", &[("list", list.name.as_str().into())])
                }
                _ => locale.text("check-mail-several"),
            };
            let title = locale.text("check-mail-title");
            Json(json!({ "status": "check_mail", "message": title, "text": text })).into_response()
        }
        Answer::Html => {
            let (first, more) = lists.split_first().expect("a valid form names a list");
            let mut url = format!("/subscribe/{}/check-mail", first.slug);
            for (place, list) in more.iter().enumerate() {
                url += if place == 0 { "?lists=" } else { "," };
                url += &list.slug;
            }
            Redirect::to(&locale.link(&url)).into_response()
        }
    }
}

/// A program's mistake in JSON: it is told each field, and a page cannot show what is no text.
fn mistyped(
    locale: &Locale,
    answer: Answer,
    form: SignUpForm,
    list: Option<&List>,
) -> Result<Response, Error> {
    if answer == Answer::Html {
        let error = Error::unreadable(StatusCode::BAD_REQUEST);
        return Err(error.back(form_url(list)).in_language(locale));
    }
    let refusal = Refusal {
        wrong_type: form.wrong_type,
        ..Refusal::default()
    };
    let body = Json(json!({ "errors": refusal.json(locale) }));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

async fn refused(
    web: &Web,
    list: Option<&Arc<List>>,
    locale: &Locale,
    answer: Answer,
    form: &SignUpForm,
    refusal: &Refusal,
) -> Result<Response, Error> {
    let body = match (answer, list) {
        (Answer::Json, _) => Json(json!({ "errors": refusal.json(locale) })).into_response(),
        (Answer::Html, Some(list)) => show(web, list, locale, form, refusal).await?,
        (Answer::Html, None) => home::show(web, locale, form, refusal)?,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `GET /subscribe/{list}/check-mail`; `?lists=` names further lists.
pub async fn check_mail(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let list = find(&web, &slug)?;
    let locale = visit.list_locale(&list)?;
    let more = named(&web, query.as_deref());
    render(&CheckMailPage {
        locale: &locale,
        site: &web.list_site(&list),
        list_name: &list.name,
        more: more
            .iter()
            .filter(|other| other.id != list.id)
            .map(|other| other.name.as_str())
            .collect(),
        subscribe_url: form_url(Some(&list)),
    })
}

/// The list of this name, or 404.
pub fn find(web: &Web, slug: &str) -> Result<Arc<List>, Error> {
    web.context.list(slug).cloned().ok_or_else(Error::not_found)
}

/// The lists that `?lists=a,b` names, in the operator's order; names of none are left out.
pub fn named(web: &Web, query: Option<&str>) -> Vec<Arc<List>> {
    let query = query.unwrap_or_default();
    let value = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "lists");
    let value = value.map(|(_, value)| value).unwrap_or_default();
    let lists = web.context.lists.iter();
    lists
        .filter(|list| value.split(',').any(|slug| slug == list.slug))
        .cloned()
        .collect()
}

/// The page of the form.
fn form_url(list: Option<&List>) -> String {
    match list {
        Some(list) => format!("/subscribe/{}", list.slug),
        None => "/subscribe".to_owned(),
    }
}

async fn show(
    web: &Web,
    list: &List,
    locale: &Locale,
    form: &SignUpForm,
    refusal: &Refusal,
) -> Result<Response, Error> {
    let guard = Guard::of_form(web, &list.slug, &form.stamp);
    let page = page(
        web,
        list,
        locale,
        view(form, refusal, list.ask_name),
        &guard,
    )
    .await?;
    Ok(guard::with_script(guard.script_url, Html(page)))
}

async fn page(
    web: &Web,
    list: &List,
    locale: &Locale,
    form: FormView<'_>,
    guard: &Guard,
) -> Result<String, Error> {
    let decided_ms = next::decided(&mut web.context.database.read().await?, list).await?;
    let now_ms = web.context.clock.now_ms();
    let page = render(&SubscribePage {
        locale,
        site: &web.list_site(list),
        list_name: &list.name,
        description: &list.description,
        next_ms: next::to_come(list, decided_ms, now_ms + 1),
        zone: list.schedule.zone(),
        latest_url: archive::latest_url(web, list).await?,
        form,
        guard,
    })?;
    Ok(page.0)
}

/// The fields as they were typed, with what is wrong with them.
pub fn view<'a>(form: &'a SignUpForm, refusal: &'a Refusal, asks_name: bool) -> FormView<'a> {
    let email = refusal.email.as_ref();
    let questioned = email.is_some_and(super::refusal::AddressRefusal::is_question);
    FormView {
        choices: Vec::new(),
        lists_refused: refusal.lists,
        email: form.typed_address(),
        error: email.map(super::refusal::AddressRefusal::view),
        suggestion: email.and_then(|email| email.suggestion()),
        insist: if questioned {
            form.typed_address()
        } else {
            &form.insist
        },
        asks_name,
        name: &form.name,
        name_refused: refusal.name,
        source: &form.source,
    }
}
