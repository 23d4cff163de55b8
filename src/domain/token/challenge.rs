//! Proof of work, as ALTCHA's widget (version 1) does it: find the number whose hash together with a salt is the challenge (D9).
//!
//! The salt ends with a delimiter, so that no digit of the number can be moved into what it says (CVE-2025-68113).

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{Keyring, fingerprint, random_i64, random_id};

const ALGORITHM: &str = "SHA-256";
const PURPOSE: &str = "subscribe";
/// How long a challenge may be solved and used.
const GOOD_MS: i64 = 20 * 60 * 1_000;
/// No proof of ours is longer.
const LONGEST: usize = 2_048;

/// What is to be solved.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "ALTCHA names its fields so")]
pub struct Challenge {
    algorithm: &'static str,
    challenge: String,
    maxnumber: u32,
    salt: String,
    signature: String,
}

impl Challenge {
    /// A new one whose number is not greater than `difficulty`.
    pub fn new(keys: &Keyring, difficulty: u32, now_ms: i64) -> Self {
        let expires = (now_ms + GOOD_MS) / 1_000;
        let salt = format!("{}?expires={expires}&purpose={PURPOSE}&", random_id());
        let number = random_i64() % (i64::from(difficulty) + 1);
        let challenge = fingerprint(format!("{salt}{number}").as_bytes());
        Self {
            algorithm: ALGORITHM,
            maxnumber: difficulty,
            signature: signature(keys, &challenge),
            challenge,
            salt,
        }
    }
}

fn signature(keys: &Keyring, challenge: &str) -> String {
    use std::fmt::Write as _;
    let mac = keys.mac("challenge", challenge.as_bytes());
    mac.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// A challenge that was solved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// What names it.
    pub challenge: String,
    /// When it expires, epoch milliseconds.
    pub expires_ms: i64,
}

#[derive(Deserialize)]
struct Proof {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

impl Solved {
    /// Reads a proof as the widget sends it: JSON in base64. `None` when it proves nothing.
    pub fn verify(keys: &Keyring, text: &str, now_ms: i64) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let proof: Proof = serde_json::from_slice(&Base64::decode_vec(text).ok()?).ok()?;
        let said = proof.salt.split_once('?')?.1;
        let said = said.strip_prefix("expires=")?;
        let expires = said.strip_suffix(&format!("&purpose={PURPOSE}&"))?;
        let expires: i64 = expires.parse().ok()?;
        let expires_ms = expires.checked_mul(1_000)?;
        let hash = fingerprint(format!("{}{}", proof.salt, proof.number).as_bytes());
        let same = |a: &str, b: &str| bool::from(a.as_bytes().ct_eq(b.as_bytes()));
        (proof.algorithm == ALGORITHM
            && same(&hash, &proof.challenge)
            && same(&signature(keys, &hash), &proof.signature)
            && now_ms < expires_ms)
            .then_some(Self {
                challenge: hash,
                expires_ms,
            })
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

    fn solve(challenge: &Challenge) -> u64 {
        (0..=u64::from(challenge.maxnumber))
            .find(|n| {
                fingerprint(format!("{}{n}", challenge.salt).as_bytes()) == challenge.challenge
            })
            .unwrap()
    }

    fn proof(challenge: &Challenge, salt: &str, number: u64) -> String {
        let proof = serde_json::json!({
            "algorithm": "SHA-256", "challenge": challenge.challenge, "number": number, "salt": salt,
            "signature": challenge.signature, "took": 12,
        });
        Base64::encode_string(proof.to_string().as_bytes())
    }

    #[test]
    fn d9_only_the_number_proves_and_only_in_time() {
        let challenge = Challenge::new(&keys(), 200, NOW);
        let number = solve(&challenge);
        let text = proof(&challenge, &challenge.salt, number);
        let solved = Solved::verify(&keys(), &text, NOW).unwrap();
        assert_eq!(solved.challenge, challenge.challenge);
        assert_eq!(solved.expires_ms, NOW + GOOD_MS);
        assert_eq!(Solved::verify(&keys(), &text, NOW + GOOD_MS), None);
        let wrong = proof(&challenge, &challenge.salt, number + 1);
        assert_eq!(Solved::verify(&keys(), &wrong, NOW), None);
        let other = Keyring::parse(&"cd".repeat(32)).unwrap();
        assert_eq!(Solved::verify(&other, &text, NOW), None);
    }

    #[test]
    fn d9_no_digit_moves_from_the_number_into_the_salt() {
        // CVE-2025-68113: the same hash, read as another time of expiry.
        let (salt, number) = ("x?expires=1767597600&purpose=subscribe", 123);
        let hash = fingerprint(format!("{salt}{number}").as_bytes());
        let spliced = Challenge {
            algorithm: ALGORITHM,
            maxnumber: 200,
            signature: signature(&keys(), &hash),
            challenge: hash,
            salt: format!("{salt}1"),
        };
        let text = proof(&spliced, &spliced.salt, 23);
        assert_eq!(Solved::verify(&keys(), &text, NOW), None);
    }

    proptest! {
        #[test]
        fn nothing_else_proves_anything(text in "\\PC{0,200}", octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(Solved::verify(&keys(), &text, NOW), None);
            prop_assert_eq!(Solved::verify(&keys(), &Base64::encode_string(&octets), NOW), None);
        }
    }
}
