//! Two programs that are not ours and verify DKIM: dkimpy (Debian's python3-dkim, with python3-nacl for Ed25519) and mailauth from
//! the npm registry. `TEST_PYTHON` names the interpreter that has the first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::node;
use super::process::{Output, Program};

/// Where Debian puts the interpreter that sees its packages.
const PYTHON: &str = "/usr/bin/python3";

/// What one of them says of each message's signatures, from the first.
pub struct Says {
    /// Its name.
    pub who: &'static str,
    /// For each message, for each of its signatures.
    pub verdicts: Vec<Vec<bool>>,
}

/// What both say of some messages, when they are installed; `records` are the TXT records that they may find.
pub async fn ask(records: &BTreeMap<String, String>, messages: &[Vec<u8>]) -> Vec<Says> {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("records.json");
    std::fs::write(&place, serde_json::to_string(records).unwrap()).unwrap();
    let mut arguments = vec![place];
    for (number, message) in messages.iter().enumerate() {
        let file = directory.path().join(format!("{number}.eml"));
        std::fs::write(&file, message).unwrap();
        arguments.push(file);
    }
    let mut says = Vec::new();
    for (who, program) in [
        ("dkimpy", dkimpy(&arguments).await),
        ("mailauth", node::script("dkim.mjs", &arguments)),
    ] {
        let Some(program) = program else {
            continue;
        };
        let output = program.run().await;
        says.push(Says {
            who,
            verdicts: read(&output, messages.len()),
        });
    }
    says
}

async fn dkimpy(arguments: &[PathBuf]) -> Option<Program> {
    let python = super::variable("TEST_PYTHON").unwrap_or_else(|| PYTHON.to_owned());
    let is_there = Path::new(&python).exists()
        && Program::new(&python, ["-c", "import dkim, nacl"])
            .run()
            .await
            .code
            == Some(0);
    if !is_there {
        super::skip(
            "dkimpy",
            "it is not installed (Debian's packages python3-dkim and python3-nacl)",
        );
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/dkim_verify.py");
    let arguments = arguments.iter().cloned();
    Some(Program::new(
        python,
        std::iter::once(script).chain(arguments),
    ))
}

fn read(output: &Output, messages: usize) -> Vec<Vec<bool>> {
    let lines = output.stdout.lines();
    let verdicts: Vec<Vec<bool>> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(verdicts.len(), messages, "{output:#?}");
    verdicts
}

mod tests {
    use super::ask;

    /// K10: both know the message of RFC 8463, appendix A.3, and that it was changed.
    #[tokio::test]
    async fn k10_both_know_the_vector_of_rfc_8463() {
        let records = [
            (
                "brisbane",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            ),
            (
                "test",
                "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
            ),
        ];
        let records = records
            .map(|(selector, record)| {
                (
                    format!("{selector}._domainkey.football.example.com"),
                    record.to_owned(),
                )
            })
            .into();
        let message = include_bytes!("../../fixtures/dkim/rfc8463.eml").to_vec();
        let changed = String::from_utf8(message.clone())
            .unwrap()
            .replace("dinner", "supper");
        for says in ask(&records, &[message, changed.into_bytes()]).await {
            assert_eq!(
                says.verdicts,
                [[true, true], [false, false]],
                "{}",
                says.who
            );
        }
    }
}
