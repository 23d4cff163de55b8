//! The double opt-in through its pages: looking changes nothing (promise 1, D1), the button confirms once (D3), an old link asks
//! for a new one, and what is stored (promise 9, D2, D10).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use reqwest::Method;
use reqwest::header::{HOST, REFERER, USER_AGENT};

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;

const HOUR: Duration = Duration::from_hours(1);

/// A sign-up, its mail sent; the link in it.
async fn link(app: &TestApp, address: &str) -> String {
    let form = format!("{}/subscribe/weekly", app.url);
    assert_eq!(
        http::post_form(&form, &[("email", address)]).await.status,
        303
    );
    app.deliver_pending().await;
    app.confirmation_link(address)
}

async fn counts(app: &TestApp) -> (i64, i64, i64) {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    nashra::store::subscription::counts(&mut tx, list)
        .await
        .unwrap()
}

both_databases!(
    /// Promise 1, D1: GET, HEAD, GET ten times and a preview program change nothing; POST confirms; again is no error (D3).
    looking_changes_nothing_and_the_button_confirms_once,
    |db| async move {
        let app = TestApp::start(db).await;
        let link = link(&app, "layla@example.org").await;
        assert!(link.starts_with(&format!("{}/confirm/", app.url)), "{link}");
        let before = app.dump().await;
        for _ in 0..10 {
            let page = http::get(&link).await;
            assert_eq!(page.status, 200);
            assert_eq!(page.text().matches("<form method=\"post\">").count(), 1);
            assert!(page.text().contains("أكّد الاشتراك") && !page.text().contains("<script"));
            // D4: nothing of the token leaks from the page.
            assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
        }
        let head = http::send(http::request(Method::HEAD, &link)).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        let preview = http::request(Method::GET, &format!("{link}?again=1")).header("sec-purpose", "prefetch");
        assert_eq!(http::send(preview).await.status, 200);
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            assert_eq!(http::send(http::request(method, &link)).await.status, 405);
        }
        assert_eq!(app.dump().await, before);
        assert_eq!(counts(&app).await, (1, 0, 0));

        let pressed = http::post_form(&link, &[]).await;
        assert_eq!(pressed.status, 200);
        assert!(pressed.text().contains("تمّ الاشتراك"), "{}", pressed.text());
        assert_eq!(counts(&app).await, (0, 1, 0));
        let confirmed = app.dump().await;
        for again in [http::post_form(&link, &[]).await, http::get(&link).await] {
            assert_eq!(again.status, 200);
            assert!(again.text().contains("اشتراكك مؤكَّد"), "{}", again.text());
        }
        // A confirmed link asks for no mail either.
        assert_eq!(http::post_form(&link, &[("again", "1")]).await.status, 200);
        assert_eq!(app.dump().await, confirmed);
    }
);

both_databases!(
    /// A token that is not one of ours is 404 in words, tells nothing and changes nothing.
    a_garbled_token_is_not_found,
    |db| async move {
        let app = TestApp::start(db).await;
        let link = link(&app, "layla@example.org").await;
        let before = app.dump().await;
        let token = link.rsplit('/').next().unwrap().to_owned();
        let swapped = if token.starts_with('A') { "B" } else { "A" };
        let garbled = [
            token[..42].to_owned(),
            format!("{token}A"),
            format!("{token}="),
            format!("{swapped}{}", &token[1..]),
            "A".repeat(43),
            "x".to_owned(),
            "%00".to_owned(),
            "' OR 1=1 --".to_owned(),
            "a".repeat(5000),
        ];
        for token in &garbled {
            let url = format!("{}/confirm/{token}", app.url);
            for answer in [
                http::get(&url).await,
                http::post_form(&url, &[]).await,
                http::post_form(&url, &[("again", "1")]).await,
            ] {
                assert_eq!(answer.status, 404, "{token}");
                assert!(answer.text().contains("هذا الرابط غير صالح"), "{token}");
                assert!(!answer.text().contains("layla"), "{token}");
            }
        }
        assert_eq!(app.dump().await, before);
        assert_eq!(http::get(&format!("{}/confirm/%FF", app.url)).await.status, 400);
    }
);

both_databases!(
    /// D3, D7: after 72 hours the page is 410 and offers a new mail, within the limits, whose link works.
    an_expired_link_mails_a_new_one_within_the_limits,
    |db| async move {
        let app = TestApp::start(db).await;
        let old = link(&app, "layla@example.org").await;
        app.advance(Duration::from_millis(72 * 60 * 60 * 1_000 - 1));
        assert_eq!(http::get(&old).await.status, 200);
        app.advance(Duration::from_millis(1));
        let before = app.dump().await;
        for answer in [http::get(&old).await, http::post_form(&old, &[]).await] {
            assert_eq!(answer.status, 410);
            assert!(answer.text().contains("انتهت مدة هذا الرابط"));
            assert!(answer.text().contains(r#"name="again" value="1""#));
        }
        assert_eq!(app.dump().await, before);
        // Pressed again and again, it mails once in ten minutes.
        for _ in 0..3 {
            let answer = http::post_form(&old, &[("again", "1")]).await;
            assert_eq!(answer.status, 200);
            assert!(answer.text().contains("انظر في بريدك"));
            app.deliver_pending().await;
        }
        assert_eq!(app.catcher.accepted(), 2);
        let new = app.confirmation_link("layla@example.org");
        assert_ne!(new, old);
        assert_eq!(http::post_form(&old, &[]).await.status, 410);
        assert_eq!(counts(&app).await, (1, 0, 0));
        assert_eq!(http::post_form(&new, &[]).await.status, 200);
        assert_eq!(counts(&app).await, (0, 1, 0));
        // Now the old one says so too.
        assert!(http::get(&old).await.text().contains("اشتراكك مؤكَّد"));
    }
);

both_databases!(
    /// Promise 9, D2: a used link does not subscribe again who has left; no column holds a token.
    a_token_is_single_purpose_and_stored_hashed,
    |db| async move {
        let app = TestApp::start(db).await;
        let link = link(&app, "layla@example.org").await;
        let token = link.rsplit('/').next().unwrap().to_owned();
        let octets = Base64UrlUnpadded::decode_vec(&token).unwrap();
        assert_eq!(octets.len(), 32);
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        let dump = app.dump().await.to_lowercase();
        let hex = octets.iter().fold(String::new(), |hex, octet| format!("{hex}{octet:02x}"));
        assert!(!dump.contains(&token.to_lowercase()) && !dump.contains(&hex));
        // The hash is there: this test would see a token.
        assert!(dump.contains(&nashra::domain::token::fingerprint(token.as_bytes())));

        let list = app.app.context.list("weekly").unwrap().id;
        assert_eq!(http::post_form(&app.app.context.unsubscribe_url(list, 1), &[]).await.status, 200);
        assert_eq!(counts(&app).await, (0, 0, 1));
        assert_eq!(http::post_form(&link, &[]).await.status, 410);
        assert_eq!(counts(&app).await, (0, 0, 1));
    }
);

both_databases!(
    /// D10: each step leaves a row with time, IP, program, page, language and the wording shown; X9: a stranger's
    /// X-Forwarded-For is not believed; promise 9, D4: the link is built from the public URL, not from the Host header.
    each_step_leaves_its_proof,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly?lang=en", app.url);
        let page = "https://news.example/about";
        let stamp = crate::guard_forms::field(&http::get(&form).await, "stamp");
        let sign_up = http::request(Method::POST, &form)
            .header("content-type", crate::form::URLENCODED)
            .header(USER_AGENT, "Reader/1.0 (test)")
            .header(REFERER, page)
            .header(HOST, "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-for", "203.0.113.9")
            .body(format!("email=layla%40example.org&stamp={stamp}"));
        assert_eq!(http::send(sign_up).await.status, 303);
        app.deliver_pending().await;
        let mail = app.catcher.messages().pop().unwrap();
        assert!(!String::from_utf8_lossy(&mail.raw).contains("evil.example"));
        assert!(!mail.text().unwrap().contains("evil.example") && !mail.html().unwrap().contains("evil.example"));
        let link = app.confirmation_link("layla@example.org");
        app.advance(HOUR);
        let confirm = http::request(Method::POST, &link).header(USER_AGENT, "Phone/2.0");
        assert_eq!(http::send(confirm).await.status, 200);
        app.advance(HOUR);
        let list = app.app.context.list("weekly").unwrap().id;
        let leave = http::request(Method::POST, &app.app.context.unsubscribe_url(list, 1))
            .header("content-type", crate::form::URLENCODED)
            .body("List-Unsubscribe=One-Click");
        assert_eq!(http::send(leave).await.status, 200);

        let mut tx = app.app.context.database.read().await.unwrap();
        let rows = nashra::store::consent::of(&mut tx, list, 1).await.unwrap();
        let steps: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.method.as_str())).collect();
        assert_eq!(steps, [("subscribe", "form"), ("confirm", "mail"), ("unsubscribe", "one_click")]);
        let start = crate::harness::app::MONDAY;
        assert_eq!(rows.iter().map(|row| row.at_ms - start).collect::<Vec<_>>(), [0, 3_600_000, 7_200_000]);
        assert!(rows.iter().all(|row| row.ip.as_deref() == Some("127.0.0.1")), "{rows:?}");
        assert_eq!(rows[0].wording.as_ref().unwrap().len(), 64);
        let first = nashra::store::consent::latest_origin(&mut tx, list, 1).await.unwrap().unwrap();
        assert_eq!(first.user_agent.as_deref(), Some("Reader/1.0 (test)"));
        assert_eq!((first.page.as_deref(), first.locale.as_deref()), (Some(page), Some("en")));
        assert!(app.dump().await.contains("Phone/2.0"));
    }
);
