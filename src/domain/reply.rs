//! What a relay's refusal means beyond the one mail: whether a provider asks us to slow down, or refuses us as a sender
//! (RFC 3463; the providers' own words: standards V20, V26).

use std::time::Duration;

/// Whether a temporary refusal asks for less mail: 421, or 4.7.x, but not a greylist, which only wants the same mail again.
pub fn asks_to_slow_down(code: Option<u16>, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let policy = text.starts_with("4.7.") || lower.contains(" 4.7.") || lower.contains("[ts");
    let greylist =
        lower.contains("greylist") || lower.contains("graylist") || lower.contains("grey list");
    matches!(code, Some(400..=499)) && policy && !greylist
}

/// Whether a permanent refusal is for what we are or do, and not for its reader (V26, B5).
pub fn is_of_the_sender(code: Option<u16>, text: &str) -> bool {
    matches!(code, Some(500..=599))
        && ["5.7.", "5.1.7", "5.1.8"]
            .iter()
            .any(|start| text.starts_with(start))
}

/// How long a provider is left alone that asked for it so often in a row, from 0: twice as long each time, up to an hour, and at
/// least ten minutes when it speaks of a rate as Gmail does (V20).
pub fn pause(level: i64, text: &str) -> Duration {
    const FIRST: Duration = Duration::from_mins(1);
    const LONGEST: Duration = Duration::from_hours(1);
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
    }

    #[test]
    fn v20_pauses_grow_and_end() {
        assert_eq!(pause(0, "4.7.0"), Duration::from_mins(1));
        assert_eq!(pause(1, "4.7.0"), Duration::from_mins(2));
        assert_eq!(pause(99, "4.7.0"), Duration::from_hours(1));
        assert_eq!(pause(0, "4.7.28"), Duration::from_mins(10));
    }
}
