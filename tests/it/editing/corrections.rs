//! `digest correct`: the page, the archive and the feeds are put right with a note, the next digest tells it once, and what was mailed
//! stays on record.

use std::time::Duration;

use nashra::domain::correction::Correction;

use super::{articles, before_the_hour, goes_out, letter, reviewed, row, shown};
use crate::harness::app::{DAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::process::Output;
use crate::harness::queue::number;
use crate::rhythms;

const NOTE: &str = "كتبنا اثني عشر، والصواب عشرة.";

async fn correct(app: &TestApp, digest: i64, article: i64, more: &[&str]) -> Output {
    let (digest, article) = (digest.to_string(), article.to_string());
    let command = [
        "digest",
        "correct",
        &digest,
        "--article",
        &article,
        "--note",
        NOTE,
    ];
    app.nashra(command.iter().chain(more).copied()).run().await
}

/// A week later, with a new article.
async fn next(app: &TestApp, n: i64) -> i64 {
    app.advance(Duration::from_millis((7 * DAY - 12 * super::HOUR) as u64));
    articles(app, n..=n, "reports").await;
    app.advance(Duration::from_hours(12));
    app.publish().await
}

async fn told(app: &TestApp, digest: i64) -> Vec<String> {
    app.digest(digest).await.edition.corrections
}

both_databases!(
    /// X: what readers can still read is right, and says that it was not.
    a_correction_shows_on_the_page_in_the_feeds_and_in_the_next_digest,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let digest = goes_out(&app).await;
        let (first, second) = (row(&app, 1).await, row(&app, 2).await);
        let stored = app.digest(digest).await;
        let output = correct(&app, digest, first, &["--title", "عشرة جرحى", "--summary", "ملخّص < جديد"]).await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let output = correct(&app, digest, second, &["--drop"]).await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(app.digest(digest).await.edition, stored.edition, "what was mailed stays on record");

        let page = http::get(&app.app.context.digest_url(&stored.public_id)).await;
        let text = page.text();
        assert!(text.contains(NOTE) && text.contains("عشرة جرحى") && text.contains("ملخّص &lt; جديد"), "{text}");
        assert!(!text.contains("خبر رقم 1 ") && !shown(text).contains(&2), "{text}");
        let archive = http::get(&format!("{}/archive/weekly", app.url)).await;
        assert!(archive.text().contains("عشرة جرحى"));
        for feed in ["feed.xml", "feed.json"] {
            let feed = http::get(&format!("{}/archive/weekly/{feed}", app.url)).await;
            assert!(feed.text().contains(NOTE) && feed.text().contains("عشرة جرحى"), "{}", feed.text());
        }
        // A variant of the digest that has the article is corrected too.
        let sql = "SELECT COUNT(*) FROM digest_variants WHERE language = 'en'";
        assert_eq!(number(&app.database(), sql).await, 1);
        let mut tx = app.app.context.database.read().await.unwrap();
        let variants = nashra::store::digest_variant::of(&mut tx, digest).await.unwrap();
        drop(tx);
        for variant in variants {
            let page = http::get(&app.app.context.digest_url(&variant.public_id)).await;
            let has_it = variant.edition.items().any(|item| item.article_id == first);
            assert_eq!(page.text().contains("عشرة جرحى"), has_it);
            assert!(page.text().contains(NOTE));
        }

        let after = next(&app, 20).await;
        assert_eq!(told(&app, after).await, [NOTE], "the list's next digest tells it");
        let sql = format!("SELECT COUNT(*) FROM digest_variants WHERE digest_id = {after} AND edition NOT LIKE '%{NOTE}%'");
        assert_eq!(number(&app.database(), &sql).await, 0, "in every variant");
        let last = next(&app, 21).await;
        assert!(told(&app, last).await.is_empty(), "and once");
    }
);

both_databases!(
    /// A digest that was taken back or a period without one has told nobody: the correction comes with the one after.
    a_correction_is_not_lost_with_the_digest_that_would_tell_it,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let digest = goes_out(&app).await;
        let first = row(&app, 1).await;
        assert_eq!(correct(&app, digest, first, &[]).await.code, Some(0));
        // A week without anything new.
        app.advance(Duration::from_hours(7 * 24));
        let list = app.app.context.list("weekly").unwrap();
        nashra::service::compose::compose(&app.app.context, list, app.clock.now_ms(), false).await.unwrap();
        let cancelled = next(&app, 20).await;
        assert_eq!(told(&app, cancelled).await, [NOTE]);
        assert!(nashra::service::control::cancel(&app.app.context, cancelled).await.unwrap());
        let after = next(&app, 21).await;
        assert_eq!(told(&app, after).await, [NOTE]);
        let last = next(&app, 22).await;
        assert!(told(&app, last).await.is_empty());
    }
);

both_databases!(
    /// A digest that was taken back when some had got it has told those; who did not get it is told by the next.
    who_got_a_digest_that_was_taken_back_is_told_once,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let digest = goes_out(&app).await;
        assert_eq!(correct(&app, digest, row(&app, 1).await, &[]).await.code, Some(0));
        let telling = next(&app, 20).await;
        app.faults("on rcpt to layla@* reply 451 4.2.1 later");
        app.deliver_pending().await;
        app.faults("");
        assert!(letter(&app, "john@example.org").contains(NOTE));
        assert!(nashra::service::control::cancel(&app.app.context, telling).await.unwrap());
        let after = next(&app, 21).await;
        app.deliver_pending().await;
        assert!(told(&app, after).await.is_empty());
        let (layla, john) = (letter(&app, "layla@example.org"), letter(&app, "john@example.org"));
        assert!(layla.contains(NOTE) && shown(&layla) == [21, 20], "{layla}");
        assert!(!john.contains(NOTE) && shown(&john) == [21], "{john}");
    }
);

both_databases!(
    /// What was wrong in a digest for somebody's own hours is nothing to the list's readers.
    a_correction_of_own_hours_is_not_told_to_the_list,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        rhythms::reader(&app, "weekly", "noor", &rhythms::daily(9, "UTC")).await;
        goes_out(&app).await;
        app.advance(Duration::from_hours(2));
        articles(&app, 30..=30, "reports").await;
        let own = app.publish().await;
        assert_eq!(app.digest(own).await.audience, nashra::domain::digest::Audience::Own);
        assert_eq!(correct(&app, own, row(&app, 1).await, &[]).await.code, Some(0));
        app.advance(Duration::from_millis((7 * DAY - 3 * super::HOUR) as u64));
        articles(&app, 31..=31, "reports").await;
        app.advance(Duration::from_hours(1));
        let list = app.publish().await;
        assert_eq!(app.digest(list).await.audience, nashra::domain::digest::Audience::List);
        assert!(told(&app, list).await.is_empty());
    }
);

both_databases!(
    /// What cannot be corrected is refused with the reason.
    what_cannot_be_corrected_is_refused,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        app.advance(Duration::from_hours(12));
        let list = app.app.context.list("weekly").unwrap();
        nashra::service::compose::compose(&app.app.context, list, app.clock.now_ms(), false).await.unwrap();
        let first = row(&app, 1).await;
        let left_out = row(&app, 6).await;
        let refused = correct(&app, 1, first, &[]).await;
        assert!(refused.code == Some(1) && refused.stderr.contains("is ready"), "{refused:#?}");
        nashra::service::publish::publish(&app.app.context).await.unwrap();
        for (digest, article, more, why) in [
            (99, first, &[][..], "there is no digest 99"),
            (1, left_out, &[], "is not in digest 1"),
            (1, first, &["--title", " "], "the title is empty"),
        ] {
            let refused = correct(&app, digest, article, more).await;
            assert!(refused.code == Some(1) && refused.stderr.contains(why), "{refused:#?}");
        }
        assert_eq!(correct(&app, 1, first, &["--drop", "--title", "x"]).await.code, Some(2));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM corrections").await, 0);
    }
);

both_databases!(
    /// A reader with hours of one's own, who gets none of the list's digests, is told too, and once.
    a_reader_with_own_hours_is_told_once,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        rhythms::reader(&app, "weekly", "noor", &rhythms::daily(9, "UTC")).await;
        let digest = goes_out(&app).await;
        let correction = Correction {
            article_id: row(&app, 1).await,
            title: None,
            summary: None,
            dropped: false,
            note: NOTE.to_owned(),
            created_ms: 0,
        };
        nashra::service::correct::correct(&app.app.context, digest, correction).await.unwrap();
        for (n, wanted) in [(30, vec![NOTE]), (31, vec![])] {
            app.advance(Duration::from_hours(if n == 30 { 2 } else { 24 }));
            articles(&app, n..=n, "reports").await;
            let own = app.publish().await;
            let own = app.digest(own).await;
            assert_eq!(own.audience, nashra::domain::digest::Audience::Own);
            assert_eq!(own.edition.corrections, wanted);
            let sql = format!("SELECT COUNT(*) FROM digest_variants WHERE digest_id = {} AND edition LIKE '%{NOTE}%'", own.id);
            assert_eq!(number(&app.database(), &sql).await, wanted.len() as i64);
        }
    }
);
