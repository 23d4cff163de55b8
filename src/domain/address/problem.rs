//! Why an address was refused: one variant for each thing that a person can understand and mend.

use super::EmailAddress;

/// An address was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidEmailAddress {
    /// What is wrong with it.
    pub reason: AddressProblem,
}

/// What is wrong with an address. The messages are for logs and the command line; pages translate [`AddressProblem::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// Nothing was typed.
    #[error("the address is empty")]
    Empty,
    /// No `@`.
    #[error("the address has no @")]
    NoAt,
    /// More than one `@`.
    #[error("the address has more than one @")]
    TwoAts,
    /// Nothing before the `@`.
    #[error("nothing stands before the @")]
    NoLocal,
    /// Nothing after the `@`.
    #[error("nothing stands after the @")]
    NoDomain,
    /// More than 64 octets before the `@`.
    #[error("the part before the @ is longer than 64 octets")]
    LocalTooLong,
    /// More than 255 octets after the `@`.
    #[error("the part after the @ is longer than 255 octets")]
    DomainTooLong,
    /// More than 254 octets in all.
    #[error("the address is longer than 254 octets")]
    TooLong,
    /// A part of the domain is longer than 63 octets.
    #[error("a part of the domain is longer than 63 octets")]
    LabelTooLong,
    /// White space inside.
    #[error("the address has a space inside")]
    Space,
    /// A line break or another control character inside.
    #[error("the address has a line break or a control character inside")]
    Control,
    /// A mark that turns the direction of text.
    #[error("the address has a text direction mark inside")]
    DirectionMark,
    /// A character that cannot be seen.
    #[error("the address has an invisible character inside")]
    Invisible,
    /// Quotation marks.
    #[error("addresses with quotation marks are not accepted")]
    Quoted,
    /// A comment in parentheses.
    #[error("addresses with parentheses are not accepted")]
    Comment,
    /// A number in brackets instead of a domain.
    #[error("addresses with a number in brackets instead of a domain are not accepted")]
    AddressLiteral,
    /// A domain without a dot.
    #[error("the domain has no dot, like localhost")]
    SingleLabel,
    /// A dot at the end.
    #[error("the domain ends with a dot")]
    TrailingDot,
    /// `_` in the domain.
    #[error("the domain has an underscore")]
    Underscore,
    /// A dot at the start or at the end of a part, or two together.
    #[error("a dot stands at the start, before the @, or next to another dot")]
    Dots,
    /// A part of the domain begins or ends with a hyphen.
    #[error("a part of the domain begins or ends with a hyphen")]
    Hyphens,
    /// The domain ends with a number, like an IP address.
    #[error("the domain ends with a number, like an IP address")]
    NumericTld,
    /// Arabic or Persian digits where ASCII digits were probably meant.
    #[error("the address has Arabic or Persian digits")]
    ArabicDigits {
        /// What was probably meant.
        suggestion: EmailAddress,
    },
    /// Full-width letters or signs.
    #[error("the address has full-width characters")]
    FullWidth {
        /// What was probably meant.
        suggestion: EmailAddress,
    },
    /// A character that may not stand there.
    #[error("the character {0:?} cannot stand where it does")]
    BadCharacter(char),
    /// The domain breaks the rules for international names.
    #[error("the domain is not a valid name")]
    BadDomain,
}

impl AddressProblem {
    /// Every code that [`AddressProblem::code`] can give: each language has a text for each of them.
    pub const CODES: [&str; 26] = [
        "empty",
        "no-at",
        "two-ats",
        "no-local",
        "no-domain",
        "local-too-long",
        "domain-too-long",
        "too-long",
        "label-too-long",
        "space",
        "control",
        "direction-mark",
        "invisible",
        "quoted",
        "comment",
        "address-literal",
        "single-label",
        "trailing-dot",
        "underscore",
        "dots",
        "hyphens",
        "numeric-tld",
        "arabic-digits",
        "full-width",
        "bad-character",
        "bad-domain",
    ];

    /// A stable name: the error code of JSON answers and the end of the text's key.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoAt => "no-at",
            Self::TwoAts => "two-ats",
            Self::NoLocal => "no-local",
            Self::NoDomain => "no-domain",
            Self::LocalTooLong => "local-too-long",
            Self::DomainTooLong => "domain-too-long",
            Self::TooLong => "too-long",
            Self::LabelTooLong => "label-too-long",
            Self::Space => "space",
            Self::Control => "control",
            Self::DirectionMark => "direction-mark",
            Self::Invisible => "invisible",
            Self::Quoted => "quoted",
            Self::Comment => "comment",
            Self::AddressLiteral => "address-literal",
            Self::SingleLabel => "single-label",
            Self::TrailingDot => "trailing-dot",
            Self::Underscore => "underscore",
            Self::Dots => "dots",
            Self::Hyphens => "hyphens",
            Self::NumericTld => "numeric-tld",
            Self::ArabicDigits { .. } => "arabic-digits",
            Self::FullWidth { .. } => "full-width",
            Self::BadCharacter(_) => "bad-character",
            Self::BadDomain => "bad-domain",
        }
    }

    /// The address that was probably meant, to be offered to the person and never taken without asking (A4).
    pub fn suggestion(&self) -> Option<String> {
        match self {
            Self::ArabicDigits { suggestion } | Self::FullWidth { suggestion } => {
                Some(suggestion.to_unicode())
            }
            _ => None,
        }
    }
}
