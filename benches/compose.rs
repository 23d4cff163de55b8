//! How long a digest takes to choose, and a copy of it to write: articles are compared once and chosen from for each variant; a digest is
//! rendered, inlined and encoded once, then each reader's copy is made of it.
//!
//! Prints a line for each figure: what it is, the value, the goal and whether it is met; `--check` fails when one is missed. Values
//! are medians of several rounds.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use nashra::domain::address::EmailAddress;
use nashra::domain::article::{Article, SafeHtml};
use nashra::domain::digest::{Decision, Edition, EditionSection, Item};
use nashra::domain::extras::{Beside, Extras};
use nashra::domain::list::{Layout, Section, SenderIdentity};
use nashra::domain::popular::Popular;
use nashra::domain::selection::{Rules, select};
use nashra::domain::stories::Stories;
use nashra::domain::theme::Theme;
use nashra::domain::token::{Keyring, Purpose, SubscriptionToken};
use nashra::locale::Locale;
use nashra::mail::compiled::{CompiledDigest, DigestHeaders, Reader};
use nashra::mail::template::{DigestMail, Sender};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A Monday, 07:00 UTC.
const MONDAY: i64 = 1_767_596_400_000;
const ROUNDS: usize = 9;
const READERS: i64 = 20_000;
/// What one reader's copy may cost.
const GOAL_NS: f64 = 10_000.0;
/// What it may take to compare 1,000 articles with each other and with 2,000 of before, and to choose from them for 50 variants.
const SELECT_MS: f64 = 1_000.0;
const NAMES: [Option<&str>; 4] = [None, Some("ليلى حدّاد"), Some("Omar"), Some("سلمى O'Hara")];

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let keyring = Keyring::parse(&Keyring::generate())?;
    let mut all_met = report(
        "choose 50 variants of 1,000 articles, ms",
        select_ms()?,
        SELECT_MS,
    );
    for language in ["ar", "en"] {
        for (octets, size) in [(20 * 1_024, "20 KB"), (60 * 1_024, "60 KB")] {
            let digest = digest_of(language, octets)?;
            let once = median(|| {
                let began = Instant::now();
                black_box(compile(language, &digest)?);
                Ok(began.elapsed().as_secs_f64() * 1e6)
            })?;
            println!("compile once, µs ({language}, {size})\t{once:.0}\t-\t-");
            let compiled = compile(language, &digest)?;
            let ready = [
                "42.AAAAAAAAAAAAAAAA@marfa.example",
                "https://news.marfa.example/u/AQEBAQEBAQEBAQEBAQEBAQEBAQ",
                "https://news.marfa.example/p/AQEBAQEBAQEBAQEBAQEBAQEBAQ",
            ]
            .map(str::to_owned);
            let copies = median(|| per_reader(&compiled, |_| ready.clone()))?;
            all_met &= report(
                &format!("one copy, ns ({language}, {size})"),
                copies,
                GOAL_NS,
            );
            let signed = median(|| per_reader(&compiled, |reader| identity(&keyring, reader)))?;
            all_met &= report(
                &format!("one copy with its tokens, ns ({language}, {size})"),
                signed,
                GOAL_NS,
            );
        }
    }
    if !all_met && std::env::args().any(|argument| argument == "--check") {
        return Err("a goal is missed".into());
    }
    Ok(())
}

fn report(name: &str, value: f64, goal: f64) -> bool {
    let met = value <= goal;
    let word = if met { "met" } else { "missed" };
    println!("{name}\t{value:.0}\t{goal:.0}\t{word}");
    met
}

fn median(mut round: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut values = Vec::new();
    for _ in 0..ROUNDS {
        values.push(round()?);
    }
    values.sort_by(f64::total_cmp);
    Ok(values[ROUNDS / 2])
}

/// Nanoseconds a copy, into one buffer that is used again.
fn per_reader(compiled: &CompiledDigest, identity: impl Fn(i64) -> [String; 3]) -> Result<f64> {
    let mut out = Vec::new();
    let began = Instant::now();
    for number in 0..READERS {
        let [message_id, unsubscribe_url, preferences_url] = identity(number);
        out.clear();
        let address = "layla.haddad@example.org";
        let reader = Reader {
            to: address,
            name: NAMES[number as usize % NAMES.len()],
            shown: address,
            unsubscribe_url: &unsubscribe_url,
            preferences_url: &preferences_url,
            message_id: &message_id,
        };
        compiled.write(&reader, &mut out)?;
        black_box(&out);
    }
    Ok(began.elapsed().as_nanos() as f64 / READERS as f64)
}

/// A Message-ID and the reader's links, all signed.
fn identity(keyring: &Keyring, number: i64) -> [String; 3] {
    let token = SubscriptionToken {
        subscriber_id: number,
        list_id: 1,
    };
    let tag = keyring.message_id_tag(&[12, number]);
    let sign = |purpose| token.sign(keyring, purpose);
    [
        format!("{tag}@marfa.example"),
        format!(
            "https://news.marfa.example/u/{}",
            sign(Purpose::Unsubscribe)
        ),
        format!(
            "https://news.marfa.example/p/{}",
            sign(Purpose::Preferences)
        ),
    ]
}

/// The shortest edition whose copies have so many octets.
fn digest_of(language: &str, octets: usize) -> Result<Edition> {
    let reader = Reader {
        to: "layla@example.org",
        name: None,
        shown: "layla@example.org",
        unsubscribe_url: "https://news.marfa.example/u/A",
        preferences_url: "https://news.marfa.example/p/A",
        message_id: "1@marfa.example",
    };
    let mut out = Vec::new();
    for articles in 1.. {
        let edition = edition(language, articles);
        out.clear();
        compile(language, &edition)?.write(&reader, &mut out)?;
        if out.len() >= octets {
            return Ok(edition);
        }
    }
    Err("no edition is long enough".into())
}

fn compile(language: &str, edition: &Edition) -> Result<CompiledDigest> {
    let locale = Locale::new(language, None)?;
    let sender = SenderIdentity {
        address: EmailAddress::parse("news@marfa.example")?,
        name: "المرفأ".into(),
        reply_to: None,
    };
    let headers = DigestHeaders {
        sender: &sender,
        date_ms: MONDAY,
        language,
        list_name: "النشرة الأسبوعية",
        list_id: "weekly.marfa.example",
        archive_url: None,
        mark: None,
    };
    let mail = DigestMail {
        locale: &locale,
        zone: &TimeZone::UTC,
        site: Sender {
            name: "المرفأ",
            home_url: "https://marfa.example/",
            postal_address: None,
            privacy_url: None,
        },
        theme: &Theme::default(),
        list_name: "النشرة الأسبوعية",
        subject: None,
        edition,
        left_out: 0,
        date_ms: MONDAY,
        view_url: "https://news.marfa.example/d/3f9a",
        archive_url: None,
        decoy_url: None,
    };
    Ok(CompiledDigest::compile(&mail, &headers)?)
}

/// Milliseconds to read 3,000 articles, fold those of one story, choose for 50 groups of readers, and find what goes with it.
fn select_ms() -> Result<f64> {
    let news: Vec<Article> = (0..1_000).map(told).collect();
    let old: Vec<Article> = (1_000..3_000).map(told).collect();
    let rules = Extras {
        read_also: 3,
        suggest: 3,
        popular: Popular {
            most: 0,
            by: Vec::new(),
            half_life: Duration::from_hours(24),
            min_age: Duration::ZERO,
            max_age: Duration::from_hours(24),
        },
    };
    median(|| {
        let began = Instant::now();
        let mut stories = Stories::default();
        news.iter()
            .chain(&old)
            .for_each(|article| stories.add(article));
        let known: HashMap<i64, &Article> = old.iter().map(|one| (one.id, one)).collect();
        let mut folded = 0;
        for variant in 1..=50_usize {
            let keys = (0..SECTIONS).filter(|place| variant >> (place % 6) & 1 == 1);
            let sections: Vec<Section> = keys.map(|place| section(place, variant % 2)).collect();
            let choice = Rules {
                sections: &sections,
                with_lead: true,
                stories: Some(&stories),
                sent: &HashSet::new(),
                held: &HashSet::new(),
            };
            let mut selection = select(&choice, news.clone());
            let beside = Beside {
                rules: &rules,
                stories: &stories,
                articles: &known,
                popular: &[],
            };
            beside.add(&mut selection);
            let decisions = selection.decisions.iter();
            folded += decisions
                .filter(|one| one.decision == Decision::Folded)
                .count();
            black_box(&selection);
        }
        if folded == 0 {
            return Err("nothing is folded".into());
        }
        Ok(began.elapsed().as_secs_f64() * 1e3)
    })
}

const SECTIONS: usize = 8;

fn section(place: usize, min: usize) -> Section {
    Section {
        key: format!("s{place}"),
        name: String::new(),
        limit: 20,
        min,
        fallback: None,
        layout: Layout::Cards,
        categories: Vec::new(),
        urls: Vec::new(),
    }
}

/// An article of 8 and 35 words out of 4,000, the frequent ones much more frequent; every tenth tells the story of the one before.
fn told(id: i64) -> Article {
    let words = |seed: u64, number: usize| {
        let mut state = seed;
        let mut word = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let share = (state >> 33) as f64 / f64::from(1_u32 << 31);
            let letters = ['ا', 'ب', 'ت', 'ر', 'س', 'ق', 'ل', 'م', 'ن', 'و'];
            let mut rest = (share * share * share * 4_000.0) as usize + 1_000;
            let mut word = String::from("ك");
            while rest > 0 {
                word.push(letters[rest % 10]);
                rest /= 10;
            }
            word
        };
        (0..number).map(|_| word()).collect::<Vec<_>>().join(" ")
    };
    let story = (id - i64::from(id % 10 == 9)) as u64;
    let summary = words(story * 2 + 1, 35);
    Article {
        id,
        url: format!("https://marfa.example/{id}"),
        title: words(story * 2, 8),
        summary_html: SafeHtml::from_sanitised(summary.clone()),
        summary_text: summary,
        source: None,
        image: None,
        published_ms: MONDAY - id * 600_000,
        categories: Vec::new(),
        section: format!("s{}", id as usize % SECTIONS),
    }
}

fn edition(language: &str, articles: i64) -> Edition {
    let (title, words) = if language == "ar" {
        (
            "الميناء القديم يفتح أرصفته للزوار",
            "عادت المراكب الخشبية إلى الرصيف الشرقي، وافتتحت البلدية ممشى بطول كيلومترين وسوقاً للصيادين. ",
        )
    } else {
        (
            "The old harbour opens its quays",
            "The boats are back at the eastern quay, and the town opened a promenade and a market. ",
        )
    };
    let item = |id| Item {
        article_id: id,
        title: format!("{title} {id}"),
        url: format!("https://marfa.example/{id}"),
        summary_html: SafeHtml::from_sanitised(words.repeat(3)),
        summary_text: words.repeat(3),
        source: None,
        image: None,
        published_ms: MONDAY - id,
        related: Vec::new(),
    };
    Edition {
        lead: Some(item(0)),
        sections: vec![EditionSection {
            key: "reports".into(),
            name: "تقارير".into(),
            layout: Layout::Cards,
            items: (1..articles).map(item).collect(),
        }],
        ..Edition::default()
    }
}
