//! What a use case can fail with.

use std::time::Duration;

use crate::{feed, mail, store};

/// A failure of a use case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A template, or a message that cannot be built.
    #[error(transparent)]
    Mail(#[from] mail::Error),
    /// A feed or an article file.
    #[error(transparent)]
    Feed(#[from] feed::FeedError),
    /// A decision that cannot be carried out, and why.
    #[error("{0}")]
    Refused(String),
    /// Too many sign-ups came from one network; they may go on after this time.
    #[error("too many sign-ups from one network")]
    TooMany(Duration),
    /// A part of the program broke.
    #[error("a part of the program ended in a panic ({0}); what it held goes back to the queue")]
    Panic(String),
    /// A language that this program has no texts for.
    #[error("list `{list}`: {reason}")]
    Language {
        /// The list's slug.
        list: String,
        /// What is wrong with its locale.
        reason: String,
    },
}

impl Error {
    /// Whether waiting may help.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_temporary())
    }
}
