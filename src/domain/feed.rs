//! When a feed that fails is asked again, and which host it is asked of.

use std::time::Duration;

/// So many failures in a row are taken for accidents: the next try comes as if nothing had happened.
const ACCIDENTS: u32 = 2;
/// The longest back-off.
const LONGEST: Duration = Duration::from_hours(24);

/// How long a feed is left alone after so many failures in a row, this one among them; `None`: no longer than any other.
///
/// It doubles from `interval` up to a day. Up to a tenth is taken off, by the address: feeds that failed together do not come back
/// together, and whoever looks every `interval` finds the time come. The same address has the same wait everywhere.
pub fn backoff(url: &str, failures: u32, interval: Duration) -> Option<Duration> {
    let doublings = failures.checked_sub(ACCIDENTS + 1)?;
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    let wait = interval.saturating_mul(factor).min(LONGEST);
    Some(wait / 1_000 * (1_000 - scatter(url) % 100))
}

/// FNV-1a: any process of any version gives an address the same number.
fn scatter(url: &str) -> u32 {
    url.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The name of the host that a feed is asked of, in lower case and without its port; `None` for a file.
pub fn host(source: &str) -> Option<String> {
    let url = url::Url::parse(source).ok()?;
    url.host_str().map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_the_interval_up_to_a_day() {
        let half = Duration::from_mins(30);
        let wait = |failures| backoff("https://news.example/feed", failures, half);
        assert_eq!((wait(0), wait(1), wait(2)), (None, None, None));
        let minutes = [30, 60, 120, 240, 480, 960, 1_440, 1_440];
        for (failures, minutes) in (3..).zip(minutes) {
            let (wait, full) = (wait(failures).unwrap(), Duration::from_mins(minutes));
            assert!(wait <= full && wait > full * 9 / 10, "{failures}: {wait:?}");
        }
        assert!(wait(u32::MAX).unwrap() <= LONGEST);
        assert!(backoff("x", 3, Duration::from_hours(48)).unwrap() <= LONGEST);
    }

    #[test]
    fn feeds_that_fail_together_come_back_apart_and_always_at_the_same_time() {
        let wait = |n: u32| backoff(&format!("https://news.example/{n}"), 9, LONGEST).unwrap();
        let waits: std::collections::BTreeSet<_> = (0..100).map(wait).collect();
        assert!(waits.len() > 40, "{}", waits.len());
        assert_eq!(wait(7), wait(7));
    }

    #[test]
    fn a_host_is_a_name_and_a_file_has_none() {
        let name = |source| host(source);
        assert_eq!(
            name("https://News.Example:8443/feed").as_deref(),
            Some("news.example")
        );
        assert_eq!(name("feeds/local.xml"), None);
        assert_eq!(name("file:///srv/feed.xml"), None);
    }
}
