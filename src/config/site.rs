//! `[site]`: the site around the lists, as readers see it.

use std::path::PathBuf;

use url::{Host, Url};

use super::reader::Reader;
use super::{theme, value};
use crate::domain::theme::Theme;

/// What readers see around their list.
#[derive(Debug, Clone)]
pub struct SiteConfig {
    /// The masthead.
    pub name: String,
    /// Where readers reach the pages; every link is built from it. Has no slash at its end.
    pub public_url: String,
    /// The publisher's address in the footer of each mail.
    pub postal_address: Option<String>,
    /// The page that says what happens to readers' data.
    pub privacy_url: Option<String>,
    /// The language of pages that belong to no list.
    pub locale: String,
    /// How pages and mails look, without the rules of `css_file`.
    pub theme: Theme,
    /// Its own style rules for mails.
    pub css_file: Option<PathBuf>,
}

impl SiteConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let name = reader.required("name", value::line);
        let public_url = reader.or("public_url", "http://127.0.0.1:8080", public_url);
        let postal_address = reader.optional("postal_address", value::line);
        let privacy_url = reader.optional("privacy_url", value::web_address);
        let locale = reader.or("locale", "ar", value::locale);
        let (theme, css_file) = reader.section("theme", theme::read);
        Self {
            name,
            public_url,
            postal_address,
            privacy_url: privacy_url.map(String::from),
            locale,
            theme,
            css_file,
        }
    }

    /// The port that the public URL names, when it is one of this machine.
    pub(super) fn local_port(&self) -> Option<u16> {
        let url = Url::parse(&self.public_url).ok()?;
        url.port()
            .filter(|_| value::is_loopback(url.host_str().unwrap_or_default()))
    }

    /// The host of the public URL as SMTP greets with it.
    pub(super) fn helo(&self) -> String {
        let url = Url::parse(&self.public_url);
        match url.as_ref().ok().and_then(Url::host) {
            Some(Host::Ipv4(address)) => value::address_literal(address.into()),
            Some(Host::Ipv6(address)) => value::address_literal(address.into()),
            Some(Host::Domain(domain)) => domain.to_owned(),
            None => String::new(),
        }
    }
}

/// Confirmation links pass through it, so it has to be https wherever a network lies between.
fn public_url(text: &str) -> Result<String, &'static str> {
    let url = value::web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end before any ? or #");
    }
    if url.path() != "/" {
        return Err(
            "must end after the host: the pages need a host name of their own, such as news.example.org",
        );
    }
    if url.scheme() == "http" && !value::is_loopback(url.host_str().unwrap_or_default()) {
        return Err("must begin with https:// (http is for this machine only)");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
