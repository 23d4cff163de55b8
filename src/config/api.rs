//! `[api]`: who may send articles to `/api/articles`, one `[[api.tokens]]` each.

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use super::redaction::REDACTED;
use super::value;

/// Fewer characters could be guessed.
const SHORTEST: usize = 24;

/// Who may use the API; nobody when no token is given.
#[derive(Debug, Clone, Default)]
pub struct ApiConfig {
    /// The tokens that are taken, each with a name of its own.
    pub tokens: Vec<ApiToken>,
}

/// A bearer token (RFC 6750).
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// What logs call it; the keys of repeated requests belong to it.
    pub name: String,
    /// The token, at least 24 characters; empty only beside a problem that was reported.
    pub token: SecretString,
}

impl ApiConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let (mut names, mut known) = (Vec::new(), Vec::<String>::new());
        let tokens = reader.each("tokens", |reader| {
            let name = reader.required("name", value::slug);
            reader.unique("name", &name, &mut names);
            let is_given = reader.has("token") || reader.has("token_file");
            let token = reader.secret("token", "token_file", None, |_| REDACTED.to_owned());
            if !is_given {
                reader.problem("token", "is missing; give it here or in a token_file");
            }
            let token = token.unwrap_or_default();
            check(reader, &token, &mut known);
            ApiToken { name, token }
        });
        Self { tokens }
    }
}

/// Says what is wrong with a token without showing it; `known` are those before it.
fn check(reader: &mut Reader, token: &SecretString, known: &mut Vec<String>) {
    let text = token.expose_secret();
    if text.is_empty() {
        return;
    }
    if text.chars().count() < SHORTEST {
        let reason = format!("must have at least {SHORTEST} characters, taken at random");
        reader.problem("token", reason);
    } else if !text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._~+/=".contains(c))
    {
        // RFC 6750, section 2.1: anything else does not travel in the header.
        reader.problem("token", "may have letters, digits and - . _ ~ + / = only");
    } else if known.iter().any(|other| other == text) {
        reader.problem("token", "is the token of another name too");
    }
    known.push(text.to_owned());
}
