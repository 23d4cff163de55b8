//! Promise 10: the log of the built program names no address and no token, even when it is asked to say everything.

use nashra::catcher::{Catcher, CatcherConfig};

use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::process::{Program, Signal};

both_databases!(
    /// Promise 10, A15: sign up, confirm, leave and garbled links under `serve -vv`.
    the_log_holds_no_address_and_no_token,
    |db| async move {
        let catcher = Catcher::start(CatcherConfig::new(([127, 0, 0, 1], 0).into(), || 0)).await.unwrap();
        // One of the mails is refused: what the relay said of it is logged or stored, not the address it named.
        catcher.set_script("on rcpt to refused@* reply 550 5.1.1 <refused@example.org> unknown".parse().unwrap());
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("nashra.toml");
        let text = format!(
            r#"
[site]
name = "Marfa"
public_url = "http://127.0.0.1:1"
[database]
url = "{}"
[secrets]
key_file = "secret.key"
[addresses]
mx_check = false

[smtp]
host = "127.0.0.1"
port = {}
tls = "none"
[mail]
from = "news@marfa.example"
[sign_up]
unstamped = "accept"
[[lists]]
slug = "weekly"
name = "Weekly"
locale = "en"
schedule = "0 7 * * 1"
zone = "UTC"
sections = [{{ key = "reports", name = "Reports" }}]
"#,
            db.url,
            catcher.smtp_addr().port()
        );
        std::fs::write(&config, text).unwrap();
        let arguments = ["-vv", "--config", config.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"];
        let mut server = Program::nashra(arguments).dir(directory.path()).env("RUST_LOG", "trace").spawn();
        let line = server.line("pages are served").await;
        let port: u16 = line.split("127.0.0.1:").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let url = |path: &str| format!("http://127.0.0.1:{port}{path}");

        let addresses = [
            "layla.private@example.org",
            "refused@example.org",
            "layla.private@example.org",
        ];
        for address in addresses {
            assert_eq!(http::post_form(&url("/subscribe/weekly"), &[("email", address)]).await.status, 303);
        }
        http::post_form(&url("/subscribe/weekly"), &[("email", "nonsense.private@@example.org")]).await;
        let mails = catcher.wait_for(1).await;
        let text = mails[0].text().unwrap();
        let token = text.split_whitespace().find_map(|word| word.split_once("/confirm/")).unwrap().1.to_owned();
        for path in [format!("/confirm/{token}"), format!("/confirm/{token}x"), format!("/u/{token}")] {
            http::get(&url(&path)).await;
            http::post_form(&url(&path), &[]).await;
        }
        server.signal(Signal::Term);
        let output = server.finished().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let log = format!("{}{}", output.stdout, output.stderr);
        assert!(log.contains("pages are served") && log.contains("enough of them lately"), "nothing was logged: {log}");
        let sent: Vec<&str> = log.lines().filter(|line| {
            line.contains(&token) || line.contains("layla.private") || line.contains("refused@") || line.contains("nonsense.private")
        }).collect();
        assert!(sent.is_empty(), "{sent:#?}");
    }
);
