//! The form of a list, and "check your mail". The answer to a sign-up is the same for every state of the address (D5).

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use validator::Validate;

use super::form::{self, Answer, SignUpForm};
use super::guard::{self, Guard, Verdict};
use super::page::{AddressError, CheckMailPage, SubscribePage, address_error};
use super::visit::{Visit, render};
use super::{Error, Web, archive};
use crate::domain::address::{AddressProblem, EmailAddress, InvalidEmailAddress};
use crate::domain::list::List;
use crate::domain::subscription::{ConsentMethod, reader_name};
use crate::domain::token::stamp::Page;
use crate::locale::Locale;
use crate::service::sign_up::{Outcome, SignUp, sign_up};

/// `GET /subscribe/{list}`
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let list = find(&web, &slug)?;
    let locale = visit.list_locale(&list)?;
    show(
        &web,
        &list,
        &locale,
        &SignUpForm::default(),
        &Refusal::default(),
    )
    .await
}

/// `POST /subscribe/{list}`
pub async fn post(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
    request: Request,
) -> Result<Response, Error> {
    let list = find(&web, &slug)?;
    let answer = Answer::wanted(visit.headers());
    let form = form::read(request)
        .await
        .map_err(|error| error.back(format!("/subscribe/{slug}")))?;
    let visit = visit.in_language(&form.lang);
    let locale = visit.list_locale(&list)?;
    match accept(&web, &list, &form) {
        Ok((address, name)) => {
            let fields = [
                ("email", form.typed_address()),
                ("name", &form.name),
                ("source", &form.source),
                ("lang", &form.lang),
            ];
            let ask = || guard::ask(&web, &list, &locale, answer, form.typed_address(), &fields);
            let (proof, doubts) = match guard::judge(&web, &slug, visit.headers(), &[], &form) {
                Verdict::Pass(proof, doubts) => (proof, doubts),
                Verdict::Forget => return Ok(check_mail_answer(&locale, answer, &slug, &visit)),
                Verdict::Ask => return ask(),
                Verdict::Refuse => {
                    return Err(Error::refused().back(format!("/subscribe/{slug}")));
                }
            };
            let method = if answer == Answer::Json {
                ConsentMethod::Api
            } else {
                ConsentMethod::Form
            };
            let asked = SignUp {
                address,
                lists: vec![Arc::clone(&list)],
                name,
                method,
                origin: visit.origin(&web, &form.source, &locale),
                wording: Some(locale.text("subscribe-what")),
                proof,
                doubts,
            };
            match sign_up(&web.context, asked).await? {
                Outcome::Taken => Ok(check_mail_answer(&locale, answer, &slug, &visit)),
                Outcome::ProofUsed => ask(),
                Outcome::TooMany(wait) => {
                    Err(Error::too_many(wait).back(format!("/subscribe/{slug}")))
                }
            }
        }
        Err(refusal) => {
            let body = match answer {
                Answer::Json => Json(json!({ "errors": refusal.json(&locale) })).into_response(),
                Answer::Html => show(&web, &list, &locale, &form, &refusal).await?,
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
        }
    }
}

/// `GET /subscribe/{list}/check-mail`
pub async fn check_mail(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let list = find(&web, &slug)?;
    let locale = visit.list_locale(&list)?;
    let site = web.list_site(&list);
    let subscribe_url = format!("/subscribe/{slug}");
    render(&CheckMailPage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        subscribe_url,
    })
}

/// The list of this name, or 404.
pub fn find(web: &Web, slug: &str) -> Result<Arc<List>, Error> {
    web.context.list(slug).cloned().ok_or_else(Error::not_found)
}

/// The same for every state of the address, and for what is forgotten (D5, D8).
fn check_mail_answer(locale: &Locale, answer: Answer, slug: &str, visit: &Visit) -> Response {
    match answer {
        Answer::Json => {
            Json(json!({ "status": "check_mail", "message": locale.text("check-mail-title") }))
                .into_response()
        }
        Answer::Html => Redirect::to(&check_mail_url(slug, visit.lang())).into_response(),
    }
}

fn check_mail_url(slug: &str, lang: Option<&str>) -> String {
    match lang.filter(|lang| crate::locale::SUPPORTED.contains(lang)) {
        Some(lang) => format!("/subscribe/{slug}/check-mail?lang={lang}"),
        None => format!("/subscribe/{slug}/check-mail"),
    }
}

/// What cannot be accepted, field by field.
#[derive(Default)]
struct Refusal {
    email: Option<AddressRefusal>,
    name: bool,
}

struct AddressRefusal {
    code: &'static str,
    character: Option<char>,
    suggestion: Option<String>,
}

impl From<InvalidEmailAddress> for AddressRefusal {
    fn from(error: InvalidEmailAddress) -> Self {
        let character = match &error.reason {
            AddressProblem::BadCharacter(letter) => Some(*letter),
            _ => None,
        };
        Self {
            code: error.reason.code(),
            character,
            suggestion: error.reason.suggestion(),
        }
    }
}

impl AddressRefusal {
    fn view(&self) -> AddressError<'_> {
        AddressError {
            code: self.code,
            character: self.character,
        }
    }
}

impl Refusal {
    fn json(&self, locale: &Locale) -> serde_json::Value {
        let mut errors = serde_json::Map::new();
        if let Some(email) = &self.email {
            let message = address_error(locale, &email.view(), email.suggestion.as_deref());
            errors.insert(
                "email".into(),
                json!({ "code": email.code, "message": message, "suggestion": email.suggestion }),
            );
        }
        if self.name {
            errors.insert(
                "name".into(),
                json!({ "code": "name", "message": locale.text("name-error") }),
            );
        }
        errors.into()
    }
}

/// The form's shape, then what it holds.
fn accept(
    web: &Web,
    list: &List,
    form: &SignUpForm,
) -> Result<(EmailAddress, Option<String>), Refusal> {
    let shape = form.validate().err();
    let bad_shape = |field: &str| {
        shape
            .as_ref()
            .is_some_and(|errors| errors.field_errors().contains_key(field))
    };
    let too_long = AddressRefusal {
        code: AddressProblem::TooLong.code(),
        character: None,
        suggestion: None,
    };
    let typed = if bad_shape("email") || bad_shape("suggestion") {
        Err(too_long)
    } else {
        EmailAddress::parse(form.typed_address()).map_err(AddressRefusal::from)
    };
    let address = typed.and_then(|address| {
        // A7: an address that the relay would refuse is refused here, where its owner can still choose another.
        if address.needs_smtputf8() && !web.context.relay_takes_utf8.load(Ordering::Relaxed) {
            Err(AddressRefusal {
                code: "needs-smtputf8",
                character: None,
                suggestion: None,
            })
        } else {
            Ok(address)
        }
    });
    let name = if !list.ask_name {
        // A form that does not ask takes none: the greeting is no place for strangers' words.
        Ok(None)
    } else if bad_shape("name") {
        Err(())
    } else {
        reader_name(&form.name).map_err(drop)
    };
    match (address, name) {
        (Ok(address), Ok(name)) => Ok((address, name)),
        (address, name) => Err(Refusal {
            email: address.err(),
            name: name.is_err(),
        }),
    }
}

async fn show(
    web: &Web,
    list: &List,
    locale: &Locale,
    form: &SignUpForm,
    refusal: &Refusal,
) -> Result<Response, Error> {
    let site = web.list_site(list);
    let guard = Guard::of(web, &list.slug, Page::Form);
    let page = render(&SubscribePage {
        locale,
        site: &site,
        list_name: &list.name,
        description: &list.description,
        next_ms: list.schedule.next_after(web.context.clock.now_ms()),
        zone: list.schedule.zone(),
        latest_url: archive::latest_url(web, list).await?,
        email: form.typed_address(),
        error: refusal.email.as_ref().map(AddressRefusal::view),
        suggestion: refusal
            .email
            .as_ref()
            .and_then(|email| email.suggestion.as_deref()),
        asks_name: list.ask_name,
        name: &form.name,
        name_refused: refusal.name,
        source: &form.source,
        guard: &guard,
    })?;
    Ok(guard::with_script(guard.script_url, page))
}
