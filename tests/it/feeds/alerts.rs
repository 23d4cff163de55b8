//! The operator is told once that a feed fails, and once that it reads again, however many processes notice it.

use super::site::{FeedSite, rss};
use super::{reading, row};
use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::Program;
use crate::harness::queue::execute;

/// A pass of the cron command when no digest is due.
fn run(app: &TestApp) -> Program {
    let run = app.nashra(["digest", "run", "--as-of", "2026-01-01T07:00:00Z"]);
    run.env("RUST_LOG", "nashra=info")
}

/// So many minutes pass: commands go by the machine's clock, so what happened is put back.
async fn pass(app: &TestApp, minutes: i64) {
    let times = [
        "fetched", "tried", "retry", "gone", "failing", "backoff", "told",
    ];
    let set = times.map(|time| format!("{time}_ms = {time}_ms - {}", minutes * 60_000));
    execute(
        &app.database(),
        &format!("UPDATE feeds SET {}", set.join(", ")),
    )
    .await;
}

/// The lines of these passes that tell of this feed: that it fails, and that it reads again.
fn told(said: &[&str], url: &str) -> [usize; 2] {
    let lines: Vec<_> = said.iter().flat_map(|said| said.lines()).collect();
    let count = |level: &str, words: &str| {
        let told =
            |line: &&&str| line.contains(level) && line.contains(words) && line.contains(url);
        lines.iter().filter(told).count()
    };
    [
        count("ERROR", "the feed fails"),
        count("INFO", "the feed reads again"),
    ]
}

both_databases!(
    /// `[feeds] alert_after`: one line when it has failed for so long, of two runs at once too; one when it reads again.
    a_feed_that_fails_for_a_day_is_told_once_and_once_more_when_it_reads_again,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.fail("/feed.xml", 500, None);
        let after = async |minutes: i64| {
            pass(&app, minutes).await;
            told(&[&run(&app).run().await.stderr], &url)
        };
        assert_eq!(after(0).await, [0, 0]);
        assert_eq!(after(23 * 60).await, [0, 0]);
        pass(&app, 60).await;
        let (one, other) = tokio::join!(run(&app).run(), run(&app).run());
        assert_eq!(told(&[&one.stderr, &other.stderr], &url), [1, 0], "{one:?} {other:?}");
        assert_eq!(after(25 * 60).await, [0, 0], "said already");
        let failing_ms = row(&app, &url).await.failing_ms.unwrap();
        let since = jiff::Timestamp::from_millisecond(failing_ms).unwrap();
        let output = app.nashra(["feed", "list"]).run().await;
        assert!(output.stdout.contains(&since.strftime("%Y-%m-%d %H:%M UTC").to_string()), "{output:?}");

        site.write("/feed.xml", rss(&[("a", "One", "")]));
        let (one, other) = {
            pass(&app, 25 * 60).await;
            tokio::join!(run(&app).run(), run(&app).run())
        };
        assert_eq!(told(&[&one.stderr, &other.stderr], &url), [0, 1], "{one:?} {other:?}");
        assert_eq!(after(60).await, [0, 0]);
        let good = row(&app, &url).await;
        assert_eq!((good.told_ms, good.failing_ms), (None, None));

        // A failure that passes in time is nobody's business.
        site.fail("/feed.xml", 500, None);
        assert_eq!(after(60).await, [0, 0]);
        site.write("/feed.xml", rss(&[("a", "One", "")]));
        assert_eq!(after(60).await, [0, 0]);
    }
);

both_databases!(
    /// A feed in back-off is not asked at the hour when its failing is to be told; it is told all the same. One that is gone is
    /// told at once.
    failing_is_told_in_time_also_of_feeds_that_are_not_asked,
    |db| async move {
        let site = FeedSite::start().await;
        let [url, gone] = ["/feed.xml", "/gone.xml"].map(|path| site.url(path));
        let app = reading(db, &[(&url, None), (&gone, None)]).await;
        site.fail("/feed.xml", 500, None);
        site.fail("/gone.xml", 410, None);
        let output = run(&app).run().await;
        assert_eq!((told(&[&output.stderr], &url), told(&[&output.stderr], &gone)), ([0, 0], [1, 0]));
        for hours in [2, 2, 2, 2, 3, 7] {
            pass(&app, hours * 60).await;
            let output = run(&app).run().await;
            assert_eq!(told(&[&output.stderr], &url), [0, 0], "{output:?}");
        }
        site.asked();
        // A day after the first failure, six hours after the seventh, and the next try comes eight hours after that.
        pass(&app, 6 * 60).await;
        let output = run(&app).run().await;
        assert_eq!((site.asked().len(), told(&[&output.stderr], &url)), (0, [1, 0]), "{output:?}");
        let output = run(&app).run().await;
        assert_eq!((told(&[&output.stderr], &url), told(&[&output.stderr], &gone)), ([0, 0], [0, 0]));
    }
);

both_databases!(
    /// `[feeds] alert_to`: the same by mail, once to each address, whoever is the first to notice.
    a_failing_feed_is_told_by_mail_once,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/gone.xml");
        let app = super::reading_with(db, &[(&url, None)], "alert_to = [\"ops@desk.example\", \"amal@desk.example\"]").await;
        site.fail("/gone.xml", 410, None);
        let (one, other) = tokio::join!(run(&app).run(), run(&app).run());
        assert_eq!(told(&[&one.stderr, &other.stderr], &url), [1, 0], "{one:?} {other:?}");
        run(&app).run().await;
        let mails = app.catcher.messages();
        let mut to: Vec<_> = mails.iter().map(|mail| mail.recipients.join(",")).collect();
        to.sort();
        assert_eq!(to, ["amal@desk.example", "ops@desk.example"]);
        let text = mails[0].text().unwrap();
        assert!(text.contains(&url) && text.contains("410") && text.contains("النشرة الأسبوعية"), "{text}");
        assert!(mails[0].html().unwrap().contains(&url));
    }
);
