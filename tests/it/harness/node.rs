//! Third-party servers from the npm registry, on free ports of 127.0.0.1: maildev, a catcher that is not ours, and scripts
//! of `tests/node`. `script/test` installs the packages; `TEST_NODE` names the folder when it is not `tests/node`.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::process::{Program, Running};

/// A running maildev. It is stopped when this value goes.
pub struct Maildev {
    /// The port it takes mail at.
    pub smtp: u16,
    /// Its REST API, without a slash at the end: `GET {api}/email`, `{api}/email/ID`, `{api}/email/ID/source`.
    pub api: String,
    _process: Running,
}

impl Maildev {
    /// Starts one, when it is installed.
    pub async fn start() -> Option<Self> {
        // It cannot choose its own ports, and a port that was free a moment ago may be taken: then it ends, and we try again.
        for _ in 0..3 {
            let (smtp, web) = free_ports();
            let (smtp_text, web_text) = (smtp.to_string(), web.to_string());
            let places = [
                "--smtp",
                &smtp_text,
                "--web",
                &web_text,
                "--ip",
                "127.0.0.1",
                "--web-ip",
                "127.0.0.1",
            ];
            let mut process = script("node_modules/maildev/dist/bin/maildev.js", places)?.spawn();
            // The last line that it prints, when both servers listen.
            if process.find("Press Ctrl+C to stop").await.is_some() {
                return Some(Self {
                    smtp,
                    api: format!("http://127.0.0.1:{web}/api"),
                    _process: process,
                });
            }
        }
        panic!("maildev does not start");
    }
}

/// A script under `tests/node`, of ours or of a package, to be run by node; says so when the packages are not installed.
pub fn script<S: AsRef<OsStr>>(
    path: &str,
    arguments: impl IntoIterator<Item = S>,
) -> Option<Program> {
    if !folder().join("node_modules").exists() {
        super::skip(
            path,
            "its packages are not installed: run `npm ci` in tests/node",
        );
        return None;
    }
    let arguments = arguments
        .into_iter()
        .map(|argument| argument.as_ref().to_owned());
    Some(Program::new(
        "node",
        std::iter::once(folder().join(path).into_os_string()).chain(arguments),
    ))
}

/// A file of a package, such as a script to be run in a browser; says so when the packages are not installed.
pub fn text(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(folder().join(path)).ok();
    if text.is_none() {
        super::skip(path, "it is not installed: run `npm ci` in tests/node");
    }
    text
}

fn folder() -> PathBuf {
    super::variable("TEST_NODE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node"),
        PathBuf::from,
    )
}

/// Two ports that nobody listens at now.
fn free_ports() -> (u16, u16) {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [first, second] = listeners.map(|listener| listener.local_addr().unwrap().port());
    (first, second)
}

mod tests {
    use super::Maildev;
    use crate::harness::http;

    /// Issue 3, point 8: the third-party catcher answers.
    #[tokio::test]
    async fn maildev_starts_empty() {
        let Some(maildev) = Maildev::start().await else {
            return;
        };
        assert_eq!(
            http::get(&format!("{}/email", maildev.api)).await.json(),
            serde_json::json!([])
        );
        assert_eq!(
            http::delete(&format!("{}/email/all", maildev.api))
                .await
                .status,
            200
        );
        tokio::net::TcpStream::connect(("127.0.0.1", maildev.smtp))
            .await
            .unwrap();
    }
}
