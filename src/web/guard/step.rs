//! One more step: a form that we did not show ourselves is shown again on a page of ours, with one button (D8). A program that
//! speaks JSON is given what to repeat its request with.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Guard, with_script};
use crate::domain::list::List;
use crate::domain::sign_up::ProofPolicy;
use crate::domain::token::challenge::Challenge;
use crate::domain::token::stamp::Page;
use crate::locale::Locale;
use crate::web::form::{Answer, SignUpForm};
use crate::web::page::SiteView;
use crate::web::visit::render;
use crate::web::{Error, Web};

/// The page with one button. Its form posts all fields again.
#[derive(Debug, Template)]
#[template(path = "web/step.html")]
struct StepPage<'a> {
    locale: &'a Locale,
    site: &'a SiteView<'a>,
    text: &'a str,
    email: &'a str,
    fields: &'a [(&'a str, &'a str)],
    guard: &'a Guard,
}

/// What the page says of the sign-up that its button asks for.
pub fn text(locale: &Locale, lists: &[Arc<List>]) -> String {
    let names = locale.several(lists.iter().map(|list| list.name.as_str()));
    locale.text_with("step-text", &[("list", names.as_str().into())])
}

/// Asks for one more step for a form of this name, which chose these lists.
pub fn ask(
    web: &Web,
    name: &str,
    lists: &[Arc<List>],
    locale: &Locale,
    answer: Answer,
    form: &SignUpForm,
) -> Result<Response, Error> {
    let guard = Guard::of(web, name, Page::step());
    if answer == Answer::Json {
        let context = &web.context;
        let works = context.sign_up.proof != ProofPolicy::Off;
        let challenge = works.then(|| {
            let now_ms = context.clock.now_ms();
            Challenge::new(&context.keyring, context.sign_up.difficulty, now_ms)
        });
        let body = json!({
            "status": "one_more_step", "message": locale.text("step-json"), "stamp": guard.stamp, "challenge": challenge,
        });
        return Ok((StatusCode::PRECONDITION_REQUIRED, Json(body)).into_response());
    }
    let page = render(&StepPage {
        locale,
        site: &web.site(),
        text: &text(locale, lists),
        email: form.typed_address(),
        fields: &form.fields(),
        guard: &guard,
    })?;
    Ok(with_script(guard.script_url, page))
}
