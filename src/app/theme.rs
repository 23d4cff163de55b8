//! How the site looks, with the style rules of its own file.

use super::AppError;
use crate::config::Config;
use crate::domain::stylesheet::Stylesheet;
use crate::domain::theme::Theme;

/// The theme as it is configured, after its style sheet was read and checked.
pub fn theme(config: &Config) -> Result<Theme, AppError> {
    let mut theme = config.site.theme.clone();
    if let Some(path) = &config.site.css_file {
        let wrong = |reason| AppError::configuration("site.theme.css_file", reason);
        let text = std::fs::read_to_string(path)
            .map_err(|error| wrong(format!("{} cannot be read: {error}", path.display())))?;
        theme.stylesheet = Stylesheet::parse(&text)
            .map_err(|error| wrong(format!("{}, {error}", path.display())))?;
    }
    Ok(theme)
}
