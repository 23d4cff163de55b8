//! What stands beside the news: articles to read also, and popular posts.

use nashra::domain::digest::Item;
use serde_json::json;

use super::{NEWS, Told, decided, json, reading, rss, run, why};
use crate::feeds::site::FeedSite;
use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{request, send};

const FIRST: &str = "https://a.example/port-closed";
const SECOND: &str = "https://a.example/port-open";

/// A week of news, one of it about the harbour.
fn last_week() -> Vec<Told> {
    let old = Told {
        date: "Sun, 04 Jan 2026 20:00:00 GMT",
        ..NEWS
    };
    vec![
        Told {
            url: FIRST,
            title: "سنة على إغلاق الرصيف الشرقي",
            lead: "لا يزال الرصيف الشرقي في ميناء بيروت مغلقاً أمام الصيادين.",
            category: "مرفأ بيروت",
            ..old
        },
        Told {
            url: "https://a.example/olives",
            title: "موسم الزيتون يبدأ باكراً",
            lead: "حصاد وفير في الجبل.",
            category: "زراعة",
            ..old
        },
        Told {
            url: "https://a.example/train",
            title: "قطار الساحل في صور قديمة",
            lead: "معرض عن محطات منسية.",
            category: "تاريخ",
            ..old
        },
        Told {
            url: "https://a.example/songs",
            title: "فرقة من حلب تغني القدود",
            lead: "أمسية طربية في المدينة.",
            category: "ثقافة",
            ..old
        },
    ]
}

fn this_week() -> Vec<Told> {
    vec![Told {
        url: SECOND,
        title: "الصيادون يعودون إلى الرصيف الشرقي",
        lead: "فتح ميناء بيروت رصيفه الشرقي من جديد، وعاد الصيادون بمراكبهم.",
        category: "مرفأ بيروت",
        date: "Sun, 11 Jan 2026 20:00:00 GMT",
        ..NEWS
    }]
}

both_databases!(
    /// The lead leads to an earlier article by its words and tags, which is none of the news and does not come again as news; 0: none.
    the_lead_leads_to_what_goes_with_it,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/all.xml"], "").await;
        site.write("/all.xml", rss(&last_week()));
        run(&app, "2026-01-05").await;
        site.write("/all.xml", rss(&this_week()));
        run(&app, "2026-01-12").await;
        let digests = json(&app.nashra(["digest", "list", "--list", "paper", "--json"]).run().await);
        let newest = digests[0]["digest"].to_string();
        let shown = json(&app.nashra(["digest", "show", &newest, "--json"]).run().await);
        let lead = &shown["edition"]["lead"];
        assert_eq!((&lead["url"], &shown["articles"]), (&SECOND.into(), &1.into()), "{shown}");
        let related: Vec<&str> = lead["related"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
        assert_eq!(related, [FIRST]);
        let told = why(&app, FIRST).await;
        let (first, second) = (&told["digests"][0], &told["digests"][1]);
        assert_eq!(&first["decided"]["position"].is_number(), &true, "{told}");
        let words = second["beside"]["why"].as_str().unwrap();
        assert!(words.starts_with("read also, with ") && words.contains("«الصيادون يعودون إلى الرصيف الشرقي» (near 0."), "{words}");
        assert_eq!(decided(&why(&app, SECOND).await).0, "lead");
        let all = app.nashra(["digest", "why", "--digest", &newest]).run().await.stdout;
        assert!(all.contains("related") && all.contains("read also, with"), "{all}");
    }
);

both_databases!(
    /// `read_also = 0` leads nowhere; `suggest` sets what is near under the news, once.
    suggestions_stand_under_the_news,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/all.xml"], "read_also = 0\nsuggest = 3").await;
        site.write("/all.xml", rss(&last_week()));
        run(&app, "2026-01-05").await;
        site.write("/all.xml", rss(&this_week()));
        run(&app, "2026-01-12").await;
        let digests = json(&app.nashra(["digest", "list", "--list", "paper", "--json"]).run().await);
        let digest = app.digest(digests[0]["digest"].as_i64().unwrap()).await;
        assert_eq!(digest.edition.lead.unwrap().related, []);
        let suggested: Vec<&str> = digest.edition.suggested.iter().map(|item: &Item| item.url.as_str()).collect();
        assert_eq!(suggested, [FIRST]);
    }
);

const TOKEN: &str = "a-token-of-the-cms-0123456789";

/// The addresses of the popular posts of the digest of `weekly` that is due.
async fn popular(app: &TestApp) -> Vec<String> {
    let digest = app.publish().await;
    let edition = app.digest(digest).await.edition;
    edition.popular.into_iter().map(|item| item.url).collect()
}

both_databases!(
    /// Popular posts by what programs and files say of how often they were read: not the young, not the news, the most read first.
    popular_posts_by_views,
    |db| async move {
        let options = Options {
            list: "popular = 2\npopular_by = [\"pushed\"]\nread_also = 0".to_owned(),
            sections: format!("[[api.tokens]]\nname = \"cms\"\ntoken = \"{TOKEN}\"\n"),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        app.many_confirmed(1).await;
        let article = |name: &str, date: &str, views: serde_json::Value| {
            json!({ "list": "weekly", "url": format!("https://news.example/{name}"), "title": format!("{name} زيتون {name}"), "date": date,
                "views": views })
        };
        let post = |body: serde_json::Value| {
            let url = format!("{}/api/articles", app.url);
            send(request(axum::http::Method::POST, &url).header("content-type", "application/json").bearer_auth(TOKEN).body(body.to_string()))
        };
        for wrong in [json!(-1), json!(1.5), json!("12"), json!(1_000_000_000_001_i64)] {
            let answer = post(article("wrong", "2025-12-20", wrong.clone())).await;
            assert_eq!(answer.status, 422, "{wrong}");
            assert!(answer.text().contains("\"code\":\"wrong-type\",\"field\":\"views\""), "{}", answer.text());
        }
        let answer = post(json!([
            article("much", "2025-12-20", json!(10)),
            article("more", "2025-12-20", json!(900)),
            article("little", "2025-12-21", json!(3)),
            article("nothing", "2025-12-21", json!(null)),
            article("ancient", "2025-11-01", json!(90_000)),
            article("young", "2026-01-05T02:00:00Z", json!(90_000)),
        ])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        // Another number is no other article, and counts at once.
        let again = post(article("much", "2025-12-20", json!(5_000))).await;
        assert!(again.text().contains("\"result\":\"same\""), "{}", again.text());
        assert_eq!(popular(&app).await, ["https://news.example/much", "https://news.example/more"]);
        let told = app.nashra(["digest", "why", "https://news.example/much", "--json"]).run().await;
        let words = json(&told)[0]["digests"][0]["beside"]["why"].clone();
        assert!(words.as_str().unwrap().starts_with("popular (score 0.2"), "half after a week, and after two a quarter: {words}");
        assert!(app.clock.now_ms() == MONDAY);
    }
);

both_databases!(
    /// The same by a feed's own counts: comments in RSS, and views in a JSON Feed.
    popular_posts_by_what_feeds_count,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/all.xml", "/feed.json"], "popular = 3\npopular_by = [\"feed\"]\nread_also = 0").await;
        let old = Told { date: "Sat, 20 Dec 2025 20:00:00 GMT", ..NEWS };
        site.write("/all.xml", rss(&[
            Told { url: "https://a.example/quiet", title: "موسم الزيتون", more: "<slash:comments>2</slash:comments>", ..old },
            Told { url: "https://a.example/loud", title: "قطار الساحل", more: "<comments>https://a.example/loud#c</comments><slash:comments>70</slash:comments>", ..old },
            Told { url: "https://a.example/new", title: "فرقة من حلب", more: "<slash:comments>900</slash:comments>", ..NEWS },
        ]));
        let item = json!({ "id": "1", "url": "https://b.example/read", "title": "مدارس الجنوب", "date_published": "2025-12-20T20:00:00Z",
            "_nashra": { "views": 20 } });
        let broken = json!({ "id": "2", "url": "https://b.example/broken", "title": "مكتبة", "date_published": "2025-12-20T20:00:00Z",
            "views": "many" });
        let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [item, broken] });
        site.write("/feed.json", feed.to_string());
        run(&app, "2026-01-05").await;
        let digests = json(&app.nashra(["digest", "list", "--list", "paper", "--json"]).run().await);
        let digest = app.digest(digests[0]["digest"].as_i64().unwrap()).await;
        let popular: Vec<&str> = digest.edition.popular.iter().map(|item| item.url.as_str()).collect();
        assert_eq!(popular, ["https://a.example/loud", "https://b.example/read", "https://a.example/quiet"]);
    }
);
