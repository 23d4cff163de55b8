//! The layers: which module may use which, and which module alone may use which crate.

use regex::Regex;

use super::{Source, code, none, sources};

/// Each module under `src`, and what it may use of ours.
const LAYERS: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("clock", &[]),
    ("telemetry", &[]),
    ("catcher", &[]),
    ("dns", &[]),
    ("config", &["domain"]),
    ("store", &["domain"]),
    ("feed", &["domain"]),
    ("locale", &["domain"]),
    ("mail", &["domain", "locale"]),
    (
        "service",
        &["store", "mail", "feed", "dns", "locale", "domain", "clock"],
    ),
    // `app` makes the services' context of the configuration.
    (
        "app",
        &[
            "service", "store", "mail", "feed", "dns", "domain", "clock", "config",
        ],
    ),
    // `worker` carries mails and reads feeds; what becomes of them is the services' business.
    ("worker", &["service", "mail", "feed", "domain"]),
    // `web`, `cli` and `demo` read the store for what they only show; none of them writes (see below).
    ("web", &["service", "store", "locale", "domain"]),
    (
        "demo",
        &[
            "web", "worker", "service", "app", "catcher", "store", "domain", "clock", "config",
        ],
    ),
    (
        "cli",
        &[
            "web",
            "worker",
            "service",
            "app",
            "catcher",
            "demo",
            "store",
            "locale",
            "domain",
            "clock",
            "config",
            "telemetry",
        ],
    ),
];

/// Each crate that is one layer's business.
const CRATES: [(&str, &[&str]); 6] = [
    ("sqlx", &["store"]),
    ("axum", &["web", "catcher", "demo"]),
    ("lettre", &["mail"]),
    ("clap", &["cli"]),
    ("reqwest", &["feed", "demo"]),
    ("hickory_resolver", &["dns"]),
];

#[test]
fn each_layer_uses_only_what_is_below_it() {
    none(
        &sources()
            .iter()
            .flat_map(layer_complaints)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn each_crate_stays_in_its_layer() {
    none(
        &sources()
            .iter()
            .flat_map(crate_complaints)
            .collect::<Vec<_>>(),
    );
}

/// Design: every write goes through a service.
#[test]
fn only_services_write() {
    let above = sources()
        .into_iter()
        .filter(|source| ["web", "worker", "cli", "demo"].contains(&module(&source.path)));
    let complaint = |source: &Source| {
        format!(
            "{}: begins a writing transaction: call a service",
            source.path
        )
    };
    none(
        &above
            .filter(|source| writes(&program(&source.text)))
            .map(|source| complaint(&source))
            .collect::<Vec<_>>(),
    );
}

/// The module of `src` that a file belongs to.
fn module(path: &str) -> &str {
    let path = path.trim_start_matches("src/");
    path.split('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs")
}

/// The code of a file without its unit tests: a test may use the layers above.
fn program(text: &str) -> String {
    let code = code(text);
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*mod \w+ \{").unwrap();
    let end = tests.find(&code).map_or(code.len(), |found| found.start());
    code[..end].to_owned()
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

fn layer_complaints(source: &Source) -> Vec<String> {
    let Source { path, text } = source;
    let module = module(path);
    // The two roots name the modules; they are no layer.
    if ["main", "lib"].contains(&module) || is_test(path) {
        return Vec::new();
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!(
            "{path}: `{module}` has no row in the layer table of tests/it/guard/layers.rs"
        )];
    };
    let mut complaints = Vec::new();
    for used in used(path, &program(text)) {
        let known = LAYERS.iter().any(|(name, _)| *name == used);
        if known && used != module && !allowed.contains(&used.as_str()) {
            complaints.push(format!("{path}: `{module}` may not use `{used}`"));
        }
    }
    complaints.dedup();
    complaints
}

/// The names right below the crate's root that this code mentions: `crate::x`, `crate::{x, y::z}` and `super::…::x`.
fn used(path: &str, code: &str) -> Vec<String> {
    let mut used = Vec::new();
    let direct = Regex::new(r"\bcrate::(\w+)").unwrap();
    used.extend(direct.captures_iter(code).map(|found| found[1].to_owned()));
    for group in Regex::new(r"\bcrate::\{").unwrap().find_iter(code) {
        used.extend(group_heads(&code[group.end()..]));
    }
    // src/service/deliver.rs is crate::service::deliver: two steps up is the root.
    let inside = path
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod");
    let depth = inside.split('/').count();
    for found in Regex::new(r"\b((?:super::)+)(\w+)")
        .unwrap()
        .captures_iter(code)
    {
        if found[1].matches("super::").count() >= depth {
            used.push(found[2].to_owned());
        }
    }
    used
}

/// The first names in `a, b::{c, d}, e}`, up to the brace that closes the group.
fn group_heads(inside: &str) -> Vec<String> {
    let (mut heads, mut head, mut open) = (Vec::new(), String::new(), 1);
    let mut done = false;
    for letter in inside.chars() {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 || (letter == ',' && open == 1) {
            heads.push(std::mem::take(&mut head));
            done = false;
        } else if !done && (letter.is_alphanumeric() || letter == '_') {
            head.push(letter);
        } else if !head.is_empty() {
            done = true;
        }
        if open == 0 {
            break;
        }
    }
    heads
}

fn crate_complaints(source: &Source) -> Vec<String> {
    let module = module(&source.path);
    let code = program(&source.text);
    // Design: a derive is allowed on domain types.
    let code = if module == "domain" {
        code.replace("sqlx::Type", "").replace("sqlx::FromRow", "")
    } else {
        code
    };
    let misplaced = CRATES.iter().filter(|(name, homes)| {
        let mention = Regex::new(&format!(r"\b{name}\s*(::|;|\bas\b)")).unwrap();
        !is_test(&source.path) && !homes.contains(&module) && mention.is_match(&code)
    });
    let complaint = |(name, homes): &(&str, &[&str])| {
        format!("{}: `{name}` belongs to {}", source.path, homes.join(", "))
    };
    misplaced.map(complaint).collect()
}

fn writes(code: &str) -> bool {
    Regex::new(r"\.write\(\)\s*\.await").unwrap().is_match(code)
}

#[test]
fn the_checkers_can_fail() {
    let sample = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let broken = |path, text| layer_complaints(&sample(path, text)).len();
    assert_eq!(broken("src/domain/list.rs", "use crate::clock::Clock;"), 1);
    assert_eq!(
        broken(
            "src/store/list.rs",
            "use crate::{domain::list, service::{deliver, web}, mail};"
        ),
        2
    );
    assert_eq!(
        broken(
            "src/mail/smtp/wire.rs",
            "super::super::super::store::x(); super::super::transport::y()"
        ),
        1
    );
    assert_eq!(broken("src/feed/mod.rs", "use super::store;"), 1);
    assert_eq!(
        broken("src/service/deliver.rs", "fn f() -> crate::web::Page {}"),
        1
    );
    assert_eq!(broken("src/campaigns.rs", ""), 1);
    assert_eq!(
        broken(
            "src/service/deliver.rs",
            "use crate::store; use super::confirm; // crate::web"
        ),
        0
    );
    assert_eq!(
        broken(
            "src/store/list.rs",
            "use crate::domain; #[cfg(test)]\nmod tests { use crate::service; }"
        ),
        0
    );

    let misplaced = |path, text| crate_complaints(&sample(path, text)).len();
    assert_eq!(
        misplaced(
            "src/web/form.rs",
            "use sqlx::query;\nlettre::Message::builder()"
        ),
        2
    );
    assert_eq!(
        misplaced(
            "src/domain/list.rs",
            "#[derive(sqlx::Type)] struct A; sqlx::query(x)"
        ),
        1
    );
    assert_eq!(
        misplaced("src/domain/list.rs", "#[derive(sqlx::Type)] struct A;"),
        0
    );
    assert_eq!(
        misplaced("src/telemetry.rs", "filter(\"sqlx::query=warn\")"),
        0
    );

    assert!(writes("let mut tx = database.write().await?;") && !writes("database.read().await?"));
}
