//! What cannot be accepted, field by field: the same codes and sentences on the page and in JSON.

use serde_json::json;

use super::page::{AddressError, address_error};
use crate::domain::address::{AddressProblem, EmailAddress, InvalidEmailAddress};
use crate::locale::Locale;

/// What cannot be accepted, field by field.
#[derive(Debug, Default)]
pub struct Refusal {
    /// The choice of lists: its code.
    pub lists: Option<&'static str>,
    /// The address.
    pub email: Option<AddressRefusal>,
    /// The name.
    pub name: bool,
    /// Fields of a JSON form that are of the wrong type.
    pub wrong_type: Vec<&'static str>,
}

/// Why an address cannot be accepted.
#[derive(Debug)]
pub struct AddressRefusal {
    code: &'static str,
    character: Option<char>,
    suggestion: Option<String>,
}

/// The code of a question: it is answered by sending the address again.
const TYPO: &str = "typo";

impl AddressRefusal {
    /// A reason that needs no more than its code.
    pub fn of(code: &'static str) -> Self {
        Self {
            code,
            character: None,
            suggestion: None,
        }
    }

    /// A likely slip (A13).
    pub fn typo(meant: &EmailAddress) -> Self {
        Self {
            suggestion: Some(meant.to_unicode()),
            ..Self::of(TYPO)
        }
    }

    /// For the page.
    pub fn view(&self) -> AddressError<'_> {
        AddressError {
            code: self.code,
            character: self.character,
        }
    }

    /// The address that was probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// Whether the address may be right after all.
    pub fn is_question(&self) -> bool {
        self.code == TYPO
    }
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

impl Refusal {
    /// `{field: {code, message, suggestion}}`, for what is refused.
    pub fn json(&self, locale: &Locale) -> serde_json::Value {
        let mut errors = serde_json::Map::new();
        let mut add = |field: &str, code: &str, message: String, suggestion: Option<&str>| {
            errors.insert(
                field.to_owned(),
                json!({ "code": code, "message": message, "suggestion": suggestion }),
            );
        };
        if let Some(code) = self.lists {
            let message = locale.text(&format!("lists-error-{code}"));
            add("lists", code, message, None);
        }
        if let Some(email) = &self.email {
            let message = address_error(locale, &email.view(), email.suggestion());
            add("email", email.code, message, email.suggestion());
        }
        if self.name {
            add("name", "name", locale.text("name-error"), None);
        }
        for field in &self.wrong_type {
            let message = match *field {
                "lists" => locale.text("field-error-texts"),
                _ => locale.text("field-error-text"),
            };
            add(field, "wrong-type", message, None);
        }
        errors.into()
    }
}
