//! The name of a relay's address, and whether it leads back (V5).

use std::net::IpAddr;

use super::Finding;
use crate::dns::records::{Answer, Records};

/// Looks whether an address has a name that leads back to it (Gmail 4.7.23, 5.7.25).
pub async fn reverse(records: &Records, relay: &str, address: IpAddr) -> Finding {
    let check = format!("ptr {relay}");
    if is_inside(address) {
        let why = format!(
            "{address} is inside; the address that your mail comes from is its operator's to look at"
        );
        return Finding::skip(check, why);
    }
    let names = match records.names(address).await {
        Answer::Unknown => return Finding::skip(check, "DNS did not answer"),
        Answer::None => Vec::new(),
        Answer::Found(names) => names,
    };
    let Some(first) = names.first() else {
        return Finding::warn(
            check,
            format!("{address} has no name"),
            "whoever runs the relay sets a PTR record where the address was rented",
        );
    };
    let mut unclear = false;
    for name in &names {
        match records.addresses(name).await {
            Answer::Found(addresses) if addresses.contains(&address) => {
                let what = format!(
                    "{address} is {name}, and {name} is {address}; a rented relay may send from others"
                );
                return Finding::ok(check, what);
            }
            Answer::Unknown => unclear = true,
            Answer::Found(_) | Answer::None => {}
        }
    }
    if unclear {
        return Finding::skip(check, "DNS did not answer");
    }
    Finding::warn(
        check,
        format!("{address} is {first}, which does not lead back to it"),
        format!(
            "whoever runs the relay gives {first} an A or AAAA record of {address}, or the address another name"
        ),
    )
}

/// Addresses that have no name in the world's DNS.
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || (address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}
