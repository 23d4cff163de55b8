//! The stamp of a form: says when we showed it, so that a form which is filled in faster than a person types, or which we did not
//! show at all, is known (D8). It names no reader.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use super::{Keyring, MAC_LEN, random_bytes};

/// How long a stamp is good for.
const GOOD_MS: i64 = 24 * 60 * 60 * 1_000;
/// How far the clocks of two machines may be apart.
const SKEW_MS: i64 = 60 * 1_000;
/// What tells the steps of one moment apart.
const STEP_LEN: usize = 8;
/// Key, page, time, step, MAC.
const LONGEST: usize = 1 + 1 + 8 + STEP_LEN + MAC_LEN;

/// Which page the form was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The form itself: it takes its time to be filled in.
    Form,
    /// The page that asks for one more press of a button, with a number of its own: it is good for one press.
    Step([u8; STEP_LEN]),
}

impl Page {
    /// A new page that asks for one more step.
    pub fn step() -> Self {
        Self::Step(random_bytes())
    }
}

/// When and where a form was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The page.
    pub page: Page,
    /// When, epoch milliseconds.
    pub made_ms: i64,
}

impl Stamp {
    /// The text for a form of this name, signed with the newest key.
    pub fn sign(self, keys: &Keyring, form: &str) -> String {
        self.encode(keys, keys.newest(), form)
    }

    /// Reads the stamp of a form of this name; `None` for what was not signed for it, or too long ago.
    pub fn verify(keys: &Keyring, form: &str, text: &str, now_ms: i64) -> Option<Self> {
        let mut buffer = [0; LONGEST];
        let octets = Base64UrlUnpadded::decode(text, &mut buffer).ok()?;
        let [key, page, rest @ ..] = octets else {
            return None;
        };
        let (time, rest) = rest.split_first_chunk()?;
        let stamp = Self {
            page: match page {
                0 => Page::Form,
                1 => Page::Step(*rest.first_chunk()?),
                _ => return None,
            },
            made_ms: i64::from_be_bytes(*time),
        };
        if !keys.holds(*key) {
            return None;
        }
        // Signed anew and compared as text, so that only the one spelling that we write is taken.
        let expected = stamp.encode(keys, *key, form);
        let ours = bool::from(expected.as_bytes().ct_eq(text.as_bytes()));
        let age_ms = now_ms.saturating_sub(stamp.made_ms);
        (ours && (-SKEW_MS..GOOD_MS).contains(&age_ms)).then_some(stamp)
    }

    /// When it stops to be good, epoch milliseconds.
    pub fn expires_ms(self) -> i64 {
        self.made_ms.saturating_add(GOOD_MS)
    }

    fn encode(self, keys: &Keyring, key: u8, form: &str) -> String {
        let mut octets = vec![key, u8::from(self.page != Page::Form)];
        octets.extend(self.made_ms.to_be_bytes());
        if let Page::Step(own) = self.page {
            octets.extend(own);
        }
        let bound = [&octets[..], form.as_bytes()].concat();
        let mac = keys.mac_with(key, "stamp", &bound);
        octets.extend_from_slice(&mac[..MAC_LEN]);
        Base64UrlUnpadded::encode_string(&octets)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_767_596_400_000;

    fn keys() -> Keyring {
        Keyring::parse(&"ab".repeat(32)).unwrap()
    }

    #[test]
    fn a_stamp_is_good_for_its_form_and_for_a_day() {
        let stamp = Stamp {
            page: Page::Form,
            made_ms: NOW,
        };
        let text = stamp.sign(&keys(), "weekly");
        let read = |form: &str, at: i64| Stamp::verify(&keys(), form, &text, at);
        assert_eq!(read("weekly", NOW + GOOD_MS - 1), Some(stamp));
        assert_eq!(read("weekly", NOW + GOOD_MS), None);
        assert_eq!(read("weekly", NOW - SKEW_MS - 1), None);
        assert_eq!(read("daily", NOW), None);
        let steps = [Page::step(), Page::step()];
        let texts = steps.map(|page| Stamp { page, made_ms: NOW }.sign(&keys(), "weekly"));
        assert_ne!(texts[0], texts[1], "two pages of one moment are two");
        let read_back = Stamp::verify(&keys(), "weekly", &texts[0], NOW).map(|stamp| stamp.page);
        assert_eq!(read_back, Some(steps[0]));
        let other = Keyring::parse(&"cd".repeat(32)).unwrap();
        assert_eq!(Stamp::verify(&other, "weekly", &text, NOW), None);
    }

    proptest! {
        #[test]
        fn nothing_but_our_own_text_is_a_stamp(text in "\\PC{0,60}", place in 0usize..35, letter in "[A-Za-z0-9_-]", step in any::<bool>()) {
            prop_assert_eq!(Stamp::verify(&keys(), "weekly", &text, NOW), None);
            let page = if step { Page::step() } else { Page::Form };
            let ours = Stamp { page, made_ms: NOW }.sign(&keys(), "weekly");
            let mut changed = ours.clone();
            changed.replace_range(place..=place, &letter);
            prop_assert_eq!(Stamp::verify(&keys(), "weekly", &changed, NOW).is_some(), changed == ours);
        }
    }
}
