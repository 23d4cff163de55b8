//! `[site.theme]`: how pages and mails look.

use std::path::PathBuf;

use super::reader::Reader;
use super::value;
use crate::domain::stylesheet::Stylesheet;
use crate::domain::theme::{Colour, Logo, Palette, Theme};

/// What small text needs to be read with ease (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

/// Reads the theme, and where its style sheet is, which is not read here.
pub(super) fn read(reader: &mut Reader) -> (Theme, Option<PathBuf>) {
    let standard = Theme::default();
    let light = palette(reader, &LIGHT, &standard.light);
    let dark = palette(reader, &DARK, &standard.dark);
    let font = reader.or("font", &standard.font, font);
    let width = reader.number("width", usize::from(standard.width), 480..=700);
    let logo = logo(reader, width.saturating_sub(48));
    let footer = reader.several("footer", &[], value::line);
    let css_file = reader.optional("css_file", |text| Ok::<_, &str>(PathBuf::from(text)));
    let theme = Theme {
        light,
        dark,
        font,
        width: u16::try_from(width).unwrap_or(standard.width),
        logo,
        footer,
        stylesheet: Stylesheet::default(),
    };
    (theme, css_file)
}

type Keys = [&'static str; 8];

const LIGHT: Keys = [
    "page",
    "paper",
    "ink",
    "muted",
    "rule",
    "tint",
    "accent",
    "on_accent",
];
const DARK: Keys = [
    "page_dark",
    "paper_dark",
    "ink_dark",
    "muted_dark",
    "rule_dark",
    "tint_dark",
    "accent_dark",
    "on_accent_dark",
];

fn palette(reader: &mut Reader, keys: &Keys, standard: &Palette) -> Palette {
    let mut colour = |at: usize, standard: &Colour| {
        reader.or(keys[at], &standard.to_string(), |text| {
            Colour::parse(text).ok_or("is not a colour such as #0b5f5a")
        })
    };
    let palette = Palette {
        page: colour(0, &standard.page),
        paper: colour(1, &standard.paper),
        ink: colour(2, &standard.ink),
        muted: colour(3, &standard.muted),
        rule: colour(4, &standard.rule),
        tint: colour(5, &standard.tint),
        accent: colour(6, &standard.accent),
        on_accent: colour(7, &standard.on_accent),
    };
    let key = |name: &str| {
        let at = LIGHT.iter().position(|known| *known == name);
        keys[at.unwrap_or_default()]
    };
    for (text, ground, contrast) in palette.pairs() {
        if contrast < LEAST_CONTRAST {
            reader.warning(
                key(text),
                format!(
                    "on {} is hard to read: its contrast is {contrast:.1}, and small text needs {LEAST_CONTRAST}",
                    key(ground)
                ),
            );
        }
    }
    palette
}

/// Names of typefaces: nothing else may slip into a style attribute.
fn font(text: &str) -> Result<String, &'static str> {
    let name = |name: &str| {
        let name = name.trim();
        let bare = name
            .strip_prefix('\'')
            .map_or(Some(name), |name| name.strip_suffix('\''));
        bare.is_some_and(|bare| {
            !bare.is_empty()
                && bare
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || " -".contains(letter))
        })
    };
    if text.split(',').all(name) {
        Ok(text.to_owned())
    } else {
        Err("is not a list of typefaces such as 'Noto Sans Arabic', Tahoma, sans-serif")
    }
}

fn logo(reader: &mut Reader, room: usize) -> Option<Logo> {
    let url = reader.optional("logo", logo_url);
    let width = reader.number("logo_width", 200, 16..=600);
    let height = reader.number("logo_height", 50, 16..=300);
    if width > room {
        let reason = format!("must be at most {room}: there is no more room in the letter");
        reader.problem("logo_width", reason);
    }
    let pixels = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    url.map(|url| Logo {
        url,
        width: pixels(width),
        height: pixels(height),
    })
}

/// PNG, JPEG or GIF: mail clients show no others for certain (T8).
fn logo_url(text: &str) -> Result<String, &'static str> {
    let url = value::web_address(text)?;
    if url.scheme() != "https" && !value::is_loopback(url.host_str().unwrap_or_default()) {
        return Err("must begin with https://");
    }
    let path = url.path().to_ascii_lowercase();
    if [".svg", ".webp", ".avif"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        return Err("must be a PNG, a JPEG or a GIF: mail clients do not show others for certain");
    }
    Ok(url.into())
}
