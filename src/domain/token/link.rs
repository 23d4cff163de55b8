//! The token of a counted link: which article of which digest, the same for all readers, so that it says nothing about any (X6).

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use super::{Keyring, MAC_LEN, put_number, take_number};

/// Where in a mail a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPlace {
    /// Nowhere that a person sees: only programs follow it.
    Decoy,
    /// At an article.
    Article(i64),
}

/// A link of a digest. It leads to what is stored, never to what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkToken {
    /// The digest's row.
    pub digest_id: i64,
    /// The row of the variant that its readers got; 0 for the digest's own edition.
    pub variant_id: i64,
    /// What it stands at.
    pub place: LinkPlace,
}

impl LinkToken {
    /// The text that goes into the link, signed with the newest key.
    pub fn sign(self, keys: &Keyring) -> String {
        self.encode(keys, keys.newest())
    }

    /// Reads what a link carried; any key of the ring will do. `None` for everything that was not signed by one of them.
    pub fn verify(keys: &Keyring, text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (&key, mut rest) = bytes.split_first()?;
        let token = Self {
            digest_id: take_number(&mut rest)?,
            variant_id: take_number(&mut rest)?,
            place: match take_number(&mut rest)? {
                0 => LinkPlace::Decoy,
                article_id => LinkPlace::Article(article_id),
            },
        };
        if !keys.holds(key) {
            return None;
        }
        // Signed anew and compared as text, so that only the one spelling that we write is taken.
        let expected = token.encode(keys, key);
        bool::from(expected.as_bytes().ct_eq(text.as_bytes())).then_some(token)
    }

    fn encode(self, keys: &Keyring, key: u8) -> String {
        let mut bytes = vec![key];
        put_number(&mut bytes, self.digest_id);
        put_number(&mut bytes, self.variant_id);
        // Rows begin with 1.
        put_number(
            &mut bytes,
            match self.place {
                LinkPlace::Decoy => 0,
                LinkPlace::Article(article_id) => article_id,
            },
        );
        let mac = keys.mac_with(key, "link", &bytes);
        bytes.extend_from_slice(&mac[..MAC_LEN]);
        Base64UrlUnpadded::encode_string(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Purpose, SubscriptionToken};

    #[test]
    fn x6_a_link_is_what_was_signed_and_nothing_else() {
        let keys = Keyring::parse(&Keyring::generate()).expect("a key");
        for place in [
            LinkPlace::Decoy,
            LinkPlace::Article(1),
            LinkPlace::Article(1 << 40),
        ] {
            let token = LinkToken {
                digest_id: 12,
                variant_id: 300,
                place,
            };
            let text = token.sign(&keys);
            assert!(text.len() <= 40, "{text}");
            assert_eq!(LinkToken::verify(&keys, &text), Some(token));
            for at in 0..text.len() {
                let mut forged = text.clone().into_bytes();
                forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
                let forged = String::from_utf8(forged).expect("ASCII");
                assert_eq!(LinkToken::verify(&keys, &forged), None, "{forged}");
            }
            assert_eq!(LinkToken::verify(&keys, &format!("{text}A")), None);
            let others = Keyring::parse(&Keyring::generate()).expect("a key");
            assert_eq!(LinkToken::verify(&others, &text), None);
        }
        let other = SubscriptionToken {
            subscriber_id: 1,
            list_id: 1,
        };
        let other = other.sign(&keys, Purpose::Unsubscribe);
        assert_eq!(LinkToken::verify(&keys, &other), None);
        assert_eq!(LinkToken::verify(&keys, ""), None);
    }
}
