//! A digest compiled once for all its readers: rendered, styles inlined, its slots waiting. What is left for each reader is
//! filling them in.

use super::Error;
use super::template::{DigestMail, Personal, Rendered, fill};

/// One variant of a digest: everything that its readers share.
#[derive(Debug)]
pub struct CompiledDigest {
    shared: Rendered,
}

impl CompiledDigest {
    /// Renders a digest once.
    pub fn compile(mail: &DigestMail<'_>) -> Result<Self, Error> {
        Ok(Self {
            shared: mail.render()?,
        })
    }

    /// The subject, the same for every reader.
    pub fn subject(&self) -> &str {
        &self.shared.subject
    }

    /// One reader's copy; values are escaped for their place.
    pub fn fill(&self, personal: &Personal<'_>) -> Rendered {
        Rendered {
            subject: self.shared.subject.clone(),
            text: fill(&self.shared.text, &personal.text()),
            html: fill(&self.shared.html, &personal.html()),
        }
    }
}
