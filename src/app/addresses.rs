//! Which addresses may sign up: the list of throw-away domains is read, and the resolver is made.

use super::AppError;
use crate::config::AddressesConfig;
use crate::dns::MailDomains;
use crate::domain::address::policy::{DisposableDomains, Policy};
use crate::service::address::AddressRules;

/// The list that is used when no other is named.
const BUILT_IN: &str = include_str!("../../config/disposable-domains.txt");

/// What the configuration says of addresses.
pub(super) fn rules(config: &AddressesConfig) -> Result<AddressRules, AppError> {
    Ok(AddressRules {
        mail_domains: config.mx_check.then(|| domains(config)).transpose()?,
        disposable: config.disposable,
        disposable_domains: disposable(config)?,
        role: config.role,
    })
}

fn domains(config: &AddressesConfig) -> Result<MailDomains, AppError> {
    MailDomains::new(config.resolver).map_err(|error| {
        let reason = format!(
            "the system's name servers are not known ({error}); name one with resolver, or set it to false"
        );
        AppError::configuration("addresses.mx_check", reason)
    })
}

fn disposable(config: &AddressesConfig) -> Result<DisposableDomains, AppError> {
    if config.disposable == Policy::Off {
        return Ok(DisposableDomains::default());
    }
    let Some(path) = &config.disposable_file else {
        return Ok(DisposableDomains::parse(BUILT_IN));
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let reason = format!("{} cannot be read: {error}", path.display());
        AppError::configuration("addresses.disposable_file", reason)
    })?;
    Ok(DisposableDomains::parse(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::EmailAddress;
    use crate::domain::address::typo;

    #[test]
    fn the_built_in_list_holds_real_throw_away_domains_and_nobody_mistyped_them() {
        let domains = DisposableDomains::parse(BUILT_IN);
        assert!(domains.len() > 80, "{}", domains.len());
        for line in BUILT_IN.lines().filter(|line| !line.starts_with('#')) {
            assert!(domains.hold(line), "{line}");
            let address = EmailAddress::parse(&format!("reader@{line}")).unwrap();
            assert_eq!(typo::suggestion(&address), None, "{line}");
        }
    }
}
