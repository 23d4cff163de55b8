//! What a person is told when the form is refused (issue 3, point 2; A1, A2, X1, M17, D16): the reason in the page's language,
//! beside the field, with what was typed kept, and nothing stored.

use crate::form::{JSON, MULTIPART, URLENCODED, body, post};
use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;

/// What was typed, the code, and a piece of the sentence in Arabic and in English.
fn refused() -> Vec<(String, &'static str, &'static str, &'static str)> {
    let long_domain = ["b".repeat(60).as_str(); 5].join(".");
    let just_too_long = format!(
        "{}@{}.example.org",
        "a".repeat(64),
        ["b".repeat(60).as_str(); 3].join(".")
    );
    [
        ("", "empty", "اكتب عنوان بريدك", "Type your e-mail address"),
        (
            "   \u{200f}",
            "empty",
            "اكتب عنوان بريدك",
            "Type your e-mail address",
        ),
        ("layla", "no-at", "ينقص العنوان رمز @", "has no @"),
        (
            "a@b@example.org",
            "two-ats",
            "أكثر من رمز @",
            "more than one @",
        ),
        (
            "layla@",
            "no-domain",
            "ما يلي رمز @",
            "after the @ is missing",
        ),
        (
            &format!("{}@example.org", "a".repeat(300)),
            "local-too-long",
            "64 حرفاً",
            "64 characters",
        ),
        (
            &format!("a@{long_domain}.example.org"),
            "domain-too-long",
            "255 حرفاً",
            "255 characters",
        ),
        (&just_too_long, "too-long", "254 حرفاً", "254 characters"),
        (
            &"a".repeat(60_000),
            "too-long",
            "254 حرفاً",
            "254 characters",
        ),
        (
            "lay\u{1}la@example.org",
            "control",
            "رمز خفيّ",
            "invisible character",
        ),
        (
            "layla\0@example.org",
            "control",
            "رمز خفيّ",
            "invisible character",
        ),
        (
            "layla@example.org\r\nBcc: x@example.net",
            "control",
            "رمز خفيّ",
            "invisible character",
        ),
        (
            "lay\u{202e}la@example.org",
            "direction-mark",
            "علامة اتجاه",
            "direction mark",
        ),
        ("lay la@example.org", "space", "فراغ", "a space"),
        (
            "layla@localhost",
            "single-label",
            "ليس اسماً كاملاً",
            "not complete",
        ),
        (
            "layla@[127.0.0.1]",
            "address-literal",
            "رقم خادم",
            "number of a server",
        ),
        (
            "layla..h@example.org",
            "dots",
            "نقطة في غير مكانها",
            "dot in the wrong place",
        ),
        (
            "\"><script>alert(1)</script>@example.org",
            "quoted",
            "علامات الاقتباس",
            "quotation marks",
        ),
        (
            "'><img/src=x>@example.org",
            "bad-character",
            "&#62;",
            "&#62;",
        ),
        (
            "محمد@example.org",
            "needs-smtputf8",
            "خادم بريدنا",
            "Our mail server",
        ),
        (
            "layla@٢٠٢٦.example",
            "arabic-digits",
            "layla@2026.example",
            "layla@2026.example",
        ),
    ]
    .map(|(typed, code, arabic, english)| (typed.to_owned(), code, arabic, english))
    .into()
}

/// As askama writes it into an attribute.
fn escaped(text: &str) -> String {
    let entity = |letter: char| match letter {
        '"' | '\'' | '<' | '>' | '&' => format!("&#{};", u32::from(letter)),
        letter => letter.to_string(),
    };
    text.chars().map(entity).collect()
}

both_databases!(
    /// Issue 3, "Bad input": every address that cannot be mailed has its own reason.
    each_address_is_refused_for_its_own_reason,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let before = app.dump().await;
        for (typed, code, arabic, english) in refused() {
            let shown: String = typed.chars().take(60).collect();
            for (lang, sentence) in [("", arabic), ("en", english)] {
                let url = format!("{form}?lang={lang}");
                let fields = [("email", typed.as_str())];
                let json = post(&url, JSON, JSON, body(JSON, &fields)).await;
                assert_eq!(json.status, 422, "{shown:?}: {}", json.text());
                let error = &json.json()["errors"]["email"];
                assert_eq!(error["code"], code, "{shown:?}");
                let message = error["message"].as_str().unwrap();
                assert!(escaped(message).contains(sentence), "{shown:?}: {message}");

                let page = post(&url, URLENCODED, "text/html", body(URLENCODED, &fields)).await;
                assert_eq!(page.status, 422, "{shown:?}");
                let html = page.text();
                let expected = if lang == "en" { "lang=\"en\" dir=\"ltr\"" } else { "lang=\"ar\" dir=\"rtl\"" };
                assert!(html.contains(expected), "{shown:?}");
                // Beside the field, and tied to it (D16).
                assert!(html.contains(r#"aria-invalid="true" aria-describedby="email-remark""#), "{shown:?}: {html}");
                let remark = format!("<p class=\"remark\" id=\"email-remark\">{}</p>", escaped(message));
                assert!(html.contains(&remark), "{shown:?}: {html}");
                // What was typed stays, as text.
                assert!(html.contains(&format!("value=\"{}\"", escaped(&typed))), "{shown:?}: {html}");
                assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
            }
        }
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// Missing fields, and octets that are no text, are an empty or a wrong address, not an error of the server.
    missing_and_damaged_fields_are_refused_kindly,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let multipart = b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n\xe9\xe8@example.org\r\n--BOUNDARY--\r\n";
        for (kind, octets, code) in [
            (MULTIPART, &multipart[..], "bad-character"),
            (MULTIPART, b"--BOUNDARY--\r\n", "empty"),
            (JSON, b"{}", "empty"),
            (URLENCODED, b"", "empty"),
            (URLENCODED, b"name=layla", "empty"),
            (URLENCODED, b"email=%FF%FE%40example.org", "bad-character"),
            (URLENCODED, b"email=\xff\xfe@example.org", "bad-character"),
            (URLENCODED, b"email=%", "bad-character"),
        ] {
            let answer = post(&form, kind, JSON, octets).await;
            assert_eq!(answer.status, 422, "{octets:?}: {}", answer.text());
            let found = answer.json()["errors"]["email"]["code"].as_str().unwrap().to_owned();
            assert!(found == code || octets.ends_with(b"=%"), "{octets:?}: {found}");
        }
    }
);

both_databases!(
    /// X1, M17: a name that could end a header line or turn a mail around is refused; the address stays in its field.
    a_name_cannot_carry_lines_or_directions,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let before = app.dump().await;
        let long = "ل".repeat(101);
        for name in ["Layla\r\nBcc: x@example.net", "Layla\nX: y", "a\u{0}b", "\u{202e}alyaL", "\u{2066}x", "a\u{2028}b", &long] {
            let fields = [("email", "layla@example.org"), ("name", name)];
            let json = post(&form, JSON, JSON, body(JSON, &fields)).await;
            assert_eq!((json.status, json.json()["errors"]["name"]["code"].as_str()), (422, Some("name")), "{name:?}");
            assert!(json.json()["errors"]["email"].is_null());
            let page = post(&form, URLENCODED, "text/html", body(URLENCODED, &fields)).await;
            assert_eq!(page.status, 422, "{name:?}");
            assert!(page.text().contains(r#"aria-invalid="true" aria-describedby="name-remark""#), "{name:?}");
            assert!(page.text().contains("الاسم أطول من اللازم"), "{name:?}");
            assert!(page.text().contains(r#"value="layla@example.org""#), "{name:?}");
        }
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// A4: the suggestion's own button signs the suggested address up.
    a_suggestion_is_taken_with_one_press,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let page = http::post_form(&form, &[("email", "layla@٢٠٢٦.example")]).await;
        assert!(page.text().contains(r#"name="suggestion" value="layla@2026.example""#), "{}", page.text());
        let fields = [("email", "layla@٢٠٢٦.example"), ("suggestion", "layla@2026.example")];
        assert_eq!(http::post_form(&form, &fields).await.status, 303);
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages()[0].recipients, ["layla@2026.example"]);
    }
);
