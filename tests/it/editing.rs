//! The editors' window (docs/editing.md): what is decided about a draft is what readers get, and nobody has to decide anything.

mod browser;
mod commands;
mod corrections;
mod page;
mod window;

use nashra::domain::editing::Editing;
use nashra::service::compose::{self, Composed};
use nashra::service::editing::{self, Saved};
use nashra::store::digest::Digest;

use crate::harness::app::{DAY, MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::queue::number;

pub const HOUR: i64 = DAY / 24;

/// Two editors, who are told twelve hours before.
pub fn reviewed() -> Options {
    Options {
        list: "review = \"12h\"\neditors = [\"amal@desk.example\", \"omar@desk.example\"]"
            .to_owned(),
        ..Options::default()
    }
}

/// The list at twelve hours before its hour, with a reader of each kind: one who chose nothing, one of a section, one in English;
/// and eight articles of two sections.
pub async fn before_the_hour(db: TestDb, options: Options) -> TestApp {
    let app = TestApp::with(db, options).await;
    for address in ["layla@example.org", "salma@example.org", "john@example.org"] {
        app.confirmed(address).await;
    }
    choose(&app, "salma@example.org", "sections", "[\"health\"]").await;
    choose(&app, "john@example.org", "language", "en").await;
    app.advance(std::time::Duration::from_millis(
        (7 * DAY - 12 * HOUR) as u64,
    ));
    articles(&app, 1..=6, "reports").await;
    articles(&app, 7..=8, "health").await;
    app
}

async fn choose(app: &TestApp, address: &str, column: &str, value: &str) {
    let sql = format!(
        "UPDATE subscriptions SET {column} = '{value}' WHERE subscriber_id = (SELECT id FROM subscribers WHERE address = '{address}')"
    );
    crate::harness::queue::execute(&app.database(), &sql).await;
}

/// Articles with these numbers in a section, each an hour older than the one before.
pub async fn articles(app: &TestApp, numbers: std::ops::RangeInclusive<i64>, section: &str) {
    let list = app.app.context.list("weekly").unwrap().id;
    let now_ms = app.clock.now_ms();
    let mut tx = app.app.context.database.write().await.unwrap();
    for n in numbers {
        let article = article(n, now_ms - n * HOUR);
        put_article(&mut tx, (list, section), article, now_ms).await;
    }
    tx.commit().await.unwrap();
}

/// The row of an article by its number.
pub async fn row(app: &TestApp, n: i64) -> i64 {
    let sql = format!("SELECT id FROM articles WHERE url = 'https://news.example/articles/{n}'");
    number(&app.database(), &sql).await
}

/// Writes what is decided over what stands there.
pub async fn decide(app: &TestApp, change: impl FnOnce(&mut Editing)) {
    let context = &app.app.context;
    let list = context.list("weekly").unwrap();
    let draft = editing::draft(context, list).await.unwrap();
    let mut edits = draft.edits.editing;
    change(&mut edits);
    let about = (&edits, draft.edits.version);
    let saved = editing::save(context, list, draft.period_ms, about, "amal@desk.example").await;
    assert!(matches!(saved.unwrap(), Saved::Done(_)));
}

/// Twelve hours pass, and the digest goes out.
pub async fn goes_out(app: &TestApp) -> i64 {
    app.advance(std::time::Duration::from_hours(12));
    let digest = app.publish().await;
    app.deliver_pending().await;
    digest
}

/// The latest mail to an address as text.
pub fn letter(app: &TestApp, address: &str) -> String {
    let mails = app.catcher.messages();
    let mut to = mails
        .iter()
        .rev()
        .filter(|mail| mail.recipients == [address]);
    to.next().unwrap().text().unwrap()
}

/// The numbers of the articles in a text, in its order, each once.
pub fn shown(text: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    for rest in text.split("https://news.example/articles/").skip(1) {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest[..end].parse().unwrap();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

both_databases!(
    /// Promise 8: what is pinned, dropped, put in order, retitled and written before the first story is in every reader's mail and in
    /// the archive, and the record tells it.
    what_editors_decide_is_what_all_readers_get,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let mut rows = Vec::new();
        for n in 1..=8 {
            rows.push(row(&app, n).await);
        }
        let id = |n: usize| rows[n - 1];
        decide(&app, |edits| {
            edits.pin(id(6));
            edits.leave_out(id(2));
            edits.lead_with(Some(id(3)));
            edits.order.insert("reports".to_owned(), vec![id(5), id(4), id(1)]);
            edits.order.insert("health".to_owned(), vec![id(8), id(7)]);
            edits.call(id(8), "عنوان آخر", "");
            edits.introduce("كلمة المحرر.\n\nوفقرة ثانية.");
        }).await;
        let digest = goes_out(&app).await;
        assert_eq!(shown(&letter(&app, "layla@example.org")), [3, 6, 5, 4, 1, 8, 7]);
        assert_eq!(shown(&letter(&app, "john@example.org")), [3, 6, 5, 4, 1, 8, 7]);
        assert_eq!(shown(&letter(&app, "salma@example.org")), [8, 7]);
        for address in ["layla@example.org", "salma@example.org", "john@example.org"] {
            let letter = letter(&app, address);
            assert!(letter.contains("عنوان آخر") && !letter.contains("خبر رقم 8 "), "{letter}");
        }
        let stored = app.digest(digest).await;
        assert_eq!(stored.edition.introduction.as_deref(), Some("كلمة المحرر.\n\nوفقرة ثانية."));
        let sql = "SELECT COUNT(*) FROM digest_variants WHERE edition LIKE '%كلمة المحرر%'";
        assert_eq!(number(&app.database(), sql).await, 2, "both variants have it");
        let page = crate::harness::http::get(&app.app.context.digest_url(&stored.public_id)).await;
        assert_eq!(shown(page.text()), [3, 6, 5, 4, 1, 8, 7]);
        let decision = async |n: usize| {
            let mut tx = app.app.context.database.read().await.unwrap();
            let decided = nashra::store::digest_article::of_digest(&mut tx, digest).await.unwrap();
            decided.iter().find(|one| one.of.article_id == id(n)).unwrap().of.decision.as_str()
        };
        let words = [decision(3).await, decision(6).await, decision(2).await, decision(5).await];
        assert_eq!(words, ["lead", "pinned", "dropped", "chosen"]);
        let output = app.nashra(["digest", "show", &digest.to_string()]).run().await;
        assert!(output.stdout.contains("by amal@desk.example"), "{output:#?}");
    }
);

/// The digest of the hour, which goes out.
async fn composed(app: &TestApp) -> Digest {
    app.advance(std::time::Duration::from_hours(12));
    let list = app.app.context.list("weekly").unwrap();
    let composed = compose::compose(&app.app.context, list, app.clock.now_ms(), false).await;
    match composed.unwrap() {
        Composed::Ready(digest) => *digest,
        other => panic!("{other:?}"),
    }
}

both_databases!(
    /// Who does nothing gets what there would be without a window; what arrives until the hour takes part, also after an edit, behind
    /// what is pinned.
    nobody_has_to_do_anything_and_late_articles_take_part,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let list = app.app.context.list("weekly").unwrap();
        assert!(editing::open(&app.app.context, list, app.clock.now_ms()).await.unwrap());
        articles(&app, 0..=0, "reports").await;
        let digest = composed(&app).await;
        let titles: Vec<String> = digest.edition.items().map(|item| item.url.clone()).collect();
        assert_eq!(shown(&titles.join(" ")), [0, 1, 2, 3, 4, 7, 8]);
        assert_eq!((digest.edition.introduction, digest.edition.corrections.len()), (None, 0));
        nashra::service::publish::publish(&app.app.context).await.unwrap();

        app.advance(std::time::Duration::from_millis((7 * DAY - 12 * HOUR) as u64));
        articles(&app, 11..=16, "reports").await;
        let pinned = row(&app, 16).await;
        decide(&app, |edits| edits.pin(pinned)).await;
        articles(&app, 10..=10, "reports").await;
        let digest = composed(&app).await;
        let titles: Vec<String> = digest.edition.items().map(|item| item.url.clone()).collect();
        assert_eq!(shown(&titles.join(" ")), [10, 16, 11, 12, 13]);
    }
);

both_databases!(
    /// A dropped article was looked at: the next digest does not bring it either.
    what_is_dropped_does_not_come_again,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let dropped = row(&app, 1).await;
        decide(&app, |edits| edits.leave_out(dropped)).await;
        composed(&app).await;
        nashra::service::publish::publish(&app.app.context).await.unwrap();
        app.advance(std::time::Duration::from_millis((7 * DAY - 12 * HOUR) as u64));
        articles(&app, 20..=20, "reports").await;
        let digest = composed(&app).await;
        assert_eq!(digest.edition.article_count(), 1);
    }
);

both_databases!(
    /// Nor does it come after a digest that was taken back before anybody got it, with which everything else is new once more.
    what_is_dropped_stays_out_when_its_digest_was_taken_back,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let (context, list) = (&app.app.context, app.app.context.list("weekly").unwrap());
        let dropped = row(&app, 1).await;
        decide(&app, |edits| edits.leave_out(dropped)).await;
        let draft = editing::draft(context, list).await.unwrap();
        assert!(draft.articles.iter().any(|article| article.id == dropped), "the draft still shows it");
        let digest = composed(&app).await;
        assert!(nashra::service::control::cancel(context, digest.id).await.unwrap());
        app.advance(std::time::Duration::from_millis((7 * DAY - 12 * HOUR) as u64));
        let digest = composed(&app).await;
        let urls: Vec<String> = digest.edition.items().map(|item| item.url.clone()).collect();
        assert_eq!(shown(&urls.join(" ")), [2, 3, 4, 5, 6, 7, 8]);
    }
);

both_databases!(
    /// A pinned article has told its story: what tells it again is folded into it a week later.
    what_was_pinned_counts_as_sent,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let pinned = row(&app, 6).await;
        decide(&app, |edits| edits.pin(pinned)).await;
        goes_out(&app).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let now_ms = app.clock.now_ms();
        let twin = nashra::domain::article::NewArticle {
            title: article(6, 0).title,
            summary_text: article(6, 0).summary_text,
            ..article(60, now_ms - 16 * HOUR)
        };
        let mut tx = app.app.context.database.write().await.unwrap();
        put_article(&mut tx, (list, "reports"), twin, now_ms).await;
        tx.commit().await.unwrap();
        app.advance(std::time::Duration::from_millis((7 * DAY - 12 * HOUR) as u64));
        articles(&app, 20..=20, "reports").await;
        let digest = composed(&app).await;
        let urls: Vec<String> = digest.edition.items().map(|item| item.url.clone()).collect();
        assert_eq!(shown(&urls.join(" ")), [20]);
    }
);

both_databases!(
    /// Two who edit the same version: the second is told, and writes nothing. Once the digest is made nobody writes any more.
    a_stale_version_and_a_digest_that_is_made_are_refused,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        let period = MONDAY + 7 * DAY;
        let mine = Editing { introduction: Some("mine".into()), ..Editing::default() };
        let theirs = Editing { introduction: Some("theirs".into()), ..Editing::default() };
        let save = async |edits: &Editing, version| editing::save(context, list, period, (edits, version), "x").await.unwrap();
        assert_eq!(save(&theirs, 0).await, Saved::Done(1));
        assert_eq!(save(&mine, 0).await, Saved::Stale);
        assert_eq!(editing::draft(context, list).await.unwrap().edits.editing, theirs);
        assert_eq!(save(&mine, 1).await, Saved::Done(2));
        composed(&app).await;
        assert_eq!(save(&theirs, 2).await, Saved::Closed);
        let never = editing::save(context, list, period + HOUR, (&mine, 0), "x").await.unwrap();
        assert_eq!(never, Saved::Closed, "no period of the list's");
    }
);
