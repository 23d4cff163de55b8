//! Whether an address may sign up, beyond being one: does its domain take mail, and is it a reader's? What is decided depends on
//! the address alone and on nothing that is stored, so that the answer tells nobody who is subscribed (D5).

use super::Context;
use crate::dns::{MailDomains, TakesMail};
use crate::domain::address::EmailAddress;
use crate::domain::address::policy::{DisposableDomains, Mailbox, Policy, mailbox};
use crate::domain::sign_up::HoldReason;

/// Which addresses may sign up.
#[derive(Default)]
pub struct AddressRules {
    /// Asks whether a domain takes mail (A12); absent: nobody is asked.
    pub mail_domains: Option<MailDomains>,
    /// What becomes of throw-away addresses (A14).
    pub disposable: Policy,
    /// Whose addresses those are.
    pub disposable_domains: DisposableDomains,
    /// What becomes of addresses of functions.
    pub role: Policy,
}

/// The reasons to hold a sign-up with this address, or the code of its refusal, by the operator's policies.
pub fn judge(context: &Context, address: &EmailAddress) -> Result<Vec<HoldReason>, &'static str> {
    let rules = &context.addresses;
    let role = match mailbox(address) {
        Mailbox::Person => Policy::Off,
        Mailbox::Role => rules.role,
        Mailbox::Nobody => Policy::Refuse,
    };
    let disposable = if rules.disposable_domains.hold(address.domain()) {
        rules.disposable
    } else {
        Policy::Off
    };
    let mut doubts = Vec::new();
    for (policy, name) in [
        (role, HoldReason::Role),
        (disposable, HoldReason::Disposable),
    ] {
        match policy {
            Policy::Off => {}
            Policy::Flag => doubts.push(name),
            Policy::Refuse => return Err(name.as_str()),
        }
    }
    Ok(doubts)
}

/// Asks whether the address's domain takes mail: the code of its refusal when it surely does not.
pub async fn ask_domain(context: &Context, address: &EmailAddress) -> Result<(), &'static str> {
    match &context.addresses.mail_domains {
        Some(domains) if domains.ask(address.domain()).await == TakesMail::No => {
            Err("no-mail-domain")
        }
        _ => Ok(()),
    }
}
