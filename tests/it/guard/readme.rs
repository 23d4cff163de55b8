//! The URL table of README.md is the URL table of `src/web/mod.rs`.

use regex::Regex;

use super::{none, read, sources};

/// Issue 3, point 10.
#[test]
fn every_route_is_in_the_readme() {
    none(&complaints(&read("src/web/mod.rs"), &read("README.md")));
}

/// Design: the whole URL table is on one screen.
#[test]
fn routes_are_registered_in_one_place() {
    let elsewhere = sources().into_iter().filter(|source| {
        source.path.starts_with("src/web/")
            && source.path != "src/web/mod.rs"
            && source.text.contains(".route(")
    });
    none(
        &elsewhere
            .map(|source| format!("{}: routes belong to src/web/mod.rs", source.path))
            .collect::<Vec<_>>(),
    );
}

fn complaints(web: &str, readme: &str) -> Vec<String> {
    let routes: Vec<_> = Regex::new(r#"\.route\(\s*"([^"]+)""#)
        .unwrap()
        .captures_iter(web)
        .map(|found| found[1].to_owned())
        .collect();
    if routes.is_empty() || routes.len() != web.matches(".route(").count() {
        return vec![
            "src/web/mod.rs: write every path of the URL table as text in its `.route(\"…\"`"
                .to_owned(),
        ];
    }
    let rows: Vec<_> = readme
        .lines()
        .filter(|line| line.trim_start().starts_with('|'))
        .collect();
    let listed = |route: &String| {
        let whole = Regex::new(&format!("[` ]{}`", regex::escape(route))).unwrap();
        rows.iter().any(|row| whole.is_match(row))
    };
    let missing = routes.into_iter().filter(|route| !listed(route));
    missing
        .map(|route| format!("README.md: no row of the URL table has `{route}`"))
        .collect()
}

#[test]
fn the_checker_can_fail() {
    let web =
        "Router::new().route(\"/\", get(home))\n.route(\n    \"/subscribe/{list}\",\n get(form))";
    assert_eq!(
        complaints(
            web,
            "| `/` | lists |\n| `GET /subscribe/{list}` | the form |"
        ),
        [""; 0]
    );
    assert_eq!(
        complaints(web, "| `/` | lists |\n`/subscribe/{list}`").len(),
        1
    );
    assert_eq!(
        complaints("Router::new().route(HOME, get(home))", "| `/` |").len(),
        1
    );
    assert_eq!(complaints("", "| `/` |").len(), 1);
}
