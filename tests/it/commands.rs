//! Every command says how it is used, and each has meaningful exit codes and sentences.

use serde_json::Value;

use crate::harness::app::{DAY, MONDAY, TestApp, article, put_article};
use crate::harness::database::{both_databases, sqlite};
use crate::harness::http;
use crate::harness::process::{Output, Program};

/// The names of the subcommands in a help text.
fn subcommands(help: &str) -> Vec<String> {
    help.split("Commands:\n")
        .nth(1)
        .unwrap_or_default()
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Whether a help text ends with a line `Example: nashra …` of this command, or with several, one below the other.
fn ends_with_an_example(help: &str, command: &str) -> bool {
    let lines: Vec<_> = help.trim_end().lines().collect();
    let first = lines.iter().rposition(|line| line.starts_with("Example"));
    first.is_some_and(|first| {
        let mut more = lines[first + 1..].iter();
        lines[first].contains("nashra ")
            && lines[first].contains(command)
            && more.all(|line| line.starts_with(&format!("         nashra {command}")))
    })
}

#[test]
fn an_example_is_the_last_word_of_a_help_text() {
    let is_good = |help: &str| ends_with_an_example(help, "list show");
    assert!(is_good("Options:\n\nExample: nashra list show\n"));
    assert!(is_good(
        "Example: nashra list show\n         nashra list show --json\n"
    ));
    for bad in [
        "Options:\n",
        "Example: nashra list show\nMore of it",
        "Example: nashra feed list",
    ] {
        assert!(!is_good(bad), "{bad}");
    }
}

#[tokio::test]
async fn the_catchers_plain_addresses_are_in_the_help() {
    for command in ["demo", "catch"] {
        let help = Program::nashra([command, "--help"]).run().await.stdout;
        for address in ["/messages/N/text", "/messages/N/source", "/api/messages"] {
            assert!(help.contains(address), "{command}: {help}");
        }
    }
}

#[tokio::test]
async fn every_command_has_help_with_an_example() {
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    let mut leaves = Vec::new();
    while let Some(path) = waiting.pop() {
        let output = Program::nashra(path.iter().map(String::as_str).chain(["--help"]))
            .run()
            .await;
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{path:?}"
        );
        let names = subcommands(&output.stdout);
        assert!(
            path.is_empty() || ends_with_an_example(&output.stdout, &path.join(" ")),
            "{path:?} does not end with an example:\n{}",
            output.stdout
        );
        if names.is_empty() {
            leaves.push(path.join(" "));
        }
        waiting.extend(
            names
                .into_iter()
                .map(|name| [path.clone(), vec![name]].concat()),
        );
    }
    for command in [
        "demo",
        "serve",
        "digest run",
        "digest why",
        "suppression list",
        "config check",
        "catch",
    ] {
        assert!(
            leaves.iter().any(|leaf| leaf == command),
            "{command} in {leaves:?}"
        );
    }
}

#[tokio::test]
async fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Program::nashra(["completions", shell]).run().await;
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{shell}"
        );
        assert!(
            output.stdout.contains("nashra") && output.stdout.contains("digest"),
            "{shell}"
        );
    }
    let output = Program::nashra(["completions", "tcsh"]).run().await;
    assert_eq!(output.code, Some(2));
}

#[tokio::test]
async fn config_check_show_and_example() {
    let example = Program::nashra(["config", "example"]).run().await;
    assert_eq!((example.code, example.stderr.as_str()), (Some(0), ""));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("nashra.toml");
    let config = |verb: &'static str| Program::nashra(["config", verb]).dir(directory.path());
    std::fs::write(&file, &example.stdout).unwrap();
    let output = config("check").run().await;
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(0), "the configuration is good\n"),
        "{output:#?}"
    );
    let output = config("show")
        .env(
            "NASHRA__DATABASE__URL",
            "postgres://nashra:open-sesame@db/nashra",
        )
        .run()
        .await;
    assert_eq!(output.code, Some(0));
    assert!(
        output
            .stdout
            .contains("postgres://nashra:redacted@db/nashra")
            && !output.stdout.contains("open-sesame")
    );

    // Links to a port of this machine where no pages are.
    for (url, is_told) in [
        ("http://127.0.0.1:9000", true),
        ("http://localhost:9000", true),
        ("http://[::1]:9000", true),
        ("http://localhost:8080", false),
        ("http://localhost", false),
        ("https://news.example.org:9000", false),
    ] {
        let output = config("check")
            .env("NASHRA__SITE__PUBLIC_URL", url)
            .run()
            .await;
        let told = format!("warning: site.public_url: {url} leads to port 9000, but server.listen");
        assert_eq!(output.code, Some(0), "{output:#?}");
        let lines = output.stdout.lines().count();
        assert_eq!(
            (output.stdout.starts_with(&told), lines),
            (is_told, 1 + usize::from(is_told)),
            "{output:#?}"
        );
    }

    // Everything that is wrong at once, each with its key (issue 3, point 9).
    let wrong = example
        .stdout
        .replace("port = 1025", "port = 0\ncolour = 3")
        .replace("zone = \"Asia/Beirut\"", "zone = \"Beirut\"");
    std::fs::write(&file, wrong).unwrap();
    for verb in ["check", "show"] {
        let output = config(verb).run().await;
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:#?}"
        );
        for part in ["port", "colour", "zone", "Beirut"] {
            assert!(
                output.stderr.contains(part),
                "`{part}` in {}",
                output.stderr
            );
        }
    }
    let output = Program::nashra(["--config", "nowhere.toml", "config", "check"])
        .run()
        .await;
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("nowhere.toml"), "{}", output.stderr);
}

fn said(output: &Output) -> (Option<i32>, &str) {
    assert_eq!(output.stderr, "");
    (output.code, &output.stdout)
}

both_databases!(
    /// An address is suppressed in all its spellings, shown, and permitted again.
    suppression_add_list_remove,
    |db| async move {
        let app = TestApp::start(db).await;
        let run = |arguments: &'static [&'static str]| app.nashra(["suppression"].iter().chain(arguments).copied()).run();
        let output = run(&["add", "Layla@BÜCHER.example", "--reason", "complaint"]).await;
        assert_eq!(said(&output), (Some(0), "suppressed\n"));
        let output = run(&["add", "layla@xn--bcher-kva.example"]).await;
        assert_eq!(said(&output), (Some(0), "was suppressed already\n"));
        let output = run(&["list", "--json"]).await;
        let rows: Value = serde_json::from_str(said(&output).1).unwrap();
        assert_eq!((rows.as_array().unwrap().len(), &rows[0]["reason"]), (1, &"complaint".into()), "the first reason counts");
        assert!(run(&["list"]).await.stdout.contains("complaint"));
        let output = run(&["remove", "layla@bücher.example"]).await;
        assert_eq!(said(&output), (Some(0), "removed; a confirmed subscription gets mail again\n"));
        let output = run(&["remove", "layla@bücher.example"]).await;
        assert_eq!(said(&output), (Some(1), "was not suppressed\n"));
        let output = run(&["add", "not an address"]).await;
        assert!(output.code == Some(1) && !output.stderr.is_empty() && !output.stderr.contains("panicked"), "{output:#?}");
    }
);

both_databases!(
    /// A command that fails says so in one way: `nashra: …` on standard error, and exit code 1.
    commands_fail_alike,
    |db| async move {
        let app = TestApp::start(db).await;
        for command in [
            &["subscriber", "why", "nobody@example.org"][..],
            &["subscriber", "why", "nobody@example.org", "--json"],
            &["subscriber", "show", "nobody@example.org"],
            &["article", "import", "--list", "weekly", "absent.md"],
            &["quarantine", "release", "nobody@example.org"],
            &["suppression", "add", "no address"],
            &["digest", "show", "99"],
            &["digest", "pause", "99"],
        ] {
            let output = app.nashra(command.iter().copied()).run().await;
            assert_eq!(output.code, Some(1), "{command:?}: {output:#?}");
            let mut said = output.stderr.lines();
            assert!(!output.stderr.is_empty() && said.all(|line| line.starts_with("nashra: ")), "{command:?}: {output:#?}");
        }
    }
);

both_databases!(
    /// A digest that went out ahead of its time is not the next one any more, for the list nor for its reader.
    the_next_digest_is_one_that_is_still_to_come,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let next = || async {
            let output = app.nashra(["list", "show", "--json"]).run().await;
            let lists: Value = serde_json::from_str(said(&output).1).unwrap();
            lists[0]["next"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
        };
        let first = next().await;
        let mut tx = app.app.context.database.write().await.unwrap();
        let (list, at_ms) = (app.app.context.list("weekly").unwrap().id, first.as_millisecond() - DAY);
        put_article(&mut tx, (list, "reports"), article(1, at_ms), at_ms).await;
        tx.commit().await.unwrap();
        let output = app.nashra(["digest", "run", "--as-of", &first.to_string()]).run().await;
        assert_eq!((output.code, app.catcher.messages().len()), (Some(0), 2), "{output:#?}");

        let then = next().await;
        assert_eq!(then.as_millisecond() - first.as_millisecond(), 7 * DAY);
        let words = format!("the next digest is due {}", then.strftime("%Y-%m-%d 07:00 UTC"));
        let output = app.nashra(["subscriber", "why", "layla@example.org"]).run().await;
        assert!(output.stdout.contains("a relay took digest") && output.stdout.contains(&words), "{output:#?}");
        let output = app.nashra(["subscriber", "show", "layla@example.org"]).run().await;
        assert!(output.stdout.contains(&then.strftime("%Y-%m-%d 07:00 UTC").to_string()), "{output:#?}");
        // Readers are told the same; their pages go by the test's clock, which stands long before both.
        app.advance(std::time::Duration::from_millis((first.as_millisecond() - DAY - MONDAY) as u64));
        let date = then.strftime("%-d %B").to_string();
        let form = http::get(&format!("{}/subscribe/weekly?lang=en", app.url)).await;
        let line = form.text().lines().find(|line| line.contains("Next edition")).unwrap().to_owned();
        assert!(line.contains(&date), "{line}: {then}");
        let choices = http::get(&format!("{}?lang=en", app.app.context.preferences_url(list, 1))).await;
        let line = choices.text().lines().find(|line| line.contains("Next edition")).unwrap().to_owned();
        assert!(line.contains(&date), "{line}: {then}");
    }
);

both_databases!(
    /// `list show` counts the subscriptions and says when the next digest is.
    list_show,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(3).await;
        let output = app.nashra(["list", "show"]).run().await;
        let row = said(&output).1.lines().nth(1).unwrap();
        assert!(row.starts_with("weekly") && row.contains("07:00 UTC") && row.contains("النشرة الأسبوعية"), "{row}");
        let output = app.nashra(["list", "show", "--json"]).run().await;
        let lists: Value = serde_json::from_str(said(&output).1).unwrap();
        assert_eq!((&lists[0]["confirmed"], &lists[0]["pending"], &lists[0]["schedule"]), (&3.into(), &0.into(), &"0 7 * * 1".into()));
    }
);

#[tokio::test]
async fn an_unknown_list_is_said_with_those_there_are() {
    let app = TestApp::start(sqlite().await).await;
    for command in [
        &["digest", "run", "--list", "daily"][..],
        &["digest", "preview", "--list", "daily"],
        &["digest", "list", "--list", "daily"],
        &["article", "list", "--list", "daily"],
        &["article", "import", "--list", "daily", "x.md"],
    ] {
        let output = app.nashra(command.iter().copied()).run().await;
        assert_eq!(output.code, Some(2), "{command:?}: {output:#?}");
        assert!(
            output
                .stderr
                .contains("there is no list `daily`; there are weekly"),
            "{}",
            output.stderr
        );
    }
}
