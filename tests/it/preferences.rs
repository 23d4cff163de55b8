//! What a reader chooses by the link in a digest (issue 5, point 5): over HTTP as a browser without scripts does it, and what is
//! stored of it.

use nashra::domain::choices::Choices;
use nashra::domain::rhythm::{Cadence, Rhythm};
use nashra::store;
use nashra::store::choices::Window;
use reqwest::Method;

use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

const LAYLA: &str = "layla.haddad@example.org";
/// The preferences link of subscriber 1 for `weekly`.
fn link(app: &TestApp) -> String {
    let list = app.app.context.list("weekly").unwrap().id;
    app.app.context.preferences_url(list, 1)
}

async fn stored(app: &TestApp, slug: &str) -> (Choices, Window) {
    let list = app.app.context.list(slug).unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let choices = store::choices::of(&mut tx, list, 1).await.unwrap().unwrap();
    let window = store::choices::window(&mut tx, list, 1).await.unwrap();
    (choices, window.unwrap())
}

async fn save(app: &TestApp, fields: &[(&str, &str)]) -> Answer {
    let all: Vec<_> = [("do", "save")].iter().chain(fields).copied().collect();
    http::post_form(&link(app), &all).await
}

const AS_THE_LIST: [(&str, &str); 2] = [("weekly.cadence", "list"), ("weekly.language", "")];

/// A choice of sections, language and rhythm, as the form sends it.
const CHOSEN: [(&str, &str); 9] = [
    ("weekly.cadence", "weekly"),
    ("weekly.weekday", "5"),
    ("weekly.monthday", "1"),
    ("weekly.hour", "18"),
    ("weekly.section", "reports"),
    ("weekly.section", "cartoons"),
    ("weekly.language", "en"),
    ("weekly.pause", "keep"),
    ("zone", "Asia/Beirut"),
];

both_databases!(
    /// Saving is one POST; the page it leads to says what is in effect, in the language that was chosen.
    a_reader_chooses_sections_rhythm_and_language,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let page = http::get(&link(&app)).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        // X8, D4: nothing from elsewhere, nothing kept; the address is masked.
        assert!(page.header("content-security-policy").contains("script-src 'self';"));
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        assert!(text.contains("l•••d@example.org") && !text.contains(LAYLA));
        assert!(text.len() < 30_000, "{}", text.len());
        assert_eq!(text.matches("checked>").count(), 3 + 3, "every section, and as the list does it: {text}");
        let answer = save(&app, &CHOSEN).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let rhythm = Rhythm::new(Cadence::Weekly, 5, 18, "Asia/Beirut").unwrap();
        let (choices, window) = stored(&app, "weekly").await;
        let expected = Choices {
            language: Some("en".into()),
            sections: Some(vec!["cartoons".into(), "reports".into()]),
            rhythm: Some(rhythm.clone()),
            paused_until_ms: None,
        };
        assert_eq!(choices, expected);
        // Friday 18:00 in Beirut is 16:00 UTC.
        assert_eq!(window.next_ms, rhythm.next_after(MONDAY));
        assert_eq!(window.next_ms, Some(MONDAY + 4 * DAY + 9 * 60 * 60 * 1_000));
        let after = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
        let text = after.text();
        assert!(text.contains("lang=\"en\"") && text.contains("Your choices are saved"), "{text}");
        assert!(text.contains("Friday, 9 January 2026") && text.contains("18:00") && text.contains("Beirut"), "{text}");
        // Back to the list's schedule: its row keeps what was looked at.
        assert_eq!(save(&app, &AS_THE_LIST).await.status, 303);
        let (choices, window) = stored(&app, "weekly").await;
        assert_eq!((choices, window.next_ms), (Choices::default(), None));
    }
);

both_databases!(
    /// What was looked at for a reader stays as it is, whatever they choose, so nothing is lost and nothing repeated: only the hour
    /// changes. Without a mark of their own readers are where the list is.
    a_change_keeps_the_readers_window,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        app.articles(3).await;
        app.publish().await;
        let list = app.app.context.list("weekly").unwrap().id;
        for since_ms in [None, Some(MONDAY - 7)] {
            let mut tx = app.app.context.database.write().await.unwrap();
            let before = Window { next_ms: None, since_ms };
            store::choices::set(&mut tx, list, 1, &Choices::default(), before).await.unwrap();
            tx.commit().await.unwrap();
            save(&app, &CHOSEN).await;
            let (_, window) = stored(&app, "weekly").await;
            assert!(window.since_ms == since_ms && window.next_ms.is_some(), "{window:?}");
            // Sections alone leave the hour as it is, too.
            let mut fields = CHOSEN;
            fields[4] = ("weekly.section", "health");
            save(&app, &fields).await;
            assert_eq!(stored(&app, "weekly").await.1, window);
            fields[0] = ("weekly.cadence", "monthly");
            save(&app, &fields).await;
            let (_, monthly) = stored(&app, "weekly").await;
            assert!(monthly.since_ms == since_ms && monthly.next_ms > window.next_ms, "{monthly:?}");
            save(&app, &AS_THE_LIST).await;
            assert_eq!(stored(&app, "weekly").await.1, before);
        }
    }
);

both_databases!(
    /// A pause ends by itself, or at once; the page says until when.
    a_pause_begins_and_ends,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let pause = |word| [("weekly.cadence", "list"), ("weekly.pause", word)];
        save(&app, &pause("two-weeks")).await;
        assert_eq!(stored(&app, "weekly").await.0.paused_until_ms, Some(MONDAY + 14 * DAY));
        let page = http::get(&format!("{}?lang=en", link(&app))).await;
        assert!(page.text().contains("Paused until") && page.text().contains("19 January 2026"), "{}", page.text());
        assert!(page.text().contains("value=\"none\""));
        save(&app, &pause("keep")).await;
        assert_eq!(stored(&app, "weekly").await.0.paused_until_ms, Some(MONDAY + 14 * DAY));
        save(&app, &pause("none")).await;
        assert_eq!(stored(&app, "weekly").await.0.paused_until_ms, None);
        save(&app, &pause("month")).await;
        app.advance(std::time::Duration::from_hours(31 * 24));
        let page = http::get(&format!("{}?lang=en", link(&app))).await;
        assert!(!page.text().contains("Paused until"), "{}", page.text());
    }
);

both_databases!(
    /// What was not offered is refused beside its field, with what was typed kept, and nothing is stored.
    hostile_values_are_refused_in_their_place,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let before = app.dump().await;
        let own = |cadence, day, hour, zone| {
            vec![("weekly.cadence", cadence), ("weekly.weekday", day), ("weekly.monthday", day), ("weekly.hour", hour), ("zone", zone)]
        };
        for (fields, remark) in [
            (own("hourly", "1", "7", "UTC"), "weekly-cadence-remark"),
            (own("weekly", "31", "7", "UTC"), "weekly-weekday-remark"),
            (own("monthly", "31", "7", "UTC"), "weekly-monthday-remark"),
            (own("monthly", "-1", "7", "UTC"), "weekly-monthday-remark"),
            (own("daily", "1", "99", "UTC"), "weekly-hour-remark"),
            (own("daily", "1", "", "UTC"), "weekly-hour-remark"),
            (own("daily", "1", "7", "Mars"), "zone-remark"),
            (own("daily", "1", "7", "<script>"), "zone-remark"),
            (own("daily", "1", "7", ""), "zone-remark"),
            (vec![("weekly.cadence", "list"), ("weekly.language", "tlh")], "weekly-language-remark"),
            (vec![("weekly.cadence", "list"), ("weekly.pause", "for ever")], "weekly-pause-remark"),
        ] {
            let answer = save(&app, &fields).await;
            assert_eq!(answer.status, 422, "{fields:?}");
            let (described, id) = (format!("aria-describedby=\"{remark}"), format!("id=\"{remark}\""));
            let described = answer.text().contains(&described) || remark == "zone-remark" && answer.text().contains("zone-hint zone-remark");
            assert!(described && answer.text().contains(&id), "{fields:?}: {}", answer.text());
            assert!(!answer.text().contains("<script>") && answer.text().contains("<title>خطأ: "));
        }
        for fields in [vec![], vec![("do", "drop")], vec![("weekly.cadence", "daily")]] {
            assert_eq!(http::post_form(&link(&app), &fields).await.status, 400, "{fields:?}");
        }
        assert_eq!(app.dump().await, before);
        // A section that the list does not have is none.
        save(&app, &[("weekly.cadence", "list"), ("weekly.section", "gone"), ("weekly.section", "reports"), ("other.cadence", "daily")]).await;
        assert_eq!(stored(&app, "weekly").await.0.sections, Some(vec!["reports".to_owned()]));
    }
);

both_databases!(
    /// H7, X11: what is no link of ours, or one for another purpose, is 404 without a word about anybody; a rotated key still works.
    a_garbled_link_shows_nobody,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let before = app.dump().await;
        let (start, token) = link(&app).rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let unsubscribe = app.app.context.unsubscribe_url(1, 1).rsplit_once('/').unwrap().1.to_owned();
        let nobody = app.app.context.preferences_url(1, 99).rsplit_once('/').unwrap().1.to_owned();
        for garbled in [&token[1..], &format!("{token}A"), &unsubscribe, &nobody, "x", "%00"] {
            let url = format!("{start}/{garbled}");
            for answer in [http::get(&url).await, http::post_form(&url, &[("do", "download")]).await, http::post_form(&url, &[("do", "erase-now")]).await] {
                assert_eq!(answer.status, 404, "{garbled}");
                assert!(!answer.text().contains("example.org") || !answer.text().contains('l'), "{garbled}");
                assert!(answer.text().contains("هذا الرابط غير صالح"), "{garbled}");
            }
        }
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// Promise 1, H8: whoever fetches every link changes nothing.
    scanners_change_nothing,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let links = [link(&app), app.app.context.unsubscribe_url(list, 1)];
        let before = app.dump().await;
        for link in &links {
            for end in ["", "?note=left", "?do=erase-now", "?instead=monthly", "?undo=x", "?List-Unsubscribe=One-Click"] {
                let url = format!("{link}{end}");
                assert_eq!(http::send(http::request(Method::HEAD, &url)).await.status, 200);
                for _ in 0..10 {
                    let request = http::request(Method::GET, &url).header("purpose", "prefetch");
                    let answer = http::send(request).await;
                    assert_eq!(answer.status, 200, "{url}");
                    assert!(answer.header("set-cookie").is_empty());
                }
            }
            for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
                assert_eq!(http::send(http::request(method, link)).await.status, 405);
            }
        }
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// One page for all lists, the link's own first; leaving all ends each of them, with its record.
    two_lists_are_chosen_on_one_page_and_left_at_once,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        app.confirmed(LAYLA).await;
        let daily = app.app.context.list("daily").unwrap().id;
        app.confirm_of("daily", 1).await;
        let page = http::get(&app.app.context.preferences_url(daily, 1)).await;
        let place = |name: &str| page.text().find(&format!("<h2 id=\"{name}\">")).unwrap();
        assert!(place("daily") < place("weekly"), "{}", page.text());
        assert!(page.text().len() < 30_000, "{}", page.text().len());

        save(&app, &[("weekly.cadence", "daily"), ("weekly.hour", "8"), ("daily.cadence", "list"), ("daily.language", "en"), ("zone", "Africa/Cairo")]).await;
        assert_eq!(stored(&app, "weekly").await.0.rhythm, Some(Rhythm::new(Cadence::Daily, 0, 8, "Africa/Cairo").unwrap()));
        assert_eq!(stored(&app, "daily").await.0.language.as_deref(), Some("en"));

        let answer = http::post_form(&link(&app), &[("do", "leave-all")]).await;
        assert_eq!(answer.status, 200);
        for _ in 0..2 {
            http::post_form(&link(&app), &[("do", "leave-all")]).await;
        }
        let mut tx = app.app.context.database.read().await.unwrap();
        for slug in ["weekly", "daily"] {
            let list = app.app.context.list(slug).unwrap().id;
            assert_eq!(store::subscription::counts(&mut tx, list).await.unwrap(), (0, 0, 1));
            let steps = store::consent::of(&mut tx, list, 1).await.unwrap();
            assert_eq!(steps.iter().filter(|step| step.action == "unsubscribe").count(), 1, "{slug}");
        }
        let page = http::get(&link(&app)).await;
        assert!(page.text().contains("لا اشتراك قائماً") && page.text().contains("/subscribe/weekly"), "{}", page.text());
    }
);

both_databases!(
    /// X12: the download is everything, and only by POST; erasing asks once more, and then the link is nobody's.
    a_reader_downloads_and_erases,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let answer = http::post_form(&link(&app), &[("do", "download")]).await;
        assert_eq!(answer.json()["subscriber"]["address"], LAYLA);
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));

        let before = app.dump().await;
        let asked = http::post_form(&link(&app), &[("do", "erase")]).await;
        assert!(asked.status == 200 && asked.text().contains("value=\"erase-now\""), "{}", asked.text());
        assert_eq!(app.dump().await, before);
        let erased = http::post_form(&link(&app), &[("do", "erase-now")]).await;
        assert!(erased.text().contains("مُحي كل شيء"), "{}", erased.text());
        assert!(!app.dump().await.contains("layla"));
        assert_eq!(http::get(&link(&app)).await.status, 404);
    }
);

both_databases!(
    /// Two saves at the same moment: one of them stands, whole.
    of_two_saves_one_stands,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let choice = |cadence, section, lang| {
            [("weekly.cadence", cadence), ("weekly.hour", "6"), ("weekly.monthday", "3"), ("weekly.section", section), ("weekly.language", lang), ("zone", "UTC")]
        };
        let (one, two) = (choice("daily", "reports", "en"), choice("monthly", "health", "ar"));
        let (first, second) = tokio::join!(save(&app, &one), save(&app, &two));
        assert_eq!((first.status, second.status), (303, 303));
        let (choices, window) = stored(&app, "weekly").await;
        let is_first = choices.language.as_deref() == Some("en");
        let (cadence, section) = if is_first { (Cadence::Daily, "reports") } else { (Cadence::Monthly, "health") };
        let rhythm = choices.rhythm.unwrap();
        assert_eq!((rhythm.cadence(), choices.sections.unwrap().as_slice()), (cadence, [section.to_owned()].as_slice()));
        assert_eq!(window.next_ms, rhythm.next_after(MONDAY));
    }
);
