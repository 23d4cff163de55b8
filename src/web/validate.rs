//! From what was typed to what may be asked of the services, or a refusal: everything here depends on the form alone, never on
//! who is subscribed (D5), and nobody outside is asked.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use validator::{Validate, ValidationErrors};

use super::Web;
use super::form::SignUpForm;
use super::refusal::{AddressRefusal, Refusal};
use crate::domain::address::{AddressProblem, EmailAddress, typo};
use crate::domain::list::List;
use crate::domain::sign_up::HoldReason;
use crate::domain::subscription::reader_name;
use crate::service::address::{ask_domain, judge};
use crate::service::sign_up::gate;
use crate::store::consent::Origin;

/// A form without faults.
pub struct Valid {
    /// The lists, each once, at least one.
    pub lists: Vec<Arc<List>>,
    /// Where the digests should go.
    pub address: EmailAddress,
    /// How to greet, where a list asks.
    pub name: Option<String>,
    /// Why the sign-up should be looked at first.
    pub doubts: Vec<HoldReason>,
}

/// Looks at every field, so that all that is wrong is told at once. `list` is the one that the form's address names.
pub fn validate(web: &Web, list: Option<&Arc<List>>, form: &SignUpForm) -> Result<Valid, Refusal> {
    let shape = form.validate().err().unwrap_or_default();
    let lists = lists(web, list, form, &shape);
    let asks_name = match &lists {
        Ok(lists) => lists.iter().any(|list| list.ask_name),
        Err(_) => false,
    };
    let name = name(asks_name, form, &shape);
    let address = address(web, form, &shape);
    match (lists, address, name) {
        (Ok(lists), Ok((address, doubts)), Ok(name)) => Ok(Valid {
            lists,
            address,
            name,
            doubts,
        }),
        (lists, address, name) => Err(Refusal {
            lists: lists.err(),
            email: address.err(),
            name: name.is_err(),
            wrong_type: Vec::new(),
        }),
    }
}

fn bad_shape(shape: &ValidationErrors, field: &str) -> bool {
    shape.field_errors().contains_key(field)
}

fn lists(
    web: &Web,
    list: Option<&Arc<List>>,
    form: &SignUpForm,
    shape: &ValidationErrors,
) -> Result<Vec<Arc<List>>, &'static str> {
    if bad_shape(shape, "lists") {
        return Err("unknown-list");
    }
    let mut lists: Vec<Arc<List>> = list.into_iter().cloned().collect();
    for slug in &form.lists {
        let chosen = web.context.list(slug).ok_or("unknown-list")?;
        if !lists.iter().any(|list| list.id == chosen.id) {
            lists.push(Arc::clone(chosen));
        }
    }
    if lists.is_empty() {
        return Err("no-list");
    }
    Ok(lists)
}

fn name(asked: bool, form: &SignUpForm, shape: &ValidationErrors) -> Result<Option<String>, ()> {
    if !asked {
        // A form that does not ask takes none: the greeting is no place for strangers' words.
        Ok(None)
    } else if bad_shape(shape, "name") {
        Err(())
    } else {
        reader_name(&form.name).map_err(drop)
    }
}

fn address(
    web: &Web,
    form: &SignUpForm,
    shape: &ValidationErrors,
) -> Result<(EmailAddress, Vec<HoldReason>), AddressRefusal> {
    if ["email", "suggestion"]
        .iter()
        .any(|field| bad_shape(shape, field))
    {
        return Err(AddressRefusal::of(AddressProblem::TooLong.code()));
    }
    new_address(web, form.typed_address(), &form.insist)
}

/// An address that may get mail, as it was typed; with `insist`, the same address was questioned before and is meant. Whether its
/// domain takes any is asked later, when it is known that the question is a person's.
pub fn new_address(
    web: &Web,
    typed: &str,
    insist: &str,
) -> Result<(EmailAddress, Vec<HoldReason>), AddressRefusal> {
    let in_arabic = || typo::from_arabic_keyboard(typed).map(|meant| AddressRefusal::typo(&meant));
    let address =
        EmailAddress::parse(typed).map_err(|error| in_arabic().unwrap_or_else(|| error.into()))?;
    // A13: asked once. Whoever sends the same address again means it.
    let insists = EmailAddress::parse(insist).is_ok_and(|insisted| insisted == address);
    if !insists {
        let slip = typo::suggestion(&address).map(|meant| AddressRefusal::typo(&meant));
        if let Some(question) = slip.or_else(in_arabic) {
            return Err(question);
        }
    }
    // A7: an address that the relay would refuse is refused here, where its owner can still choose another.
    if address.needs_smtputf8() && !web.context.relay_takes_utf8.load(Ordering::Relaxed) {
        return Err(AddressRefusal::of("needs-smtputf8"));
    }
    let doubts = judge(&web.context, &address).map_err(AddressRefusal::of)?;
    Ok((address, doubts))
}

/// Asks whether the address's domain takes mail (A12), as far as anybody may ask on behalf of this request's network.
pub async fn takes_mail(
    web: &Web,
    address: &EmailAddress,
    origin: &Origin,
) -> Result<(), AddressRefusal> {
    if !gate::may_ask(&web.context, origin.ip.as_deref()) {
        return Ok(());
    }
    let asked = ask_domain(&web.context, address).await;
    asked.map_err(AddressRefusal::of)
}
