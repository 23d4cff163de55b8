//! The link by which one editor edits one draft: a MAC over list, period and address, so that it needs no row, is good for nobody
//! else, and ends when its address is no editor's any more.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use super::{Keyring, MAC_LEN, put_number, take_number};

/// Which draft a link is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftToken {
    /// The list's row.
    pub list_id: i64,
    /// The period, epoch milliseconds.
    pub period_ms: i64,
}

impl DraftToken {
    /// The text that goes into the link of the editor with this identity (standards A11), signed with the newest key.
    pub fn sign(self, keys: &Keyring, editor: &str) -> String {
        self.encode(keys, keys.newest(), editor)
    }

    /// Reads what a link carried, without believing it: [`Self::is_of`] says whose it is.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (_, mut rest) = bytes.split_first()?;
        let token = Self {
            list_id: take_number(&mut rest)?,
            period_ms: take_number(&mut rest)?,
        };
        (rest.len() == MAC_LEN).then_some(token)
    }

    /// Whether the link that carried this text was made for the editor with this identity; any key of the ring will do.
    pub fn is_of(self, keys: &Keyring, text: &str, editor: &str) -> bool {
        let key = Base64UrlUnpadded::decode_vec(text).ok();
        let key = key.and_then(|bytes| bytes.first().copied());
        let Some(key) = key.filter(|key| keys.holds(*key)) else {
            return false;
        };
        // Signed anew and compared as text, so that only the one spelling that we write is taken.
        let expected = self.encode(keys, key, editor);
        bool::from(expected.as_bytes().ct_eq(text.as_bytes()))
    }

    fn encode(self, keys: &Keyring, key: u8, editor: &str) -> String {
        let mut bytes = vec![key];
        put_number(&mut bytes, self.list_id);
        put_number(&mut bytes, self.period_ms);
        let mut bound = bytes.clone();
        bound.extend_from_slice(editor.as_bytes());
        bytes.extend_from_slice(&keys.mac_with(key, "draft", &bound)[..MAC_LEN]);
        Base64UrlUnpadded::encode_string(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: DraftToken = DraftToken {
        list_id: 2,
        period_ms: 1_795_424_400_000,
    };

    #[test]
    fn x10_a_link_is_good_for_its_editor_and_its_draft() {
        let old = Keyring::generate();
        let keys = Keyring::parse(&old).expect("a key");
        let link = DRAFT.sign(&keys, "amal@example.org");
        assert_eq!(DraftToken::read(&link), Some(DRAFT));
        assert!(DRAFT.is_of(&keys, &link, "amal@example.org"));
        assert!(!DRAFT.is_of(&keys, &link, "omar@example.org"));
        let others = [
            DraftToken {
                list_id: 3,
                ..DRAFT
            },
            DraftToken {
                period_ms: DRAFT.period_ms + 1,
                ..DRAFT
            },
        ];
        for other in others {
            assert!(!other.is_of(&keys, &link, "amal@example.org"));
        }
        let stranger = Keyring::parse(&Keyring::generate()).expect("a key");
        assert!(!DRAFT.is_of(&stranger, &link, "amal@example.org"));
        // After a rotation it is still good.
        let newer = Keyring::generate().replace("1:", "2:");
        let both = Keyring::parse(&format!("{newer}{old}")).expect("two keys");
        assert!(DRAFT.is_of(&both, &link, "amal@example.org"));
    }

    #[test]
    fn what_is_no_link_is_none() {
        let keys = Keyring::parse(&Keyring::generate()).expect("a key");
        let link = DRAFT.sign(&keys, "amal@example.org");
        for text in ["", "a", &link[1..], &format!("{link}AA"), "é"] {
            let is_ours = DraftToken::read(text)
                .is_some_and(|read| read.is_of(&keys, text, "amal@example.org"));
            assert!(!is_ours, "{text}");
        }
    }
}
