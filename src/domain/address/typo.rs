//! Probable slips in the domain of an address: what was likely meant is offered, never taken (A13).

use strsim::damerau_levenshtein;

use super::EmailAddress;

/// Domains that many readers have their mailbox at: what a slip is measured against.
const COMMON: [&str; 57] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.fr",
    "yahoo.co.uk",
    "yahoo.de",
    "yahoo.ca",
    "rocketmail.com",
    "hotmail.com",
    "hotmail.fr",
    "hotmail.co.uk",
    "hotmail.de",
    "outlook.com",
    "outlook.fr",
    "outlook.sa",
    "outlook.de",
    "live.com",
    "live.fr",
    "msn.com",
    "icloud.com",
    "aol.com",
    "protonmail.com",
    "proton.me",
    "tutanota.com",
    "fastmail.com",
    "zoho.com",
    "yandex.com",
    "yandex.ru",
    "gmx.com",
    "gmx.net",
    "gmx.de",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "orange.fr",
    "wanadoo.fr",
    "laposte.net",
    "comcast.net",
    "verizon.net",
    "btinternet.com",
    "libero.it",
    "hotmail.it",
    // The Arab world.
    "maktoob.com",
    "cyberia.net.lb",
    "idm.net.lb",
    "terra.net.lb",
    "inco.com.lb",
    "batelco.com.bh",
    "emirates.net.ae",
    "eim.ae",
    "qatar.net.qa",
    "omantel.net.om",
    "menara.ma",
    "link.net",
    "tedata.net.eg",
    "topnet.tn",
];

/// Real domains near a common one, and those of privacy relays: nobody mistyped them.
const REAL: [&str; 47] = [
    "mail.com",
    "ymail.com",
    "email.com",
    "gmx.at",
    "gmx.ch",
    "gmx.fr",
    "mail.ru",
    "mail.de",
    "email.de",
    "mailo.com",
    "email.it",
    "email.cz",
    "usmail.com",
    "hey.com",
    "pm.me",
    "me.com",
    "mac.com",
    "live.de",
    "live.it",
    "live.nl",
    "live.ca",
    "live.be",
    "live.se",
    "live.no",
    "live.dk",
    "live.at",
    "live.cn",
    "like.com",
    "aim.com",
    "zoho.eu",
    "hotmail.es",
    "hotmail.se",
    "hotmail.ca",
    "hotmail.be",
    "outlook.es",
    "outlook.it",
    "outlook.at",
    "outlook.be",
    "yahoo.es",
    "yahoo.it",
    "yahoo.in",
    "yahoo.gr",
    "yahoo.se",
    "yahoo.ie",
    "fastmail.fm",
    "tuta.com",
    "protonmail.ch",
];

/// Ends of domains that do not exist, and what they stand for.
const ENDS: [(&str, &str); 20] = [
    ("con", "com"),
    ("cmo", "com"),
    ("ocm", "com"),
    ("comm", "com"),
    ("coom", "com"),
    ("vom", "com"),
    ("xom", "com"),
    ("cpm", "com"),
    ("cim", "com"),
    ("dom", "com"),
    ("copm", "com"),
    ("nte", "net"),
    ("ent", "net"),
    ("nett", "net"),
    ("ner", "net"),
    ("ogr", "org"),
    ("rog", "org"),
    ("orgg", "org"),
    ("prg", "org"),
    ("orh", "org"),
];

/// The address that was probably meant, when the domain looks like a slip.
pub fn suggestion(address: &EmailAddress) -> Option<EmailAddress> {
    let domain = address.domain();
    if is_known(domain) {
        return None;
    }
    near(domain)
        .map(str::to_owned)
        .or_else(|| with_a_real_end(domain))
        .and_then(|meant| at(address.local(), &meant))
}

/// The address that somebody typed without leaving the Arabic keyboard: `مشغمش@لةشهمزؤخة`. Only common domains count, because
/// any Arabic text can be read this way.
pub fn from_arabic_keyboard(typed: &str) -> Option<EmailAddress> {
    if !typed.contains(|letter: char| !letter.is_ascii()) {
        return None;
    }
    // One key gives two letters.
    let typed = typed.replace("لا", "b");
    let latin: Option<String> = typed.trim().chars().map(key).collect();
    let address = EmailAddress::parse(&latin?).ok()?;
    COMMON.contains(&address.domain()).then_some(address)
}

fn is_known(domain: &str) -> bool {
    COMMON.contains(&domain) || REAL.contains(&domain) || super::policy::RELAYS.contains(&domain)
}

/// The nearest common domain: at most two slips away, of which a short name has at most one, for it has many neighbours that
/// are real (yopmail.com is no slip for ymail.com).
fn near(domain: &str) -> Option<&'static str> {
    let name = |domain: &str| domain.split('.').next().unwrap_or_default().to_owned();
    let distances = COMMON.iter().filter_map(|common| {
        let (most, most_in_name) = match (common.len(), name(common).len()) {
            (..=6, _) => return None,
            (7..=8, _) => (1, 1),
            (_, ..=7) => (2, 1),
            _ => (2, 2),
        };
        if at_least(domain, common) > most {
            return None;
        }
        let distance = damerau_levenshtein(domain, common);
        let in_name = damerau_levenshtein(&name(domain), &name(common));
        (distance <= most && in_name <= most_in_name).then_some((distance, *common))
    });
    distances
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, common)| common)
}

/// No fewer slips than this make one of the other: a slip adds, drops or changes one letter, or swaps two. Counting letters is
/// quicker than the true distance, and spares it for nearly every pair.
fn at_least(one: &str, other: &str) -> usize {
    let mut surplus = [0_i16; 128];
    for letter in one.bytes().filter(u8::is_ascii) {
        surplus[usize::from(letter)] += 1;
    }
    for letter in other.bytes().filter(u8::is_ascii) {
        surplus[usize::from(letter)] -= 1;
    }
    let only_in_one: i16 = surplus.iter().filter(|count| **count > 0).sum();
    let only_in_other: i16 = surplus.iter().filter(|count| **count < 0).sum();
    usize::from(only_in_one.max(-only_in_other).unsigned_abs())
}

fn with_a_real_end(domain: &str) -> Option<String> {
    let (name, end) = domain.rsplit_once('.')?;
    let (_, real) = ENDS.iter().find(|(slip, _)| *slip == end)?;
    Some(format!("{name}.{real}"))
}

fn at(local: &str, domain: &str) -> Option<EmailAddress> {
    EmailAddress::parse(&format!("{local}@{domain}")).ok()
}

/// The Latin key under an Arabic letter (Arabic 101).
fn key(letter: char) -> Option<char> {
    const ARABIC: &str = "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوز";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvnm,.";
    if letter.is_ascii() {
        return Some(letter);
    }
    if let '\u{660}'..='\u{669}' = letter {
        return char::from_digit(u32::from(letter) - 0x660, 10);
    }
    let place = ARABIC.chars().position(|arabic| arabic == letter)?;
    LATIN.chars().nth(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meant(typed: &str) -> Option<String> {
        let address = EmailAddress::parse(typed).unwrap();
        suggestion(&address).map(|meant| meant.as_str().to_owned())
    }

    #[test]
    fn a13_slips_are_seen() {
        for (typed, domain) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gamil.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmail.cmo", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("hotmil.com", "hotmail.com"),
            ("outlok.com", "outlook.com"),
            ("yaho.com", "yahoo.com"),
            ("yahho.fr", "yahoo.fr"),
            ("iclould.com", "icloud.com"),
            ("maktob.com", "maktoob.com"),
            ("cyberia.net.lp", "cyberia.net.lb"),
            ("example.con", "example.com"),
            ("example.ogr", "example.org"),
            ("mail.example.nte", "mail.example.net"),
        ] {
            let expected = format!("Layla.H+x@{domain}");
            assert_eq!(
                meant(&format!("Layla.H+x@{typed}")),
                Some(expected),
                "{typed}"
            );
        }
    }

    #[test]
    fn a13_what_is_real_is_left_alone() {
        let real = COMMON
            .iter()
            .chain(&REAL)
            .chain(super::super::policy::RELAYS);
        for domain in real {
            assert_eq!(meant(&format!("layla@{domain}")), None, "{domain}");
        }
        for domain in [
            "example.org",
            "ge.com",
            "ibm.com",
            "gov.lb",
            "aub.edu.lb",
            "qq.com",
            "yopmail.com",
            "aucegypt.edu",
            "aub.lb",
            "usek.edu.lb",
            "hotel.com",
            "mailbox.org",
            "a.com",
            "annahar.com",
            "المرفأ.شبكة",
        ] {
            assert_eq!(meant(&format!("layla@{domain}")), None, "{domain}");
        }
    }

    #[test]
    fn what_was_typed_on_the_arabic_keyboard_is_read() {
        let read = |typed| from_arabic_keyboard(typed).map(|meant| meant.as_str().to_owned());
        assert_eq!(read("مشغمش@لةشهمزؤخة"), Some("layla@gmail.com".into()));
        assert_eq!(read("لاخلا١٢@اخفةشهمزؤخة"), Some("bob12@hotmail.com".into()));
        for other in [
            "layla@gmail.com",
            "ليلى@المرفأ.شبكة",
            "ليلى",
            "",
            "مشغمش@لةشهمزؤخةز",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn counting_letters_never_says_too_much(one in r"[a-cé.]{0,12}", other in r"[a-cé.]{0,12}") {
            prop_assert!(at_least(&one, &other) <= damerau_levenshtein(&one, &other));
        }

        /// Hostile input too: a suggestion is an address, another one, of the same person, and asks for no further one.
        #[test]
        fn a_suggestion_is_an_address(local in r"\PC{1,70}", place in 0..COMMON.len(), cut in 0..20_usize, letter in any::<char>()) {
            let mut domain: Vec<char> = COMMON[place].chars().collect();
            let cut = cut % domain.len();
            domain[cut] = letter;
            let typed = format!("{local}@{}", domain.into_iter().collect::<String>());
            if let Ok(address) = EmailAddress::parse(&typed) && let Some(meant) = suggestion(&address) {
                prop_assert_eq!(&EmailAddress::parse(meant.as_str()).unwrap(), &meant);
                prop_assert_eq!(meant.local(), address.local());
                prop_assert_ne!(meant.domain(), address.domain());
                prop_assert_eq!(suggestion(&meant), None);
            }
        }

        #[test]
        fn the_arabic_keyboard_takes_anything(typed in r"\PC{0,80}") {
            if let Some(meant) = from_arabic_keyboard(&typed) {
                prop_assert_eq!(&EmailAddress::parse(meant.as_str()).unwrap(), &meant);
            }
        }
    }
}
