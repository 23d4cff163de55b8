//! Each kind of mistake in the file: found, named with its key and line, and answered with what would be right.

use std::path::Path;

use nashra::config;

use super::{LIST, SMTP, assert_refused, list, parse, problems, with};

#[test]
fn an_unknown_key_is_named_with_its_line_and_a_suggestion() {
    let text = with(&["[server]\nlisten = \"127.0.0.1:80\"\nrequest_timeot = \"5s\""]);
    assert_refused(
        &text,
        "server.request_timeot",
        "did you mean \"request_timeout\"?",
    );
    let line = text
        .lines()
        .position(|line| line.contains("timeot"))
        .unwrap()
        + 1;
    assert_eq!(problems(&text)[0].line, Some(line));

    assert_refused(&with(&["[sever]\n"]), "sever", "did you mean \"server\"?");
    assert_refused(
        &with(&["[digest]\ncolour = 1"]),
        "digest.colour",
        "known here: lateness, min_articles, subject, review, editors, fold",
    );
    assert_refused(&list("ask_nam = true"), "lists[0].ask_nam", "ask_name");
}

#[test]
fn a_wrong_type_is_refused() {
    assert_refused(
        &with(&["[server]\nlisten = 8080"]),
        "server.listen",
        "string in quotes",
    );
    assert_refused(
        &with(&["[feeds]\nmax_items = \"many\""]),
        "feeds.max_items",
        "must be a whole number",
    );
    assert_refused(
        &with(&["[feeds]\nallow_private = 1"]),
        "feeds.allow_private",
        "true or false",
    );
    assert_refused(
        &with(&["[delivery]\nretry = \"15m\""]),
        "delivery.retry",
        "array of strings",
    );
    assert_refused(
        &with(&["[delivery]\nretry = [15]"]),
        "delivery.retry",
        "strings only",
    );
    assert_refused(
        &format!("digest = 5\n{}", with(&[])),
        "digest",
        "section [digest]",
    );
    let table = format!("{}[lists]\nslug = \"weekly\"", with(&[]).replace(LIST, ""));
    assert_refused(&table, "lists", "[[lists]]");
}

#[test]
fn a_bad_value_is_refused_with_an_example() {
    let refusals = [
        (
            "[confirmation]\nexpires = \"soon\"",
            "confirmation.expires",
            "write 90s, 15m, 72h or 5d",
        ),
        (
            "[confirmation]\nexpires = \"0s\"",
            "confirmation.expires",
            "longer than zero",
        ),
        (
            "[confirmation]\nexpires = \"-1h\"",
            "confirmation.expires",
            "negative",
        ),
        (
            "[confirmation]\nexpires = \"3mo\"",
            "confirmation.expires",
            "no fixed length",
        ),
        (
            "[confirmation]\nexpires = \"99999d\"",
            "confirmation.expires",
            "ten years",
        ),
        (
            "[confirmation]\nexpires = \"\"",
            "confirmation.expires",
            "is empty",
        ),
        (
            "[delivery]\nretry = [\"15m\", \"x\"]",
            "delivery.retry",
            "\"x\" is not a duration",
        ),
        ("[delivery]\nbatch = 0", "delivery.batch", "from 1 to 10000"),
        (
            "[delivery]\nunknown = \"guess\"",
            "delivery.unknown",
            "leave, retry",
        ),
        ("[feeds]\nmax_bytes = \"5 megs\"", "feeds.max_bytes", "5 MB"),
        (
            "[server]\nlisten = \"localhost\"",
            "server.listen",
            "127.0.0.1:8080",
        ),
        (
            "[server]\ntrusted_proxies = [\"10/8\"]",
            "server.trusted_proxies",
            "10.0.0.0/8",
        ),
        (
            "[database]\nurl = \"mysql://db\"",
            "database.url",
            "sqlite: or postgres://",
        ),
        ("[secrets]\nkey = \"short\"", "secrets.key", "at least 32"),
        (
            "[mail]\nfrom = \"news at example.org\"",
            "mail.from",
            "editor@example.org",
        ),
        (
            "[mail]\nfrom = \"a@example.org\"\nfrom_name = \"a\\nBcc: b\"",
            "mail.from_name",
            "one line",
        ),
        (
            "[mail]\nfrom = \"a@example.org\"\nlist_id_domain = \"no good\"",
            "mail.list_id_domain",
            "domain name",
        ),
    ];
    for (section, key, words) in refusals {
        assert_refused(&with(&[section]), key, words);
    }
    for (theme, words) in [
        ("accent = \"green\"", "#0b5f5a"),
        ("accent_dark = \"#12345\"", "#0b5f5a"),
    ] {
        let key = format!("site.theme.{}", theme.split(' ').next().unwrap());
        assert_refused(&with(&[&format!("[site.theme]\n{theme}")]), &key, words);
    }
}

#[test]
fn a_list_is_checked_to_its_last_key() {
    for (keys, key, words) in [
        (
            "schedule = \"every monday\"",
            "lists[0].schedule",
            "0 7 * * MON",
        ),
        (
            "schedule = \"0 25 * * 1\"",
            "lists[0].schedule",
            "0 7 * * MON",
        ),
        ("zone = \"Asia/Beiruth\"", "lists[0].zone", "Asia/Beirut"),
        ("locale = \"xx-\"", "lists[0].locale", "language tag"),
        ("locale = \"de\"", "lists[0].locale", "ar, en"),
        (
            "digits = \"roman\"",
            "lists[0].digits",
            "latn, arab, arabext",
        ),
        (
            "calendar = \"julian\"",
            "lists[0].calendar",
            "gregory, islamic-umalqura, persian",
        ),
        ("min_articles = 0", "lists[0].min_articles", "from 1"),
        ("lateness = \"late\"", "lists[0].lateness", "duration"),
        (
            "[[lists.feeds]]\nsection = \"news\"",
            "lists[0].feeds[0].url",
            "is missing",
        ),
        (
            "[[lists.feeds]]\nurl = \"feed.xml\"\nsection = \"sport\"",
            "lists[0].feeds[0].section",
            "it has: news",
        ),
        (
            "[[lists.feeds]]\nurl = \"gopher://example.org\"",
            "lists[0].feeds[0].url",
            "web address",
        ),
        (
            "feeds = [{ url = \"a.xml\" }, { url = \"a.xml\" }]",
            "lists[0].feeds[1].url",
            "already",
        ),
    ] {
        assert_refused(&list(keys), key, words);
    }
    let bare = "[[lists]]\nslug = \"weekly\"\nname = \"Weekly\"\n";
    let sections = |sections: &str| with(&[&format!("{bare}{sections}")]);
    assert_refused(&sections(""), "lists[0].sections", "[[lists.sections]]");
    let section = "[[lists.sections]]\nkey = \"news\"\nname = \"News\"\n";
    assert_refused(
        &sections(&format!("{section}{section}")),
        "lists[0].sections[1].key",
        "lists[0].sections[0]",
    );
    assert_refused(
        &sections(&format!("{section}limit = 51")),
        "lists[0].sections[0].limit",
        "from 1 to 50",
    );
    assert_refused(
        &sections(&format!("{section}layout = \"grid\"")),
        "lists[0].sections[0].layout",
        "cards, headlines, cartoon",
    );
    for (keys, key, words) in [
        (
            "min = 6",
            "[0].min",
            "6 is more than the section's limit of 5",
        ),
        ("urls = [\"health/*\"]", "[0].urls", "write /health/*"),
        ("urls = [\"/x?id=*\"]", "[0].urls", "only the path"),
        (
            "min = 2\nfallback = \"sport\"",
            "",
            "not a section of this list; it has: news",
        ),
        (
            "min = 2\nfallback = \"news\"",
            "",
            "lead in a circle: news → news",
        ),
        (
            "min = 2\nfallback = \"b\"\n[[lists.sections]]\nkey = \"b\"\nname = \"B\"\nmin = 2\nfallback = \"news\"",
            "",
            "lead in a circle: b → news → b",
        ),
    ] {
        let key = format!("lists[0].sections{key}");
        assert_refused(&sections(&format!("{section}{keys}")), &key, words);
    }
    assert_refused(
        &list("popular_min_age = \"30d\""),
        "lists[0].popular_min_age",
        "no article would ever be popular",
    );
    assert_refused(
        &list("popular_by = [\"likes\"]"),
        "lists[0].popular_by",
        "pushed, feed, clicks",
    );
    assert_refused(
        &with(&[
            "[[lists]]\nslug = \"My List\"\nname = \"x\"\nsections = [{ key = \"a\", name = \"A\" }]",
        ]),
        "lists[0].slug",
        "a-z",
    );
    assert_refused(
        &with(&[&format!("{LIST}{LIST}")]),
        "lists[1].slug",
        "already taken by lists[0]",
    );
    assert_refused(
        &sections("sections = []"),
        "lists[0].sections",
        "[[lists.sections]]",
    );
    let no_list = with(&[]).replace(LIST, "");
    assert_refused(&no_list, "lists", "[[lists]]");
    assert_refused(&format!("lists = []\n{no_list}"), "lists", "[[lists]]");
}

#[test]
fn contradictions_are_refused() {
    let smtp = |keys: &str| with(&[&format!("{SMTP}{keys}")]);
    assert_refused(&smtp("username = \"me\""), "smtp.username", "password");
    assert_refused(
        &smtp("password = \"pa55word\""),
        "smtp.username",
        "is missing",
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    std::fs::write(&path, "pa55word\n").unwrap();
    let both = format!("username = \"me\"\npassword = \"pa55word\"\npassword_file = {path:?}");
    assert_refused(
        &smtp(&both),
        "smtp.password",
        "leave out this key or password_file",
    );
    let key = "0123456789abcdef0123456789abcdef";
    let both = format!("[secrets]\nkey = \"{key}\"\nkey_file = \"data/secret.key\"");
    assert_refused(&with(&[&both]), "secrets.key", "given twice");
    assert_refused(
        &with(&["[delivery]\ngive_up = \"1m\""]),
        "delivery.give_up",
        "first wait",
    );
    let limits = "[confirmation.per_address]\nper_day = 9";
    assert_refused(
        &with(&[limits]),
        "confirmation.per_address.per_day",
        "per_month",
    );
}

#[test]
fn every_problem_is_reported_at_once_in_the_order_of_the_file() {
    let text = "[site]\nnaem = \"x\"\n[server]\nlisten = 1\n[smtp]\nhost = \"relay\"\nusername = \"me\"\n[feeds]\ntimeout = \"x\"\n";
    let errors = parse(text).unwrap_err();
    let found: Vec<(Option<usize>, &str)> = errors
        .0
        .iter()
        .map(|problem| (problem.line, problem.key.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some(1), "site.name"),
            (Some(2), "site.naem"),
            (Some(4), "server.listen"),
            (Some(7), "smtp.username"),
            (Some(9), "feeds.timeout"),
            (None, "mail.from"),
            (None, "lists"),
        ]
    );
    let printed = errors.to_string();
    assert_eq!(printed.lines().count(), 7);
    assert!(
        printed.contains("line 4: server.listen: must be a string"),
        "{printed}"
    );
}

#[test]
fn broken_toml_is_reported_with_its_line_and_without_the_text_of_the_line() {
    let problems = problems("[smtp]\nhost = \"relay\"\npassword = \"pa55word\n[mail]\nfrom = [\n");
    assert_eq!(problems[0].line, Some(3), "{problems:?}");
    assert!(
        problems
            .iter()
            .all(|problem| problem.reason.starts_with("not TOML"))
    );
    assert!(!format!("{problems:?}").contains("pa55word"), "X10");
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let missing = Path::new("no/such/nashra.toml");
    let errors = config::load(Some(missing), std::iter::empty()).unwrap_err();
    assert_eq!(errors.0[0].key, "no/such/nashra.toml");
    assert!(errors.to_string().contains("nashra config example"));
    let text = format!("{SMTP}username = \"me\"\npassword_file = \"no/such/password\"");
    assert_refused(&with(&[&text]), "smtp.password_file", "cannot be read");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty");
    std::fs::write(&path, "\n").unwrap();
    let text = format!("[database]\nurl_file = {path:?}");
    assert_refused(&with(&[&text]), "database.url_file", "is empty");
    assert_refused(
        &with(&[&format!("{SMTP}ca_file = \"no/such/ca.pem\"")]),
        "smtp.ca_file",
        "not a file",
    );
}
