//! Issue 5, point 5: a digest composed for that reader. The window is since that reader's last digest, nothing comes twice and
//! nothing is lost, at the reader's own hour, and readers who chose alike share a variant.

mod changes;
mod hours;
mod moved;
mod taken_back;
mod twice;
mod walk;

use std::collections::BTreeMap;
use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::domain::choices::Choices;
use nashra::domain::digest::{Audience, SkipReason};
use nashra::domain::rhythm::{Cadence, Rhythm};
use nashra::service::compose::{self, Composed};
use nashra::service::publish;
use nashra::store::choices::Window;
use nashra::store::{self, choices};

use crate::harness::app::{DAY, MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::queue::number;

const HOUR: i64 = DAY / 24;
const MINUTE: i64 = HOUR / 60;

pub fn span(ms: i64) -> Duration {
    Duration::from_millis(ms as u64)
}

async fn start(db: TestDb, list: &str) -> TestApp {
    let options = Options {
        list: list.to_owned(),
        ..Options::default()
    };
    TestApp::with(db, options).await
}

fn rhythm(cadence: Cadence, day: i64, hour: i64, zone: &str) -> Choices {
    Choices {
        rhythm: Some(Rhythm::new(cadence, day, hour, zone).unwrap()),
        ..Choices::default()
    }
}

/// Every day at this hour.
pub fn daily(hour: i64, zone: &str) -> Choices {
    rhythm(Cadence::Daily, 0, hour, zone)
}

pub fn only(sections: &[&str]) -> Choices {
    Choices {
        sections: Some(sections.iter().map(|key| (*key).to_owned()).collect()),
        ..Choices::default()
    }
}

/// A confirmed reader of a list.
pub async fn reader(app: &TestApp, slug: &str, name: &str, chosen: &Choices) {
    let list = app.app.context.list(slug).unwrap().id;
    let address = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
    let mut tx = app.app.context.database.write().await.unwrap();
    let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
        .await
        .unwrap();
    store::subscription::set_pending(&mut tx, list, id, None, MONDAY)
        .await
        .unwrap();
    store::subscription::confirm(&mut tx, list, id, MONDAY)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    choose(app, slug, name, chosen).await;
}

/// Changes what a reader chose: the window stays as it is, a rhythm begins with its next hour.
async fn choose(app: &TestApp, slug: &str, name: &str, chosen: &Choices) {
    let list = app.app.context.list(slug).unwrap().id;
    let address = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
    let mut tx = app.app.context.database.write().await.unwrap();
    let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
        .await
        .unwrap();
    let window = choices::window(&mut tx, list, id).await.unwrap().unwrap();
    let rhythm = chosen.rhythm.as_ref();
    let window = Window {
        next_ms: rhythm.and_then(|rhythm| rhythm.next_after(app.clock.now_ms())),
        ..window
    };
    assert!(
        choices::set(&mut tx, list, id, chosen, window)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}

/// An article that is stored now and says that it is of this time.
async fn stored(app: &TestApp, slug: &str, n: i64, section: &str, published_ms: i64) {
    let list = app.app.context.list(slug).unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    let new = article(n, published_ms);
    put_article(&mut tx, (list, section), new, app.clock.now_ms()).await;
    tx.commit().await.unwrap();
}

/// What the program does at this moment for one list: compose what is due, freeze, send.
pub async fn tick(app: &TestApp, slug: &str) -> Composed {
    let list = app.app.context.list(slug).unwrap();
    let now_ms = app.clock.now_ms();
    let composed = compose::compose(&app.app.context, list, now_ms, false)
        .await
        .unwrap();
    if !publish::publish(&app.app.context).await.unwrap().is_empty() {
        app.deliver_pending().await;
    }
    composed
}

/// The numbers of the articles in each mail to a reader, in the order of the letter.
/// The address of a name, or what is one already.
fn address(name: &str) -> String {
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{name}@example.org")
    }
}

pub fn mails(app: &TestApp, name: &str) -> Vec<Vec<i64>> {
    let address = address(name);
    let mails = app.catcher.messages();
    let mails = mails
        .iter()
        .filter(|mail| mail.recipients == [address.as_str()]);
    mails.map(|mail| numbers(&mail.text().unwrap())).collect()
}

fn numbers(text: &str) -> Vec<i64> {
    let links = text.split("https://news.example/articles/").skip(1);
    let digits = links.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
    digits.map(|digits| digits.parse().unwrap()).collect()
}

const WIDE: &str = r#"
[[lists]]
slug = "wide"
name = "Wide"
locale = "en"
schedule = "0 7 * * 1"
zone = "UTC"
sections = [
  { key = "reports", name = "Reports", limit = 50 },
  { key = "health", name = "Health", limit = 50 },
]
"#;

both_databases!(
    /// Three weeks with articles that come late: whatever each reader chose, and changed, everything that fits comes exactly once.
    nothing_comes_twice_and_nothing_is_lost,
    |db| async move {
        let options = Options { lists: WIDE.to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        let health = Choices { sections: only(&["health"]).sections, ..daily(7, "UTC") };
        let readers = [
            ("weekly", Choices::default()),
            ("daily", daily(7, "UTC")),
            ("beirut", daily(7, "Asia/Beirut")),
            ("health", health),
            ("healthweek", only(&["health"])),
            ("friday", rhythm(Cadence::Weekly, 5, 18, "America/New_York")),
            ("month", rhythm(Cadence::Monthly, 15, 9, "UTC")),
            ("changing", daily(19, "UTC")),
            ("late", Choices::default()),
            ("paused", Choices { paused_until_ms: Some(MONDAY + 9 * DAY), ..daily(7, "UTC") }),
        ];
        for (name, chosen) in &readers {
            reader(&app, "wide", name, chosen).await;
        }
        let mut sections = BTreeMap::new();
        for step in 0..(21 * 4 + 4 * 32) {
            if step < 21 * 4 {
                // Of now, of some hours ago, and up to three days late.
                let section = if step % 3 == 0 { "health" } else { "reports" };
                let late = [0, 5, 30, 71][step as usize % 4] * HOUR;
                stored(&app, "wide", step, section, app.clock.now_ms() - late).await;
                sections.insert(step, section);
            }
            match step {
                20 => choose(&app, "wide", "changing", &rhythm(Cadence::Monthly, 20, 6, "Asia/Beirut")).await,
                22 => choose(&app, "wide", "late", &daily(1, "Asia/Beirut")).await,
                44 => choose(&app, "wide", "changing", &Choices::default()).await,
                50 => choose(&app, "wide", "late", &Choices::default()).await,
                61 => choose(&app, "wide", "changing", &daily(7, "UTC")).await,
                _ => {}
            }
            tick(&app, "wide").await;
            app.advance(span(6 * HOUR));
        }
        for (name, _) in &readers {
            let mut got: Vec<i64> = mails(&app, name).concat();
            got.sort_unstable();
            let fits = |section: &&str| !name.starts_with("health") || *section == "health";
            let wanted: Vec<i64> = sections.iter().filter(|(_, one)| fits(one)).map(|(n, _)| *n).collect();
            assert_eq!(got, wanted, "{name}: {:?}", mails(&app, name));
        }
        assert!(mails(&app, "daily").len() >= 20, "{}", mails(&app, "daily").len());
        assert!(mails(&app, "weekly").len() <= 4);
    }
);

both_databases!(
    /// A pause ends by itself, and what it held back comes then; the record says who was left out.
    a_pause_resumes_by_itself,
    |db| async move {
        let app = start(db, "").await;
        let until = Some(MONDAY + 2 * DAY);
        reader(&app, "weekly", "own", &Choices { paused_until_ms: until, ..daily(8, "UTC") }).await;
        reader(&app, "weekly", "list", &Choices { paused_until_ms: until, ..Choices::default() }).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let Composed::Ready(digest) = tick(&app, "weekly").await else { panic!("a digest") };
        let digest = app.digest(digest.id).await;
        assert_eq!((digest.recipients, digest.left_out.paused), (1, 1));
        app.advance(span(HOUR));
        let reason = SkipReason::NoRecipients;
        assert!(matches!(tick(&app, "weekly").await, Composed::Skipped { reason: found, .. } if found == reason));
        stored(&app, "weekly", 2, "reports", MONDAY + HOUR).await;
        app.advance(span(2 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "own"), [vec![2, 1]]);
        app.advance(span(5 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "other"), [vec![1], vec![2]]);
        assert_eq!(mails(&app, "list"), [vec![2, 1]]);
    }
);

both_databases!(
    /// Readers with equal choices share one variant; each mail holds what its reader chose, in the reader's language.
    equal_choices_share_a_variant,
    |db| async move {
        let app = start(db, "").await;
        let english = Choices { language: Some("en".to_owned()), ..only(&["health"]) };
        for (name, chosen) in [
            ("one", &english), ("two", &english), ("arabic", &only(&["health"])), ("own", &Choices {
                language: Some("en".to_owned()), ..daily(7, "UTC")
            }), ("standard", &Choices::default()), ("cartoons", &only(&["cartoons"])),
        ] {
            reader(&app, "weekly", name, chosen).await;
        }
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        stored(&app, "weekly", 2, "health", MONDAY - 2 * HOUR).await;
        stored(&app, "weekly", 3, "health", MONDAY - 3 * HOUR).await;
        let Composed::Ready(digest) = tick(&app, "weekly").await else { panic!("a digest") };
        let counts = "SELECT COUNT(*) FROM digest_variants";
        assert_eq!(number(&app.database(), counts).await, 2);
        assert_eq!(number(&app.database(), "SELECT recipients FROM digest_variants WHERE language = 'en'").await, 2);
        for (name, expected) in [("one", vec![2, 3]), ("two", vec![2, 3]), ("arabic", vec![2, 3]), ("standard", vec![1, 2, 3])] {
            assert_eq!(mails(&app, name), [expected], "{name}");
        }
        let to = |name: &str| {
            let address = format!("{name}@example.org");
            app.catcher.messages().into_iter().find(|mail| mail.recipients == [address.as_str()]).unwrap()
        };
        assert!(to("one").text().unwrap().contains("Unsubscribe:"));
        assert!(to("one").html().unwrap().contains("lang=\"en\" dir=\"ltr\""));
        assert!(to("arabic").html().unwrap().contains("lang=\"ar\" dir=\"rtl\""));
        assert!(to("arabic").subject().contains("خبر رقم 2"), "led by what the reader chose");
        // The page of a variant: in its language, about what its readers got, and only for who has its address.
        let mut link = String::new();
        for (name, language) in [("arabic", "ar"), ("one", "en")] {
            let text = to(name).text().unwrap();
            link = text.split_whitespace().find(|word| word.contains("/d/")).unwrap().to_owned();
            let page = http::get(&link).await;
            assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex"));
            let text = page.text();
            let number_of = |words: String| text.matches(words.as_str()).count();
            assert_eq!(number_of(format!("<html lang=\"{language}\"")), 1, "{text}");
            assert_eq!(number_of(format!("<meta property=\"og:locale\" content=\"{language}_")), 1, "{text}");
            assert_eq!(number_of("<meta property=\"og:title\" content=\"خبر رقم 2".to_owned()), 1, "{text}");
            assert_eq!(number_of(format!("<meta property=\"og:url\" content=\"{link}\">")), 1, "{text}");
            assert!(number_of("خبر رقم 3".to_owned()) > 0 && number_of("خبر رقم 1".to_owned()) == 0, "{text}");
        }
        let archive = http::get(&format!("{}/archive/weekly", app.url)).await;
        assert!(!archive.text().contains(link.rsplit('/').next().unwrap()));
        // Nothing is new for the reader of cartoons: that is on record, and a cartoon comes with the next.
        assert_eq!(app.digest(digest.id).await.left_out.nothing_new, 1);
        let shown = app.nashra(["digest", "show", &digest.id.to_string()]).run().await;
        assert!(shown.stdout.contains("2 readers · en · health · 2 articles"), "{shown:#?}");
        assert!(shown.stdout.contains("1 with too little that is new"), "{shown:#?}");
        app.advance(span(DAY));
        stored(&app, "weekly", 4, "cartoons", app.clock.now_ms()).await;
        tick(&app, "weekly").await;
        app.advance(span(6 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "cartoons"), [vec![4]]);
        assert_eq!(mails(&app, "own").concat(), [1, 2, 3, 4]);
    }
);

both_databases!(
    /// Promise 3: two digests are ready for one reader, and two processes freeze them at once; the reader is in one of them.
    promise_3_a_reader_is_frozen_once_for_an_hour,
    |db| async move {
        let app = start(db, "").await;
        app.advance(span(6 * DAY + 22 * HOUR));
        reader(&app, "weekly", "layla", &daily(6, "UTC")).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        app.advance(span(HOUR + MINUTE));
        stored(&app, "weekly", 1, "reports", app.clock.now_ms()).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        let own = compose::compose(context, list, app.clock.now_ms(), false).await.unwrap();
        assert!(matches!(own, Composed::Ready(digest) if digest.audience == Audience::Own));
        app.advance(span(HOUR));
        let all = compose::compose(context, list, app.clock.now_ms(), false).await.unwrap();
        assert!(matches!(all, Composed::Ready(digest) if digest.audience == Audience::List));
        let (one, two) = tokio::join!(publish::publish(context), publish::publish(context));
        assert_eq!(one.unwrap().len() + two.unwrap().len(), 2);
        app.deliver_pending().await;
        assert_eq!((mails(&app, "layla"), mails(&app, "other")), (vec![vec![1]], vec![vec![1]]));
    }
);
