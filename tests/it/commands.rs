//! Every command says how it is used, and each has meaningful exit codes and sentences.

use serde_json::Value;

use crate::harness::app::TestApp;
use crate::harness::database::{both_databases, sqlite};
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
        if names.is_empty() {
            assert!(
                output.stdout.contains("Example"),
                "{path:?} has no example:\n{}",
                output.stdout
            );
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
