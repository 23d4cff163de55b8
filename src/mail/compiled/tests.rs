//! A reader's copy is what lettre would have made of the same words, on lines that go over the wire as they are.

mod sample;
mod size;

use std::sync::LazyLock;

use mail_parser::{Message, MessageParser};
use proptest::prelude::*;

use self::sample::{Sample, samples};
use super::*;
use crate::mail::template::{SLOT_ADDRESS, SLOT_PREFERENCES, SLOT_SALUTATION, SLOT_UNSUBSCRIBE};

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(samples);

const LAYLA: Reader<'static> = Reader {
    to: "layla@example.org",
    name: Some("ليلى"),
    shown: "layla@example.org",
    unsubscribe_url: "https://news.example.org/u/AQEBAQEBAQEBAQEBAQEBAQEBAQ",
    preferences_url: "https://news.example.org/p/AQEBAQEBAQEBAQEBAQEBAQEBAQ",
    message_id: "42.AbC_12-3@marfa.example",
};

fn written(compiled: &CompiledDigest, reader: &Reader<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    compiled.write(reader, &mut out).expect("a copy");
    out
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

/// A header with its folds undone.
fn header(message: &Message<'_>, name: &str) -> Option<String> {
    let raw = message.header_raw(name)?;
    Some(raw.replace("\r\n", "").trim().to_owned())
}

/// M1, M2, M3, M13, X13 and RFC 5321 §4.5.2, of the octets as they are.
fn is_fit_for_the_wire(bytes: &[u8], to: &str) {
    let text = std::str::from_utf8(bytes).expect("text");
    assert!(text.is_ascii() || !to.is_ascii(), "7-bit");
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    assert!(body.is_ascii());
    assert!(!text.split("\r\n").any(|line| line.starts_with('.')));
    assert!(head.split("\r\n").all(|line| line.len() <= 998));
    for line in body.split("\r\n") {
        assert!(line.len() <= 76 && !line.ends_with([' ', '\t']), "{line}");
    }
}

fn are_read_alike(ours: &[u8], lettres: &[u8]) {
    let (ours, theirs) = (parsed(ours), parsed(lettres));
    assert_eq!(ours.subject(), theirs.subject());
    assert_eq!(ours.from(), theirs.from());
    assert_eq!(ours.to(), theirs.to());
    assert_eq!(ours.reply_to(), theirs.reply_to());
    assert_eq!(ours.date(), theirs.date());
    assert_eq!(ours.message_id(), theirs.message_id());
    let names = |message: &Message<'_>| -> Vec<String> {
        let headers = message.headers().iter();
        headers.map(|header| header.name().to_owned()).collect()
    };
    assert_eq!(
        names(&ours),
        names(&theirs),
        "the same headers in the same order"
    );
    for name in names(&theirs) {
        assert_eq!(header(&ours, &name), header(&theirs, &name), "{name}");
    }
    assert_eq!(ours.body_text(0), theirs.body_text(0));
    assert_eq!(ours.body_html(0), theirs.body_html(0));
    assert_eq!((ours.parts.len(), theirs.parts.len()), (3, 3));
}

fn any_name() -> impl Strategy<Value = Option<String>> {
    let hostile = [
        "",
        " \t ",
        "{{ 7 * 7 }} %s NASHRASLOTADDRESS",
        "</td></tr><script>alert('1')</script> & \"co\"",
        "Eve\r\nBcc: eve@example.org\r\n\r\n.\r\n",
        "\u{202e}gnp.exe\u{2066}\u{feff}\u{0}\u{9f}",
        ".\u{301}= =3D =\u{2028}.",
    ];
    prop_oneof![
        Just(None),
        Just(Some("ليلى حدّاد ".repeat(900))),
        proptest::sample::select(hostile.to_vec()).prop_map(|name| Some(name.to_owned())),
        "\\PC{0,120}".prop_map(Some),
        "[ \u{0621}-\u{0655}]{0,40}".prop_map(Some),
        "[a-zA-Z=. <>&'\"é]{0,60}".prop_map(Some),
    ]
}

fn any_address() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,12}(\\.[a-z0-9]{1,5}){0,2}(\\+[a-z]{1,6})?@[a-z]{1,20}\\.example",
        "[a-z][a-z0-9.]{60}[a-z]@([a-z]{40}\\.){3}example",
        "[a-z]'[a-z]{1,9}&[a-z]{2}@xn--mgbh0fb\\.example",
        "[\u{0627}-\u{063a}]{1,12}@example\\.org",
    ]
    .prop_map(|address| {
        let mut address = address;
        while address.contains("..") {
            address = address.replace("..", ".");
        }
        address
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn m1_to_m17_a_copy_is_what_lettre_would_have_made(
        number in 0_usize..64,
        name in any_name(),
        to in any_address(),
        token in "[A-Za-z0-9_-]{1,200}",
        id in "[0-9]{1,19}\\.[A-Za-z0-9_-]{16}@[a-z]{1,60}\\.example",
    ) {
        let sample = &SAMPLES[number % SAMPLES.len()];
        let reader = Reader {
            to: &to,
            name: name.as_deref(),
            shown: &to,
            unsubscribe_url: &format!("https://news.example.org/u/{token}?a=1&b='2'"),
            preferences_url: &format!("https://news.example.org/p/{token}?a=1&b='2'"),
            message_id: &id,
        };
        let bytes = written(&sample.compiled, &reader);
        is_fit_for_the_wire(&bytes, &to);
        are_read_alike(&bytes, &sample.whole(&reader));
    }

    #[test]
    fn m13_m14_any_text_with_any_slots_decodes_to_itself(
        pieces in proptest::collection::vec(any_piece(), 0..14),
        values in proptest::array::uniform4("(\\PC{0,70}|[ .=\t]{0,4})"),
    ) {
        let text = pieces.concat();
        let personal = Personal { salutation: &values[0], address: &values[1], unsubscribe_url: &values[2], preferences_url: &values[3] };
        let part = Part::new(Place::Text, "ar", &text);
        let mut bytes = Vec::new();
        part.write(&personal, &mut bytes);
        let wire = std::str::from_utf8(&bytes).expect("7-bit");
        prop_assert!(wire.is_ascii() && wire.ends_with("\r\n"));
        for line in wire.split("\r\n") {
            prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']) && !line.starts_with('.'));
        }
        let expected = personal.fill(&super::super::clean::clean(&text), Place::Text);
        let expected = expected.replace("\r\n", "\n").replace('\n', "\r\n");
        prop_assert_eq!(decoded(wire), expected);
    }
}

/// Words, line ends and slots; long stretches of one script for each of the encodings.
fn any_piece() -> impl Strategy<Value = String> {
    let fixed = [
        SLOT_SALUTATION,
        SLOT_ADDRESS,
        SLOT_UNSUBSCRIBE,
        SLOT_PREFERENCES,
        "NASHRASLOT",
        "\n",
        "\r\n",
        ".",
        " ",
        "\t\n",
        "=\n.",
    ];
    prop_oneof![
        4 => proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        1 => "[a-z =.]{0,200}",
        1 => "[\u{0621}-\u{063a} ]{0,200}",
        1 => "[a-zé🌍\u{0}\u{9f}\u{feff}]{0,9}",
    ]
}

/// Decodes a part by the letter of RFC 2045, with nobody's leniency.
fn decoded(wire: &str) -> String {
    let (head, body) = wire.split_once("\r\n\r\n").expect("a head");
    if head.contains("Content-Transfer-Encoding: base64") {
        use base64ct::Encoding as _;
        let letters = body.replace("\r\n", "");
        let octets = base64ct::Base64::decode_vec(&letters).expect("padded once, at the end");
        return String::from_utf8(octets).expect("UTF-8");
    }
    assert!(head.contains("Content-Transfer-Encoding: quoted-printable"));
    let body = body.strip_suffix("\r\n").expect("a last line end");
    let mut octets = Vec::new();
    for line in body.split_inclusive("\r\n") {
        let soft = line.strip_suffix("=\r\n");
        let mut pieces = soft.unwrap_or(line).split('=');
        octets.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
        for piece in pieces {
            let (code, literal) = piece.split_at(2);
            octets.push(u8::from_str_radix(code, 16).expect("two digits"));
            octets.extend_from_slice(literal.as_bytes());
        }
    }
    String::from_utf8(octets).expect("UTF-8")
}

#[test]
fn m14_the_samples_use_both_encodings() {
    let bodies = SAMPLES.iter().map(|sample| {
        let bytes = written(&sample.compiled, &LAYLA);
        let text = String::from_utf8(bytes).expect("7-bit");
        ["base64", "quoted-printable"].map(|name| {
            let header = format!("Content-Transfer-Encoding: {name}");
            text.matches(&header).count()
        })
    });
    let bodies: Vec<_> = bodies.collect();
    for both in [[2, 0], [0, 2], [1, 1]] {
        assert!(bodies.contains(&both), "{bodies:?}");
    }
}

#[test]
fn x1_what_would_end_a_header_is_refused_and_nothing_is_left_of_it() {
    let compiled = &SAMPLES[0].compiled;
    let mut out = b"before".to_vec();
    for bad in [
        "",
        "a b@example.org",
        "a@example.org\r\nBcc: eve@example.org",
        "a\u{2028}@example.org",
        "a\0@example.org",
        "<a@example.org>",
    ] {
        let readers = [
            Reader { to: bad, ..LAYLA },
            Reader {
                message_id: bad,
                ..LAYLA
            },
            Reader {
                unsubscribe_url: bad,
                ..LAYLA
            },
        ];
        for reader in readers {
            let error = compiled.write(&reader, &mut out).expect_err(bad);
            assert!(error.is_of_one_reader(), "{error}");
            assert_eq!(out, b"before");
        }
    }
}

#[test]
fn m12_copies_stand_one_after_the_other_each_with_its_boundary() {
    let compiled = &SAMPLES[0].compiled;
    let other = Reader {
        message_id: "43.ZZZ@marfa.example",
        ..LAYLA
    };
    let mut out = written(compiled, &LAYLA);
    let first = out.len();
    compiled.write(&other, &mut out).expect("a copy");
    assert_eq!(out[..first], written(compiled, &LAYLA));
    assert_eq!(out[first..], written(compiled, &other));
    let second = String::from_utf8(out.split_off(first)).expect("7-bit");
    assert!(second.contains("boundary=\"=_43ZZZmarfaexample\""));
    assert_eq!(second.matches("--=_43ZZZmarfaexample").count(), 3);
}

#[test]
fn m19_the_html_part_is_measured_without_the_reader() {
    let sizes = SAMPLES.iter().map(|sample| {
        let empty = Reader {
            name: None,
            ..LAYLA
        };
        let text = String::from_utf8(written(&sample.compiled, &empty)).expect("7-bit");
        let (_, html) = text.split_once("Content-Type: text/html").expect("HTML");
        let (_, body) = html.split_once("\r\n\r\n").expect("a head");
        let personal = body.len() - sample.compiled.html_octets();
        assert!((1..600).contains(&personal), "{personal}");
        sample.compiled.html_octets()
    });
    let longest = sizes.max().expect("samples");
    assert!(longest + PERSONAL_OCTETS <= CLIPPED_OCTETS, "{longest}");
    assert!(
        longest > CLIPPED_OCTETS * 9 / 10,
        "the room is used: {longest}"
    );
}

#[test]
fn a_preview_is_the_copy_before_it_is_encoded() {
    for sample in SAMPLES.iter() {
        let preview = sample.compiled.preview(&LAYLA);
        let bytes = written(&sample.compiled, &LAYLA);
        let message = parsed(&bytes);
        let text = message.body_text(0).expect("text");
        assert_eq!(text, preview.text.replace('\n', "\r\n"));
        assert_eq!(message.subject(), Some(preview.subject.as_str()));
        assert!(preview.html.contains(LAYLA.unsubscribe_url));
    }
}
