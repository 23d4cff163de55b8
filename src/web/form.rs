//! The sign-up form as it arrives: urlencoded, multipart or JSON on one address, the same fields in each.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use validator::Validate;

use super::error::Error;

/// The most characters of a field that a link may fill in.
const LONGEST_PREFILLED: usize = 320;

/// The fields; each is a text, in JSON too, but for `lists`, which is an array of texts there.
const FIELDS: [&str; 10] = [
    "email",
    "suggestion",
    "insist",
    "lists",
    "name",
    "source",
    "lang",
    "stamp",
    "altcha",
    "website",
];

/// What a reader typed, not yet looked at.
#[derive(Debug, Default, Validate)]
pub struct SignUpForm {
    /// The address, as typed. What is wrong with one of a likely size is said by `EmailAddress`.
    #[validate(length(max = 2000))]
    pub email: String,
    /// The address that the reader took from a suggestion, in its place.
    #[validate(length(max = 2000))]
    pub suggestion: String,
    /// The address that is right as it was typed, although it looks like a slip.
    #[validate(length(max = 2000))]
    pub insist: String,
    /// The lists that were chosen, besides the one that the form's address names.
    #[validate(length(max = 100))]
    pub lists: Vec<String>,
    /// The name, where the form asks for it.
    #[validate(length(max = 100))]
    pub name: String,
    /// Where the form stands, for the consent record, which keeps its beginning.
    pub source: String,
    /// The language that the form was shown in.
    pub lang: String,
    /// When and where the form was shown.
    pub stamp: String,
    /// The proof of work, as ALTCHA's widget names it.
    pub altcha: String,
    /// A trap: nobody sees this field.
    pub website: String,
    /// The fields that came in JSON and are no text, or no array of texts.
    pub wrong_type: Vec<&'static str>,
}

impl SignUpForm {
    /// Takes a field of an urlencoded or multipart form; what the form does not have is left out.
    fn set(&mut self, name: &str, value: String) {
        match name {
            "email" => self.email = value,
            "suggestion" => self.suggestion = value,
            "insist" => self.insist = value,
            "lists" => self.lists.push(value),
            "name" => self.name = value,
            "source" => self.source = value,
            "lang" => self.lang = value,
            "stamp" => self.stamp = value,
            "altcha" => self.altcha = value,
            "website" => self.website = value,
            _ => {}
        }
    }

    /// Takes a field of a JSON form.
    fn set_json(&mut self, name: &'static str, value: Value) {
        match (name, value) {
            ("lists", Value::Array(values)) => {
                for value in values {
                    match value {
                        Value::String(slug) => self.lists.push(slug),
                        _ => self.wrong_type.push(name),
                    }
                }
                self.wrong_type.dedup();
            }
            (_, Value::String(text)) if name != "lists" => self.set(name, text),
            _ => self.wrong_type.push(name),
        }
    }

    /// What a reader filled in, without what protects the form: to be sent again.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let fields = [
            ("email", self.typed_address()),
            ("insist", &self.insist),
            ("name", &self.name),
            ("source", &self.source),
            ("lang", &self.lang),
        ];
        let lists = self.lists.iter().map(|slug| ("lists", slug.as_str()));
        let fields = fields.into_iter().chain(lists);
        fields.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address that counts: a suggestion that was taken, else what was typed.
    pub fn typed_address(&self) -> &str {
        if self.suggestion.is_empty() {
            &self.email
        } else {
            &self.suggestion
        }
    }
}

/// A form whose fields have names: an array would be read by their order in the program.
struct Named(SignUpForm);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = SignUpForm;

            fn expecting(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                text.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<SignUpForm, A::Error> {
                let (mut form, mut seen) = (SignUpForm::default(), Vec::new());
                while let Some((name, value)) = fields.next_entry::<String, Value>()? {
                    let Some(name) = FIELDS.into_iter().find(|known| *known == name) else {
                        continue;
                    };
                    if seen.contains(&name) {
                        return Err(A::Error::duplicate_field(name));
                    }
                    seen.push(name);
                    form.set_json(name, value);
                }
                Ok(form)
            }
        }

        deserializer.deserialize_map(Fields).map(Named)
    }
}

/// How the answer should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A page.
    Html,
    /// JSON.
    Json,
}

impl Answer {
    /// By `Accept`; a program that posts JSON and accepts anything gets JSON.
    pub fn wanted(headers: &HeaderMap) -> Self {
        let accept = headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("*/*")
            .to_ascii_lowercase();
        let place = |kind: &str| accept.find(kind);
        match (place("application/json"), place("text/html")) {
            (Some(json), Some(html)) if json < html => Self::Json,
            (Some(_), None) => Self::Json,
            (None, None) if kind(headers) == Kind::Json => Self::Json,
            _ => Self::Html,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Urlencoded,
    Multipart,
    Json,
    Other,
}

fn kind(headers: &HeaderMap) -> Kind {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    match value.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => Kind::Urlencoded,
        "multipart/form-data" => Kind::Multipart,
        "application/json" => Kind::Json,
        _ => Kind::Other,
    }
}

/// Reads the form from a request, whichever way it came.
pub async fn read(request: Request) -> Result<SignUpForm, Error> {
    match kind(request.headers()) {
        Kind::Urlencoded => match Bytes::from_request(request, &()).await {
            Ok(body) => Ok(read_pairs(&body)),
            Err(rejection) => Err(Error::unreadable(rejection.status())),
        },
        Kind::Json => match Json::from_request(request, &()).await {
            Ok(Json(Named(form))) => Ok(form),
            Err(rejection) => Err(Error::unreadable(rejection.status())),
        },
        Kind::Multipart => match Multipart::from_request(request, &()).await {
            Ok(parts) => read_parts(parts).await,
            Err(rejection) => Err(Error::unreadable(rejection.status())),
        },
        Kind::Other => Err(Error::unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

/// What the address of a form fills in: nothing that is longer than a field should be, and nothing that is sent by itself.
pub fn prefilled(query: Option<&str>) -> SignUpForm {
    let mut form = SignUpForm::default();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if matches!(&*name, "email" | "name" | "source") {
            form.set(&name, value.chars().take(LONGEST_PREFILLED).collect());
        }
    }
    form
}

fn read_pairs(body: &[u8]) -> SignUpForm {
    let mut form = SignUpForm::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        form.set(&name, value.into_owned());
    }
    form
}

async fn read_parts(mut parts: Multipart) -> Result<SignUpForm, Error> {
    let mut form = SignUpForm::default();
    loop {
        let part = parts
            .next_field()
            .await
            .map_err(|error| Error::unreadable(error.status()))?;
        let Some(part) = part else { return Ok(form) };
        let name = part.name().unwrap_or_default().to_owned();
        let value = part
            .text()
            .await
            .map_err(|error| Error::unreadable(error.status()))?;
        form.set(&name, value);
    }
}
