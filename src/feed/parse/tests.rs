//! Feeds as they come: every format and charset, broken and hostile ones (standards X4, X5).

use proptest::prelude::*;

use super::*;
use crate::domain::article::NewArticle;

const RSS: &[u8] = include_bytes!("../../../tests/fixtures/feeds/rss2.xml");
const ATOM: &[u8] = include_bytes!("../../../tests/fixtures/feeds/atom.xml");
const JSON: &[u8] = include_bytes!("../../../tests/fixtures/feeds/feed.json");

fn read(bytes: &[u8]) -> Result<ParsedFeed, FeedError> {
    parse(
        bytes,
        None,
        "https://marfa.example/feed.xml",
        &FetchLimits::default(),
    )
}

fn rss(items: &str) -> Result<ParsedFeed, FeedError> {
    read(format!("<rss version='2.0'><channel><title>t</title>{items}</channel></rss>").as_bytes())
}

#[test]
fn rss_in_arabic_with_everything() {
    let feed = read(RSS).unwrap();
    assert_eq!(feed.title.as_deref(), Some("صحيفة المرفأ"));
    let [report, cartoon, health] = feed.articles.as_slice() else {
        panic!("{feed:?}")
    };
    assert_eq!(
        report.title,
        "الصيادون يعودون إلى الميناء \"القديم\" بعد عامين"
    );
    assert_eq!(report.guid.as_deref(), Some("1042"));
    assert_eq!(report.identity(), "marfa.example 1042");
    assert_eq!(report.published_ms, Some(1_795_156_200_000));
    assert_eq!(
        (report.author.as_deref(), report.source.as_deref()),
        (Some("سلمى حداد"), Some("وكالات"))
    );
    assert_eq!(report.categories, ["تقارير وتحقيقات", "بحر"]);
    assert_eq!(
        report.image,
        Some(Image {
            url: "https://marfa.example/img/1042.jpg".into(),
            alt: "قوارب ملوّنة عند الرصيف".into()
        })
    );
    assert_eq!(
        report.summary_html.as_str(),
        "عاد <strong>أربعون</strong> قاربًا إلى الميناء.<br>اقرأ أيضًا: <a href=\"https://marfa.example/reports/1001\">رحلة الشتاء</a>"
    );
    assert_eq!(
        report.summary_text,
        "عاد أربعون قاربًا إلى الميناء. اقرأ أيضًا: رحلة الشتاء"
    );
    assert_eq!(cartoon.url, "https://marfa.example/cartoons/77");
    assert_eq!(
        cartoon.image,
        Some(Image {
            url: "https://marfa.example/img/77.png".into(),
            alt: "رجل ينتظر سفينة من ورق".into()
        })
    );
    assert_eq!(
        (cartoon.summary_text.as_str(), cartoon.published_ms),
        ("", None)
    );
    assert_eq!(health.url, "https://marfa.example/health/9");
    assert_eq!(health.title, "ينصح الأطباء بالمشي نصف ساعة كل يوم.");
    assert_eq!(health.author.as_deref(), Some("قسم الصحة"));
    assert_eq!(
        health.image.as_ref().unwrap().url,
        "https://marfa.example/img/9.jpg"
    );
    assert_eq!(
        feed.skipped,
        [
            ("خبر بلا رابط".to_owned(), SkipReason::NoLink),
            (
                "https://marfa.example/empty".to_owned(),
                SkipReason::NoTitle
            )
        ]
    );
}

#[test]
fn atom_text_constructs_links_and_source() {
    let feed = read(ATOM).unwrap();
    assert_eq!(feed.title.as_deref(), Some("The Harbour & the Sea"));
    let [first, second] = feed.articles.as_slice() else {
        panic!("{feed:?}")
    };
    assert_eq!(first.title, "Why 1 < 2 still matters");
    assert_eq!(first.url, "https://harbour.example/posts/12");
    assert_eq!(
        (first.author.as_deref(), first.source.as_deref()),
        (Some("Dana Reed"), Some("The Wire"))
    );
    assert_eq!(first.categories, ["Reports"]);
    assert_eq!(
        first.image.as_ref().unwrap().url,
        "https://harbour.example/12.png"
    );
    assert_eq!(
        first.summary_html.as_str(),
        "A <em>short</em> lead with &lt;script&gt; as text."
    );
    assert_eq!(first.published_ms, Some(1_795_251_600_000));
    assert_eq!(second.title, "Only content");
    // An id that feed-rs would invent is none: the address is what it is known by.
    assert_eq!(
        (second.guid.clone(), second.identity().as_str()),
        (None, "https://harbour.example/posts/13")
    );
    assert_eq!(second.summary_text, "First paragraph. Second paragraph.");
    assert!(second.published_ms.is_some());
}

#[test]
fn json_feed_item_by_item() {
    let feed = read(JSON).unwrap();
    let [market, untitled] = feed.articles.as_slice() else {
        panic!("{feed:?}")
    };
    assert_eq!(
        (market.guid.as_deref(), market.title.as_str()),
        (Some("5"), "سوق <الجمعة>")
    );
    assert_eq!(
        market.summary_html.as_str(),
        "يفتح السوق أبوابه <b>باكرًا</b>."
    );
    assert_eq!(
        (market.author.as_deref(), market.categories.as_slice()),
        (Some("كريم"), &["صحة ومجتمع".to_owned()][..])
    );
    assert_eq!(
        (untitled.url.as_str(), untitled.title.as_str()),
        ("https://other.example/7", "نص بلا عنوان")
    );
    assert_eq!(
        feed.skipped,
        [("معطوب".to_owned(), SkipReason::Unreadable { number: 2 })]
    );
}

#[test]
fn x5_windows_1256_and_utf_16() {
    for bytes in [
        &include_bytes!("../../../tests/fixtures/feeds/rss-windows-1256.xml")[..],
        include_bytes!("../../../tests/fixtures/feeds/rss-utf-16.xml"),
    ] {
        let feed = read(bytes).unwrap();
        assert_eq!(feed.title.as_deref(), Some("نشرة الأسبوع"));
        assert_eq!(feed.articles[0].title, "مطر في الجنوب");
    }
}

#[test]
fn a_truncated_feed_gives_what_was_read_whole() {
    let feed = read(include_bytes!(
        "../../../tests/fixtures/feeds/truncated.xml"
    ))
    .unwrap();
    assert_eq!(feed.articles.len(), 1);
    assert!(
        matches!(
            feed.skipped.as_slice(),
            [(_, SkipReason::Malformed { line: 23, .. })]
        ),
        "{:?}",
        feed.skipped
    );
    let error = read(&RSS[..700]).unwrap_err();
    assert!(matches!(error, FeedError::Malformed { .. }), "{error}");
}

#[test]
fn x5_a_dtd_is_refused_and_a_bare_doctype_is_not() {
    let error = read(include_bytes!(
        "../../../tests/fixtures/feeds/billion-laughs.xml"
    ))
    .unwrap_err();
    assert!(matches!(error, FeedError::Dtd { .. }), "{error}");
    let old = "<!DOCTYPE rss SYSTEM 'rss-0.91.dtd'><rss version='0.91'><channel><item><title>t</title><link>https://s.example/</link></item></channel></rss>";
    assert_eq!(read(old.as_bytes()).unwrap().articles.len(), 1);
}

#[test]
fn what_is_not_a_feed_is_said() {
    let found = |bytes: &[u8]| match read(bytes) {
        Err(FeedError::NotAFeed { found, place }) => {
            assert_eq!(place, "https://marfa.example/feed.xml");
            found
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        found(include_bytes!(
            "../../../tests/fixtures/feeds/not-a-feed.html"
        )),
        "an HTML page"
    );
    assert_eq!(found(b"<sitemap/>"), "a document of <sitemap>");
    assert_eq!(found(b""), "empty");
    assert_eq!(found(b"\x89PNG\r\n"), "plain text or other data");
    assert_eq!(found(br#"{"version":"1","items":[]}"#), "other JSON");
    assert!(matches!(
        read(b"{\"version\":"),
        Err(FeedError::Json { .. })
    ));
    assert!(rss("").unwrap().articles.is_empty());
}

#[test]
fn x4_depth_items_and_sizes_are_limited() {
    let deep = format!("<item><title>t</title>{}", "<a>".repeat(101));
    assert!(
        matches!(rss(&deep), Err(FeedError::Malformed { reason, .. }) if reason.contains("deep"))
    );
    let wide = format!("<rss a='{}'><channel></channel></rss>", "x".repeat(10_000));
    assert!(matches!(
        read(wide.as_bytes()),
        Err(FeedError::Malformed { line: 1, .. })
    ));
    let limits = FetchLimits {
        max_items: 2,
        max_item_bytes: 120,
        ..FetchLimits::default()
    };
    let item = |id: usize, text: &str| {
        format!("<item><title>{text}</title><link>https://s.example/{id}</link></item>")
    };
    let xml = format!(
        "<rss version='2.0'><channel>{}{}{}{}</channel></rss>",
        item(1, "t"),
        item(2, &"x".repeat(120)),
        item(3, "t"),
        item(4, "t")
    );
    let feed = parse(xml.as_bytes(), None, "feed.xml", &limits).unwrap();
    assert_eq!(feed.articles.len(), 1);
    let reasons: Vec<_> = feed.skipped.into_iter().map(|skipped| skipped.1).collect();
    assert!(
        matches!(
            reasons.as_slice(),
            [
                SkipReason::TooLarge { limit: 120, .. },
                SkipReason::OverLimit { count: 2, limit: 2 }
            ]
        ),
        "{reasons:?}"
    );
}

#[test]
fn a_broken_item_costs_itself_alone() {
    let feed = rss(
        "<item><title>a &# b</title><link>https://s.example/1</link></item>\
         <item><title>ok</title><link>https://s.example/2</link></item>\
         <item xmlns:media='http://search.yahoo.com/mrss/'><title>digits</title><link>https://s.example/3</link>\
         <media:thumbnail url='https://s.example/a.jpg' time='٠١:٠٢:٠٣'/></item>",
    )
    .unwrap();
    assert_eq!(
        feed.articles
            .iter()
            .map(|article| article.title.as_str())
            .collect::<Vec<_>>(),
        ["ok"]
    );
    assert_eq!(
        feed.skipped[1],
        ("digits".to_owned(), SkipReason::Unreadable { number: 3 })
    );
}

#[test]
fn hand_written_rss_without_a_version_is_read() {
    for tag in ["<rss>", "<rss version='2.1'>"] {
        let xml = format!(
            "{tag}<channel><item><title>t</title><link>https://s.example/</link></item></channel></rss>"
        );
        assert_eq!(read(xml.as_bytes()).unwrap().articles.len(), 1, "{tag}");
    }
}

/// RSS's own `comments` is an address, `slash:comments` a number; RFC 4685 §5 for Atom; JSON Feed by an extension of ours.
#[test]
fn what_a_feed_counts_is_read() {
    let views = |feed: Result<ParsedFeed, FeedError>| feed.unwrap().articles[0].views;
    let item = |more: &str| {
        rss(&format!(
            "<item><title>t</title><link>https://s.example/</link>{more}</item>"
        ))
    };
    let both = "<comments>https://s.example/#c</comments><slash:comments> 7 </slash:comments>";
    assert_eq!(views(item(both)), Some(7));
    for none in [
        "",
        "<comments>https://s.example/#c</comments>",
        "<slash:comments>-1</slash:comments>",
        "<slash:comments>٧ x</slash:comments>",
    ] {
        assert_eq!(views(item(none)), None, "{none}");
    }
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'><title>t</title>\
        <entry><title>t</title><link href='https://s.example/'/><thr:total>4</thr:total></entry></feed>";
    assert_eq!(views(read(atom.as_bytes())), Some(4));
    for (given, expected) in [
        ("\"_nashra\": {\"views\": 9}", Some(9)),
        ("\"_nashra\": \"x\"", None),
        ("\"_nashra\": {\"views\": -9}", None),
        ("\"views\": \"many\"", None),
    ] {
        let json = format!(
            "{{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"t\", \"items\": [{{\"id\": \"1\", \"title\": \"t\",
                \"url\": \"https://s.example/\", {given}}}]}}"
        );
        assert_eq!(views(read(json.as_bytes())), expected, "{given}");
    }
}

#[test]
fn a_long_lead_is_cut_and_its_html_is_the_cut_text() {
    let feed = rss(&format!("<item><title>t</title><link>https://s.example/</link><description>&lt;b&gt;A &amp;lt; b&lt;/b&gt; {}</description></item>", "word ".repeat(100))).unwrap();
    let NewArticle {
        summary_text,
        summary_html,
        ..
    } = &feed.articles[0];
    assert!(
        summary_text.chars().count() <= 321 && summary_text.ends_with("word…"),
        "{summary_text}"
    );
    assert!(
        summary_html.as_str().starts_with("A &lt; b word"),
        "{summary_html}"
    );
}

proptest! {
    #[test]
    fn x5_no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in "[ -~]{0,30}") {
        let _ = parse(&bytes, Some(&kind), &kind, &FetchLimits::default());
    }

    #[test]
    fn x5_no_damage_to_a_feed_makes_it_panic(
        which in 0..3_usize,
        at in any::<prop::sample::Index>(),
        damage in proptest::collection::vec(any::<u8>(), 0..6),
        removed in 0..40_usize,
    ) {
        let mut bytes = [RSS, ATOM, JSON][which].to_vec();
        let at = at.index(bytes.len());
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, damage);
        let _ = read(&bytes);
    }
}
