//! The accent colours of a site, for its pages and mails. Only `#rrggbb` is taken: mail clients know no other
//! notation for certain (T6), and nothing else can slip into a style sheet.

/// A colour written `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour(String);

impl Colour {
    /// Reads `#rrggbb`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        (digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .then(|| Self(text.to_ascii_lowercase()))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One accent and the colour of text on it, on light and on dark paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Rules, links and buttons on light paper.
    pub accent: Colour,
    /// Text on the accent.
    pub on_accent: Colour,
    /// Rules, links and buttons on dark paper.
    pub accent_dark: Colour,
    /// Text on the dark accent.
    pub on_accent_dark: Colour,
}

impl Default for Theme {
    fn default() -> Self {
        let colour = |text: &str| Colour(text.to_owned());
        Self {
            accent: colour("#0b5f5a"),
            on_accent: colour("#ffffff"),
            accent_dark: colour("#6fcabf"),
            on_accent_dark: colour("#10201e"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_hex_digits_are_a_colour() {
        assert_eq!(Colour::parse("#0B5F5A").unwrap().to_string(), "#0b5f5a");
        for bad in [
            "",
            "#fff",
            "0b5f5a",
            "#0b5f5g",
            "red",
            "#0b5f5a;}",
            "rgb(0 0 0)",
        ] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }
}
