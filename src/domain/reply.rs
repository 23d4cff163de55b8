//! What a relay's refusal means beyond the one mail: whether a provider asks us to slow down, or refuses us as a sender
//! (RFC 3463; the providers' own words: standards V20, V26).

use std::time::Duration;

/// Whether a temporary refusal asks for less mail: 4.7.x or a provider's own words for it, but not a greylist, which only wants the
/// same mail again. A bare 421 is the relay's.
pub fn asks_to_slow_down(code: Option<u16>, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let policy = text.starts_with("4.7.")
        || lower.contains(" 4.7.")
        || ["[ts", "rp-00"].iter().any(|word| lower.contains(word));
    let greylist =
        lower.contains("greylist") || lower.contains("graylist") || lower.contains("grey list");
    matches!(code, Some(400..=499)) && policy && !greylist
}

/// Whether a permanent refusal is for what we are or send, and not for its reader (V26, B5).
pub fn is_of_the_sender(code: Option<u16>, text: &str) -> bool {
    /// Policy, bad senders, content, protocol, loops, size (RFC 3463).
    const CODES: [&str; 9] = [
        "5.7.", "5.1.7", "5.1.8", "5.6.", "5.5.1", "5.5.2", "5.5.4", "5.4.6", "5.3.4",
    ];
    /// Of one address all the same: it is in another script.
    const OF_ONE: [&str; 1] = ["5.6.7"];
    /// Microsoft's and Yahoo's own.
    const WORDS: [&str; 5] = ["sc-00", "rp-00", "[bl", "[ph", "policy reasons"];
    let lower = text.to_ascii_lowercase();
    let is = |status: &&str| match status.strip_suffix('.') {
        Some(class) => text
            .strip_prefix(class)
            .is_some_and(|rest| rest.starts_with('.')),
        None => text.split_whitespace().next() == Some(status),
    };
    matches!(code, None | Some(500..=599))
        && !OF_ONE.iter().any(is)
        && (CODES.iter().any(is) || WORDS.iter().any(|word| lower.contains(word)))
}

/// A relay's words without the addresses in them, for the log (A15).
pub fn without_addresses(text: &str) -> String {
    let word = |word: &str| match word {
        word if word.contains('@') => "(address)".to_owned(),
        word => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

const LONGEST: Duration = Duration::from_hours(1);

/// No pause ends further ahead than the longest one, and as much as the clocks of two hosts may differ.
pub const FURTHEST_MS: i64 = 2 * LONGEST.as_millis() as i64;

/// Whether somebody who asked for less mail is left alone at this time. A pause that ends too far ahead was noted by a clock that
/// was wrong, and is over.
pub fn is_pausing(until_ms: i64, now_ms: i64) -> bool {
    (1..=FURTHEST_MS).contains(&(until_ms - now_ms))
}

/// How long a provider is left alone that asked for it so often in a row, from 0: twice as long each time, up to an hour, and at
/// least ten minutes when it speaks of a rate as Gmail does (V20).
pub fn pause(level: i64, text: &str) -> Duration {
    const FIRST: Duration = Duration::from_mins(1);
    const RATE: Duration = Duration::from_mins(10);
    let pause = FIRST.saturating_mul(1 << level.clamp(0, 10)).min(LONGEST);
    if text.contains("4.7.28") {
        pause.max(RATE)
    } else {
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: i64 = 1_767_596_400_000;

    #[test]
    fn v20_v26_words_of_providers() {
        assert!(asks_to_slow_down(
            Some(421),
            "4.7.28 Gmail has detected an unusual rate of mail"
        ));
        assert!(asks_to_slow_down(Some(451), "4.7.1 try later"));
        assert!(asks_to_slow_down(
            Some(421),
            "[TSS04] Messages from 192.0.2.1 temporarily deferred"
        ));
        assert!(!asks_to_slow_down(
            Some(451),
            "4.7.1 Greylisted, see you later"
        ));
        assert!(!asks_to_slow_down(Some(452), "4.2.2 mailbox full"));
        assert!(!asks_to_slow_down(Some(550), "5.7.1 no"));
        assert!(is_of_the_sender(
            Some(550),
            "5.7.26 this mail is unauthenticated"
        ));
        assert!(is_of_the_sender(Some(550), "5.7.515 access denied"));
        assert!(!is_of_the_sender(Some(550), "5.1.1 no such mailbox"));
        assert!(!is_of_the_sender(Some(451), "5.7.1 odd"));
        for words in [
            "SC-001 Mail rejected by Outlook.com for policy reasons",
            "[BL21] Connections not accepted from IP addresses on Spamhaus PBL",
            "Message not allowed - [PH01] Email not accepted for policy reasons",
            "5.3.4 message size exceeds fixed limit",
            "5.6.0 malformed",
            "5.5.2 syntax",
            "5.4.6 routing loop",
            "5.1.8 bad sender",
        ] {
            assert!(is_of_the_sender(Some(554), words), "{words}");
        }
        for words in [
            "5.1.80 no",
            "5.5.3 too many recipients",
            "5.6.7 no SMTPUTF8",
            "5.2.2 mailbox full",
            "5.3.0 no",
            "no such user",
        ] {
            assert!(!is_of_the_sender(Some(554), words), "{words}");
        }
        assert!(asks_to_slow_down(
            Some(421),
            "RP-001 unfortunately, messages from 192.0.2.1 weren't sent"
        ));
    }

    #[test]
    fn a15_words_of_a_relay_lose_their_addresses() {
        assert_eq!(
            without_addresses("5.7.1 <layla@example.org>: Access denied; see a@b c"),
            "5.7.1 (address) Access denied; see (address) c"
        );
    }

    #[test]
    fn v20_a_pause_that_a_wrong_clock_noted_is_over() {
        let hour_ms = 60 * 60 * 1_000;
        for (ahead_ms, pauses) in [
            (0, false),
            (1, true),
            (hour_ms, true),
            (24 * hour_ms, false),
        ] {
            assert_eq!(is_pausing(MONDAY + ahead_ms, MONDAY), pauses, "{ahead_ms}");
        }
    }

    #[test]
    fn v20_pauses_grow_and_end() {
        assert_eq!(pause(0, "4.7.0"), Duration::from_mins(1));
        assert_eq!(pause(1, "4.7.0"), Duration::from_mins(2));
        assert_eq!(pause(99, "4.7.0"), Duration::from_hours(1));
        assert_eq!(pause(0, "4.7.28"), Duration::from_mins(10));
    }
}
