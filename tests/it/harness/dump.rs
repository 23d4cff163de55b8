//! Everything that a database holds, as text: two dumps are equal when nothing changed, and what is not in one is not stored.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// Every row of every table, each column as SQL text (BLOB and BYTEA in hexadecimal), in a fixed order.
pub async fn dump(url: &str) -> String {
    if url.starts_with("sqlite:") {
        sqlite(&mut SqliteConnection::connect(url).await.unwrap()).await
    } else {
        postgres(&mut PgConnection::connect(url).await.unwrap()).await
    }
}

async fn sqlite(database: &mut SqliteConnection) -> String {
    const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *database)
        .await
        .unwrap();
    let mut all = String::new();
    for table in tables {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(&mut *database)
                .await
                .unwrap();
        let rows = format!(
            "SELECT {} FROM \"{table}\" ORDER BY 1",
            columns.join("||'|'||")
        );
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_all(&mut *database)
            .await
            .unwrap();
        all = format!("{all}{table}\n{}\n", rows.join("\n"));
    }
    all
}

async fn postgres(database: &mut PgConnection) -> String {
    const TABLES: &str =
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *database)
        .await
        .unwrap();
    let mut all = String::new();
    for table in tables {
        let rows = format!("SELECT t::text FROM \"{table}\" t ORDER BY 1");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_all(&mut *database)
            .await
            .unwrap();
        all = format!("{all}{table}\n{}\n", rows.join("\n"));
    }
    all
}
