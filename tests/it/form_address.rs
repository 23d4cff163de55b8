//! Validation that helps (issue 5, point 2; standards section 4): slips are questioned, domains that take no mail refused, and the
//! operator decides about throw-away addresses and those of functions.

use crate::form::{JSON, URLENCODED, body, post};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::dns::{NameServer, Says};
use crate::harness::http;

fn addresses(keys: &str) -> Options {
    Options {
        sections: format!("[addresses]\n{keys}\n"),
        ..Options::default()
    }
}

/// The code that the JSON form answers, or nothing when the address is accepted.
async fn code(app: &TestApp, address: &str) -> String {
    let form = format!("{}/subscribe/weekly", app.url);
    let answer = post(&form, JSON, JSON, body(JSON, &[("email", address)])).await;
    match answer.status {
        200 => String::new(),
        422 => answer.json()["errors"]["email"]["code"]
            .as_str()
            .unwrap()
            .to_owned(),
        other => panic!("{other}: {}", answer.text()),
    }
}

both_databases!(
    /// A13: a slip is questioned once, in the page's language; the suggestion is one press away, and so is the address as typed.
    a13_a_slip_is_questioned_and_never_mended,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let before = app.dump().await;
        let typed = ("email", "layla@gmial.com");
        let page = http::post_form(&form, &[typed]).await;
        assert_eq!(page.status, 422);
        let html = page.text();
        assert!(html.contains("هل تقصد \u{2068}layla@gmail.com\u{2069}؟"), "{html}");
        assert!(html.contains(r#"name="suggestion" value="layla@gmail.com""#), "{html}");
        assert!(html.contains(r#"<input type="hidden" name="insist" value="layla@gmial.com">"#), "{html}");
        assert!(html.contains(r#"value="layla@gmial.com" aria-required"#), "what was typed stays: {html}");
        let json = post(&form, JSON, JSON, body(JSON, &[typed, ("lang", "en")])).await;
        let error = &json.json()["errors"]["email"];
        assert_eq!((error["code"].as_str(), error["suggestion"].as_str()), (Some("typo"), Some("layla@gmail.com")));
        assert!(error["message"].as_str().unwrap().starts_with("Did you mean"), "{error}");
        assert_eq!(app.dump().await, before, "a question changes nothing");

        // Insisting counts for the address that was questioned, not for another slip.
        let other = [("email", "omar@gmial.com"), ("insist", "layla@gmial.com")];
        assert_eq!(http::post_form(&form, &other).await.status, 422);
        for (fields, recipient) in [
            ([typed, ("insist", "layla@gmial.com")], "layla@gmial.com"),
            ([("email", "omar@gmial.com"), ("suggestion", "omar@gmail.com")], "omar@gmail.com"),
        ] {
            assert_eq!(http::post_form(&form, &fields).await.status, 303);
            app.deliver_pending().await;
            assert_eq!(app.catcher.messages().last().unwrap().recipients, [recipient]);
        }
        // Typed on the Arabic keyboard.
        let page = http::post_form(&form, &[("email", "مشغمش@لةشهمزؤخة")]).await;
        assert!(page.text().contains(r#"name="suggestion" value="layla@gmail.com""#), "{}", page.text());
    }
);

fn said(domain: &str) -> Says {
    match domain.split('.').next().unwrap() {
        "null" => Says::NullMx,
        "address" => Says::Address,
        "address6" => Says::Address6,
        "empty" => Says::Nothing,
        "gone" => Says::NoDomain,
        "broken" => Says::Fails,
        "silent" => Says::Silence,
        _ => Says::Mx,
    }
}

both_databases!(
    /// A12: no domain, no mail and null MX (RFC 7505) are refused; an address record stands for a mail exchanger; trouble refuses
    /// nobody. Answers are kept.
    a12_a_domain_that_takes_no_mail_is_refused_and_trouble_refuses_nobody,
    |db| async move {
        let server = NameServer::start(true, said).await;
        let app = TestApp::with(db, addresses(&format!("resolver = \"{}\"", server.address))).await;
        for (domain, expected) in [
            ("good.example", ""),
            ("null.example", "no-mail-domain"),
            ("gone.example", "no-mail-domain"),
            ("empty.example", "no-mail-domain"),
            ("address.example", ""),
            ("address6.example", ""),
            ("broken.example", ""),
            ("silent.example", ""),
        ] {
            assert_eq!(code(&app, &format!("layla@{domain}")).await, expected, "{domain}");
        }
        let before = [server.questions("good.example"), server.questions("gone.example")];
        assert_eq!(before, [1, 1]);
        for _ in 0..3 {
            assert_eq!(code(&app, "omar@good.example").await, "");
            assert_eq!(code(&app, "omar@gone.example").await, "no-mail-domain");
        }
        assert_eq!([server.questions("good.example"), server.questions("gone.example")], before, "kept");
        let form = format!("{}/subscribe/weekly", app.url);
        let page = http::post_form(&form, &[("email", "layla@gone.example")]).await;
        assert!(page.status == 422 && page.text().contains("لا يستقبل ما يلي رمز @ أي بريد"), "{}", page.text());
    }
);

both_databases!(
    /// A12: a name server that knows nothing of the world outside refuses nobody, and nor does none at all.
    a12_a_network_without_the_outside_refuses_nobody,
    |db| async move {
        let server = NameServer::start(false, |_| Says::NoDomain).await;
        let app = TestApp::with(db, addresses(&format!("resolver = \"{}\"", server.address))).await;
        assert_eq!(code(&app, "layla@gone.example").await, "");
        assert!(server.questions("gone.example") > 0);
    }
);

both_databases!(
    /// D5: what is asked of DNS depends on the address alone: it is asked for whoever is subscribed already, too.
    d5_the_domain_of_a_subscriber_is_asked_too,
    |db| async move {
        let server = NameServer::start(true, |_| Says::NullMx).await;
        let app = TestApp::with(db, addresses(&format!("resolver = \"{}\"", server.address))).await;
        app.many_confirmed_at("harbour.example", 1).await;
        for address in ["reader0@harbour.example", "new@harbour.example"] {
            assert_eq!(code(&app, address).await, "no-mail-domain", "{address}");
        }
    }
);

both_databases!(
    /// A14: what the operator says of throw-away domains and of functions; privacy relays are readers.
    a14_the_operator_decides_about_doubtful_addresses,
    |db| async move {
        let listed = "layla@a.mailinator.com";
        let app = TestApp::with(db, addresses("mx_check = false\ndisposable = \"refuse\"\nrole = \"refuse\"")).await;
        for (address, expected) in [
            (listed, "disposable"),
            ("info@example.org", "role"),
            ("noreply@example.org", "role"),
            ("layla@duck.com", ""),
            ("layla@mozmail.com", ""),
            ("layla@simplelogin.com", ""),
            ("layla@addy.io", ""),
            ("layla@passmail.net", ""),
            ("layla@icloud.com", ""),
            ("layla@privaterelay.appleid.com", ""),
        ] {
            assert_eq!(code(&app, address).await, expected, "{address}");
        }
        let form = format!("{}/subscribe/weekly?lang=en", app.url);
        let page = http::post_form(&form, &[("email", listed)]).await;
        assert!(page.text().contains("This is a temporary address"), "{}", page.text());
    }
);

both_databases!(
    /// A14: by default both are like others; but where nobody reads, nobody signs up.
    a14_by_default_only_mailboxes_without_readers_are_refused,
    |db| async move {
        let app = TestApp::start(db).await;
        for (address, expected) in [
            ("layla@mailinator.com", ""),
            ("info@example.org", ""),
            ("abuse@example.org", "role"),
            ("Postmaster@example.org", "role"),
            ("no-reply+x@example.org", "role"),
        ] {
            assert_eq!(code(&app, address).await, expected, "{address}");
        }
    }
);

both_databases!(
    /// A14, D5: a flagged sign-up gets the same answer and no mail; it waits with its reasons.
    a14_a_flagged_sign_up_is_held_and_answered_alike,
    |db| async move {
        let app = TestApp::with(db, addresses("mx_check = false\ndisposable = \"flag\"\nrole = \"flag\"")).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let answer = |address: &'static str| {
            let form = form.clone();
            async move {
                let answer = post(&form, URLENCODED, "text/html", body(URLENCODED, &[("email", address)])).await;
                (answer.status, answer.header("location").to_owned(), answer.text().to_owned())
            }
        };
        let plain = answer("layla@example.org").await;
        assert_eq!(answer("info@yopmail.com").await, plain);
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        assert_eq!((mails.len(), &mails[0].recipients[..]), (1, &["layla@example.org".to_owned()][..]));
        let dump = app.dump().await;
        let held = dump.split("\nquarantine\n").nth(1).unwrap_or_default();
        // PostgreSQL's dump doubles the quotation marks.
        assert!(held.replace("\"\"", "\"").contains(r#"["role","disposable"]"#), "{held:.400}");
    }
);

both_databases!(
    /// A14: another list of throw-away domains takes the place of the built-in one.
    a14_the_list_of_domains_can_be_replaced,
    |db| async move {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("domains.txt");
        std::fs::write(&file, "# ours\nharbour.example\nduck.com\n").unwrap();
        let keys = format!("mx_check = false\ndisposable = \"refuse\"\ndisposable_file = \"{}\"", file.display());
        let app = TestApp::with(db, addresses(&keys)).await;
        for (address, expected) in [("a@x.harbour.example", "disposable"), ("a@mailinator.com", ""), ("a@duck.com", "")] {
            assert_eq!(code(&app, address).await, expected, "{address}");
        }
    }
);
