//! Readers who change their rhythm: what was read does not come again, what was not comes.

use nashra::domain::choices::Choices;
use nashra::domain::digest::Audience;
use nashra::domain::rhythm::Cadence;
use nashra::service::compose::Composed;

use super::{HOUR, choose, daily, mails, reader, rhythm, span, start, stored, tick};
use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::number;

both_databases!(
    /// Daily → monthly → as the list.
    a_change_of_cadence_loses_and_repeats_nothing,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &daily(8, "UTC")).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        assert!(matches!(tick(&app, "weekly").await, Composed::Ready(_)), "the list's: only the other reader");
        assert_eq!((mails(&app, "layla").len(), mails(&app, "other")), (0, vec![vec![1]]));
        app.advance(span(HOUR));
        assert!(matches!(tick(&app, "weekly").await, Composed::Ready(digest) if digest.audience == Audience::Own));
        assert_eq!(mails(&app, "layla"), [vec![1]], "it was new for this reader too");
        choose(&app, "weekly", "layla", &rhythm(Cadence::Monthly, 28, 8, "UTC")).await;
        stored(&app, "weekly", 2, "reports", MONDAY + HOUR).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "other"), [vec![1], vec![2]]);
        assert_eq!(mails(&app, "layla").len(), 1);
        choose(&app, "weekly", "layla", &Choices::default()).await;
        stored(&app, "weekly", 3, "reports", MONDAY + 8 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "other"), [vec![1], vec![2], vec![3]]);
        assert_eq!(mails(&app, "layla"), [vec![1], vec![3, 2]], "the list's again, with what was missed");
        stored(&app, "weekly", 4, "reports", MONDAY + 15 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla").last(), Some(&vec![4]));
        let variants = "SELECT COUNT(*) FROM digest_variants v JOIN digests d ON d.id = v.digest_id WHERE d.audience = 'list'";
        assert_eq!(number(&app.database(), variants).await, 1, "from then on like everyone");
    }
);

/// Chooses by the preferences page, as a browser without scripts does.
async fn save(app: &TestApp, subscriber: i64, fields: &[(&str, &str)]) {
    let list = app.app.context.list("weekly").unwrap().id;
    let link = app.app.context.preferences_url(list, subscriber);
    let all: Vec<_> = [("do", "save")].iter().chain(fields).copied().collect();
    assert_eq!(http::post_form(&link, &all).await.status, 303);
}

both_databases!(
    /// As the list → daily → as the list, by the page, through to the mailbox; one article comes late, dated before all of it.
    a_rhythm_for_a_while_loses_and_repeats_nothing,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &Choices::default()).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        let layla = number(&app.database(), "SELECT id FROM subscribers WHERE address LIKE 'layla@%'").await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla"), [[1]]);

        save(&app, layla, &[("weekly.cadence", "daily"), ("weekly.hour", "8"), ("zone", "UTC")]).await;
        stored(&app, "weekly", 2, "reports", MONDAY).await;
        app.advance(span(HOUR));
        assert!(matches!(tick(&app, "weekly").await, Composed::Ready(digest) if digest.audience == Audience::Own));
        stored(&app, "weekly", 3, "reports", MONDAY + HOUR).await;
        app.advance(span(DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla"), [[1], [2], [3]]);

        save(&app, layla, &[("weekly.cadence", "list")]).await;
        stored(&app, "weekly", 4, "reports", MONDAY - 2 * HOUR).await;
        stored(&app, "weekly", 5, "reports", MONDAY + DAY + HOUR).await;
        app.advance(span(6 * DAY - HOUR));
        tick(&app, "weekly").await;
        stored(&app, "weekly", 6, "reports", MONDAY + 7 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla"), [vec![1], vec![2], vec![3], vec![5, 4], vec![6]]);
        assert_eq!(mails(&app, "other"), [vec![1], vec![5, 3, 2, 4], vec![6]]);
        let apart = "SELECT COUNT(*) FROM subscriptions WHERE since_ms IS NOT NULL";
        assert_eq!(number(&app.database(), apart).await, 0, "like everyone again");
    }
);
