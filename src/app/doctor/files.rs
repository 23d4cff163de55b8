//! The files that hold keys: whether anybody but their owner can read them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding;
use crate::config::{Config, KeySource};

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let secret = match &config.key {
        KeySource::File(path) => Some((path.as_path(), "key of the links".to_owned())),
        KeySource::Given(_) => None,
    };
    let dkim = config.dkim.keys.iter();
    let dkim = dkim.map(|key| (key.key_file.as_path(), format!("dkim key {}", key.selector)));
    let files = secret.into_iter().chain(dkim);
    files.map(|(path, check)| file(path, check)).collect()
}

fn file(path: &Path, check: String) -> Finding {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            let mode = metadata.permissions().mode() & 0o777;
            let what = format!("others may read or change {shown} (mode {mode:03o})");
            Finding::warn(check, what, format!("chmod 600 {shown}"))
        }
        Ok(_) => Finding::ok(check, format!("{shown} is its owner's alone")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::warn(
            check,
            format!("{shown} is not there yet"),
            "the first `nashra serve` makes it; if there was one, restore it: old links need it",
        ),
        Err(error) => Finding::fail(
            check,
            format!("{shown}: {error}"),
            "let the user that runs nashra read it",
        ),
    }
}
