//! Which column of a file is which: headers as exports of other programs write them, in several languages.

use crate::domain::address::EmailAddress;

/// The columns that are read, by their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The address.
    pub address: usize,
    /// How to greet.
    pub name: Option<usize>,
    /// When the reader consented.
    pub consented: Option<usize>,
    /// Where from.
    pub ip: Option<usize>,
    /// The language of mails.
    pub language: Option<usize>,
    /// Where the subscription stood: only confirmed ones are taken.
    pub status: Option<usize>,
    /// Whether the first row is a header.
    pub header: bool,
}

const ADDRESS: [&str; 18] = [
    "email",
    "emailaddress",
    "mail",
    "address",
    "subscriber",
    "subscriberemail",
    "البريد",
    "بريد",
    "البريدالإلكتروني",
    "البريدالالكتروني",
    "البريدالإليكتروني",
    "الإيميل",
    "ایمیل",
    "ای میل",
    "courriel",
    "adresse",
    "eposta",
    "דואל",
];
const NAME: [&str; 10] = [
    "name",
    "fullname",
    "firstname",
    "displayname",
    "الاسم",
    "اسم",
    "الإسم",
    "نام",
    "nom",
    "ad",
];
const CONSENTED: [&str; 14] = [
    "confirmedat",
    "confirmed",
    "confirmtime",
    "confirmationtime",
    "optintime",
    "optindate",
    "optinat",
    "consentat",
    "consentdate",
    "consenttime",
    "subscribedat",
    "تاريخالاشتراك",
    "تاريخالتأكيد",
    "تاريخالموافقة",
];
const IP: [&str; 6] = [
    "consentip",
    "ip",
    "ipaddress",
    "confirmip",
    "optinip",
    "عنوانip",
];
const LANGUAGE: [&str; 5] = ["language", "lang", "locale", "اللغة", "لغة"];
const STATUS: [&str; 3] = ["status", "state", "الحالة"];

impl Columns {
    /// Reads the first row of a file: a header, or else a row with an address in it.
    pub fn read(first: &[&str]) -> Option<Self> {
        let keys: Vec<String> = first.iter().map(|cell| key(cell)).collect();
        let find = |words: &[&str]| keys.iter().position(|key| words.contains(&key.as_str()));
        if let Some(address) = find(&ADDRESS) {
            return Some(Self {
                address,
                name: find(&NAME),
                consented: find(&CONSENTED),
                ip: find(&IP),
                language: find(&LANGUAGE),
                status: find(&STATUS),
                header: true,
            });
        }
        let address = first
            .iter()
            .position(|cell| EmailAddress::parse(cell).is_ok())?;
        Some(Self {
            address,
            ..Self::default()
        })
    }
}

/// A header without what differs between programs.
fn key(cell: &str) -> String {
    let letters = cell.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_as_programs_write_them() {
        for address in [
            "email",
            "E-Mail",
            "Email Address",
            "\"email\"",
            "البريد الإلكتروني",
            "EMAIL_ADDRESS",
        ] {
            let columns = Columns::read(&["id", address, "Full Name", "OPTIN_TIME", "Confirm IP"]);
            let columns = columns.expect(address);
            assert_eq!(
                (columns.address, columns.name, columns.consented, columns.ip),
                (1, Some(2), Some(3), Some(4)),
                "{address}"
            );
        }
    }

    #[test]
    fn a_file_without_a_header_is_read_by_its_first_address() {
        let columns = Columns::read(&["ليلى", "layla@example.org"]).expect("an address");
        assert_eq!((columns.address, columns.header), (1, false));
        assert_eq!(Columns::read(&["id", "phone"]), None);
    }
}
