//! The form on other people's pages, for several lists, filled in beforehand, in the reader's language (issue 5, point 1).

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, IF_NONE_MATCH, ORIGIN};

use crate::form::{JSON, MULTIPART, URLENCODED, body, post};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

pub const SITE: &str = "https://news.example";

/// `weekly`, which lets scripts of [`SITE`] in, and `daily` in English, which does not.
pub fn two_lists() -> Options {
    Options {
        list: format!("origins = [\"{SITE}\"]"),
        lists: r#"
[[lists]]
slug = "daily"
name = "The Daily"
locale = "en"
schedule = "0 7 * * *"
zone = "UTC"
sections = [{ key = "reports", name = "Reports" }]
"#
        .into(),
        ..Options::default()
    }
}

async fn asked(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = http::request(method, url).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    http::send(request).await
}

both_databases!(
    /// Point 1: the page gives the form in both kinds, in the list's language or the one asked for, posting to the configured
    /// address (promise 9).
    the_embed_page_gives_a_form_that_needs_no_script,
    |db| async move {
        let app = TestApp::with(db, two_lists()).await;
        let url = format!("{}/subscribe/weekly/embed", app.url);
        for (query, lang, dir) in [("?source=%22footer", "ar", "rtl"), ("?lang=en&source=%22footer", "en", "ltr")] {
            // The owner's browser does not choose the readers' language.
            let page = asked(Method::GET, &(url.clone() + query), &[("accept-language", "en"), ("host", "evil.example")], "").await;
            let html = page.text();
            let area = |id: &str| {
                let start = html.find(&format!("<textarea id=\"{id}\"")).unwrap();
                let text = html[start..].split_once('>').unwrap().1.split_once("</textarea>").unwrap().0;
                text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&")
            };
            let plain = area("plain");
            let action = format!("<form method=\"post\" action=\"{}/subscribe/weekly\" lang=\"{lang}\" dir=\"{dir}\"", app.url);
            assert!(plain.contains(&action), "{plain}");
            for part in ["<label for=\"nashra-weekly-email\">", "id=\"nashra-weekly-email\" name=\"email\"", "name=\"name\"",
                "name=\"source\" value=\"&#34;footer\"", &format!("name=\"lang\" value=\"{lang}\""), "<button type=\"submit\">"] {
                assert!(plain.contains(part), "{part}: {plain}");
            }
            for none in ["script", "style", "class=", "evil.example"] {
                assert!(!plain.contains(none), "{none}: {plain}");
            }
            let scripted = area("scripted");
            let script = format!("<script src=\"{}/static/embed.js\" defer></script>", app.url);
            assert!(scripted.starts_with(plain.trim_end()) && scripted.contains(&script), "{scripted}");
            assert!(!html.contains("<script"), "the page itself runs nothing");
        }
        let several = http::get(&format!("{url}?lists=weekly,daily&source=a%26b")).await;
        let html = several.text();
        assert!(html.contains(&format!("action=\"{}/subscribe\"", app.url)), "{html}");
        assert!(html.contains(r#"type="checkbox" name="lists" value="daily">"#), "{html}");
        assert!(!html.contains("checked"), "D11: {html}");
        let kept = "href=\"?lists=weekly%2Cdaily&#38;source=a%26b&amp;lang=en\"";
        assert!(html.contains(kept), "the link to the other language takes the choice along: {html}");
        let wrong = http::get(&format!("{url}?lists=weekly,nothing&lang=en")).await;
        let html = wrong.text();
        assert_eq!(wrong.status, 404);
        assert!(html.contains("do not exist: \u{2068}nothing\u{2069}") && html.contains("weekly, daily"), "{html}");
        assert!(!html.contains("<textarea") && html.contains("href=\"?lists=weekly%2Cnothing&amp;lang=ar\""), "{html}");
        assert_eq!(http::get(&url.replace("weekly", "nothing")).await.status, 404);
    }
);

both_databases!(
    /// The script is small, kept by browsers, and asked for anew only when it changed.
    the_script_is_small_and_kept,
    |db| async move {
        let app = TestApp::start(db).await;
        let url = format!("{}/static/embed.js", app.url);
        let script = http::get(&url).await;
        assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
        assert!(script.body.len() < 6 * 1024, "{}", script.body.len());
        assert!(script.header("cache-control").contains("max-age=86400"), "{}", script.header("cache-control"));
        let again = asked(Method::GET, &url, &[(IF_NONE_MATCH.as_str(), script.header("etag"))], "").await;
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
);

both_databases!(
    /// D15: the origins that a list names may read its answers, without credentials; no other may, and each answer says that it
    /// depends on the origin.
    d15_scripts_of_named_origins_may_read_the_answer,
    |db| async move {
        let app = TestApp::with(db, two_lists()).await;
        let fields = body(JSON, &[("email", "layla@example.org")]);
        for (list, origin, allowed) in [
            ("/weekly", SITE, true),
            ("/weekly", "https://news.example.evil.example", false),
            ("/weekly", "http://news.example", false),
            ("/weekly", "null", false),
            ("/daily", SITE, false),
            ("", SITE, true),
            ("", "https://evil.example", false),
        ] {
            let url = format!("{}/subscribe{list}", app.url);
            let asks = [(ORIGIN.as_str(), origin), ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")];
            let preflight = asked(Method::OPTIONS, &url, &asks, "").await;
            let sends = [(ORIGIN.as_str(), origin), (CONTENT_TYPE.as_str(), JSON), (ACCEPT.as_str(), JSON)];
            let answer = asked(Method::POST, &url, &sends, &fields).await;
            let refusal = asked(Method::POST, &url, &sends, "{\"lists\": [\"weekly\"]}").await;
            for answer in [&preflight, &answer, &refusal] {
                let said = answer.header("access-control-allow-origin");
                assert_eq!(said, if allowed { origin } else { "" }, "{list} {origin}");
                assert_eq!(answer.header("vary"), "origin", "{list} {origin}");
                assert!(answer.headers.get("access-control-allow-credentials").is_none());
            }
            if allowed {
                assert_eq!(preflight.status, 204);
                assert_eq!(preflight.header("access-control-allow-methods"), "GET, POST");
                assert_eq!(preflight.header("access-control-allow-headers"), "content-type, accept");
            } else {
                assert_eq!(preflight.status, 405, "{list} {origin}");
            }
            // The form itself is public: what a script may read is all that is decided here.
            assert_eq!(refusal.json()["errors"]["email"]["code"], "empty");
        }
        // A form says itself which lists it is about: all of them must let the script in, whether it is taken or not.
        for (path, lists, allowed) in [
            ("", "[\"weekly\"]", true),
            ("", "[\"daily\"]", false),
            ("", "[\"weekly\", \"daily\"]", false),
            ("/weekly", "[\"daily\"]", false),
        ] {
            for email in ["layla@example.org", "layla"] {
                let url = format!("{}/subscribe{path}", app.url);
                let sends = [(ORIGIN.as_str(), SITE), (CONTENT_TYPE.as_str(), JSON), (ACCEPT.as_str(), JSON)];
                let fields = format!("{{\"email\": \"{email}\", \"lists\": {lists}}}");
                let answer = asked(Method::POST, &url, &sends, &fields).await;
                assert_eq!(answer.header("access-control-allow-origin"), if allowed { SITE } else { "" }, "{path} {lists} {email}");
            }
        }
    }
);

both_databases!(
    /// D11: one form for several lists, in each encoding: nothing ticked beforehand, a consent for each list that was.
    d11_several_lists_on_one_form_have_a_consent_each,
    |db| async move {
        let app = TestApp::with(db, two_lists()).await;
        let page = http::get(&format!("{}/?lang=en", app.url)).await;
        let html = page.text();
        assert!(html.contains(r#"<form method="post" action="/subscribe?lang=en">"#), "{html}");
        assert_eq!(html.matches(r#"type="checkbox" name="lists""#).count(), 2);
        assert!(!html.contains("checked"), "{html}");
        let ways = [
            ("/subscribe?lang=en", URLENCODED, body(URLENCODED, &[("email", "a@example.org"), ("lists", "weekly"), ("lists", "daily")])),
            ("/subscribe?lang=en", MULTIPART, body(MULTIPART, &[("email", "b@example.org"), ("lists", "weekly"), ("lists", "daily")])),
            ("/subscribe?lang=en", JSON, r#"{"email": "c@example.org", "lists": ["weekly", "daily", "weekly"]}"#.to_owned()),
            ("/subscribe/weekly?lang=en", URLENCODED, body(URLENCODED, &[("email", "d@example.org"), ("lists", "daily")])),
        ];
        for (n, (path, kind, fields)) in ways.into_iter().enumerate() {
            let answer = post(&format!("{}{path}", app.url), kind, "", fields).await;
            if kind == JSON {
                assert_eq!(answer.json()["status"], "check_mail");
            } else {
                assert_eq!(answer.header("location"), "/subscribe/weekly/check-mail?lists=daily&lang=en", "{kind}");
                let next = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
                assert!(next.text().contains("النشرة الأسبوعية") && next.text().contains("The Daily"), "{}", next.text());
            }
            for slug in ["weekly", "daily"] {
                let list = app.app.context.list(slug).unwrap().id;
                let mut tx = app.app.context.database.read().await.unwrap();
                let counts = nashra::store::subscription::counts(&mut tx, list).await.unwrap();
                assert_eq!(counts.0, n as i64 + 1, "{slug} {kind}");
            }
        }
        let consents = app.dump().await;
        let consents = consents.split("\nconsents\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
        assert_eq!(consents.matches("subscribe").count(), 8, "{consents}");

        let wrong = [(vec![("email", "e@example.org")], "no-list"), (vec![("email", "e@example.org"), ("lists", "nothing")], "unknown-list")];
        for (fields, code) in wrong {
            let url = format!("{}/subscribe?lang=en", app.url);
            let json = post(&url, URLENCODED, JSON, body(URLENCODED, &fields)).await;
            let error = &json.json()["errors"]["lists"];
            assert_eq!((json.status, error["code"].as_str()), (422, Some(code)));
            let page = post(&url, URLENCODED, "text/html", body(URLENCODED, &fields)).await;
            let html = page.text();
            assert!(html.contains("id=\"lists-remark\"") && html.contains(error["message"].as_str().unwrap()), "{html}");
            assert!(html.contains("value=\"e@example.org\"") && html.matches("autofocus").count() == 1, "{html}");
        }
    }
);

both_databases!(
    /// Point 1: an address may fill in fields, as text and of a field's length; the label of the source goes into the consent.
    a_link_fills_fields_in_and_sends_nothing,
    |db| async move {
        let app = TestApp::start(db).await;
        let before = app.dump().await;
        let long = "a".repeat(5000);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("email", "layla@example.org\"><script>"), ("name", long.as_str()), ("source", "footer"), ("insist", "x@gmial.com")])
            .finish();
        let page = http::get(&format!("{}/subscribe/weekly?{query}", app.url)).await;
        let html = page.text();
        assert!(html.contains("value=\"layla@example.org&#34;&#62;&#60;script&#62;\""), "{html}");
        assert!(html.contains("name=\"source\" value=\"footer\"") && !html.contains("insist"), "{html}");
        assert!(html.contains(&format!("value=\"{}\"", "a".repeat(320))), "cut to the length of a field");
        assert!(!html.contains("<script") && !html.contains("aria-invalid"), "{html}");
        assert_eq!(app.dump().await, before);
        let label = format!("footer {}", "ب".repeat(400));
        let form = format!("{}/subscribe/weekly", app.url);
        assert_eq!(http::post_form(&form, &[("email", "layla@example.org"), ("source", &label)]).await.status, 303);
        let kept: String = label.chars().take(300).collect();
        let dump = app.dump().await;
        assert!(dump.contains(&kept) && !dump.contains(&format!("{kept}ب")), "its beginning is kept");
    }
);

both_databases!(
    /// Point 1: `?lang` wins, then what the browser likes, then the list's own; what was asked for goes on in every link.
    the_language_is_the_readers,
    |db| async move {
        let app = TestApp::with(db, two_lists()).await;
        app.articles(1).await;
        app.confirmed("layla@example.org").await;
        app.publish().await;
        app.deliver_pending().await;
        for (path, accepts, lang) in [
            ("/subscribe/weekly", "", "ar"),
            ("/subscribe/weekly", "de, en-GB;q=0.8", "en"),
            ("/subscribe/weekly", "de", "ar"),
            ("/subscribe/weekly?lang=ar", "en", "ar"),
            ("/subscribe/weekly?lang=xx", "en", "en"),
            ("/subscribe/daily", "ar", "ar"),
            ("/subscribe/weekly/check-mail", "en", "en"),
            // What a list has published is in its language; one copy is kept for all.
            ("/archive/weekly", "en", "ar"),
            ("/archive/weekly?lang=en", "ar", "en"),
        ] {
            let headers = [(ACCEPT_LANGUAGE.as_str(), accepts)];
            let page = asked(Method::GET, &format!("{}{path}", app.url), &headers, "").await;
            assert!(page.text().contains(&format!("<html lang=\"{lang}\"")), "{path} {accepts}: {}", page.text());
            let cached = page.header("cache-control") != "no-store";
            assert_eq!(cached, path.starts_with("/archive"), "{path}: only pages that do not follow the browser are kept");
        }
        // What tells programs where a page is has no language.
        let link = regex::Regex::new(r##"<(?:a|form)\b[^>]* (?:href|action)="([^"#]+)""##).unwrap();
        for path in ["/", "/subscribe/weekly", "/subscribe/weekly/check-mail", "/archive/weekly", "/nowhere"] {
            let page = http::get(&format!("{}{path}?lang=en", app.url)).await;
            for found in link.captures_iter(page.text()) {
                let url = &found[1];
                let ours = url.starts_with('/') || url.starts_with(&app.url);
                if ours && !url.starts_with("/static") && !url.contains("/feed.") {
                    assert!(url.ends_with("?lang=en"), "{path} loses the language: {url}");
                }
            }
        }
        // A form in a language that was named in a field comes back in it.
        let fields = [("email", "layla"), ("lang", "en")];
        let page = http::post_form(&format!("{}/subscribe/weekly", app.url), &fields).await;
        assert!(page.text().contains("<html lang=\"en\"") && page.text().contains("name=\"lang\" value=\"en\""), "{}", page.text());
    }
);
