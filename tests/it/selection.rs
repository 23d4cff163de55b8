//! Sections and selection: what a digest takes from feeds, where it puts it, what it folds, and that it says why.

mod beside;
mod readers;

use serde_json::Value;

use crate::feeds::site::FeedSite;
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::Output;

const SECTIONS: &str = r#"
[[lists]]
slug = "paper"
name = "الجريدة"
locale = "ar"
schedule = "0 7 * * 1"
zone = "UTC"
sections = [
  { key = "news", name = "أخبار", limit = 3, min = 0 },
  { key = "health", name = "صحة", layout = "headlines", min = 2, fallback = "news", urls = ["/صحة/*", "/health/**"] },
  { key = "opinion", name = "رأي", layout = "headlines", categories = ["مقالات"] },
  { key = "cartoons", name = "كاريكاتير", layout = "cartoon", min = 2, limit = 2, urls = ["https://draw.example/**"] },
]
"#;

/// An item: address, title, lead, category; date, and further elements.
struct Told {
    url: &'static str,
    title: &'static str,
    lead: &'static str,
    category: &'static str,
    date: &'static str,
    more: &'static str,
}

const NEWS: Told = Told {
    url: "",
    title: "",
    lead: "",
    category: "",
    date: "Mon, 05 Jan 2026 05:00:00 GMT",
    more: "",
};

fn rss(items: &[Told]) -> String {
    let items = items.iter().map(|told| {
        let Told {
            url,
            title,
            lead,
            category,
            date,
            more,
        } = told;
        format!(
            "<item><title>{title}</title><link>{url}</link><description>{lead}</description><category>{category}</category>\
             <pubDate>{date}</pubDate>{more}</item>"
        )
    });
    let items = items.collect::<Vec<_>>().concat();
    format!("<rss version=\"2.0\"><channel><title>وكالة</title>{items}</channel></rss>")
}

/// The program with the list `paper`, which reads these pages of a site, and one reader of it.
async fn reading(db: TestDb, site: &FeedSite, feeds: &[&str], keys: &str) -> TestApp {
    let feeds = feeds
        .iter()
        .map(|path| format!("{{ url = \"{}\" }}", site.url(path)));
    let feeds = feeds.collect::<Vec<_>>().join(", ");
    let options = Options {
        lists: format!("{SECTIONS}{keys}\nfeeds = [{feeds}]\n"),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed_of("paper", "example.org", 1).await;
    app
}

fn json(output: &Output) -> Value {
    assert_eq!(output.code, Some(0), "{output:#?}");
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:#?}"))
}

/// `digest run` of the list at seven on this day; the text of the mail that came of it.
async fn run(app: &TestApp, day: &str) -> String {
    let before = app.catcher.messages().len();
    let at = format!("{day}T07:00:00Z");
    let output = app
        .nashra(["digest", "run", "--list", "paper", "--as-of", &at])
        .run()
        .await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    let mails = app.catcher.messages();
    assert_eq!(mails.len(), before + 1, "{output:#?}");
    mails[before].text().unwrap()
}

/// What `digest why` says of an article in the list.
async fn why(app: &TestApp, article: &str) -> Value {
    let output = app
        .nashra(["digest", "why", article, "--list", "paper", "--json"])
        .run()
        .await;
    let all = json(&output);
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    all[0].clone()
}

/// The decision and the words of the only digest that looked at it.
fn decided(why: &Value) -> (&str, &str) {
    assert_eq!(why["digests"].as_array().map(Vec::len), Some(1), "{why}");
    let decided = &why["digests"][0]["decided"];
    (
        decided["decision"].as_str().unwrap(),
        decided["why"].as_str().unwrap(),
    )
}

const OURS: &str = "https://ours.example/port";
const THEIRS: &str = "https://theirs.example/2026/port";

/// The same story in the words and the spelling of two agencies.
fn port() -> [Told; 2] {
    [
        Told {
            url: OURS,
            title: "إعادة فتح ميناء بيروت بعد أعمال الترميم",
            lead: "أعلنت وزارة الأشغال اللبنانية إعادة فتح الرصيف الشرقي في ميناء بيروت بعد انتهاء أعمال الترميم التي استمرت عامين.",
            more: "<enclosure url=\"https://ours.example/port.jpg\" type=\"image/jpeg\" length=\"1\"/>",
            ..NEWS
        },
        Told {
            url: THEIRS,
            title: "إعـــادةُ فتح ميناء بيروت بعد انتهاء اعمال الترميم",
            lead: "قالت وزارة الاشغال اللبنانيه ان الرصيف الشرقى فى ميناء بيروت اعيد فتحه بعد انتهاء اعمال الترميم التى استمرت عامين.",
            ..NEWS
        },
    ]
}

fn currencies(url: &'static str, title: &'static str) -> Told {
    let lead = "ننشر أسعار العملات العربية والأجنبية مقابل الليرة في المصارف اليوم بحسب آخر تحديث للمصرف المركزي.";
    Told {
        url,
        title,
        lead,
        ..NEWS
    }
}

both_databases!(
    /// A story of two agencies stands once, also when the second tells it after the first was sent; a daily series does not.
    one_story_of_two_agencies_stands_once,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/ours.xml", "/theirs.xml", "/late.xml"], "").await;
        let [ours, theirs] = port();
        let fourth = currencies("https://ours.example/4", "أسعار العملات اليوم 4 يناير");
        let fifth = currencies("https://theirs.example/5", "أسعار العملات اليوم 5 يناير");
        site.write("/ours.xml", rss(&[ours, fourth]));
        site.write("/theirs.xml", rss(&[theirs, fifth]));
        site.write("/late.xml", rss(&[]));
        let text = run(&app, "2026-01-05").await;
        for (url, stands) in [(OURS, true), (THEIRS, false), ("https://ours.example/4", true), ("https://theirs.example/5", true)] {
            assert_eq!(text.contains(url), stands, "{url}: {text}");
        }
        let told = why(&app, THEIRS).await;
        let (decision, words) = decided(&told);
        assert_eq!(decision, "folded");
        assert!(words.contains("«إعادة فتح ميناء بيروت بعد أعمال الترميم» (alike 0."), "{words}");
        let ours = why(&app, OURS).await;
        assert_eq!(told["digests"][0]["decided"]["other"], ours["article"]);
        assert_eq!(decided(&ours), ("lead", "the lead story"));
        let next = told["next"]["decision"].as_str().unwrap();
        assert_eq!(next, "looked_at", "{told}");

        // A third agency has it a week later, dated as it was.
        let [_, theirs] = port();
        let again = Told { url: "https://third.example/port", date: "Sun, 04 Jan 2026 20:00:00 GMT", ..theirs };
        let other = Told {
            url: "https://third.example/school",
            title: "مدارس الجنوب تفتح أبوابها",
            lead: "عاد التلاميذ إلى مدارسهم في القرى الجنوبية بعد عطلة طويلة ووعود بالترميم لم تتحقق.",
            date: "Sun, 11 Jan 2026 20:00:00 GMT",
            ..NEWS
        };
        site.write("/late.xml", rss(&[again, other]));
        let text = run(&app, "2026-01-12").await;
        assert!(text.contains("https://third.example/school") && !text.contains("https://third.example/port"), "{text}");
        let told = why(&app, "https://third.example/port").await;
        let (decision, words) = decided(&told);
        assert!(decision == "folded" && words.ends_with(", which was sent before"), "{words}");
    }
);

both_databases!(
    /// `fold = false`: both stand.
    what_is_not_to_be_folded_is_not,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/all.xml"], "fold = false").await;
        site.write("/all.xml", rss(&port()));
        let text = run(&app, "2026-01-05").await;
        assert!(text.contains(OURS) && text.contains(THEIRS), "{text}");
    }
);

fn article(url: &'static str, title: &'static str, category: &'static str) -> Told {
    Told {
        url,
        title,
        category,
        ..NEWS
    }
}

both_databases!(
    /// Patterns, categories, the rest; a section with too few falls back or is left out; a full one says so. All with the reason.
    sections_by_rules_with_minimum_and_fallback,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &site, &["/all.xml"], "").await;
        let [health, opinion] = ["https://a.example/%D8%B5%D8%AD%D8%A9/sleep", "https://a.example/x/pen"];
        let drawn = "https://draw.example/2026/01/harbour";
        let news = ["https://a.example/n/1", "https://a.example/n/2", "https://a.example/n/3"];
        site.write("/all.xml", rss(&[
            article(health, "نوم أطول", "مقالات"),
            article(opinion, "قلم ومدينة", " مقالات "),
            article(drawn, "الرصيف", ""),
            Told { date: "Mon, 05 Jan 2026 04:00:00 GMT", ..article(news[0], "زيتون الجبل", "") },
            Told { date: "Mon, 05 Jan 2026 03:00:00 GMT", ..article(news[1], "قطار الساحل", "") },
            Told { date: "Mon, 05 Jan 2026 02:00:00 GMT", ..article(news[2], "فرقة من حلب", "") },
        ]));
        let preview = ["digest", "preview", "--list", "paper", "--gather", "--as-of", "2026-01-05T07:00:00Z"];
        let previewed = app.nashra(preview).dir(app.directory()).run().await;
        assert_eq!(previewed.code, Some(0), "{previewed:#?}");
        let as_json = preview.iter().chain(&["--json"]).copied();
        let all = json(&app.nashra(as_json).dir(app.directory()).run().await);
        assert_eq!((&all[0]["articles"], all[0]["decisions"].as_array().map(Vec::len)), (&4.into(), Some(6)), "{all}");
        let before = ["digest", "why", drawn, "--json", "--as-of", "2026-01-05T07:00:00Z"];
        let before = json(&app.nashra(before).run().await);
        assert_eq!((&before[0]["next"]["decision"], &before[0]["digests"]), (&"section_short".into(), &Value::Array(vec![])));

        let text = run(&app, "2026-01-05").await;
        assert!(!text.contains(drawn) && !text.contains(news[2]), "{text}");
        let fallen = "from health, which had 1 and stands from 2 articles on";
        for (url, section, rule, decision, words) in [
            (health, "health", "url /صحة/*", "lead", fallen),
            (opinion, "opinion", "category مقالات", "chosen", "stands in its section"),
            (drawn, "cartoons", "url https://draw.example/**", "section_short", "its section had 1 and stands from 2 articles on"),
            (news[0], "news", "rest", "chosen", "stands in its section"),
            (news[2], "news", "rest", "section_full", "its section was full: 3 newer ones stand there"),
        ] {
            let why = why(&app, url).await;
            assert_eq!((&why["section"], &why["rule"]), (&section.into(), &rule.into()), "{url}");
            let (decided, said) = decided(&why);
            assert_eq!(decided, decision, "{url}: {said}");
            assert!(said.contains(words), "{said}");
            assert!(previewed.stdout.contains(said), "{said}: {}", previewed.stdout);
        }
        let plain = app.nashra(["digest", "why", drawn]).run().await.stdout;
        for words in ["cartoons: its address fits the pattern https://draw.example/**", "section_short · cartoons · its section had 1", "next        nothing: a digest has looked at it"] {
            assert!(plain.contains(words), "{words}: {plain}");
        }
        let none = app.nashra(["digest", "why", "https://nowhere.example/"]).run().await;
        assert_eq!(none.code, Some(1));
        assert!(none.stderr.contains("there is no article https://nowhere.example/; `nashra article list --list LIST`"), "{none:#?}");
    }
);
