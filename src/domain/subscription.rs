//! A subscription: subscriber × list, the steps it may take, and the words of the consent record (D10, D14).

use unicode_normalization::UnicodeNormalization;

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionStatus {
    /// Signed up, not confirmed.
    Pending,
    /// Confirmed by a click on a mailed link: gets digests.
    Confirmed,
    /// Left.
    Unsubscribed,
}

impl SubscriptionStatus {
    /// The word in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    /// Reads the word of the database.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Unsubscribed]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// What a sign-up does. Whoever signs up sees the same answer for each of them (D5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeStep {
    /// A new pending subscription, and a confirmation mail.
    Create,
    /// Still pending: the confirmation mail again, with a fresh token.
    Resend,
    /// Confirmed already: only a notice that says so is mailed.
    Notice,
    /// Unsubscribed: pending again, and a fresh confirmation (D14).
    Renew,
    /// Suppressed: the request is noted, nothing changes and nothing is mailed.
    Nothing,
}

/// The step that a sign-up takes from where the subscription stands.
pub fn on_subscribe(current: Option<SubscriptionStatus>, suppressed: bool) -> SubscribeStep {
    if suppressed {
        return SubscribeStep::Nothing;
    }
    match current {
        None => SubscribeStep::Create,
        Some(SubscriptionStatus::Pending) => SubscribeStep::Resend,
        Some(SubscriptionStatus::Confirmed) => SubscribeStep::Notice,
        Some(SubscriptionStatus::Unsubscribed) => SubscribeStep::Renew,
    }
}

/// A name that cannot stand in a mail: too long, or with characters that end lines or turn them around (X1, M17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is too long or has characters that cannot be written")]
pub struct InvalidReaderName;

/// The longest name that is greeted.
const NAME_CHARS: usize = 80;

/// How a reader wants to be greeted: NFC on one line, or `None` for an empty field.
pub fn reader_name(typed: &str) -> Result<Option<String>, InvalidReaderName> {
    let name: String = typed.nfc().collect();
    let name = name
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let refused = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if name.chars().any(refused) || name.chars().count() > NAME_CHARS {
        return Err(InvalidReaderName);
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// What a consent row records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentAction {
    /// Signed up.
    Subscribe,
    /// Confirmed.
    Confirm,
    /// Left.
    Unsubscribe,
}

impl ConsentAction {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Confirm => "confirm",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// The way by which a consent was given or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentMethod {
    /// A page's form.
    Form,
    /// JSON.
    Api,
    /// A link in a mail and the button behind it.
    Mail,
    /// RFC 8058 one-click, by the mailbox provider.
    OneClick,
    /// The operator's command line.
    Cli,
    /// A file of readers who consented elsewhere.
    Import,
}

impl ConsentMethod {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Api => "api",
            Self::Mail => "mail",
            Self::OneClick => "one_click",
            Self::Cli => "cli",
            Self::Import => "import",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubscriptionStatus::{Confirmed, Pending, Unsubscribed};

    #[test]
    fn x1_m17_a_name_stays_on_its_line_and_in_its_direction() {
        assert_eq!(reader_name("  ليلى   حداد "), Ok(Some("ليلى حداد".into())));
        assert_eq!(reader_name("   "), Ok(None));
        for bad in [
            "a\r\nBcc: x",
            "a\tb",
            "\u{202e}evil",
            "a\u{2028}b",
            "\u{2066}x",
            &"x".repeat(81),
        ] {
            assert_eq!(reader_name(bad), Err(InvalidReaderName), "{bad:?}");
        }
    }

    #[test]
    fn words_read_back() {
        for status in [Pending, Confirmed, Unsubscribed] {
            assert_eq!(SubscriptionStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(SubscriptionStatus::parse("Pending"), None);
    }

    #[test]
    fn d14_leaving_and_coming_back_needs_a_fresh_confirmation() {
        assert_eq!(on_subscribe(None, false), SubscribeStep::Create);
        assert_eq!(on_subscribe(Some(Pending), false), SubscribeStep::Resend);
        assert_eq!(on_subscribe(Some(Confirmed), false), SubscribeStep::Notice);
        assert_eq!(
            on_subscribe(Some(Unsubscribed), false),
            SubscribeStep::Renew
        );
    }

    #[test]
    fn b12_a_suppressed_address_is_never_mailed() {
        for current in [None, Some(Pending), Some(Confirmed), Some(Unsubscribed)] {
            assert_eq!(on_subscribe(current, true), SubscribeStep::Nothing);
        }
    }
}
