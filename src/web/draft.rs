//! The editors' page of a draft, by signed link without a password: GET and HEAD show it, a POST writes what was decided. What readers
//! would get is shown as the mail that it is, in a frame that runs nothing. Once the digest is made the page shows it and takes nothing.

mod form;
mod page;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, X_FRAME_OPTIONS,
};
use axum::response::{IntoResponse, Redirect, Response};

use self::form::{Typed, field};
use self::page::{ClosedPage, DraftPage, MadePage, PreviewPage, VariantView};
use super::guard::is_foreign;
use super::visit::{Visit, render};
use super::{Error, Web, headers};
use crate::domain::digest::DigestStatus;
use crate::locale::Locale;
use crate::service::compose::Draft;
use crate::service::editing::{self, Desk, Editor, MOST_TESTS, Saved, Tested, Variant};

/// A form of many titles; more than this is refused with 413.
pub const BODY_LIMIT: usize = 1 << 20;
/// What a page can say was just done.
const NOTES: [&str; 3] = ["saved", "tested", "too-many"];

/// `GET /draft/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let editor = find(&web, &token)?;
    match editing::look(&web.context, &editor).await? {
        Desk::Open(draft) => {
            let typed = Typed::of(&editor.list, &draft);
            show(&web, &visit, &editor, &draft, &typed, StatusCode::OK)
        }
        desk => over(&web, &visit, &editor, &desk, StatusCode::OK),
    }
}

/// `POST /draft/{token}`
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
    Form(fields): Form<form::Fields>,
) -> Result<Response, Error> {
    let (context, editor) = (&web.context, find(&web, &token)?);
    if is_foreign(visit.headers(), &context.site.public_url, &[]) {
        return Err(Error::refused());
    }
    let draft = match editing::look(context, &editor).await? {
        Desk::Open(draft) => draft,
        desk => return over(&web, &visit, &editor, &desk, StatusCode::CONFLICT),
    };
    let typed = Typed::read(&editor.list, &draft, &fields);
    if !typed.problems.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&web, &visit, &editor, &draft, &typed, status);
    }
    if typed.editing != draft.edits.editing || typed.version != draft.edits.version {
        let (about, by) = ((&typed.editing, typed.version), editor.address.identity());
        match editing::save(context, &editor.list, editor.period_ms, about, &by).await? {
            Saved::Done(_) => {}
            Saved::Stale => {
                return stale(&web, &visit, &editor, typed).await;
            }
            Saved::Closed => {
                let desk = editing::look(context, &editor).await?;
                return over(&web, &visit, &editor, &desk, StatusCode::CONFLICT);
            }
        }
    }
    let back = |to: &str| {
        let url = visit.link(&format!("/draft/{token}{to}"));
        Ok(Redirect::to(&url).into_response())
    };
    match field(&fields, "do") {
        "preview" => back("/preview"),
        "test" => match tested(&web, &editor, &Variant::default()).await? {
            Tested::Queued => back("?note=tested"),
            Tested::TooMany => back("?note=too-many"),
            Tested::Nothing => back("/preview"),
        },
        _ => back("?note=saved"),
    }
}

/// `GET /draft/{token}/preview?sections=…&language=…`
pub async fn preview(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let editor = find(&web, &token)?;
    let draft = match editing::look(&web.context, &editor).await? {
        Desk::Open(draft) => draft,
        desk => return over(&web, &visit, &editor, &desk, StatusCode::OK),
    };
    let asked = asked(&visit, &editor);
    let letter = asked.letter(&web.context, &editor.list, &draft)?;
    let variants = editing::variants(&web.context, &editor.list, editor.period_ms).await?;
    let locale = visit.list_locale(&editor.list)?;
    let site = web.list_site(&editor.list);
    let note = visit.query("note");
    let language = asked.language.as_deref();
    let page = PreviewPage {
        letter_locale: &crate::service::letter::chosen_locale(&editor.list, language)?,
        locale: &locale,
        site: &site,
        address: editor.address.to_unicode(),
        note: NOTES
            .into_iter()
            .find(|known| note.as_deref() == Some(known)),
        letter_url: format!("/draft/{token}/letter{}", query(&asked)),
        draft_url: visit.link(&format!("/draft/{token}")),
        subject: letter.as_ref().map(|letter| letter.subject.clone()),
        text: letter.map(|letter| letter.text),
        variants: variants
            .iter()
            .map(|one| VariantView {
                name: name(&editor, &locale, one),
                readers: one.readers,
                url: visit.link(&format!("/draft/{token}/preview{}", query(one))),
                is_shown: one.language == asked.language && one.sections == asked.sections,
            })
            .collect(),
    };
    let mut response = render(&page)?.into_response();
    let policy = HeaderValue::from_static(headers::POLICY_WITH_FRAME);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    Ok(noindex(response))
}

/// `POST /draft/{token}/preview?sections=…&language=…`: what is shown goes to the editor as a test.
pub async fn send(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let editor = find(&web, &token)?;
    if is_foreign(visit.headers(), &web.context.site.public_url, &[]) {
        return Err(Error::refused());
    }
    let asked = asked(&visit, &editor);
    let note = match tested(&web, &editor, &asked).await? {
        Tested::Queued => "tested",
        Tested::TooMany => "too-many",
        Tested::Nothing => "",
    };
    let query = query(&asked);
    let joint = if query.is_empty() { '?' } else { '&' };
    let url = visit.link(&format!("/draft/{token}/preview{query}{joint}note={note}"));
    Ok(Redirect::to(&url).into_response())
}

/// `GET /draft/{token}/letter?sections=…&language=…`: the HTML part alone, for the frame.
pub async fn letter(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let editor = find(&web, &token)?;
    let Desk::Open(draft) = editing::look(&web.context, &editor).await? else {
        return Err(Error::not_found());
    };
    let letter = asked(&visit, &editor).letter(&web.context, &editor.list, &draft)?;
    let letter = letter.ok_or_else(Error::not_found)?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, headers::POLICY_OF_LETTER),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok(noindex((headers, letter.html).into_response()))
}

fn find(web: &Web, token: &str) -> Result<Editor, Error> {
    editing::editor(&web.context, token).ok_or_else(Error::bad_link)
}

/// Which readers the address asks for.
fn asked(visit: &Visit, editor: &Editor) -> Variant {
    let (sections, language) = (visit.query("sections"), visit.query("language"));
    Variant::asked(&editor.list, sections.as_deref(), language.as_deref())
}

fn query(variant: &Variant) -> String {
    let sections = variant.sections.as_ref().map(|keys| keys.join(","));
    let pairs = [
        ("sections", sections),
        ("language", variant.language.clone()),
    ];
    let mut query = String::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(name);
            query.push('=');
            query.push_str(&value);
        }
    }
    query
}

/// Sections and language in words.
fn name(editor: &Editor, locale: &Locale, variant: &Variant) -> String {
    let language = variant.language.as_deref().and_then(|language| {
        let mut names = crate::locale::names().into_iter();
        names
            .find(|(code, _)| *code == language)
            .map(|(_, name)| name)
    });
    let sections = match &variant.sections {
        None => vec![locale.text("preview-all")],
        Some(keys) => {
            let chosen = editor.list.sections.iter();
            let chosen = chosen.filter(|one| keys.contains(&one.key));
            chosen.map(|one| locale.isolate(&one.name)).collect()
        }
    };
    let sections = sections.join(&format!("{} ", locale.text("comma")));
    match language {
        Some(language) => format!("{sections} · {}", locale.isolate(&language)),
        None => sections,
    }
}

async fn tested(web: &Web, editor: &Editor, variant: &Variant) -> Result<Tested, Error> {
    let Desk::Open(draft) = editing::look(&web.context, editor).await? else {
        return Ok(Tested::Nothing);
    };
    let to = (&editor.address, Some(MOST_TESTS));
    Ok(editing::test(&web.context, &editor.list, &draft, variant, to).await?)
}

/// Another editor was faster: what was typed stands in the fields, and what is saved beside it.
async fn stale(web: &Web, visit: &Visit, editor: &Editor, mine: Typed) -> Result<Response, Error> {
    let draft = match editing::look(&web.context, editor).await? {
        Desk::Open(draft) => draft,
        desk => return over(web, visit, editor, &desk, StatusCode::CONFLICT),
    };
    let typed = mine.beside(Typed::of(&editor.list, &draft));
    show(web, visit, editor, &draft, &typed, StatusCode::CONFLICT)
}

fn show(
    web: &Web,
    visit: &Visit,
    editor: &Editor,
    draft: &Draft,
    typed: &Typed,
    status: StatusCode,
) -> Result<Response, Error> {
    let locale = visit.list_locale(&editor.list)?;
    let note = visit.query("note").filter(|_| status == StatusCode::OK);
    let page = DraftPage {
        locale: &locale,
        site: &web.list_site(&editor.list),
        list: &editor.list,
        address: editor.address.to_unicode(),
        draft,
        typed,
        note: NOTES
            .into_iter()
            .find(|known| note.as_deref() == Some(known)),
        sections: page::sections(&editor.list, draft, typed),
    };
    Ok(noindex((status, render(&page)?).into_response()))
}

/// The page of a draft that takes nothing any more.
fn over(
    web: &Web,
    visit: &Visit,
    editor: &Editor,
    desk: &Desk,
    status: StatusCode,
) -> Result<Response, Error> {
    let locale = visit.list_locale(&editor.list)?;
    let (list, site) = (&editor.list, web.list_site(&editor.list));
    let page = match desk {
        Desk::Made(digest) => {
            let is_out = matches!(digest.status, DigestStatus::Sending | DigestStatus::Sent);
            let url = is_out.then(|| format!("/d/{}", digest.public_id));
            let edition = &digest.edition;
            let (locale, site, period_ms) = (&locale, &site, editor.period_ms);
            render(&MadePage {
                locale,
                site,
                list,
                period_ms,
                edition,
                url,
            })?
        }
        Desk::Open(_) | Desk::Closed => render(&ClosedPage {
            locale: &locale,
            site: &site,
            list,
            period_ms: editor.period_ms,
        })?,
    };
    Ok(noindex((status, page).into_response()))
}

/// No search engine keeps it, wherever it found the link.
fn noindex(mut response: Response) -> Response {
    let name = HeaderName::from_static("x-robots-tag");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static("noindex"));
    response
}
