//! Issue 3, point 7: a database of each earlier schema, with rows in every table, becomes one of this program and loses nothing.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::queue::{emptied, execute, number, on};

/// A week before the test's Monday, 07:00 UTC.
const LAST: i64 = 1_766_991_600_000;

/// What a list of the first version left: a confirmed reader, one who left, one who did not confirm, one who bounced; a digest that
/// was being sent to two of them and one that was done, and mails of both kinds.
const FIRST: &str = "
    INSERT INTO lists (slug, name, schedule, created_ms) VALUES ('weekly', 'النشرة', '0 7 * * 1 UTC', {then}), ('gone', 'Gone', '0 7 * * 1 UTC', {then});
    UPDATE lists SET removed_ms = {last} WHERE slug = 'gone';
    INSERT INTO feeds (url, etag, placed_in, fetched_ms, tried_ms, failures) VALUES ('https://news.example/feed', '\"x\"', 'weekly/reports', {last}, {last}, 2);
    INSERT INTO articles (identity, url, title, summary_html, summary_text, source, published_ms, stored_ms, updated_ms) VALUES
        ('a', 'https://news.example/a', 'قديم', '<em>x</em>', 'x', 'وكالات', {then}, {then}, {then}),
        ('b', 'https://news.example/b', 'جديد', 'y', 'y', NULL, {last} + 3600000, {last} + 3600000, {last} + 3600000);
    INSERT INTO placements (list_id, article_id, section) VALUES (1, 1, 'reports'), (1, 2, 'reports');
    INSERT INTO subscribers (identity, address, created_ms) VALUES ('layla@example.org', 'Layla@example.org', {then}),
        ('omar@example.org', 'omar@example.org', {then}), ('nour@example.org', 'nour@example.org', {last}),
        ('salma@example.org', 'salma@example.org', {then}), ('nobody@example.org', 'nobody@example.org', {then});
    INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms) VALUES (1, 1, 'confirmed', 'ليلى', {then}, {then}),
        (1, 2, 'unsubscribed', NULL, {then}, {last}), (1, 3, 'pending', NULL, {last}, {last}), (1, 4, 'confirmed', NULL, {then}, {then}),
        (2, 1, 'confirmed', NULL, {then}, {then});
    INSERT INTO confirmations (token_hash, list_id, subscriber_id, created_ms, expires_ms, used_ms) VALUES
        ({hash}01', 1, 1, {then}, {last}, {then}), ({hash}03', 1, 3, {last}, {last} + 259200000, NULL);
    INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, wording) VALUES (1, 1, 'subscribe', 'form', {then}, '192.0.2.1', 'w'),
        (1, 1, 'confirm', 'form', {then}, '192.0.2.1', NULL), (1, 2, 'unsubscribe', 'form', {last}, NULL, NULL), (1, 3, 'subscribe', 'form', {last}, NULL, 'w');
    INSERT INTO suppressions (identity, reason, created_ms) VALUES ('salma@example.org', 'bounce', {last});
    INSERT INTO digests (public_id, list_id, period_ms, status, since_ms, until_ms, subject, edition, article_count, composed_ms, started_ms) VALUES
        ('p1', 1, {then}, 'sent', 0, {then}, 'one', {edition}, 1, {then}, {then}), ('p2', 1, {last}, 'sending', {then}, {last}, 'two', {edition}, 0, {last}, {last});
    INSERT INTO digest_articles (digest_id, article_id, decision, section, position) VALUES (1, 1, 'chosen', 'reports', 0);
    INSERT INTO workers (id, seen_ms) VALUES (7, {last});
    INSERT INTO deliveries (kind, list_id, subscriber_id, status, attempts, due_ms, code, created_ms, done_ms) VALUES
        ('confirmation', 1, 1, 'sent', 1, {then}, 250, {then}, {then}), ('notice', 1, 1, 'sent', 1, {then}, 250, {then}, {then});
";
/// Its digests' deliveries, which the second schema moves.
const FIRST_DIGESTS: &str = "
    INSERT INTO deliveries (kind, list_id, subscriber_id, digest_id, status, attempts, due_ms, code, reply, created_ms, done_ms) VALUES
        ('digest', 1, 1, 1, 'sent', 1, {then}, 250, 'ok', {then}, {then}), ('digest', 1, 4, 1, 'failed', 2, {then}, 550, 'no', {then}, {then}),
        ('digest', 1, 1, 2, 'queued', 1, {last}, 451, 'later', {last}, NULL), ('digest', 1, 4, 2, 'unknown', 1, {last}, NULL, NULL, {last}, {last});
";
/// What came with the second schema.
const SECOND: &str = "
    INSERT INTO providers (name) VALUES ('example');
    INSERT INTO provider_domains (domain, provider_id) VALUES ('example.org', 1);
    INSERT INTO digest_ranges (digest_id, provider_id, first_id, last_id, done_id, sent, relays) VALUES (1, 0, 1, 4, 4, 1, '{\"smtp\":1}');
    INSERT INTO budgets (name, tat_us, day, used) VALUES ('relay/smtp', 5, 20000, 3);
    INSERT INTO backoffs (name, until_ms, level, reply) VALUES ('example', {last}, 2, '421 4.7.28');
    INSERT INTO leaders (role, worker_id) VALUES ('scheduler', 7);
";
const EDITION: &str = r#"'{"lead":null,"sections":[]}'"#;

/// Applies the first `number` migrations, as the program of that time did.
async fn old(url: &str, number: usize) {
    let kind = if url.starts_with("sqlite:") {
        "sqlite"
    } else {
        "postgres"
    };
    let folder = TempDir::new().unwrap();
    let mut files: Vec<_> = Path::new("migrations")
        .join(kind)
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in &files[..number] {
        std::fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let migrator = Migrator::new(folder.path()).await.unwrap();
    on!(url, conn => migrator.run(conn).await.unwrap());
}

async fn fill(url: &str, rows: &str) {
    let hash = if url.starts_with("sqlite:") {
        "x'"
    } else {
        "'\\x"
    };
    let rows = rows.replace("{hash}", hash).replace("{edition}", EDITION);
    let rows = rows.replace("{last}", &LAST.to_string());
    execute(
        url,
        &rows.replace("{then}", &(LAST - 604_800_000).to_string()),
    )
    .await;
}

/// The tables and their columns.
async fn tables(url: &str) -> BTreeMap<String, Vec<String>> {
    let sql = if url.starts_with("sqlite:") {
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
            ORDER BY m.name, p.cid"
    } else {
        "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position"
    };
    let found: Vec<(String, String)> =
        on!(url, conn => sqlx::query_as(sql).fetch_all(conn).await.unwrap());
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for (table, column) in found {
        tables.entry(table).or_default().push(column);
    }
    tables.remove("_sqlx_migrations");
    tables
}

/// The rows of each of these tables, in these columns, in order.
async fn rows(url: &str, tables: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for (table, columns) in tables {
        let row = if url.starts_with("sqlite:") {
            let quoted = columns.iter().map(|column| format!("quote({column})"));
            quoted.collect::<Vec<_>>().join(" || ',' || ")
        } else {
            format!("ROW({})::text", columns.join(", "))
        };
        let sql = AssertSqlSafe(format!("SELECT {row} FROM {table} ORDER BY 1"));
        let rows: Vec<String> =
            on!(url, conn => sqlx::query_scalar(sql).fetch_all(conn).await.unwrap());
        all.insert(table.clone(), rows);
    }
    all
}

both_databases!(
    /// Both steps with rows in every table: all are there as they were, references hold, numbers are never given twice, and the
    /// program goes on where the old one was.
    a_database_of_each_earlier_schema_is_brought_up_to_date_with_its_rows,
    |db| async move {
        let app = TestApp::start(db).await;
        let url = app.database();
        emptied(&url).await;
        if let Some(file) = url.strip_prefix("sqlite:") {
            std::fs::write(file, "").unwrap();
        }
        old(&url, 1).await;
        fill(&url, FIRST).await;
        let first_tables = tables(&url).await;
        let first = rows(&url, &first_tables).await;
        assert!(first.values().all(|rows| !rows.is_empty()), "{first:#?}");
        fill(&url, FIRST_DIGESTS).await;
        old(&url, 2).await;
        fill(&url, SECOND).await;
        let second_tables = tables(&url).await;
        let second = rows(&url, &second_tables).await;
        assert!(second.values().all(|rows| !rows.is_empty()), "{second:#?}");

        let output = app.nashra(["migrate"]).run().await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
        assert_eq!(rows(&url, &second_tables).await, second);
        // The first version's own rows too: only what it knew of a digest's deliveries is kept elsewhere.
        let mut first_tables = first_tables;
        for columns in first_tables.values_mut() {
            columns.retain(|column| column != "digest_id");
        }
        first_tables.get_mut("digest_articles").unwrap().insert(0, "digest_id".to_owned());
        let mut expected = first;
        expected.remove("deliveries");
        first_tables.remove("deliveries");
        assert_eq!(rows(&url, &first_tables).await, expected);
        let states = "digest_delivery_states WHERE digest_id = ";
        for (state, wanted) in [("1 AND status = 'sent'", 1), ("1 AND status = 'failed'", 1), ("2 AND status = 'queued'", 1), ("2 AND status = 'unknown'", 1)] {
            assert_eq!(number(&url, &format!("SELECT COUNT(*) FROM {states}{state}")).await, wanted, "{state}");
        }

        // References hold, and are held to.
        if url.starts_with("sqlite:") {
            assert_eq!(number(&url, "SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
            assert_eq!(number(&url, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").await, 0);
        }
        for (table, columns, values) in [
            ("subscriptions", "list_id, subscriber_id, status, created_ms, changed_ms", "1, 99, 'pending', 0, 0"),
            ("consents", "list_id, subscriber_id, action, method, at_ms", "1, 99, 'confirm', 'form', 0"),
            ("confirmations", "token_hash, list_id, subscriber_id, created_ms, expires_ms", "{hash}09', 1, 99, 0, 0"),
            ("deliveries", "kind, list_id, subscriber_id, status, due_ms, created_ms", "'notice', 1, 99, 'queued', 0, 0"),
        ] {
            let hash = if url.starts_with("sqlite:") { "x'" } else { "'\\x" };
            let sql = AssertSqlSafe(format!("INSERT INTO {table} ({columns}) VALUES ({})", values.replace("{hash}", hash)));
            let refused = on!(&url, conn => sqlx::raw_sql(sql).execute(conn).await.map(drop).unwrap_err());
            let refused = refused.to_string().to_lowercase();
            assert!(refused.contains("foreign key"), "{table}: {refused}");
        }
        // The number of a subscriber who goes is never given again, also that of the last one before the upgrade.
        execute(&url, "DELETE FROM subscribers WHERE id = 5").await;
        let new = "INSERT INTO subscribers (identity, address, created_ms) VALUES ('n@example.org', 'n@example.org', 0) RETURNING id";
        assert_eq!(number(&url, new).await, 6);

        // The new program sends what the old one owed: its digest's delivery that waits, and this Monday's digest.
        let output = app.digest_run([]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let mails = app.catcher.messages();
        let mailed: Vec<_> = mails.iter().map(|mail| (mail.recipients[0].as_str(), mail.subject())).collect();
        assert_eq!(mailed.len(), 2, "{mailed:?} {output:#?}");
        assert!(mailed.iter().all(|(to, _)| *to == "Layla@example.org"), "{mailed:?}");
    }
);
