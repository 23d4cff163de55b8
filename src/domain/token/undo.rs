//! The proof that undoes one leaving: signed over who, which list and when, so that it is good for that leaving only, and for a
//! short time. The link that was used to leave is no such proof.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use super::{Keyring, MAC_LEN, SubscriptionToken, put_number, take_number};

/// How long a leaving can be undone, in milliseconds.
pub const UNDO_MS: i64 = 60 * 60 * 1_000;

impl SubscriptionToken {
    /// The proof that this subscription was left at that time, signed with the newest key.
    pub fn sign_undo(self, keys: &Keyring, left_ms: i64) -> String {
        self.encode_undo(keys, keys.newest(), left_ms)
    }

    /// When the subscription was left, by a proof that is ours, is about this subscription, and is not too old by now.
    pub fn verify_undo(self, keys: &Keyring, proof: &str, now_ms: i64) -> Option<i64> {
        let bytes = Base64UrlUnpadded::decode_vec(proof).ok()?;
        let (&key, mut rest) = bytes.split_first()?;
        let left_ms = take_number(&mut rest)?;
        if !keys.holds(key) {
            return None;
        }
        let expected = self.encode_undo(keys, key, left_ms);
        let genuine = bool::from(expected.as_bytes().ct_eq(proof.as_bytes()));
        (genuine && (left_ms..left_ms + UNDO_MS).contains(&now_ms)).then_some(left_ms)
    }

    fn encode_undo(self, keys: &Keyring, key: u8, left_ms: i64) -> String {
        let mut bytes = vec![key];
        put_number(&mut bytes, left_ms);
        let mut bound = bytes.clone();
        put_number(&mut bound, self.list_id);
        put_number(&mut bound, self.subscriber_id);
        bytes.extend_from_slice(&keys.mac_with(key, "undo", &bound)[..MAC_LEN]);
        Base64UrlUnpadded::encode_string(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: i64 = 1_795_424_400_000;

    #[test]
    fn a_proof_is_good_for_its_leaving_and_for_an_hour() {
        let keys = Keyring::parse(&Keyring::generate()).expect("a key");
        let token = SubscriptionToken {
            subscriber_id: 7,
            list_id: 2,
        };
        let proof = token.sign_undo(&keys, LEFT);
        assert_eq!(token.verify_undo(&keys, &proof, LEFT), Some(LEFT));
        assert_eq!(
            token.verify_undo(&keys, &proof, LEFT + UNDO_MS - 1),
            Some(LEFT)
        );
        for late in [LEFT + UNDO_MS, LEFT - 1] {
            assert_eq!(token.verify_undo(&keys, &proof, late), None);
        }
        let others = [
            SubscriptionToken {
                subscriber_id: 8,
                ..token
            },
            SubscriptionToken {
                list_id: 3,
                ..token
            },
        ];
        for other in others {
            assert_eq!(other.verify_undo(&keys, &proof, LEFT), None);
        }
        let stranger = Keyring::parse(&Keyring::generate()).expect("a key");
        let link = token.sign(&keys, super::super::Purpose::Unsubscribe);
        for forged in [
            token.sign_undo(&stranger, LEFT).as_str(),
            &proof[1..],
            link.as_str(),
            "",
        ] {
            assert_eq!(token.verify_undo(&keys, forged, LEFT), None, "{forged}");
        }
    }
}
