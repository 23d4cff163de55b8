//! Every language from the form to the confirmation in the mailbox, and on the page of choices.

use nashra::locale::{Locale, SUPPORTED};
use reqwest::Method;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;

both_databases!(
    /// The form, what comes after it, and the mail are in the language that was asked for.
    a_reader_signs_up_in_every_language,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        for lang in SUPPORTED {
            let locale = Locale::new(lang, None).unwrap();
            let html = format!("<html lang=\"{lang}\" dir=\"{}\"", locale.dir());
            let page = http::get(&format!("{form}?lang={lang}")).await;
            assert!(page.text().contains(&html), "{}", page.text());
            assert!(page.text().contains(&locale.text("subscribe-button")), "{}", page.text());
            let address = format!("reader-{lang}@example.org");
            let answer = http::post_form(&format!("{form}?lang={lang}"), &[("email", &address)]).await;
            assert_eq!(answer.status, 303);
            let next = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
            let title = format!("<title>{} · ", locale.text("check-mail-title"));
            assert!(next.text().contains(&html) && next.text().contains(&title), "{}", next.text());
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            let mail = mails.iter().find(|mail| mail.recipients == [address.as_str()]).unwrap();
            // Isolates around the name of the list depend on its letters, and no kind of space is kept in a subject.
            let plain = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "").replace('\u{202F}', " ");
            let subject = locale.plain_with("confirmation-subject", &[("list", "النشرة الأسبوعية".into())]);
            assert_eq!(plain(&mail.subject()), plain(&subject));
            assert!(mail.html().unwrap().contains(&html), "{lang}");
            let raw = String::from_utf8_lossy(&mail.raw);
            assert_eq!(raw.matches(&format!("Content-Language: {lang}")).count(), 2, "{raw}");
            let confirm = app.confirmation_link(&address);
            let page = http::get(&confirm).await;
            assert_eq!(page.status, 200, "{lang}");
        }
    }
);

both_databases!(
    /// The page of choices offers each language by its own name, and keeps the one that was chosen.
    every_language_can_be_chosen,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let preferences = app.preferences_link("weekly", "layla@example.org").await;
        for (lang, name) in nashra::locale::names() {
            let fields = [("do", "save"), ("weekly.cadence", "list"), ("weekly.language", lang), ("weekly.pause", "keep")];
            let saved = http::post_form(&preferences, &fields).await;
            assert!([200, 303].contains(&saved.status), "{lang}: {} {}", saved.status, saved.text());
            let page = http::get(&preferences).await;
            let chosen = format!("value=\"{lang}\" checked><span lang=\"{lang}\">{name}</span>");
            assert!(page.text().contains(&chosen), "{lang}: {}", page.text());
        }
    }
);

both_databases!(
    /// What the browser likes, without anything asked for.
    the_browsers_language_is_followed,
    |db| async move {
        let app = TestApp::start(db).await;
        for lang in SUPPORTED {
            let accepts = format!("de, {lang}-XX;q=0.9, *;q=0.1");
            let request = http::request(Method::GET, &format!("{}/subscribe/weekly", app.url));
            let page = http::send(request.header("accept-language", accepts)).await;
            assert!(page.text().contains(&format!("<html lang=\"{lang}\"")), "{}", page.text());
        }
    }
);
