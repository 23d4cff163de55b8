//! The domain of an address: UTS 46 non-transitional with CheckBidi, CheckJoiners and STD3, and the limits of DNS (A1, A2, A5).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::AddressProblem;

/// RFC 5321 §4.5.3.1.2.
const MAX_DOMAIN: usize = 255;
/// RFC 1035 §2.3.4, counted on the A-label.
const MAX_LABEL: usize = 63;

/// The domain as lower-case A-labels.
pub(super) fn to_a_labels(typed: &str) -> Result<String, AddressProblem> {
    check_typed(typed)?;
    // Hyphens in third and fourth place are left alone: such names exist and are no IDNs.
    let ascii = Uts46::new()
        .to_ascii(
            typed.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map_err(|_| AddressProblem::BadDomain)?
        .into_owned();
    // Again, because other full stops than ASCII's have become dots.
    check_dots(&ascii)?;
    if ascii.split('.').any(|label| label.len() > MAX_LABEL) {
        return Err(AddressProblem::LabelTooLong);
    }
    if ascii.len() > MAX_DOMAIN {
        return Err(AddressProblem::DomainTooLong);
    }
    match ascii.rsplit_once('.') {
        None => Err(AddressProblem::SingleLabel),
        Some((_, tld)) if tld.bytes().all(|b| b.is_ascii_digit()) => {
            Err(AddressProblem::NumericTld)
        }
        Some(_) => Ok(ascii),
    }
}

/// The domain as its owner writes it.
pub(super) fn to_u_labels(ascii: &str) -> String {
    let (unicode, result) = Uts46::new().to_unicode(
        ascii.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
    );
    match result {
        Ok(()) => unicode.into_owned(),
        Err(_) => ascii.to_owned(),
    }
}

/// What UTS 46 would refuse without saying why.
fn check_typed(typed: &str) -> Result<(), AddressProblem> {
    if typed.starts_with('[') {
        return Err(AddressProblem::AddressLiteral);
    }
    check_dots(typed)?;
    if typed.contains('_') {
        return Err(AddressProblem::Underscore);
    }
    let is_bad = |c: &char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.');
    if let Some(c) = typed.chars().find(is_bad) {
        return Err(AddressProblem::BadCharacter(c));
    }
    let edge_hyphen = |label: &str| label.starts_with('-') || label.ends_with('-');
    if typed.split('.').any(edge_hyphen) {
        return Err(AddressProblem::Hyphens);
    }
    Ok(())
}

fn check_dots(domain: &str) -> Result<(), AddressProblem> {
    if domain.starts_with('.') || domain.contains("..") {
        return Err(AddressProblem::Dots);
    }
    if domain.ends_with('.') {
        return Err(AddressProblem::TrailingDot);
    }
    Ok(())
}
