//! The keys behind the links: read, or made on the first start.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::AppError;
use crate::config::KeySource;
use crate::domain::token::Keyring;

/// The keys behind the links: given, or in a file that is made on the first start and readable by its owner only.
pub(super) fn keyring(source: &KeySource) -> Result<Keyring, AppError> {
    match source {
        KeySource::Given(text) => Keyring::parse(text.expose_secret())
            .map_err(|error| AppError::configuration("secrets.key", error)),
        KeySource::File(path) => key_file(path),
    }
}

fn key_file(path: &PathBuf) -> Result<Keyring, AppError> {
    let failed = |what, reason: String| AppError::KeyFile {
        path: path.display().to_string(),
        what,
        reason,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Keyring::parse(&text).map_err(|error| failed("used", error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                std::fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(parent)
                    .map_err(|error| failed("created", error.to_string()))?;
            }
            write_key(path).map_err(|error| failed("created", error.to_string()))?;
            let text =
                std::fs::read_to_string(path).map_err(|error| failed("read", error.to_string()))?;
            Keyring::parse(&text).map_err(|error| failed("used", error.to_string()))
        }
        Err(error) => Err(failed("read", error.to_string())),
    }
}

/// Writes a new key beside its place and links it there: of several first starts at once, one key wins and is whole.
fn write_key(path: &Path) -> std::io::Result<()> {
    use std::io::Write;
    let draft = path.with_extension(format!("{}.new", crate::domain::token::random_id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(Keyring::generate().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
