//! Sign-up. The caller learns nothing of the address's state (promise 2, standards D5): every state takes the same path and the
//! same commit.
//!
//! Requests of one process pass `gate`, wait in `queue` and are written together by `batch`, within the limits that `budget` keeps and
//! where each has its `place`; what a limit or a doubt holds back is let go by `release`; who forgot to confirm is mailed by `again`,
//! and who changes the address by `moved`.

mod again;
mod asked;
mod batch;
mod budget;
pub mod gate;
mod moved;
mod place;
pub mod queue;
pub mod release;

use std::sync::Arc;
use std::time::Duration;

use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::list::List;
use crate::domain::sign_up::HoldReason;
use crate::domain::subscription::ConsentMethod;
use crate::store::consent::Origin;
use crate::store::throttle::Spent;

pub(super) use again::remind;
pub(super) use budget::forget;
pub(super) use moved::{Asked as AskedToMove, ask_to_move};

/// What a reader asked for.
#[derive(Debug)]
pub struct SignUp {
    /// Where the digests should go.
    pub address: EmailAddress,
    /// The lists, each once.
    pub lists: Vec<Arc<List>>,
    /// How to greet, if the form asked.
    pub name: Option<String>,
    /// The form, or a program.
    pub method: ConsentMethod,
    /// Where the request came from.
    pub origin: Origin,
    /// The text that was shown, if one was.
    pub wording: Option<String>,
    /// What came with it that counts once, verified: a proof of work, the stamp of a page with one button.
    pub spends: Vec<Spent>,
    /// Why it should be held, if it should.
    pub doubts: Vec<HoldReason>,
}

/// What became of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable, and so is the mail that follows, if any does.
    Taken,
    /// Its proof of work, or its stamp, had been used before: nothing was done.
    ProofUsed,
    /// Too many came from this network: nothing was done. It may be tried again after this time.
    TooMany(Duration),
}

/// Takes a sign-up; returns when it is durable.
pub async fn sign_up(context: &Context, sign_up: SignUp) -> Result<Outcome, Error> {
    queue::wait(context, sign_up).await
}
