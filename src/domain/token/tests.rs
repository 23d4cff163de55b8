//! Tokens: what is written reads back, and nothing else does.

use proptest::prelude::*;

use super::*;

const OLD: &str = "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW: &str = "2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

fn keys(lines: &[&str]) -> Keyring {
    Keyring::parse(&lines.join("\n")).unwrap()
}

fn token(subscriber_id: i64, list_id: i64) -> SubscriptionToken {
    SubscriptionToken {
        subscriber_id,
        list_id,
    }
}

#[test]
fn d2_confirmation_tokens_are_256_bits_and_read_back() {
    let token = ConfirmationToken::generate();
    assert_eq!(token.as_str().len(), 43);
    let read = ConfirmationToken::parse(token.as_str()).unwrap();
    assert_eq!(read.hash(), token.hash());
    assert_ne!(ConfirmationToken::generate().hash(), token.hash());
    assert!(!format!("{token:?}").contains(token.as_str()));
}

#[test]
fn d2_only_texts_that_we_write_are_confirmation_tokens() {
    let zeros = "A".repeat(43);
    assert!(ConfirmationToken::parse(&zeros).is_some());
    for bad in [
        String::new(),
        "A".repeat(42),
        "A".repeat(44),
        "A".repeat(10_000),
        // The last character carries two bits that no octet uses.
        "A".repeat(42) + "B",
        "A".repeat(42) + "=",
        "A".repeat(42) + "+",
        "ا".repeat(43),
    ] {
        assert!(ConfirmationToken::parse(&bad).is_none(), "{bad:.50}");
    }
}

#[test]
fn random_ids_fit_where_they_go() {
    let id = random_id();
    assert_eq!(id.len(), 22);
    assert_ne!(id, random_id());
    assert!(random_i64() > 0);
}

#[test]
fn h10_unsubscribe_links_stay_short() {
    let limit = (1 << 35) - 1;
    assert_eq!(
        token(limit, limit)
            .sign(&keys(&[OLD]), Purpose::Unsubscribe)
            .len(),
        36
    );
    assert!(
        token(1_000_000, 3)
            .sign(&keys(&[OLD]), Purpose::Unsubscribe)
            .len()
            <= 28
    );
}

#[test]
fn h4_a_link_of_another_list_subscriber_or_purpose_is_refused() {
    let ring = keys(&[OLD]);
    let text = token(7, 3).sign(&ring, Purpose::Unsubscribe);
    for other in [Purpose::Preferences, Purpose::Never] {
        assert_eq!(SubscriptionToken::verify(&ring, other, &text), None);
    }
    assert_ne!(text, token(3, 7).sign(&ring, Purpose::Unsubscribe));
    // The same octets under a MAC for another purpose.
    let mut bytes = vec![1, 3, 7];
    let mac = ring.mac("confirm", &bytes);
    bytes.extend_from_slice(&mac[..MAC_LEN]);
    assert_eq!(
        SubscriptionToken::verify(
            &ring,
            Purpose::Unsubscribe,
            &Base64UrlUnpadded::encode_string(&bytes)
        ),
        None
    );
    let mac = ring.mac(Purpose::Unsubscribe.label(), &bytes[..3]);
    bytes.truncate(3);
    bytes.extend_from_slice(&mac[..MAC_LEN]);
    assert_eq!(Base64UrlUnpadded::encode_string(&bytes), text);
}

#[test]
fn h4_other_spellings_of_a_link_are_refused() {
    let ring = keys(&[OLD]);
    // List 3 and subscriber 7 with an empty octet more, rightly signed.
    for prefix in [&[1, 0x83, 0, 7][..], &[1, 3, 0x87, 0]] {
        let mac = ring.mac(Purpose::Unsubscribe.label(), prefix);
        let bytes = [prefix, &mac[..MAC_LEN]].concat();
        assert_eq!(
            SubscriptionToken::verify(
                &ring,
                Purpose::Unsubscribe,
                &Base64UrlUnpadded::encode_string(&bytes)
            ),
            None
        );
    }
    let text = token(7, 3).sign(&ring, Purpose::Unsubscribe);
    for other in [
        format!("{text}="),
        format!("{text}A"),
        format!(" {text}"),
        text[1..].to_owned(),
    ] {
        assert_eq!(
            SubscriptionToken::verify(&ring, Purpose::Unsubscribe, &other),
            None,
            "{other}"
        );
    }
}

#[test]
fn h11_old_links_outlive_rotation() {
    let text = token(7, 3).sign(&keys(&[OLD]), Purpose::Unsubscribe);
    let rotated = keys(&[NEW, OLD]);
    assert_eq!(
        SubscriptionToken::verify(&rotated, Purpose::Unsubscribe, &text),
        Some(token(7, 3))
    );
    assert_ne!(token(7, 3).sign(&rotated, Purpose::Unsubscribe), text);
    assert_eq!(
        SubscriptionToken::verify(&keys(&[NEW]), Purpose::Unsubscribe, &text),
        None
    );
    // Another key under the same number.
    let other = NEW.replace("2:", "1:");
    assert_eq!(
        SubscriptionToken::verify(&keys(&[&other]), Purpose::Unsubscribe, &text),
        None
    );
}

#[test]
fn m9_a_message_id_survives_a_new_key() {
    let tag = keys(&[OLD]).message_id_tag(&[42]);
    assert_eq!(tag, keys(&[NEW, OLD]).message_id_tag(&[42]));
    assert_ne!(tag, keys(&[OLD]).message_id_tag(&[43]));
    assert_ne!(tag, keys(&[NEW]).message_id_tag(&[42]));
    assert!(tag.starts_with("42.") && tag.is_ascii() && tag.len() == 19);
}

#[test]
fn x10_each_purpose_has_its_own_key() {
    let ring = keys(&[OLD]);
    assert_ne!(ring.mac("a", b"x"), ring.mac("b", b"x"));
    assert_ne!(ring.mac("a", b"x"), ring.mac("a", b"y"));
    // Computed with Python's hmac module.
    assert_eq!(
        Base64UrlUnpadded::encode_string(&ring.mac("unsubscribe", b"x")),
        "9uzlyQQqnHD5RTq0u-SfyrTx1SrKxGWPTDiSjWB_yxI"
    );
}

#[test]
fn keys_are_read_in_each_spelling() {
    let same = [
        OLD,
        "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "3031323334353637383961626364656630313233343536373839616263646566",
        "# made by hand\n\n 1 : MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= \r\n",
    ];
    for text in same {
        assert_eq!(
            keys(&[text]).mac("a", b"x"),
            keys(&[OLD]).mac("a", b"x"),
            "{text}"
        );
    }
    let generated = Keyring::generate();
    keys(&[&generated]);
    assert_ne!(generated, Keyring::generate());
}

#[test]
fn bad_keys_are_refused_with_their_line_and_without_their_text() {
    use InvalidKeyring::{Duplicate, Empty, Encoding, Id, TooShort};
    for (text, error) in [
        ("# nothing\n".to_owned(), Empty),
        (format!("{OLD}\n0:{}", &NEW[2..]), Id { line: 2 }),
        (format!("256:{}", &NEW[2..]), Id { line: 1 }),
        ("1:not a key".to_owned(), Encoding { line: 1 }),
        (format!("1:{}", "f".repeat(65)), Encoding { line: 1 }),
        ("1:c2hvcnQ=".to_owned(), TooShort { line: 1, found: 5 }),
        (format!("{OLD}\n{OLD}"), Duplicate { line: 2, id: 1 }),
    ] {
        assert_eq!(Keyring::parse(&text).unwrap_err(), error);
    }
    assert_eq!(format!("{:?}", keys(&[NEW, OLD])), "Keyring(ids [2, 1])");
}

proptest! {
    #[test]
    fn links_read_back(subscriber in 0..=i64::MAX, list in 0..=i64::MAX) {
        let ring = keys(&[NEW, OLD]);
        let text = token(subscriber, list).sign(&ring, Purpose::Unsubscribe);
        prop_assert_eq!(SubscriptionToken::verify(&ring, Purpose::Unsubscribe, &text), Some(token(subscriber, list)));
    }

    #[test]
    fn any_change_of_one_character_is_refused(
        subscriber in 0..1_i64 << 35, list in 0..1_i64 << 20, at in any::<prop::sample::Index>(), with in 0_u8..128,
    ) {
        let ring = keys(&[NEW, OLD]);
        let text = token(subscriber, list).sign(&ring, Purpose::Unsubscribe);
        let mut changed = text.clone().into_bytes();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != with);
        changed[at] = with;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(SubscriptionToken::verify(&ring, Purpose::Unsubscribe, &changed), None);
    }

    #[test]
    fn garbled_text_is_refused(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let ring = keys(&[OLD]);
        prop_assert_eq!(SubscriptionToken::verify(&ring, Purpose::Unsubscribe, &text), None);
        let text = Base64UrlUnpadded::encode_string(&bytes);
        prop_assert_eq!(SubscriptionToken::verify(&ring, Purpose::Unsubscribe, &text), None);
    }

    #[test]
    fn a_keyring_never_panics(text in any::<String>()) {
        let _ = Keyring::parse(&text);
    }
}
