//! Standards D13, B12, X14: readers from a file, through the built program. None comes back who left, is suppressed or was erased.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nashra::domain::address::EmailAddress;
use nashra::service::suppress;
use serde_json::Value;

use crate::harness::app::TestApp;
use crate::harness::database::{both_databases, sqlite};
use crate::harness::process::{Output, Program, Signal};
use crate::harness::queue::number;

const SOURCE: &str = "form of the old site, 2019-2025";

fn file(app: &TestApp, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = app.directory().join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

fn command(app: &TestApp, file: &Path, more: &[&str]) -> Program {
    let file = file.to_str().unwrap();
    let import = [
        "subscriber",
        "import",
        file,
        "--list",
        "weekly",
        "--source",
        SOURCE,
    ];
    app.nashra(import.iter().copied().chain(more.iter().copied()))
}

async fn import(app: &TestApp, file: &Path, more: &[&str]) -> (Output, Value) {
    let more: Vec<&str> = more.iter().copied().chain(["--json"]).collect();
    let output = command(app, file, &more).run().await;
    let report = serde_json::from_str(&output.stdout).unwrap_or_default();
    (output, report)
}

async fn count(app: &TestApp, what: &str) -> i64 {
    number(&app.database(), &format!("SELECT COUNT(*) FROM {what}")).await
}

both_databases!(
    /// D13: each row is judged; what is not taken is said with its row, column and reason; a dry run says the same and changes
    /// nothing; a reader who left, is suppressed or was erased stays away.
    d13_a_file_is_taken_row_by_row,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(2).await;
        app.confirmed("left@example.org").await;
        app.confirmed("gone@example.org").await;
        let list = app.app.context.list("weekly").unwrap().id;
        let left = number(&app.database(), "SELECT id FROM subscribers WHERE identity = 'left@example.org'").await;
        let link = app.app.context.unsubscribe_url(list, left);
        assert_eq!(crate::harness::http::post_form(&link, &[]).await.status, 200);
        assert_eq!(app.nashra(["subscriber", "erase", "gone@example.org", "--yes"]).run().await.code, Some(0));
        let never = EmailAddress::parse("never@example.org").unwrap();
        suppress::add(&app.app.context, &never, "complaint").await.unwrap();

        let text = "Name;E-Mail;confirmed_at;consent_ip;language\n\
            ليلى حداد;Layla@BÜCHER.example;2024-05-06T07:08:09Z;203.0.113.7;en\n\
            ;nour@example.org;2023-01-02;;xx\n\
            ;layla@xn--bcher-kva.example;;;\n\
            ;reader1@example.org;;;\n\
            ;left@example.org;;;\n\
            ;gone@example.org;;;\n\
            ;Never@example.org;;;\n\
            ;no address;;;\n\
            ;late@example.org;2999-01-01;;\n\
            ;where@example.org;;nowhere;\n\
            \"a\tb\";name@example.org;;;\n\
            ;noreply@example.org;;;\n\
            ;\"=cmd;x\";;;\n\
            ;slip@gmial.com;2024/05/01;;\n\
            ;either@example.org;01/05/2023;;\n";
        let path = file(&app, "readers.csv", text);
        let before = app.dump().await;
        let (dry, would) = import(&app, &path, &["--dry-run"]).await;
        assert_eq!(app.dump().await, before, "a dry run changes nothing");
        let rejects = app.directory().join("rejects.csv");
        let (output, report) = import(&app, &path, &["--rejects", rejects.to_str().unwrap()]).await;
        assert_eq!((dry.code, output.code), (Some(0), Some(0)), "{output:#?}");
        assert_eq!((&report["added"], &report["rows"]), (&3.into(), &15.into()), "{report}");
        for key in ["added", "refused", "slips"] {
            assert_eq!(would[key], report[key], "{key}");
        }
        assert_eq!(report["slips"], 1);
        let written = std::fs::read_to_string(&rejects).unwrap();
        assert_eq!(mode(&rejects), 0o600, "it holds addresses");
        let words: Vec<String> = written.lines().map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect();
        assert_eq!(words, ["row,column,code", "4,email,duplicate", "5,email,already", "6,email,left", "7,email,erased",
            "8,email,suppressed", "9,email,no-at", "10,confirmed_at,consent-date", "11,consent_ip,consent-ip", "12,name,name",
            "13,email,role", "14,email,no-at", "16,confirmed_at,consent-date"]);
        let mut table = csv::Reader::from_reader(written.as_bytes());
        let table: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        let addresses: Vec<&str> = table.iter().map(|record| record.get(4).unwrap()).collect();
        assert_eq!(addresses, ["layla@xn--bcher-kva.example", "reader1@example.org", "left@example.org", "gone@example.org",
            "Never@example.org", "no address", "late@example.org", "where@example.org", "name@example.org", "noreply@example.org",
            "'=cmd;x", "either@example.org"]);
        let reasons: Vec<&str> = [6, 11].iter().map(|row| table[*row].get(3).unwrap()).collect();
        assert!(reasons[0].contains("is in the future") && reasons[1].contains("write 2023-05-01"), "{reasons:?}");

        let row = "FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id JOIN consents c ON c.subscriber_id = s.id";
        let proof = format!("{row} WHERE s.address = 'Layla@xn--bcher-kva.example' AND u.status = 'confirmed' AND u.name = 'ليلى حداد'
            AND u.language = 'en' AND c.action = 'confirm' AND c.method = 'import' AND c.page = '{SOURCE}' AND c.ip = '203.0.113.7'
            AND c.at_ms = 1714979289000");
        assert_eq!(count(&app, &proof[5..]).await, 1);
        assert_eq!(count(&app, "consents WHERE method = 'import'").await, 3);
        assert_eq!(count(&app, "subscriptions WHERE status = 'unsubscribed'").await, 1, "who left stays away");
        assert_eq!(count(&app, "subscribers WHERE identity IN ('gone@example.org', 'never@example.org')").await, 0);

        // The imported reader gets the digest, and no mail before it.
        let mails = app.catcher.accepted();
        app.articles(3).await;
        app.publish().await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), mails + 5);

        let dump = app.dump().await;
        let (again, report) = import(&app, &path, &[]).await;
        assert_eq!((again.code, report["added"].as_u64()), (Some(0), Some(0)));
        assert!(report["finished_before"].is_string() && app.dump().await == dump, "the same file again does nothing");
    }
);

both_databases!(
    /// D13: who did not confirm elsewhere is asked, so many in an hour; a confirmation by the reader makes it a subscription.
    d13_readers_who_are_to_be_asked_get_a_confirmation,
    |db| async move {
        let app = TestApp::start(db).await;
        // What is refused takes up no time of the hour.
        let path = file(&app, "readers.txt", "layla@example.org\nno address\nmuna@\nnour@example.org\n");
        let (output, report) = import(&app, &path, &["--status", "pending", "--per-hour", "1"]).await;
        assert_eq!((output.code, report["added"].as_u64()), (Some(0), Some(2)), "{output:#?}");
        assert_eq!(count(&app, "subscriptions WHERE status = 'pending'").await, 2);
        let due = "SELECT MAX(due_ms) - MIN(due_ms) FROM deliveries WHERE kind = 'confirmation' AND status = 'queued'";
        assert_eq!(number(&app.database(), due).await, 3_600_000);
        let waits = "SELECT MIN(due_ms - created_ms) FROM deliveries WHERE kind = 'confirmation'";
        assert_eq!(number(&app.database(), waits).await, 0);
        assert_eq!(count(&app, "consents WHERE action = 'subscribe' AND method = 'import'").await, 2);
    }
);

both_databases!(
    /// X14: files as spreadsheets of the region write them, and hostile ones: each ends in a sentence, none in a panic.
    x14_any_file_is_read_or_refused,
    |db| async move {
        let app = TestApp::start(db).await;
        let text = |n: u32| format!("البريد الإلكتروني;الاسم\nlayla{n}@example.org;ليلى حداد\n");
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(text(1).encode_utf16().flat_map(u16::to_le_bytes));
        // windows-1256, as the header's letters are in that table: البريد is C7 E1 C8 D1 ED CF.
        let arabic: Vec<u8> = text(2).chars().map(|letter| match letter {
            'ا' => 0xc7, 'ل' => 0xe1, 'ب' => 0xc8, 'ر' => 0xd1, 'ي' => 0xed, 'د' => 0xcf, 'إ' => 0xc5, 'ك' => 0xdf, 'ت' => 0xca,
            'و' => 0xe6, 'ن' => 0xe4, 'س' => 0xd3, 'م' => 0xe3, 'ى' => 0xec, 'ح' => 0xcd,
            ascii => u8::try_from(ascii).unwrap(),
        }).collect();
        for (n, (name, bytes)) in [("UTF-16LE", utf16), ("windows-1256", arabic)].into_iter().enumerate() {
            let path = file(&app, name, bytes);
            let (output, report) = import(&app, &path, &[]).await;
            assert_eq!((&report["encoding"], &report["added"]), (&name.into(), &1.into()), "{output:#?}");
            let stored = format!("subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
                WHERE u.name = 'ليلى حداد' AND s.identity = 'layla{}@example.org'", n + 1);
            assert_eq!(count(&app, &stored).await, 1, "{name}");
        }

        let before = app.dump().await;
        for (name, contents, said) in [
            ("open.csv", format!("email,name\na@example.org,\"never closed\n{}", "x@example.org,y\n".repeat(40_000)), "never closed?"),
            ("empty.csv", String::new(), "it is empty"),
            ("phones.csv", "id,phone\n1,555\n".to_owned(), "no column holds addresses"),
        ] {
            let path = file(&app, name, contents);
            let (output, _) = import(&app, &path, &["--dry-run"]).await;
            assert_eq!(output.code, Some(1), "{name}: {output:#?}");
            assert!(output.stderr.contains(said) && output.stderr.contains(name), "{name}: {}", output.stderr);
        }
        let hostile = format!("email,name\n=cmd|' /C calc'!A0,\nnul\0@example.org,\n\"two\nlines@example.org\",\n{}@example.org,\n\
            long@example.org,{}\ncell@example.org,{}\n", "l".repeat(70), "n".repeat(100), "c".repeat(50_000));
        let path = file(&app, "hostile.csv", hostile);
        let (output, report) = import(&app, &path, &["--dry-run"]).await;
        assert_eq!((output.code, &report["added"], &report["rows"]), (Some(1), &0.into(), &6.into()), "{output:#?}");
        assert_eq!(report["refused"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 6, "{report}");
        assert_eq!(app.dump().await, before);
        let output = command(&app, Path::new("nowhere.csv"), &[]).run().await;
        assert!(output.code == Some(1) && output.stderr.contains("nowhere.csv"), "{output:#?}");
    }
);

both_databases!(
    /// D13: killed between two chunks, the same command goes on behind the last one that was stored, and everyone is there once.
    d13_an_import_that_was_killed_goes_on,
    |db| async move {
        let app = TestApp::start(db).await;
        let mut text = String::from("email\n");
        for n in 0..50_000 {
            // Every other row is refused: the pipe of refusals fills, and holds the program up where the test wants it.
            let address = if n % 2 == 0 { format!("reader{n}@example.org\n") } else { format!("reader{n}\n") };
            text.push_str(&address);
        }
        let path = file(&app, "many.csv", text);
        let pipe = app.directory().join("refusals");
        assert_eq!(Program::new("mkfifo", [&pipe]).run().await.code, Some(0));
        let mut running = command(&app, &path, &["--rejects", pipe.to_str().unwrap()]).spawn();
        let reader = tokio::task::spawn_blocking(move || {
            let mut refusals = BufReader::new(std::fs::File::open(pipe).unwrap());
            let mut lines = String::new();
            // The first refusal of the second chunk: the first chunk is stored, the second is not.
            while !lines.contains("\n20003,") {
                assert!(refusals.read_line(&mut lines).unwrap() > 0, "the program ended early");
            }
            (refusals, lines)
        });
        let (refusals, lines) = reader.await.unwrap();
        running.signal(Signal::Kill);
        assert_eq!(running.finished().await.code, None);
        drop(refusals);
        assert_eq!(number(&app.database(), "SELECT rows_done FROM imports").await, 20_000);
        assert_eq!(count(&app, "subscriptions").await, 10_000);

        // What was written of a chunk that was not stored comes once all the same, the line that was torn included.
        let rejects = app.directory().join("rejects.csv");
        std::fs::write(&rejects, format!("{lines}2000")).unwrap();
        let (output, report) = import(&app, &path, &["--rejects", rejects.to_str().unwrap()]).await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let written: Vec<u64> = csv::Reader::from_path(&rejects).unwrap().into_records()
            .map(|row| row.unwrap()[0].parse().unwrap()).collect();
        assert_eq!(written, (1..=25_000).map(|n| 2 * n + 1).collect::<Vec<_>>());
        assert_eq!((&report["resumed_after"], &report["rows"], &report["added"]), (&20_000.into(), &30_000.into(), &15_000.into()));
        assert_eq!(report["refused"]["no-at"], 15_000);
        for table in ["subscribers", "subscriptions WHERE status = 'confirmed'", "consents"] {
            assert_eq!(count(&app, table).await, 25_000, "{table}");
        }
        assert_eq!(number(&app.database(), "SELECT added FROM imports WHERE finished_ms IS NOT NULL").await, 25_000);
        let output = command(&app, &path, &[]).run().await;
        assert!(output.code == Some(0) && output.stdout.contains("nothing is left to do"), "{output:#?}");
        // Read in another encoding it is another file.
        let (_, report) = import(&app, &path, &["--encoding", "windows-1252"]).await;
        assert_eq!((&report["finished_before"], &report["refused"]["already"]), (&Value::Null, &25_000.into()), "{report}");
    }
);

both_databases!(
    /// X14, V23's providers: an export has no cell that a spreadsheet would run, and comes in again as it was; subscriptions have the
    /// provider of their domain.
    x14_an_export_is_harmless_and_comes_in_again,
    |db| async move {
        let options = crate::harness::app::Options {
            sections: "[[pacing.providers]]\nname = \"ours\"\ndomains = [\"ours.example\"]".to_owned(),
            lists: "[[lists]]\nslug = \"other\"\nname = \"Other\"\nlocale = \"en\"\nschedule = \"0 7 * * 1\"\nzone = \"UTC\"\n\
                sections = [{ key = \"all\", name = \"All\", limit = 5 }]".to_owned(),
            ..crate::harness::app::Options::default()
        };
        let app = TestApp::with(db, options).await;
        let text = "email,name,confirmed_at\n=1+1@ours.example,@SUM(A1),2024-05-06\n'quoted@example.org,-2,\nlayla@example.org,ليلى,\n\
            semi@example.org,Muna;=1+1,\n";
        let path = file(&app, "readers.csv", text);
        let (output, report) = import(&app, &path, &[]).await;
        assert_eq!(report["added"], 4, "{output:#?}");
        assert_eq!(count(&app, "subscriptions WHERE provider_id <> 0").await, 1);
        let out = app.directory().join("out.csv");
        let output = app.nashra(["subscriber", "export", "--list", "weekly", "--bom", "--output", out.to_str().unwrap()]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let written = std::fs::read_to_string(&out).unwrap();
        assert!(written.starts_with("\u{feff}email,name,status,"), "{written}");
        let rows: Vec<_> = csv::Reader::from_path(&out).unwrap().into_records().map(Result::unwrap).collect();
        let cells: Vec<&str> = rows.iter().flat_map(csv::StringRecord::iter).collect();
        assert!(cells.len() == 32 && cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{written}");

        assert!(written.contains("Muna;'=1+1"), "nor where another separator is expected: {written}");
        let file = out.to_str().unwrap();
        let output = app.nashra(["subscriber", "import", file, "--list", "other", "--source", "the weekly list"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let lines = |text: &str| {
            let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            rows.map(|row| (row["email"].clone(), row["name"].clone(), row["confirmed_at"].clone())).collect::<Vec<_>>()
        };
        let weekly = app.nashra(["subscriber", "export", "--list", "weekly", "--json"]).run().await;
        let other = app.nashra(["subscriber", "export", "--list", "other", "--json", "--status", "confirmed"]).run().await;
        let (weekly, other) = (lines(&weekly.stdout), lines(&other.stdout));
        assert!(weekly.len() == 4 && weekly == other, "{weekly:?} {other:?}");
        assert!(weekly.iter().any(|row| row.0 == "=1+1@ours.example" && row.1 == "@SUM(A1)"));
        // Of an export, only those who confirmed are taken.
        let path = self::file(&app, "some.csv", "email,status\nnew@example.org,pending\nold@example.org,unsubscribed\n");
        let (output, report) = import(&app, &path, &[]).await;
        assert_eq!((output.code, &report["refused"]["not-confirmed"]), (Some(1), &2.into()), "{output:#?}");
    }
);

/// Readers' addresses are their keeper's alone: the database with what lies beside it, its directory, and exports. What was there
/// keeps its mode.
#[tokio::test]
async fn files_with_addresses_are_readable_by_their_owner_only() {
    let app = TestApp::start(sqlite().await).await;
    let place = app.directory().join("data").join("deep");
    let file = place.join("own.db");
    let settings = nashra::store::Settings::new(format!("sqlite:{}", file.display()));
    let database = nashra::store::Database::connect(&settings).await.unwrap();
    nashra::store::migrate::run(&database).await.unwrap();
    assert_eq!(mode(&place), 0o700);
    for entry in std::fs::read_dir(&place).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    database.close().await;
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&file, open).unwrap();
    let database = nashra::store::Database::connect(&settings).await.unwrap();
    assert_eq!(mode(&file), 0o640);
    database.close().await;
    let out = app.directory().join("readers.csv");
    let export = [
        "subscriber",
        "export",
        "--list",
        "weekly",
        "-o",
        out.to_str().unwrap(),
    ];
    assert_eq!(app.nashra(export).run().await.code, Some(0));
    assert_eq!(mode(&out), 0o600);
}

#[tokio::test]
async fn an_unknown_reader_is_said_as_every_error_is() {
    let app = TestApp::start(sqlite().await).await;
    for command in ["show", "export"] {
        let output = app
            .nashra(["subscriber", command, "quick@example.org"])
            .run()
            .await;
        assert_eq!(output.code, Some(1));
        assert_eq!(
            output.stderr, "nashra: no subscriber has this address\n",
            "{command}"
        );
    }
}
