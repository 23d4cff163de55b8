//! The fault language: what it reads, how its rules count, and how it says what is wrong.

use proptest::prelude::*;

use crate::catcher::Script;
use crate::catcher::script::{Action, Event};

fn codes<const N: usize>(script: &str, events: [(Event, &str); N]) -> [u16; N] {
    let mut script: Script = script.parse().unwrap();
    events.map(
        |(event, to)| match script.decide(event, &[to.to_owned()]).action {
            Action::Reply { code, .. } => code,
            _ => 0,
        },
    )
}

#[test]
fn after_every_and_times_count_what_reaches_the_rule() {
    let dots = [(Event::Dot, "a@x"); 8];
    assert_eq!(
        codes("on dot after 2 every 3 times 2 reply 452 no", dots),
        [0, 0, 452, 0, 0, 452, 0, 0]
    );
    assert_eq!(
        codes(
            "on dot times 1 reply 451 one\n\n# then\n on dot times 1 reply 452 two\non any every 4 reply 453 x",
            dots
        ),
        [451, 452, 453, 0, 0, 0, 453, 0]
    );
}

#[test]
fn patterns_match_whole_addresses_in_any_case() {
    for (pattern, address, found) in [
        ("*", "a@x.example", true),
        ("*@x.example", "A@X.example", true),
        ("*@x.example", "a@y.x.example", false),
        ("a*b*@*.example", "a1b2b@x.example", true),
        ("ab*ba", "aba", false),
        ("a@x", "a@x.example", false),
        ("a**", "a", true),
    ] {
        let [code] = codes(
            &format!("on rcpt to {pattern} reply 550 no"),
            [(Event::Rcpt, address)],
        );
        assert_eq!(code == 550, found, "{pattern} {address}");
    }
}

#[test]
fn mistakes_are_told_with_line_and_remedy() {
    for (script, message) in [
        (
            "# ok\n\nwhen mail drop",
            "line 3: a rule starts with `on`, not with `when`",
        ),
        (
            "on noop drop",
            "line 1: `noop` is no event; there are connect, ehlo, starttls, auth, mail, rcpt, data, dot, rset, quit and any",
        ),
        (
            "on mail explode",
            "line 1: `explode` is neither a modifier (to, after, every, times, delay) nor an action (reply, raw, drop, lose, hang)",
        ),
        (
            "on mail to a@x drop",
            "line 1: no recipient is known there: `to` may follow rcpt, data, dot and any",
        ),
        (
            "on rcpt to",
            "line 1: `to` needs an address after it, in which * stands for anything",
        ),
        (
            "on dot times 0 drop",
            "line 1: `times` needs a whole number from 1, not `0`",
        ),
        (
            "on dot after x drop",
            "line 1: `after` needs a whole number from 0, not `x`",
        ),
        (
            "on dot delay 5",
            "line 1: `delay` needs a time such as 250ms, 2s or 1m (at most 60m), not `5`",
        ),
        (
            "on dot delay 61m",
            "line 1: `delay` needs a time such as 250ms, 2s or 1m (at most 60m), not `61m`",
        ),
        (
            "on dot reply no",
            "line 1: `reply` needs a code from 200 to 599, not `no`",
        ),
        (
            "on dot reply 451 later times 1",
            "line 1: `times 1` would be part of the answer: put it before `reply`",
        ),
        (
            "on dot raw \\q",
            "line 1: `\\q` is no escape; there are \\r \\n \\t \\\\ and \\xHH",
        ),
        (
            "on dot drop now",
            "line 1: nothing may follow `drop`, but `now` does",
        ),
        (
            "on dot",
            "line 1: the rule does nothing: end it with reply, raw, drop, lose or hang, or give it a delay",
        ),
    ] {
        assert_eq!(script.parse::<Script>().unwrap_err().to_string(), message);
    }
}

proptest! {
    #[test]
    fn reading_and_deciding_never_panic(text in "(on |any |rcpt |to |after |every |times |delay |reply |raw |drop|[0-9a-z@*\\\\\u{633}]{0,4}| |\n){0,30}", address in ".{0,12}") {
        if let Ok(mut script) = text.parse::<Script>() {
            for _ in 0..3 {
                script.decide(Event::Rcpt, std::slice::from_ref(&address));
            }
        }
    }

    #[test]
    fn any_pattern_matches_what_it_was_made_from(pieces in prop::collection::vec("[a-c]{0,3}", 1..5), fill in "[a-c]{0,3}") {
        let pattern = format!("x{}", pieces.join("*"));
        let address = format!("x{}", pieces.join(&fill));
        let [code] = codes(&format!("on rcpt to {pattern} reply 550 no"), [(Event::Rcpt, &address)]);
        prop_assert_eq!(code, 550);
    }
}
