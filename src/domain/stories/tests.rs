//! Twins and kin do not depend on the order in which articles are met, and near is nearer than far.

use proptest::prelude::*;

use super::*;
use crate::domain::article::SafeHtml;

fn article(id: i64, title: &str, lead: &str, tags: &[&str]) -> Article {
    Article {
        id,
        url: format!("https://news.example/{id}"),
        title: title.into(),
        summary_html: SafeHtml::default(),
        summary_text: lead.into(),
        source: None,
        image: None,
        published_ms: id,
        categories: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        section: "news".into(),
    }
}

fn stories(articles: &[Article]) -> Stories {
    let mut stories = Stories::default();
    for article in articles {
        stories.add(article);
    }
    stories
}

#[test]
fn kin_are_those_with_rare_words_and_tags_in_common_the_nearest_first() {
    let articles = [
        article(
            1,
            "إعادة فتح ميناء بيروت",
            "أعلنت الوزارة فتح الرصيف الشرقي.",
            &["مرفأ بيروت"],
        ),
        article(
            2,
            "سنة على إغلاق رصيف الميناء",
            "الرصيف الشرقي في بيروت مغلق.",
            &["مرفأ بيروت"],
        ),
        article(
            3,
            "صيادو الميناء يطلبون رصيفاً",
            "يريد الصيادون مكاناً لمراكبهم.",
            &["صيد"],
        ),
        article(
            4,
            "مدارس الجنوب تفتح أبوابها",
            "عاد التلاميذ إلى مدارسهم.",
            &["تعليم"],
        ),
        article(
            5,
            "موسم الزيتون يبدأ باكراً",
            "حصاد وفير هذا العام.",
            &["زراعة"],
        ),
        article(6, "فرقة من حلب على مسرح المدينة", "غناء وقدود.", &["ثقافة"]),
    ];
    let stories = stories(&articles);
    let kin: Vec<i64> = stories.kin(1).iter().map(|one| one.id).collect();
    assert_eq!(kin.first(), Some(&2), "{:?}", stories.kin(1));
    assert!(
        !kin.contains(&5) && !kin.contains(&6) && !kin.contains(&1),
        "{kin:?}"
    );
    assert_eq!(stories.kin(99), []);
}

#[test]
fn what_most_articles_share_makes_no_kin() {
    let all: Vec<Article> = (1..=6)
        .map(|id| {
            article(
                id,
                &format!("خبر رقم {id} من Beirut"),
                "ملخّص الخبر",
                &["أخبار"],
            )
        })
        .collect();
    assert_eq!(stories(&all).kin(1), []);
}

proptest! {
    /// Titles of few words, so that many are alike.
    #[test]
    fn twins_are_the_same_in_any_order_and_both_ways(
        titles in proptest::collection::vec(proptest::collection::vec(0..5_usize, 1..6), 2..12),
        seed in any::<u64>(),
    ) {
        let words = ["port", "harbour", "minister", "school", "12"];
        let articles: Vec<Article> = titles
            .iter()
            .zip(1..)
            .map(|(title, id)| {
                let title: Vec<&str> = title.iter().map(|word| words[*word]).collect();
                article(id, &title.join(" "), "", &[])
            })
            .collect();
        let mut shuffled = articles.clone();
        shuffled.sort_by_key(|one| (one.id as u64).wrapping_mul(seed | 1));
        let (one, other) = (stories(&articles), stories(&shuffled));
        for article in &articles {
            let sorted = |stories: &Stories| {
                let mut twins: Vec<(i64, u8)> =
                    stories.twins(article.id).iter().map(|twin| (twin.id, twin.alike)).collect();
                twins.sort_unstable();
                twins
            };
            prop_assert_eq!(sorted(&one), sorted(&other));
            for twin in one.twins(article.id) {
                prop_assert!(one.twins(twin.id).iter().any(|back| back.id == article.id && back.alike == twin.alike));
            }
        }
    }
}
