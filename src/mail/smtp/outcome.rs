//! What a relay's answers mean for a mail (S2–S5, S12).

use super::Step;
use super::error::Undeliverable;
use super::fault::Fault;
use crate::domain::delivery::Outcome;

/// What a fault before the message means for the mail: by the reply's first digit, with the exceptions of [`may_pass`].
pub(super) fn before_dot(step: Step, fault: &Fault) -> Outcome {
    let reply = fault.sentence(step);
    match fault {
        Fault::Refused { code, .. } if refuses_us(step, *code, &reply) => {
            Outcome::SenderRefused { code: *code, reply }
        }
        Fault::Refused { code, .. } if may_pass(step, *code, &reply) => Outcome::Retry {
            code: Some(*code),
            reply,
        },
        Fault::Refused { code, .. } => Outcome::Failed {
            code: Some(*code),
            reply,
        },
        _ => Outcome::Retry { code: None, reply },
    }
}

/// Whether a refusal is meant for the sender and not for this mail: the relay wants TLS or a log-in first (RFC 3207 §4,
/// RFC 4954 §6), or does not take our envelope sender. Only a message that is too big, or an address in another script, is
/// refused at MAIL for its own sake.
fn refuses_us(step: Step, code: u16, text: &str) -> bool {
    let of_this_mail = ["5.3.4", "5.2.3", "5.6.7"];
    match code {
        530 | 538 => true,
        552 => false,
        500.. => step == Step::Mail && !of_this_mail.iter().any(|code| text.starts_with(code)),
        _ => false,
    }
}

/// Whether the same mail may be taken another time.
fn may_pass(step: Step, code: u16, text: &str) -> bool {
    match code {
        // Too many recipients, or a full mailbox (RFC 5321 §4.5.3.1.10), unless it says that the message is too big.
        552 if step == Step::Rcpt => !text.starts_with("5.3.4") && !text.starts_with("5.2.3"),
        _ => code < 500,
    }
}

/// What a fault after DATA means. `left` is false when some of the message surely did not leave: then the relay cannot
/// have seen the final dot. What TLS has taken may not all be on the wire, so `left` may be true a little too soon: such
/// a mail is called unknown, never sent twice.
pub(super) fn after_data(fault: &Fault, left: bool) -> Outcome {
    match fault {
        Fault::Refused { .. } => before_dot(Step::FinalDot, fault),
        _ if left => Outcome::Unknown {
            reply: fault.sentence(Step::FinalDot),
        },
        _ => before_dot(Step::Message, fault),
    }
}

/// What the end of a connection means for a mail that was not sent over it: nothing, but that it is tried again.
pub(super) fn passed_over(step: Step, fault: &Fault) -> Outcome {
    Outcome::Retry {
        code: match fault {
            Fault::Refused { code: 421, .. } => Some(421),
            _ => None,
        },
        reply: fault.sentence(step),
    }
}

/// A mail that this relay can never take; another may. No reply of the relay, so no code.
pub(super) fn undeliverable(reason: &Undeliverable) -> Outcome {
    Outcome::Failed {
        code: None,
        reply: reason.to_string(),
    }
}
