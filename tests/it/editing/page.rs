//! The editors' page: what its form decides, whom it lets in, what it shows of a draft and of what became of it.

use nashra::service::editing;
use nashra::service::letter;
use regex::Regex;
use reqwest::Method;

use super::{HOUR, articles, before_the_hour, goes_out, letter as letter_to, reviewed, row, shown};
use crate::harness::app::{DAILY, DAY, MONDAY, Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};
use crate::harness::queue::number;

const AMAL: &str = "amal@desk.example";
const OMAR: &str = "omar@desk.example";

/// The link of an editor, after the window opened.
pub async fn link(app: &TestApp, editor: &str) -> String {
    let list = app.app.context.list("weekly").unwrap();
    editing::open(&app.app.context, list, app.clock.now_ms())
        .await
        .unwrap();
    app.deliver_pending().await;
    app.link_of(editor, "/draft/")
}

/// The fields of the form as a browser would send them.
pub fn fields(page: &Answer) -> Vec<(String, String)> {
    let html = page.text();
    let plain = |text: &str| {
        let escapes = [
            ("&#34;", "\""),
            ("&#39;", "'"),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&#38;", "&"),
        ];
        let mut text = text.to_owned();
        for (escape, letter) in escapes {
            text = text.replace(escape, letter);
        }
        text
    };
    let all = Regex::new(
        r#"(?s)<(input)[^>]* name="([^"]+)"[^>]* value="([^"]*)"|<(textarea)[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>|<(select)[^>]* name="([^"]+)"[^>]*>(.*?)</select>"#,
    )
    .unwrap();
    let selected = Regex::new(r#"<option value="([^"]*)" selected"#).unwrap();
    let first = Regex::new(r#"<option value="([^"]*)""#).unwrap();
    let field = |found: regex::Captures<'_>| {
        let of = |at: usize| found.get(at).map(|text| text.as_str());
        if of(1).is_some() {
            (of(2).unwrap().to_owned(), plain(of(3).unwrap()))
        } else if of(4).is_some() {
            (of(5).unwrap().to_owned(), plain(of(6).unwrap()))
        } else {
            let options = of(9).unwrap();
            let chosen = selected
                .captures(options)
                .or_else(|| first.captures(options));
            (of(8).unwrap().to_owned(), chosen.unwrap()[1].to_owned())
        }
    };
    all.captures_iter(html).map(field).collect()
}

/// Posts the form of a page with some fields filled in otherwise.
pub async fn post(link: &str, page: &Answer, changes: &[(&str, &str)]) -> Answer {
    let mut fields = fields(page);
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    http::post_form(link, &fields).await
}

both_databases!(
    /// The form decides what the mail says: title, place, position, lead, introduction. Sent as it was shown it decides nothing.
    the_form_decides,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        assert_eq!(page.status, 200);
        let same = post(&link, &page, &[("do", "save")]).await;
        assert_eq!((same.status, same.header("location").ends_with("?note=saved")), (303, true));
        assert_eq!(fields(&http::get(&link).await)[0], ("version".to_owned(), "0".to_owned()), "nothing was decided");
        let mut ids = Vec::new();
        for n in 1..=8 {
            ids.push(row(&app, n).await);
        }
        let of = |name: &str, n: usize| format!("{name}.{}", ids[n - 1]);
        let (title, pin, drop, at, lead) = (of("title", 4), of("place", 6), of("place", 2), of("at", 5), ids[2].to_string());
        let changes = [
            (title.as_str(), "عنوان  أوضح\r\n"), (pin.as_str(), "pin"), (drop.as_str(), "drop"), (at.as_str(), "1"),
            ("lead", lead.as_str()), ("introduction", "كلمة.\r\n\r\nوأخرى."), ("do", "save"),
        ];
        let saved = post(&link, &page, &changes).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        let page = http::get(&format!("{}{}", app.url, saved.header("location"))).await;
        for text in ["حُفظت تغييراتك", "عنوان أوضح", "عنوانها الأصلي", "مثبّتة", AMAL] {
            assert!(page.text().contains(text), "{text}: {}", page.text());
        }
        let digest = goes_out(&app).await;
        let letter = letter_to(&app, "layla@example.org");
        assert_eq!(shown(&letter), [3, 6, 1, 5, 4, 7, 8]);
        assert!(letter.contains("عنوان أوضح"), "{letter}");
        assert_eq!(app.digest(digest).await.edition.introduction.as_deref(), Some("كلمة.\n\nوأخرى."));
    }
);

both_databases!(
    /// H7, X10: a link that is not ours, of another list or draft, of nobody who is an editor, or too old, opens nothing. And GET changes
    /// nothing, however often and with whatever behind the question mark (promise 1).
    only_a_genuine_link_opens_a_draft_and_looking_changes_nothing,
    |db| async move {
        let options = Options { lists: DAILY.to_owned(), ..reviewed() };
        let app = before_the_hour(db, options).await;
        let link = link(&app, AMAL).await;
        let context = &app.app.context;
        let (weekly, daily) = (context.list("weekly").unwrap(), context.list("daily").unwrap());
        let period = MONDAY + 7 * DAY;
        assert_eq!(link, letter::edit_url(context, weekly, period, AMAL));
        let mut forged = link.clone();
        let last = if forged.ends_with('A') { "B" } else { "A" };
        forged.replace_range(forged.len() - 1.., last);
        let others = [
            forged,
            letter::edit_url(context, daily, period, AMAL),
            letter::edit_url(context, weekly, period, "layla@example.org"),
            app.preferences_link("weekly", "layla@example.org").await.replace("/p/", "/draft/"),
            format!("{}/draft/x", app.url),
        ];
        for other in &others {
            for path in ["", "/preview", "/letter"] {
                assert_eq!(http::get(&format!("{other}{path}")).await.status, 404, "{other}{path}");
            }
            assert_eq!(http::post_form(other, &[("version", "0"), ("introduction", "x")]).await.status, 404);
            assert_eq!(http::post_form(&format!("{other}/preview"), &[]).await.status, 404);
        }
        let before = app.dump().await;
        for query in ["", "?note=saved", "?lang=en", "/preview", "/preview?sections=health&language=en", "/letter", "/letter?sections=x", "?do=save&version=0"] {
            let url = format!("{link}{query}");
            let page = http::get(&url).await;
            assert_eq!(page.status, 200, "{url}");
            assert_eq!((page.header("cache-control"), page.header("referrer-policy"), page.header("x-robots-tag")), ("no-store", "no-referrer", "noindex"));
            let head = http::send(http::request(Method::HEAD, &url)).await;
            assert_eq!((head.status, head.body.len()), (200, 0));
        }
        let foreign = http::request(Method::POST, &link).header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        let foreign = foreign.header("content-type", "application/x-www-form-urlencoded").body("version=0&introduction=x&do=save");
        assert_eq!(http::send(foreign).await.status, 403);
        assert_eq!(app.dump().await, before);

        // After its hour the link shows what went out, for a week.
        goes_out(&app).await;
        assert_eq!(http::get(&link).await.status, 200);
        app.advance(std::time::Duration::from_millis((7 * DAY - HOUR) as u64));
        assert_eq!(http::get(&link).await.status, 200);
        app.advance(std::time::Duration::from_millis(HOUR as u64));
        assert_eq!(http::get(&link).await.status, 404);
    }
);

both_databases!(
    /// Two editors at once: the second is told, loses nothing that was typed, sees what is saved, and may save again.
    the_second_of_two_editors_loses_nothing,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let (amal, omar) = (link(&app, AMAL).await, app.link_of(OMAR, "/draft/"));
        let page = http::get(&amal).await;
        let title = format!("title.{}", row(&app, 1).await);
        let (fifth, at) = (row(&app, 5).await, format!("at.{}", row(&app, 5).await));
        let first = post(&omar, &page, &[("introduction", "كلمة عمر"), (&title, "عنوان عمر"), ("do", "save")]).await;
        assert_eq!(first.status, 303);
        let second = post(&amal, &page, &[("introduction", "كلمة أمل"), (&at, "1"), ("do", "test")]).await;
        assert_eq!(second.status, 409);
        for text in ["كلمة أمل", "كلمة عمر", "عنوان عمر", OMAR, "المحفوظ الآن"] {
            assert!(second.text().contains(text), "{text}: {}", second.text());
        }
        assert!(http::get(&amal).await.text().contains("كلمة عمر"), "nothing was written over");
        let again = post(&amal, &second, &[("do", "save")]).await;
        assert_eq!(again.status, 303, "{}", again.text());
        let page = http::get(&amal).await;
        assert!(page.text().contains("كلمة أمل") && !page.text().contains("كلمة عمر"));
        let order = fields(&page).into_iter().find(|(name, _)| name == "shown.reports").unwrap().1;
        assert!(order.starts_with(&format!("{fifth},")), "the order that was typed is not lost: {order}");
    }
);

both_databases!(
    /// A headline that its source put right after the page was shown is no edit of who saves that page.
    saving_keeps_no_headline_that_its_source_put_right,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        let sql = "UPDATE articles SET title = 'عنوان مصحّح' WHERE url LIKE '%/articles/3'";
        crate::harness::queue::execute(&app.database(), sql).await;
        assert_eq!(post(&link, &page, &[("introduction", "كلمة"), ("do", "save")]).await.status, 303);
        goes_out(&app).await;
        let letter = letter_to(&app, "layla@example.org");
        assert!(letter.contains("كلمة") && letter.contains("عنوان مصحّح"), "{letter}");
    }
);

both_databases!(
    /// What is too long is refused under its field, and what was typed stays in it; markup is text.
    what_cannot_be_taken_is_said_under_its_field,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        let title = format!("title.{}", row(&app, 2).await);
        let (long, words) = ("س".repeat(301), "ك".repeat(5_001));
        let refused = post(&link, &page, &[(&title, &long), ("introduction", &words), ("do", "save")]).await;
        assert_eq!(refused.status, 422);
        for text in ["introduction-remark", "300", "5,000", &long, &words] {
            assert!(refused.text().contains(text), "{text}");
        }
        assert_eq!(fields(&refused)[0].1, "0");
        // The order that was typed with it is not lost when the title is put right.
        let (fifth, at) = (row(&app, 5).await, format!("at.{}", row(&app, 5).await));
        let ordered = post(&link, &page, &[(&title, &long), (&at, "1"), ("do", "save")]).await;
        assert_eq!(ordered.status, 422);
        assert_eq!(post(&link, &ordered, &[(&title, "قصير"), ("do", "save")]).await.status, 303);
        let page = http::get(&link).await;
        let order = fields(&page).into_iter().find(|(name, _)| name == "shown.reports").unwrap().1;
        assert!(order.starts_with(&format!("{fifth},")), "{order}");
        let markup = "</textarea><script>alert(1)</script>";
        let saved = post(&link, &page, &[(&title, markup), ("introduction", markup), ("do", "save")]).await;
        assert_eq!(saved.status, 303);
        let page = http::get(&link).await;
        assert!(!page.text().contains("<script>"));
        assert!(fields(&page).contains(&("introduction".to_owned(), markup.to_owned())));
        let letter = http::get(&format!("{link}/letter")).await;
        assert!(!letter.text().contains("<script>"));
        for (url, answer) in [(&link, http::post_form(&link, &[("version", "x")]).await), (&link, http::get(&format!("{link}?lang=xx")).await)] {
            assert!(answer.status < 500, "{url}");
        }
    }
);

both_databases!(
    /// The preview is the mail that these readers would get, with links of nobody, in a frame that runs nothing; and those that it
    /// offers are the readers that there are.
    the_preview_is_the_mail_of_each_variant,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        let saved = post(&link, &page, &[("introduction", "كلمة المحرر"), ("do", "preview")]).await;
        assert_eq!(saved.header("location"), format!("{}/preview", link.strip_prefix(&app.url).unwrap()));
        let preview = http::get(&format!("{link}/preview")).await;
        let policy = preview.header("content-security-policy");
        assert!(policy.contains("frame-src 'self'") && !policy.contains("unsafe"), "{policy}");
        for text in ["<iframe", "sandbox=", "خبر رقم 1 من Beirut", "sections=health", "language=en", "قارئ واحد"] {
            assert!(preview.text().contains(text), "{text}: {}", preview.text());
        }
        let letter = http::get(&format!("{link}/letter")).await;
        assert_eq!(shown(letter.text()), [1, 2, 3, 4, 5, 7, 8]);
        let policy = letter.header("content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("script"), "{policy}");
        assert_eq!(letter.header("x-frame-options"), "SAMEORIGIN");
        let health = http::get(&format!("{link}/letter?sections=health")).await;
        assert_eq!(shown(health.text()), [7, 8]);
        let english = http::get(&format!("{link}/letter?language=en")).await;
        assert!(english.text().contains("Read on") && !letter.text().contains("Read on"));
        for letter in [&letter, &health, &english] {
            assert!(!letter.text().contains("layla") && letter.text().contains("reader@example.org"));
        }
        let none = http::get(&format!("{link}/preview?sections=cartoons")).await;
        assert!(none.text().contains("لن يصل إلى قراء هذه الأقسام شيء"), "{}", none.text());
        assert_eq!(http::get(&format!("{link}/letter?sections=cartoons")).await.status, 404);
    }
);

both_databases!(
    /// A test is the real mail, to the editor alone, ten times at most; the command sends to whom it is told.
    a_test_goes_to_the_editor_alone,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        let before = app.catcher.messages().len();
        let asked = post(&link, &page, &[("introduction", "كلمة المحرر"), ("do", "test")]).await;
        assert!(asked.header("location").ends_with("?note=tested"), "{asked:?}");
        let health = http::post_form(&format!("{link}/preview?sections=health"), &[]).await;
        assert!(health.header("location").ends_with("note=tested"), "{health:?}");
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let mails = &mails[before..];
        assert_eq!(mails.len(), 2);
        for mail in mails {
            assert_eq!(mail.recipients, [AMAL]);
            assert!(mail.subject().starts_with("[تجربة] "), "{}", mail.subject());
        }
        let text = mails[0].text().unwrap();
        let sql = "SELECT COUNT(*) FROM editor_mails WHERE kind = 'test' AND content LIKE '%كلمة المحرر%'";
        assert_eq!(number(&app.database(), sql).await, 2);
        assert_eq!((shown(&text), shown(&mails[1].text().unwrap())), (vec![1, 2, 3, 4, 5, 7, 8], vec![7, 8]));
        let leave = text.split_whitespace().find(|word| word.contains("/u/")).unwrap();
        assert_eq!(http::get(leave).await.status, 404, "a link of nobody");
        for _ in 2..10 {
            http::post_form(&format!("{link}/preview"), &[]).await;
        }
        let page = http::get(&link).await;
        let eleventh = post(&link, &page, &[("do", "test")]).await;
        assert!(eleventh.header("location").ends_with("note=too-many"), "{eleventh:?}");
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), before + 10);
    }
);

both_databases!(
    /// Once the digest is made the page shows it and takes nothing; a period without a digest says so.
    after_the_hour_the_page_is_frozen,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let link = link(&app, AMAL).await;
        let page = http::get(&link).await;
        post(&link, &page, &[("introduction", "كلمة المحرر"), ("do", "save")]).await;
        let digest = goes_out(&app).await;
        let late = post(&link, &page, &[("introduction", "متأخر"), ("do", "save")]).await;
        assert_eq!(late.status, 409);
        let frozen = http::get(&link).await;
        for page in [&late, &frozen] {
            assert!(page.text().contains("كلمة المحرر") && page.text().contains("خبر رقم 1 "), "{}", page.text());
            assert!(!page.text().contains("<form") && !page.text().contains("متأخر"));
        }
        let url = format!("/d/{}", app.digest(digest).await.public_id);
        assert!(frozen.text().contains(&url));
        assert_eq!(app.digest(digest).await.edition.introduction.as_deref(), Some("كلمة المحرر"));

        app.advance(std::time::Duration::from_millis((7 * DAY - 12 * HOUR) as u64));
        let link = self::link(&app, AMAL).await;
        assert!(http::get(&link).await.text().contains("لا جديد حتى الآن"));
        app.advance(std::time::Duration::from_hours(12));
        let list = app.app.context.list("weekly").unwrap();
        nashra::service::compose::compose(&app.app.context, list, app.clock.now_ms(), false).await.unwrap();
        assert!(http::get(&link).await.text().contains("أُغلقت هذه المسودة"));
        articles(&app, 30..=30, "reports").await;
    }
);
