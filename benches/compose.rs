//! How long a copy takes to write: a digest is rendered, inlined and encoded once, then each reader's copy is made of it.
//!
//! Prints a line for each figure: what it is, the value, the goal and whether it is met; `--check` fails when one is missed. Values
//! are medians of several rounds.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use jiff::tz::TimeZone;
use nashra::domain::address::EmailAddress;
use nashra::domain::article::SafeHtml;
use nashra::domain::digest::{Edition, EditionSection, Item};
use nashra::domain::list::{Layout, SenderIdentity};
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
    let mut all_met = true;
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
            all_met &= report(&format!("one copy, ns ({language}, {size})"), copies);
            let signed = median(|| per_reader(&compiled, |reader| identity(&keyring, reader)))?;
            all_met &= report(
                &format!("one copy with its tokens, ns ({language}, {size})"),
                signed,
            );
        }
    }
    if !all_met && std::env::args().any(|argument| argument == "--check") {
        return Err("a goal is missed".into());
    }
    Ok(())
}

fn report(name: &str, value: f64) -> bool {
    let met = value <= GOAL_NS;
    let word = if met { "met" } else { "missed" };
    println!("{name}\t{value:.0}\t{GOAL_NS:.0}\t{word}");
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
