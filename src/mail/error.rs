//! What can go wrong before a mail reaches the wire.

/// A mail that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template failed.
    #[error("the mail cannot be rendered: {0}")]
    Template(#[from] super::template::TemplateError),
    /// An address that the message library refuses.
    #[error("an address cannot stand in a message: {0}")]
    Address(String),
    /// A message that cannot be put together.
    #[error("the message cannot be built: {0}")]
    Message(String),
    /// A message that a key cannot sign.
    #[error("the message cannot be signed with the key of selector {selector}: {reason}")]
    Sign {
        /// The key's selector.
        selector: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// Whether only this reader's mail is concerned; a template fails for all.
    pub fn is_of_one_reader(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Message(_))
    }
}
