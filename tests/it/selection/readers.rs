//! Folding and extras for readers with choices of their own: each is told a story once, by the article that stands where they read.

use nashra::domain::article::{Image, NewArticle};
use nashra::domain::choices::Choices;
use nashra::domain::digest::Edition;
use nashra::service::compose::Composed;
use nashra::store;
use nashra::store::digest_variant::Variant;

use crate::harness::app::{DAY, MONDAY, TestApp, article, put_article};
use crate::harness::database::both_databases;
use crate::rhythms::{daily, mails, only, reader, span, tick};

const HOUR: i64 = DAY / 24;

/// Article `n` in a section of `weekly` with this title, stored now.
async fn stored(app: &TestApp, n: i64, section: &str, title: &str, published_ms: i64) {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    let new = NewArticle {
        title: title.to_owned(),
        summary_text:
            "عاد العمل إلى الرصيف الشرقي في ميناء بيروت بعد عامين من أعمال الترميم والانتظار."
                .to_owned(),
        image: (n == 1).then(|| Image {
            url: "https://news.example/1.jpg".to_owned(),
            alt: String::new(),
        }),
        ..article(n, published_ms)
    };
    put_article(&mut tx, (list, section), new, app.clock.now_ms()).await;
    tx.commit().await.unwrap();
}

const ONE: &str = "إعادة فتح ميناء بيروت بعد أعمال الترميم";
const OTHER: &str = "اعادة فتح مينـاء بيروت بعد اعمال الترميم";

both_databases!(
    /// Who reads one section alone is told a story by the article there, though another stands for all; and nobody twice.
    a_story_is_told_once_to_each_reader_where_they_read,
    |db| async move {
        let app = TestApp::start(db).await;
        let own = Choices { sections: only(&["health"]).sections, ..daily(8, "UTC") };
        for (name, chosen) in [("all", &Choices::default()), ("health", &only(&["health"])), ("own", &own), ("daily", &daily(8, "UTC"))] {
            reader(&app, "weekly", name, chosen).await;
        }
        stored(&app, 1, "reports", ONE, MONDAY - 3 * HOUR).await;
        stored(&app, 2, "health", OTHER, MONDAY - 2 * HOUR).await;
        tick(&app, "weekly").await;
        app.advance(span(HOUR));
        tick(&app, "weekly").await;
        for (name, told) in [("all", 1), ("health", 2), ("daily", 1), ("own", 2)] {
            assert_eq!(mails(&app, name), [[told]], "{name}");
        }
        // The story comes once more, late, and something else with it.
        app.advance(span(22 * HOUR));
        stored(&app, 3, "health", ONE, MONDAY + 20 * HOUR).await;
        stored(&app, 4, "health", "مدارس الجنوب تفتح أبوابها للتلاميذ", MONDAY + 20 * HOUR).await;
        app.advance(span(2 * HOUR));
        tick(&app, "weekly").await;
        app.advance(span(6 * DAY - HOUR));
        tick(&app, "weekly").await;
        for (name, first) in [("all", 1), ("health", 2), ("daily", 1), ("own", 2)] {
            assert_eq!(mails(&app, name), [[first], [4]], "{name}");
        }
    }
);

both_databases!(
    /// What stands beside the news is the same for readers in another language; of who chose sections it is of those.
    extras_follow_the_choices_of_readers,
    |db| async move {
        let app = TestApp::start(db).await;
        let english = Choices { language: Some("en".to_owned()), ..Choices::default() };
        for (name, chosen) in [("all", &Choices::default()), ("english", &english), ("reports", &only(&["reports"]))] {
            reader(&app, "weekly", name, chosen).await;
        }
        let old = MONDAY - 20 * DAY;
        stored(&app, 1, "health", "صيادو الرصيف الشرقي ينتظرون", old).await;
        for (n, title) in [(2, "موسم الزيتون يبدأ باكراً"), (3, "قطار الساحل في صور قديمة"), (4, "فرقة من حلب تغني")] {
            let list = app.app.context.list("weekly").unwrap().id;
            let mut tx = app.app.context.database.write().await.unwrap();
            let new = NewArticle { title: title.to_owned(), summary_text: String::new(), ..article(n, old) };
            put_article(&mut tx, (list, "reports"), new, MONDAY).await;
            tx.commit().await.unwrap();
        }
        stored(&app, 5, "reports", "الصيادون يعودون إلى الرصيف الشرقي", MONDAY - HOUR).await;
        let Composed::Ready(digest) = tick(&app, "weekly").await else { panic!("a digest") };
        let mut tx = app.app.context.database.read().await.unwrap();
        let variants = store::digest_variant::of(&mut tx, digest.id).await.unwrap();
        let of = |is_it: fn(&Variant) -> bool| variants.iter().find(|one| is_it(one)).unwrap().edition.clone();
        let editions = [digest.edition, of(|one| one.language.is_some()), of(|one| one.sections.is_some())];
        let related = |edition: &Edition| {
            let lead = edition.lead.as_ref().unwrap();
            assert_eq!(lead.url, "https://news.example/articles/5");
            lead.related.iter().map(|one| one.url.clone()).collect::<Vec<_>>()
        };
        let found: Vec<Vec<String>> = editions.iter().map(related).collect();
        let first = vec!["https://news.example/articles/1".to_owned()];
        assert_eq!(found, [first.clone(), first, Vec::new()], "the digest, in English, of reports");
    }
);
