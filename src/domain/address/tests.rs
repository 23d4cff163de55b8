//! What is accepted, what is refused with which code, and what must hold for every input (A1 to A6, A11, A15, D7).

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn parse(raw: &str) -> EmailAddress {
    EmailAddress::parse(raw).unwrap_or_else(|error| panic!("{raw:?} was refused: {error}"))
}

fn refusal(raw: &str) -> AddressProblem {
    match EmailAddress::parse(raw) {
        Ok(address) => panic!("{raw:?} was accepted as {:?}", address.as_str()),
        Err(error) => error.reason,
    }
}

/// What was typed, and the address that is mailed.
const ACCEPTED: &[(&str, &str)] = &[
    ("reader@example.com", "reader@example.com"),
    // A3: atext, tags, apostrophes, short local parts, long top-level domains.
    ("a@example.com", "a@example.com"),
    ("o'connor@example.ie", "o'connor@example.ie"),
    ("user+tag@example.com", "user+tag@example.com"),
    ("a@b.museum", "a@b.museum"),
    ("a@example.international", "a@example.international"),
    (
        "first.middle.last@example.com",
        "first.middle.last@example.com",
    ),
    (
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "!#$%&'*+-/=?^_`{|}~@example.com",
    ),
    ("_@example.com", "_@example.com"),
    ("-@example.com", "-@example.com"),
    ("12345@example.com", "12345@example.com"),
    ("a@123.com", "a@123.com"),
    ("a@1.2.3.example", "a@1.2.3.example"),
    ("a@mail.sub.example.co.uk", "a@mail.sub.example.co.uk"),
    ("a@r3---sn-x.example.com", "a@r3---sn-x.example.com"),
    ("a@x--y.example.com", "a@x--y.example.com"),
    // A11: mail goes to the local part as typed, the domain in lower case.
    ("Reader.Name@EXAMPLE.Com", "Reader.Name@example.com"),
    // A4: what is pasted around an address.
    ("  reader@example.com \r\n", "reader@example.com"),
    ("\u{200F}reader@example.com\u{200E}", "reader@example.com"),
    ("\u{202A}reader@example.com\u{202C}", "reader@example.com"),
    ("\u{2066}reader@example.com\u{2069}", "reader@example.com"),
    ("\u{FEFF}reader@example.com\u{A0}", "reader@example.com"),
    (
        "\u{61C} \u{200C}reader@example.com\u{200B}",
        "reader@example.com",
    ),
    // A5: UTS 46 non-transitional.
    ("a@faß.de", "a@xn--fa-hia.de"),
    ("a@FASS.de", "a@fass.de"),
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
    ("a@bu\u{308}cher.example", "a@xn--bcher-kva.example"),
    ("a@βόλος.com", "a@xn--nxasmm1c.com"),
    ("a@xn--nxasmm1c.com", "a@xn--nxasmm1c.com"),
    ("a@XN--NXASMM1C.com", "a@xn--nxasmm1c.com"),
    ("a@例え。jp", "a@xn--r8jz45g.jp"),
    ("a@نامه\u{200C}ای.com", "a@xn--mgba3gch31f060k.com"),
    ("a@مثال.إختبار", "a@xn--mgbh0fb.xn--kgbechtv"),
    ("a@موقع١.مثال", "a@xn--4gbrim1k.xn--mgbh0fb"),
    // A6: NFC, never NFKC, never punycode in the local part.
    ("مثال@example.com", "مثال@example.com"),
    ("مثال١٢@مثال.إختبار", "مثال١٢@xn--mgbh0fb.xn--kgbechtv"),
    ("用户@例子.example", "用户@xn--fsqu00a.example"),
    ("cafe\u{301}@example.com", "caf\u{e9}@example.com"),
    ("ﬁ@example.com", "ﬁ@example.com"),
    ("می\u{200C}خوانم@example.com", "می\u{200C}خوانم@example.com"),
    // U+212A is the letter K to NFC.
    ("\u{212A}@example.com", "K@example.com"),
];

const REFUSED: &[(&str, &str)] = &[
    ("", "empty"),
    (" \u{200F}\t\r\n", "empty"),
    ("reader", "no-at"),
    ("reader.example.com", "no-at"),
    ("a@b@example.com", "two-ats"),
    ("a@@example.com", "two-ats"),
    ("a@example.com, b@example.com", "two-ats"),
    ("@example.com", "no-local"),
    ("@", "no-local"),
    ("reader@", "no-domain"),
    ("rea der@example.com", "space"),
    ("reader@exam ple.com", "space"),
    ("reader @example.com", "space"),
    ("rea\tder@example.com", "space"),
    ("rea\u{A0}der@example.com", "space"),
    ("rea\u{3000}der@example.com", "space"),
    ("reader@example.com\r\nBcc: b@example.com", "control"),
    ("rea\nder@example.com", "control"),
    ("rea\0der@example.com", "control"),
    ("reader@example.com\0", "control"),
    ("rea\u{85}der@example.com", "control"),
    ("rea\u{2028}der@example.com", "control"),
    ("rea\u{7F}der@example.com", "control"),
    ("rea\u{200F}der@example.com", "direction-mark"),
    ("reader@\u{200E}example.com", "direction-mark"),
    ("rea\u{202E}der@example.com", "direction-mark"),
    ("مثال\u{2066}@example.com", "direction-mark"),
    ("rea\u{200B}der@example.com", "invisible"),
    ("rea\u{200C}der@example.com", "invisible"),
    ("reader@exa\u{AD}mple.com", "invisible"),
    ("reader@example\u{FEFF}.com", "invisible"),
    ("\"a b\"@x.com", "quoted"),
    ("\"a@b\"@x.com", "quoted"),
    ("\"Reader\" <a@x.com>", "quoted"),
    ("a(comment)@x.com", "comment"),
    ("a@x.com (Reader)", "comment"),
    ("a@[1.2.3.4]", "address-literal"),
    ("a@[IPv6:::1]", "address-literal"),
    ("a@1.2.3.4", "numeric-tld"),
    ("a@example.123", "numeric-tld"),
    ("a@localhost", "single-label"),
    ("a@مثال", "single-label"),
    ("a@example.com.", "trailing-dot"),
    ("a@example.com。", "trailing-dot"),
    ("a@.", "dots"),
    ("a@x_y.com", "underscore"),
    (".a@example.com", "dots"),
    ("a.@example.com", "dots"),
    ("a..b@example.com", "dots"),
    ("..@example.com", "dots"),
    ("a@.example.com", "dots"),
    ("a@example..com", "dots"),
    ("a@example。.com", "dots"),
    ("a@-example.com", "hyphens"),
    ("a@example-.com", "hyphens"),
    ("user١٢@example.com", "arabic-digits"),
    ("۰۹۱۲@example.com", "arabic-digits"),
    ("a@example١.com", "arabic-digits"),
    ("reader＠example.com", "full-width"),
    ("ｒｅａｄｅｒ@example.com", "full-width"),
    ("a@ｅｘａｍｐｌｅ．com", "full-width"),
    ("١٢＠example.com", "full-width"),
    // What is wrong besides the digits is said first.
    ("user١٢", "no-at"),
    ("user١٢@localhost", "single-label"),
    ("reader＠", "no-domain"),
    ("a<b@example.com", "bad-character"),
    ("<a@example.com>", "bad-character"),
    ("a,b@example.com", "bad-character"),
    ("a\\b@example.com", "bad-character"),
    ("a:b@example.com", "bad-character"),
    ("a\u{37E}b@example.com", "bad-character"),
    ("a\u{FFFD}b@example.com", "bad-character"),
    ("\u{301}a@example.com", "bad-character"),
    ("a@exa!mple.com", "bad-character"),
    ("a@example.com/x", "bad-character"),
    ("a@example.com:25", "bad-character"),
    // A5: bad punycode, bidi rule, joiners, STD3 after mapping.
    ("a@xn--a.com", "bad-domain"),
    ("a@xn--ASCII-.com", "hyphens"),
    ("a@אa.com", "bad-domain"),
    ("a@a\u{200D}b.com", "bad-domain"),
    ("a@\u{2100}.com", "bad-domain"),
    ("a@\u{301}x.com", "bad-domain"),
    ("a@xn--0ca24w.xn--0ca24w\u{1F}.com", "control"),
];

#[test]
fn accepts_what_can_be_mailed() {
    for (typed, mailed) in ACCEPTED {
        assert_eq!(parse(typed).as_str(), *mailed, "{typed:?}");
    }
}

#[test]
fn refuses_with_a_reason() {
    for (typed, code) in REFUSED {
        assert_eq!(refusal(typed).code(), *code, "{typed:?}");
    }
}

#[test]
fn every_code_is_listed_and_reachable() {
    let too_long = [
        "local-too-long",
        "label-too-long",
        "domain-too-long",
        "too-long",
    ];
    let seen: BTreeSet<&str> = REFUSED.iter().map(|row| row.1).chain(too_long).collect();
    assert_eq!(seen, BTreeSet::from(AddressProblem::CODES));
}

/// A domain of exactly this many octets.
fn domain_of(octets: usize) -> String {
    let labels = "abcdefg.".repeat(octets / 8);
    let rest = octets - labels.len();
    format!("{labels}{}", "z".repeat(rest))
}

#[test]
fn a1_limits_are_octets_of_the_converted_forms() {
    let local = |n: usize| format!("{}@example.com", "a".repeat(n));
    assert_eq!(parse(&local(64)).local().len(), 64);
    assert_eq!(refusal(&local(65)).code(), "local-too-long");
    // Two octets for each Arabic letter.
    assert_eq!(
        parse(&format!("{}@example.com", "م".repeat(32)))
            .local()
            .len(),
        64
    );
    assert_eq!(
        refusal(&format!("{}@example.com", "م".repeat(33))).code(),
        "local-too-long"
    );
    // Decomposed it is 96 octets, in NFC 64.
    parse(&format!("{}@example.com", "e\u{301}".repeat(32)));

    parse(&format!("a@{}.com", "a".repeat(63)));
    assert_eq!(
        refusal(&format!("a@{}.com", "a".repeat(64))).code(),
        "label-too-long"
    );
    // 58 letters typed, but its A-label is longer than 63 octets.
    let umlauts = format!("a@{}ü.com", "a".repeat(57));
    assert_eq!(refusal(&umlauts).code(), "label-too-long");

    assert_eq!(parse(&format!("a@{}", domain_of(252))).as_str().len(), 254);
    assert_eq!(refusal(&format!("a@{}", domain_of(253))).code(), "too-long");
    assert_eq!(refusal(&format!("a@{}", domain_of(255))).code(), "too-long");
    assert_eq!(
        refusal(&format!("a@{}", domain_of(257))).code(),
        "domain-too-long"
    );
    assert_eq!(refusal(&"a".repeat(10_000_000)).code(), "too-long");
}

#[test]
fn a4_suggests_the_ascii_form_and_never_takes_it() {
    for (typed, meant) in [
        ("user١٢@example.com", "user12@example.com"),
        ("۰۹۱۲@example.com", "0912@example.com"),
        ("reader＠example.com", "reader@example.com"),
        ("Ｒeader٣@مثال１.إختبار", "Reader3@مثال1.إختبار"),
    ] {
        let suggestion = refusal(typed).suggestion().unwrap();
        assert_eq!(suggestion, meant);
        parse(&suggestion);
    }
    assert_eq!(refusal("user١٢@localhost").suggestion(), None);
}

#[test]
fn a5_shows_the_domain_as_its_owner_writes_it() {
    assert_eq!(parse("a@faß.de").domain_unicode(), "faß.de");
    assert_eq!(
        parse("a@xn--mgbh0fb.xn--kgbechtv").domain_unicode(),
        "مثال.إختبار"
    );
    assert_eq!(parse("a@Example.com").domain_unicode(), "example.com");
}

#[test]
fn a7_only_the_local_part_needs_smtputf8() {
    assert!(parse("مثال@example.com").needs_smtputf8());
    assert!(!parse("a@مثال.إختبار").needs_smtputf8());
}

#[test]
fn a11_identity_folds_case_and_keeps_dots_and_tags() {
    assert_eq!(parse("A.B+c@FASS.de").identity(), "a.b+c@fass.de");
    assert_eq!(
        parse("CAFÉ@example.com").identity(),
        parse("cafe\u{301}@example.com").identity()
    );
    assert_eq!(
        parse("ΣΑΣ@example.com").identity(),
        parse("σας@example.com").identity()
    );
}

#[test]
fn d7_limits_see_through_dots_and_tags() {
    let key = |raw| parse(raw).throttle_key();
    assert_eq!(key("A.B.c+news@GoogleMail.com"), "abc@gmail.com");
    assert_eq!(key("a.b+news@example.com"), "a.b@example.com");
    assert_eq!(key("+news@example.com"), "+news@example.com");
}

#[test]
fn a15_debug_output_is_masked() {
    let address = parse("maryam@example.com");
    assert_eq!(address.masked(), "m***@example.com");
    assert_eq!(format!("{address:?}"), "EmailAddress(m***@example.com)");
    let refused = EmailAddress::parse("maryam١@example.com").unwrap_err();
    assert!(!format!("{refused:?} {refused}").contains("maryam"));
}

/// Text that is often nearly an address.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9.+_-]{1,8}",
        "\\PC{1,3}",
        "[\u{600}-\u{6FF}]{1,4}",
        "[\u{FF01}-\u{FF5E}]{1,2}",
        "[\u{300}-\u{36F}\u{200B}-\u{200F}\u{0}-\u{20}]{1,2}",
        Just(".".to_owned()),
    ];
    let pieces = || prop::collection::vec(piece.clone(), 1..4).prop_map(|all| all.concat());
    let tld = prop_oneof![Just(".com"), Just(".إختبار"), Just("")];
    (pieces(), pieces(), tld).prop_map(|(local, domain, tld)| format!("{local}@{domain}{tld}"))
}

/// A mailable address with letters of many scripts.
fn good() -> impl Strategy<Value = String> {
    ("[\\p{L}a-z0-9]{1,12}", "[a-zA-Z0-9]{1,20}").prop_map(|(l, d)| format!("{l}@{d}.example"))
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let Ok(address) = EmailAddress::parse(text) else {
        return Ok(());
    };
    prop_assert_eq!(&EmailAddress::parse(address.as_str()).unwrap(), &address);
    prop_assert!(address.local().len() <= 64 && address.domain().len() <= 255);
    prop_assert!(address.as_str().len() <= 254);
    prop_assert!(address.domain().split('.').all(|label| label.len() <= 63));
    prop_assert!(address.domain().is_ascii());
    prop_assert!(!address.domain().contains(|c: char| c.is_ascii_uppercase()));
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || is_direction_mark(c);
    prop_assert!(!address.as_str().contains(forbidden));
    let once = folded(address.local());
    prop_assert_eq!(&folded(&once), &once);
    // Shown and typed again it is the same address.
    let shown = format!("{}@{}", address.local(), address.domain_unicode());
    prop_assert_eq!(EmailAddress::parse(&shown).unwrap(), address);
    Ok(())
}

proptest! {
    #[test]
    fn never_panics_on_any_text(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn what_is_accepted_holds_its_promises(text in nearly()) {
        holds(&text)?;
    }

    #[test]
    fn good_addresses_hold_them_too(text in good()) {
        holds(&text)?;
    }

    #[test]
    fn a_suggestion_is_an_address(text in "[a-z٠-٩۰-۹ａ-ｚ]{1,9}[@＠][a-z٠-٩ａ-ｚ]{1,9}\\.com") {
        if let Err(error) = EmailAddress::parse(&text)
            && let Some(suggestion) = error.reason.suggestion()
        {
            prop_assert!(EmailAddress::parse(&suggestion).is_ok());
        }
    }
}

#[test]
fn every_code_is_documented() {
    let table = include_str!("../../../docs/form.md");
    let others = [
        "typo",
        "needs-smtputf8",
        "no-mail-domain",
        "disposable",
        "role",
    ];
    for code in AddressProblem::CODES.iter().chain(&others) {
        assert!(table.contains(&format!("`{code}`")), "{code}");
    }
}
