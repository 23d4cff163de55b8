//! The database: whether it can be reached, has this program's schema, and takes writes. It is not made where it is not.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::Finding;
use crate::app::settings;
use crate::config::Config;
use crate::store::{Database, migrate};

const CHECK: &str = "database";

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let place = config.database.masked_url();
    if let Some(path) = sqlite_file(config.database.url.expose_secret())
        && !Path::new(&path).exists()
    {
        return vec![Finding::warn(
            CHECK,
            format!("{place} is not there yet"),
            "it is made by the first `nashra serve` or `nashra migrate`; if it was there, restore it from a backup",
        )];
    }
    let database = match Database::connect(&settings(config)).await {
        Ok(database) => database,
        Err(error) => {
            let advice = "check [database] url, that the server runs, and who may read the file";
            return vec![Finding::fail(CHECK, format!("{place}: {error}"), advice)];
        }
    };
    let finding = schema(&database, &place).await;
    database.close().await;
    vec![finding]
}

async fn schema(database: &Database, place: &str) -> Finding {
    let steps = match migrate::status(database).await {
        Ok(steps) => steps,
        Err(error) => {
            let advice = "use the program that wrote it last, or a newer one";
            return Finding::fail(CHECK, format!("{place}: {error}"), advice);
        }
    };
    let missing = steps.iter().filter(|step| !step.applied).count();
    if missing > 0 {
        return Finding::warn(
            CHECK,
            format!("{place} lacks {missing} of {} migrations", steps.len()),
            "make a backup and run `nashra migrate`; `nashra serve` does it too",
        );
    }
    // A place in the writers' queue and nothing more: it is rolled back.
    match database.write().await {
        Ok(_) => Finding::ok(
            CHECK,
            format!("{place} is reached, up to date, and takes writes"),
        ),
        Err(error) => Finding::fail(
            CHECK,
            format!("{place} takes no writes: {error}"),
            "check its file, its directory and the free space, or whether the server is a read-only copy",
        ),
    }
}

/// The path in a URL of SQLite, when it is one of a file.
fn sqlite_file(url: &str) -> Option<String> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.contains(":memory:")).then(|| path.to_owned())
}
