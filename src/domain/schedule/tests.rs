//! Schedules across changes of the clock (S18), and what is refused.

use proptest::prelude::*;

use super::*;

const ZONES: [&str; 8] = [
    "Asia/Beirut",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
];

fn schedule(cron: &str, zone: &str) -> Schedule {
    Schedule::parse(cron, zone).unwrap()
}

fn ms(time: &str) -> i64 {
    time.parse::<Timestamp>().unwrap().as_millisecond()
}

/// The first times after this one.
fn times(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let mut at = ms(after);
    let mut next = || {
        at = schedule.next_after(at).unwrap();
        Timestamp::from_millisecond(at).unwrap().to_string()
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn s18_beirut_keeps_its_hour_when_the_clock_changes() {
    let weekly = schedule("0 7 * * MON", "Asia/Beirut");
    // Summer time began on Sunday 2024-03-31 at midnight and ended on Sunday 2024-10-27 at midnight.
    assert_eq!(
        times(&weekly, "2024-03-20T00:00:00Z", 3),
        [
            "2024-03-25T05:00:00Z",
            "2024-04-01T04:00:00Z",
            "2024-04-08T04:00:00Z"
        ]
    );
    assert_eq!(
        times(&weekly, "2024-10-15T00:00:00Z", 3),
        [
            "2024-10-21T04:00:00Z",
            "2024-10-28T05:00:00Z",
            "2024-11-04T05:00:00Z"
        ]
    );
}

#[test]
fn s18_beirut_midnight_falls_into_the_gap() {
    let daily = schedule("0 0 * * *", "Asia/Beirut");
    // 00:00 becomes 01:00 summer time, which is 22:00 in UTC; in autumn the hour from 23:00 is shown twice.
    assert_eq!(
        times(&daily, "2024-03-29T12:00:00Z", 3),
        [
            "2024-03-29T22:00:00Z",
            "2024-03-30T22:00:00Z",
            "2024-03-31T21:00:00Z"
        ]
    );
    let late = schedule("30 23 * * *", "Asia/Beirut");
    assert_eq!(
        times(&late, "2024-10-25T22:00:00Z", 2),
        ["2024-10-26T20:30:00Z", "2024-10-27T21:30:00Z"]
    );
}

#[test]
fn s18_berlin_runs_once_in_gap_and_overlap() {
    let daily = schedule("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        times(&daily, "2025-03-29T00:00:00Z", 3),
        [
            "2025-03-29T01:30:00Z",
            "2025-03-30T01:00:00Z",
            "2025-03-31T00:30:00Z"
        ]
    );
    assert_eq!(
        times(&daily, "2025-10-25T00:00:00Z", 3),
        [
            "2025-10-25T00:30:00Z",
            "2025-10-26T00:30:00Z",
            "2025-10-27T01:30:00Z"
        ]
    );
    // Between the two 02:30 of the overlap, and after both: the first counts.
    for now in [
        "2025-10-26T00:45:00Z",
        "2025-10-26T01:15:00Z",
        "2025-10-26T01:30:00Z",
    ] {
        assert_eq!(
            daily.latest_at_or_before(ms(now)),
            Some(ms("2025-10-26T00:30:00Z")),
            "{now}"
        );
        assert_eq!(
            daily.next_after(ms(now)),
            Some(ms("2025-10-27T01:30:00Z")),
            "{now}"
        );
    }
    // The end of the gap is the time itself.
    let gap_end = ms("2025-03-30T01:00:00Z");
    assert_eq!(daily.latest_at_or_before(gap_end), Some(gap_end));
    assert_eq!(daily.previous(gap_end), Some(ms("2025-03-29T01:30:00Z")));
    assert_eq!(
        daily.latest_at_or_before(gap_end - 1),
        Some(ms("2025-03-29T01:30:00Z"))
    );
}

#[test]
fn s18_new_york_runs_once_in_gap_and_overlap() {
    let daily = schedule("30 2 * * *", "America/New_York");
    assert_eq!(
        times(&daily, "2025-03-08T12:00:00Z", 2),
        ["2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"]
    );
    let daily = schedule("30 1 * * *", "America/New_York");
    assert_eq!(
        times(&daily, "2025-11-01T12:00:00Z", 2),
        ["2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"]
    );
}

#[test]
fn s18_an_hour_shown_twice_is_not_sent_twice() {
    let often = schedule("*/20 * * * *", "Europe/Berlin");
    assert_eq!(
        times(&often, "2025-10-26T00:20:00Z", 2),
        ["2025-10-26T00:40:00Z", "2025-10-26T02:00:00Z"]
    );
    // At the second 02:10, also the first 02:40 is past.
    assert_eq!(
        often.latest_at_or_before(ms("2025-10-26T01:10:00Z")),
        Some(ms("2025-10-26T00:40:00Z"))
    );
    // All that the gap swallows falls together at its end.
    assert_eq!(
        times(&often, "2025-03-30T00:40:00Z", 2),
        ["2025-03-30T01:00:00Z", "2025-03-30T01:20:00Z"]
    );
}

#[test]
fn s18_a_day_that_was_left_out_comes_at_its_end() {
    // Samoa had no 30 December 2011.
    let daily = schedule("0 7 * * *", "Pacific/Apia");
    assert_eq!(
        times(&daily, "2011-12-29T12:00:00Z", 3),
        [
            "2011-12-29T17:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-30T17:00:00Z"
        ]
    );
}

#[test]
fn rare_days_are_found_both_ways() {
    let leap = schedule("0 0 29 2 *", "Asia/Beirut");
    assert_eq!(
        leap.next_after(ms("2096-06-01T00:00:00Z")),
        Some(ms("2104-02-28T22:00:00Z"))
    );
    assert_eq!(
        leap.latest_at_or_before(ms("2103-06-01T00:00:00Z")),
        Some(ms("2096-02-28T22:00:00Z"))
    );
    let yearly = schedule("0 7 1 1 *", "UTC");
    assert_eq!(
        yearly.previous(ms("2026-01-01T07:00:00Z")),
        Some(ms("2025-01-01T07:00:00Z"))
    );
    let last = schedule("0 18 L * *", "UTC");
    assert_eq!(
        last.next_after(ms("2026-02-01T00:00:00Z")),
        Some(ms("2026-02-28T18:00:00Z"))
    );
}

#[test]
fn parts_of_a_second_do_not_matter() {
    let daily = schedule("0 7 * * *", "UTC");
    let due = ms("2026-01-01T07:00:00Z");
    assert_eq!(daily.next_after(due - 1), Some(due));
    assert_eq!(daily.latest_at_or_before(due + 1), Some(due));
    assert_eq!(daily.previous(due + 1), Some(due));
    assert_eq!(daily.next_after(due), Some(due + 86_400_000));
}

#[test]
fn the_ends_of_the_calendar_are_no_panic() {
    let daily = schedule("0 7 * * *", "Europe/Berlin");
    for edge in [i64::MIN, i64::MAX] {
        assert_eq!(daily.next_after(edge), None);
        assert_eq!(daily.latest_at_or_before(edge), None);
        assert_eq!(daily.previous(edge), None);
    }
}

#[test]
fn describes_itself() {
    let weekly = schedule("0 7 * * MON", "asia/beirut");
    assert_eq!(weekly.zone_name(), "Asia/Beirut");
    assert_eq!(weekly.describe(), "At 07:00, on Monday (Asia/Beirut)");
}

#[test]
fn refuses_and_names_the_bad_part() {
    for (cron, part) in [
        ("60 7 * * *", "minute"),
        ("*/0 7 * * *", "minute"),
        ("5-1 7 * * *", "minute"),
        ("5-1/2 7 * * *", "minute"),
        (", 7 * * *", "minute"),
        ("MON 7 * * *", "minute"),
        ("٧ 7 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 7 0 * *", "day of month"),
        ("0 7 32 * *", "day of month"),
        ("0 7 * 13 *", "month"),
        ("0 7 * MON *", "month"),
        ("0 7 * * 8", "day of week"),
        ("0 7 * * JAN", "day of week"),
        ("0 7 * * MOON", "day of week"),
    ] {
        let error = Schedule::parse(cron, "UTC").unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&format!("cannot be the {part}:")),
            "{cron}: {error}"
        );
    }
    for (cron, found) in [
        ("", 0),
        ("@weekly", 1),
        ("0 7 * *", 4),
        ("0 0 7 * * MON", 6),
    ] {
        let error = Schedule::parse(cron, "UTC").unwrap_err();
        assert_eq!(error, InvalidSchedule::PartCount { found }, "{cron}");
    }
}

#[test]
fn refuses_what_never_comes() {
    for cron in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
        let error = Schedule::parse(cron, "UTC").unwrap_err();
        assert!(
            matches!(error, InvalidSchedule::Never { .. }),
            "{cron}: {error}"
        );
    }
}

#[test]
fn refuses_what_is_no_zone() {
    for zone in [
        "",
        "Beirut",
        "Asia/Nowhere",
        "Etc/Unknown",
        "+02:00",
        "../etc/passwd",
        "EET-2EEST",
    ] {
        let error = Schedule::parse("0 7 * * MON", zone).unwrap_err();
        assert_eq!(
            error,
            InvalidSchedule::UnknownZone {
                zone: zone.to_owned()
            }
        );
        assert!(error.to_string().contains("Asia/Beirut"));
    }
}

#[test]
fn s18_two_years_of_half_past_two_come_once_a_day_in_every_zone() {
    for zone in ZONES {
        let daily = schedule("30 2 * * *", zone);
        let mut at = ms("2024-01-01T12:00:00Z");
        let mut days = Vec::new();
        for _ in 0..731 {
            let next = daily.next_after(at).unwrap();
            assert!(next > at, "{zone}");
            assert_eq!(
                daily.previous(next),
                daily.latest_at_or_before(at),
                "{zone}"
            );
            let due = Timestamp::from_millisecond(next).unwrap();
            days.push(daily.zone().to_datetime(due).date());
            at = next;
        }
        assert!(
            days.windows(2)
                .all(|two| two[0].tomorrow().unwrap() == two[1]),
            "{zone}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn times_are_found_again_from_both_sides(
        // From 2000 to 2050.
        t in 946_684_800_000_i64..2_524_608_000_000,
        zone in prop::sample::select(&ZONES[..]),
        cron in prop::sample::select(&["30 2 * * *", "0 0 * * *", "0 7 * * MON", "*/30 * * * *", "15 23 1 * *", "0 3 29 2 *"][..]),
    ) {
        let schedule = schedule(cron, zone);
        let next = schedule.next_after(t).unwrap();
        let latest = schedule.latest_at_or_before(t).unwrap();
        prop_assert!(latest <= t && t < next);
        prop_assert_eq!(schedule.latest_at_or_before(next), Some(next));
        prop_assert_eq!(schedule.latest_at_or_before(next - 1), Some(latest));
        prop_assert_eq!(schedule.previous(next), Some(latest));
        prop_assert_eq!(schedule.next_after(latest), Some(next));
    }

    #[test]
    fn never_panics(cron in "[0-9*/,LW#A-Z -]{0,24}", odd in any::<String>()) {
        let _ = Schedule::parse(&cron, "UTC");
        let _ = Schedule::parse(&odd, &odd);
    }
}
