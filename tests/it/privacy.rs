//! Standards D10 and X12: what is kept of a reader, shown and handed out; and what is forgotten when its time is over.

use std::time::Duration;

use nashra::service::prune;
use nashra::store;
use serde_json::{Value, json};

use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

const LAYLA: &str = "Layla@example.org";

async fn said(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all = ["subscriber"].iter().chain(arguments).copied();
    let output = app.nashra(all).run().await;
    (output.code, output.stdout, output.stderr)
}

/// The stable word for why a reader of `weekly` got nothing.
async fn why(app: &TestApp, address: &str) -> String {
    let (code, out, _) = said(app, &["why", address, "--json"]).await;
    assert_eq!(code, Some(0));
    let answers: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answers[0]["list"], "weekly");
    assert!(
        answers[0]["why"].as_str().unwrap().len() > 3
            && answers[0]["next"].as_str().unwrap().len() > 3
    );
    answers[0]["code"].as_str().unwrap().to_owned()
}

async fn unsubscribe(app: &TestApp, identity: &str) {
    let list = app.app.context.list("weekly").unwrap().id;
    let id = format!("SELECT id FROM subscribers WHERE identity = '{identity}'");
    let link = app
        .app
        .context
        .unsubscribe_url(list, number(&app.database(), &id).await);
    assert_eq!(http::post_form(&link, &[]).await.status, 200);
}

both_databases!(
    /// D10, X12: the export proves the consent with the wording that was shown, and holds every mail; its shape is as documented.
    d10_x12_an_export_holds_everything,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let stamp = crate::guard_forms::field(&http::get(&form).await, "stamp");
        assert_eq!(http::post_form(&form, &[("email", LAYLA), ("stamp", &stamp)]).await.status, 303);
        app.deliver_pending().await;
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        app.articles(3).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        let hash = "SELECT wording FROM consents WHERE wording IS NOT NULL";
        let mut tx = app.app.context.database.write().await.unwrap();
        let shown = store::consent::of(&mut tx, app.app.context.list("weekly").unwrap().id, 1).await.unwrap();
        let wording = shown[0].wording.clone().expect(hash);
        let text = nashra::locale::Locale::new("ar", None).unwrap().text("subscribe-what");
        tx.commit().await.unwrap();

        let file = app.directory().join("layla.json");
        let (code, out, err) = said(&app, &["export", "layla@EXAMPLE.org", "--json", "--output", file.to_str().unwrap()]).await;
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
        let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mut keys: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["confirmations", "consents", "digests", "exported", "mails", "subscriber", "subscriptions", "suppression"]);
        assert_eq!(all["subscriber"], json!({ "address": LAYLA, "identity": "layla@example.org", "since": "2026-01-05T07:00:00Z",
            "moving_to": [], "former": [] }));
        assert_eq!(all["subscriptions"], json!([{ "list": "weekly", "list_name": "النشرة الأسبوعية", "status": "confirmed",
            "name": null, "since": "2026-01-05T07:00:00Z", "changed": "2026-01-05T07:00:00Z", "held": null,
            "choices": { "language": null, "sections": null, "rhythm": null, "paused_until": null } }]));
        let (signed_up, confirmed) = (&all["consents"][0], &all["consents"][1]);
        assert_eq!((&signed_up["action"], &signed_up["method"], &confirmed["action"], &confirmed["method"]),
            (&"subscribe".into(), &"form".into(), &"confirm".into(), &"mail".into()));
        assert_eq!(signed_up["wording"], json!({ "sha256": wording, "text": text }));
        assert_eq!((&signed_up["ip"], &signed_up["at"]), (&"127.0.0.1".into(), &"2026-01-05T07:00:00Z".into()));
        assert_eq!((&all["mails"][0]["kind"], &all["mails"][0]["status"]), (&"confirmation".into(), &"sent".into()));
        assert_eq!(all["confirmations"][0]["used"], "2026-01-05T07:00:00Z");
        let got = &all["digests"][0];
        assert_eq!((&got["digest"], &got["status"], &got["started"]), (&digest.into(), &"sent".into(), &"2026-01-05T07:00:00Z".into()));
        assert_eq!(http::get(got["url"].as_str().unwrap()).await.status, 200);

        let (code, out, _) = said(&app, &["show", LAYLA]).await;
        assert_eq!(code, Some(0));
        for fact in [LAYLA, "weekly", "confirmed", "2026-01-05 07:00 UTC", "confirmation", &format!("digest {digest}")] {
            assert!(out.contains(fact), "{fact} in {out}");
        }
        for command in ["show", "why", "export"] {
            let (code, out, err) = said(&app, &[command, "nobody@example.org"]).await;
            assert!(code == Some(1) && out.is_empty() && err.contains("no subscriber has this address"), "{command}: {err}");
        }
    }
);

both_databases!(
    /// `subscriber why` tells each state apart.
    why_a_reader_got_nothing,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        assert_eq!(http::post_form(&form, &[("email", LAYLA)]).await.status, 303);
        assert_eq!(why(&app, LAYLA).await, "confirmation-queued");
        app.deliver_pending().await;
        assert_eq!(why(&app, LAYLA).await, "pending");
        execute(&app.database(), "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms) SELECT list_id, subscriber_id, '[\"role\"]', 1 FROM subscriptions").await;
        assert_eq!(why(&app, LAYLA).await, "held");
        let (_, out, _) = said(&app, &["why", LAYLA]).await;
        assert!(out.contains(&format!("`nashra quarantine release {LAYLA}`")), "{out}");
        assert!(out.contains("(role)"), "the word that `quarantine list` uses: {out}");
        execute(&app.database(), "DELETE FROM quarantine").await;
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        assert_eq!(why(&app, LAYLA).await, "no-digest-yet");
        app.articles(3).await;
        app.publish().await;
        assert_eq!(why(&app, LAYLA).await, "queued");
        app.faults("on rcpt to Layla@* reply 550 5.1.1 no such mailbox");
        app.deliver_pending().await;
        assert_eq!(why(&app, LAYLA).await, "failed");
        execute(&app.database(), "UPDATE subscriptions SET paused_until_ms = 9999999999999").await;
        assert_eq!(why(&app, LAYLA).await, "paused");
        execute(&app.database(), "UPDATE subscriptions SET paused_until_ms = NULL").await;
        unsubscribe(&app, "layla@example.org").await;
        assert_eq!(why(&app, LAYLA).await, "left");
        assert_eq!(app.nashra(["suppression", "add", LAYLA]).run().await.code, Some(0));
        assert_eq!(why(&app, LAYLA).await, "suppressed");

        let before = app.dump().await;
        let (code, _, err) = said(&app, &["erase", LAYLA]).await;
        assert!(code == Some(1) && err.contains("add --yes"), "{err}");
        assert_eq!(app.dump().await, before, "nobody could be asked");
        assert_eq!(said(&app, &["erase", LAYLA, "--yes"]).await.0, Some(0));
        let (code, out, _) = said(&app, &["erase", LAYLA, "--yes"]).await;
        assert_eq!((code, out.as_str()), (Some(0), "was erased already\n"));
        let (code, _, err) = said(&app, &["why", LAYLA]).await;
        assert!(code == Some(1) && err.contains("erased"), "{err}");
        let permitted = app.nashra(["suppression", "remove", LAYLA]).run().await;
        assert!(permitted.code == Some(0) && permitted.stdout.contains("was erased"), "{permitted:#?}");
        let unknown = app.nashra(["quarantine", "release", LAYLA]).run().await;
        assert!(unknown.code == Some(1) && unknown.stderr.contains("no subscriber has the address"), "{unknown:#?}");
    }
);

both_databases!(
    /// Issue 5, point 8: an address that is suppressed and no subscriber's is not unknown.
    a_suppressed_address_without_a_subscriber_is_explained,
    |db| async move {
        let app = TestApp::start(db).await;
        assert_eq!(app.nashra(["suppression", "add", LAYLA, "--reason", "complaint"]).run().await.code, Some(0));
        assert_eq!(why(&app, LAYLA).await, "suppressed");
        let (code, out, _) = said(&app, &["show", LAYLA]).await;
        assert!(code == Some(0) && out.contains("no subscriber") && out.contains("(complaint)"), "{out}");
        let told = said(&app, &["export", LAYLA]).await;
        let shown = said(&app, &["show", LAYLA, "--json"]).await;
        for (code, out, err) in [told, shown] {
            let all: Value = serde_json::from_str(&out).unwrap();
            assert_eq!((code, err.as_str(), &all["suppression"]["reason"]), (Some(0), "", &"complaint".into()));
            assert!(all["suppression"]["since"].is_string() && all["subscriber"].is_null() && all["consents"] == json!([]));
        }
    }
);

both_databases!(
    /// X12: sign-ups that nobody confirmed are walked in pages, and each loses its traces; so does a change of address that waits.
    x12_traces_of_many_sign_ups_are_forgotten_page_by_page,
    |db| async move {
        let sections = "[privacy]\npending_ip_retention = \"3d\"".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.many_confirmed(1_203).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.preferences_url(list, 1);
        let asked = http::post_form(&link, &[("do", "move"), ("email", "new@example.net")]).await;
        assert_eq!(asked.status, 303);
        execute(&app.database(), "UPDATE subscriptions SET status = 'pending' WHERE subscriber_id > 2").await;
        execute(&app.database(), "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip)
            SELECT list_id, subscriber_id, 'subscribe', 'form', created_ms, '192.0.2.1' FROM subscriptions").await;
        let kept = async || number(&app.database(), "SELECT COUNT(*) FROM consents WHERE ip IS NOT NULL").await;
        assert_eq!(kept().await, 1_204);
        app.advance(Duration::from_hours(3 * 24) + Duration::from_secs(1));
        assert_eq!(prune::prune(&app.app.context).await.unwrap(), 1_202);
        assert_eq!(kept().await, 2, "readers keep theirs");
        assert_eq!(prune::prune(&app.app.context).await.unwrap(), 0);
    }
);

both_databases!(
    /// X12: IP addresses and user agents go when their time is over, sooner where nobody confirmed; the consents stay.
    x12_traces_of_devices_are_forgotten,
    |db| async move {
        let sections = "[privacy]\nip_retention = \"20d\"\npending_ip_retention = \"3d\"".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.confirmed(LAYLA).await;
        let form = format!("{}/subscribe/weekly", app.url);
        assert_eq!(http::post_form(&form, &[("email", "nour@example.org")]).await.status, 303);
        let now_ms = app.clock.now_ms();
        execute(&app.database(), &format!("INSERT INTO throttles (bucket, started_ms, used, until_ms) VALUES ('a', 1, 1, {now_ms});
            INSERT INTO spent_challenges (challenge, expires_ms) VALUES ('c', {now_ms})")).await;
        let context = &app.app.context;
        let kept = async |what: &str| number(&app.database(), &format!("SELECT COUNT(*) FROM {what}")).await;
        let (traces, spent) = ("consents WHERE ip IS NOT NULL", "throttles t CROSS JOIN spent_challenges WHERE t.bucket = 'a'");
        assert_eq!((kept("consents").await, kept(traces).await, kept(spent).await), (3, 3, 1));

        app.advance(Duration::from_hours(3 * 24));
        prune::prune(context).await.unwrap();
        assert_eq!((kept(traces).await, kept(spent).await), (3, 0), "exactly that old");
        app.advance(Duration::from_secs(1));
        assert_eq!(prune::prune(context).await.unwrap(), 1);
        assert_eq!(kept(traces).await, 2, "the sign-up that nobody confirmed");
        app.advance(Duration::from_hours(17 * 24));
        assert_eq!(prune::prune(context).await.unwrap(), 2);
        assert_eq!((kept("consents").await, kept(traces).await), (3, 0), "the consents stay");
        assert_eq!(kept("consents WHERE user_agent IS NOT NULL").await, 0);
        assert_eq!(prune::prune(context).await.unwrap(), 0);
    }
);
