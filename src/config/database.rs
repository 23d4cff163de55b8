//! `[database]`: which database, and how it is shared.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::reader::Reader;
use super::redaction::REDACTED;
use super::value;

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `sqlite:path` or `postgres://…`; secret because it may hold a password.
    pub url: SecretString,
    /// How many connections are open at most.
    pub max_connections: u32,
    /// How long a statement waits for another's lock.
    pub busy_timeout: Duration,
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let key = if reader.has("url_file") {
            "url_file"
        } else {
            "url"
        };
        let url = reader
            .secret("url", "url_file", Some("sqlite:data/nashra.db"), masked)
            .unwrap_or_else(|| SecretString::from(""));
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let given = url.expose_secret();
        if !given.is_empty() && !known.iter().any(|scheme| given.starts_with(scheme)) {
            reader.problem(key, "must begin with sqlite: or postgres://");
        }
        Self {
            url,
            max_connections: reader.number("max_connections", 8, 1..=1000),
            busy_timeout: reader.or("busy_timeout", "5s", value::duration),
        }
    }

    /// The URL with its password replaced, for logs and people.
    pub fn masked_url(&self) -> String {
        masked(self.url.expose_secret())
    }
}

fn masked(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    match Url::parse(text) {
        // A password may also stand in the query: postgres://host/db?password=…
        Ok(url) if url.query().is_some_and(|query| query.contains("password")) => {
            REDACTED.to_owned()
        }
        Ok(mut url) if url.password().is_some() => {
            let mask = url.set_password(Some("redacted"));
            mask.map_or_else(|()| REDACTED.to_owned(), |()| url.to_string())
        }
        Ok(url) => url.to_string(),
        Err(_) => REDACTED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn x10_a_password_is_masked_wherever_it_stands() {
        for (url, shown) in [
            ("sqlite:data/nashra.db", "sqlite:data/nashra.db"),
            ("postgres://u@db/nashra", "postgres://u@db/nashra"),
            (
                "postgres://u:pa55@db/nashra",
                "postgres://u:redacted@db/nashra",
            ),
            ("postgres://db/nashra?user=u&password=pa55", "[redacted]"),
            ("postgres://u:pa/55@db/nashra", "[redacted]"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
