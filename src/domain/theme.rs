//! How a site looks in its pages and mails: colours on light and on dark ground, the typeface, the logo, the letter's width and a style
//! sheet of its own. Of colours only `#rrggbb` is taken: mail clients know no other notation for certain (T6), and nothing else can
//! slip into a style sheet.

use super::stylesheet::Stylesheet;

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

    /// How well this colour is read on another: from 1 to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(&self, on: &Self) -> f64 {
        let (one, other) = (self.luminance(), on.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(&self) -> f64 {
        let channel = |at: usize| {
            let value = self.0.get(at..at + 2).unwrap_or_default();
            let value = f64::from(u8::from_str_radix(value, 16).unwrap_or_default()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The colours on one ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// Behind the paper.
    pub page: Colour,
    /// Behind the text.
    pub paper: Colour,
    /// The text.
    pub ink: Colour,
    /// Text of less weight: sources, dates, the footer.
    pub muted: Colour,
    /// Hairlines.
    pub rule: Colour,
    /// Behind what is set apart, and where a picture has not come.
    pub tint: Colour,
    /// Rules of sections, links and buttons.
    pub accent: Colour,
    /// Text on the accent.
    pub on_accent: Colour,
}

impl Palette {
    /// The pairs that are read, each with the names of its colours: 4.5 is what small text needs (WCAG 2.2, 1.4.3).
    pub fn pairs(&self) -> [(&'static str, &'static str, f64); 8] {
        let pair = |text: (&'static str, &Colour), ground: (&'static str, &Colour)| {
            (text.0, ground.0, text.1.contrast(ground.1))
        };
        let (ink, muted) = (("ink", &self.ink), ("muted", &self.muted));
        let (accent, on_accent) = (("accent", &self.accent), ("on_accent", &self.on_accent));
        let (page, paper, tint) = (
            ("page", &self.page),
            ("paper", &self.paper),
            ("tint", &self.tint),
        );
        [
            pair(ink, paper),
            pair(ink, tint),
            pair(muted, paper),
            pair(muted, page),
            // What a picture shows, in words, while it has not come.
            pair(muted, tint),
            pair(accent, paper),
            pair(accent, tint),
            pair(on_accent, accent),
        ]
    }
}

/// A picture in place of the masthead's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Absolute https address.
    pub url: String,
    /// Its width in the letter, in CSS pixels.
    pub width: u16,
    /// Its height in the letter, in CSS pixels.
    pub height: u16,
}

/// How a site looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// On light ground.
    pub light: Palette,
    /// On dark ground.
    pub dark: Palette,
    /// The typefaces of mails, the first that a reader's machine has (T7).
    pub font: String,
    /// How wide a letter is at most, in CSS pixels.
    pub width: u16,
    /// The logo, where it takes the masthead's place in mails.
    pub logo: Option<Logo>,
    /// Lines at the end of each mail's footer.
    pub footer: Vec<String>,
    /// The site's own style rules for mails.
    pub stylesheet: Stylesheet,
}

impl Theme {
    /// How wide a picture is that goes from edge to edge of the text, in CSS pixels.
    pub fn measure(&self) -> u16 {
        self.width.saturating_sub(48)
    }
}

impl Default for Theme {
    fn default() -> Self {
        let palette = |colours: [&str; 8]| {
            let [page, paper, ink, muted, rule, tint, accent, on_accent] =
                colours.map(|text| Colour(text.to_owned()));
            Palette {
                page,
                paper,
                ink,
                muted,
                rule,
                tint,
                accent,
                on_accent,
            }
        };
        Self {
            light: palette([
                "#f3f1ec", "#ffffff", "#1c1d1f", "#5f6368", "#dcd8cf", "#eef5f3", "#0b5f5a",
                "#ffffff",
            ]),
            dark: palette([
                "#121314", "#1b1d1f", "#ece9e3", "#a9adb1", "#34383b", "#20302e", "#6fcabf",
                "#10201e",
            ]),
            font: "Tahoma, Arial, sans-serif".to_owned(),
            width: 600,
            logo: None,
            footer: Vec::new(),
            stylesheet: Stylesheet::default(),
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

    #[test]
    fn t12_every_pair_of_the_standard_theme_is_easy_to_read() {
        let theme = Theme::default();
        for (text, ground, contrast) in theme.light.pairs().into_iter().chain(theme.dark.pairs()) {
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let colour = |text| Colour::parse(text).unwrap();
        assert!((colour("#000000").contrast(&colour("#ffffff")) - 21.0).abs() < 0.001);
        assert!((colour("#777777").contrast(&colour("#ffffff")) - 4.478).abs() < 0.001);
        assert!((colour("#0b5f5a").contrast(&colour("#0b5f5a")) - 1.0).abs() < 0.001);
    }
}
