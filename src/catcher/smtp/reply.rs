//! Answers: three digits (RFC 5321 §4.2), an enhanced code (RFC 3463) where it is offered, and words that say what to do.

use std::borrow::Cow;

/// One answer; each line of its text becomes a line of it.
#[derive(Debug)]
pub(super) struct Reply {
    pub code: u16,
    enhanced: &'static str,
    text: Cow<'static, str>,
}

impl Reply {
    pub const fn new(code: u16, enhanced: &'static str, text: &'static str) -> Self {
        Self {
            code,
            enhanced,
            text: Cow::Borrowed(text),
        }
    }

    /// An answer whose enhanced code, if any, is part of the text.
    pub fn plain(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self::with(code, "", text)
    }

    pub fn with(code: u16, enhanced: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            enhanced,
            text: text.into(),
        }
    }

    /// Whether what was asked is done, or goes on.
    pub fn is_positive(&self) -> bool {
        self.code < 400
    }

    pub fn write(&self, enhanced: bool, out: &mut Vec<u8>) {
        let mut lines = self.text.split('\n').peekable();
        while let Some(line) = lines.next() {
            out.extend_from_slice(self.code.to_string().as_bytes());
            out.push(if lines.peek().is_some() { b'-' } else { b' ' });
            if enhanced && !self.enhanced.is_empty() {
                out.extend_from_slice(self.enhanced.as_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
}
