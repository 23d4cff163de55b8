//! The configuration file of a test's own program.

use super::app::Options;

/// Writes it into this directory; gives its text.
pub fn configuration(
    database: &str,
    url: &str,
    smtp_port: u16,
    directory: &std::path::Path,
    options: &Options,
) -> String {
    let Options {
        sections,
        smtp,
        feeds,
        list,
        lists,
        ..
    } = options;
    let key_file = directory.join("secret.key");
    // What protects the forms is tested where it is asked for: everywhere else a form is posted at once, and often.
    let unprotected = if sections.contains("[sign_up") {
        ""
    } else {
        "[sign_up]\nunstamped = \"accept\"\nmin_fill = \"0s\"\nper_minute = 0\nper_list = 0\nper_domain = 0\nper_network = { per_hour = 0, per_day = 0 }"
    };
    // No test depends on the network; one about addresses brings its own name server.
    let addresses = if sections.contains("[addresses]") {
        ""
    } else {
        "[addresses]\nmx_check = false\n"
    };
    let text = format!(
        r#"
[site]
name = "المرفأ"
public_url = "{url}"
postal_address = "شارع البحر 12"

[database]
url = "{database}"

[secrets]
key_file = "{}"

[smtp]
host = "127.0.0.1"
port = {smtp_port}
tls = "none"
{smtp}

[mail]
from = "news@marfa.example"
from_name = "المرفأ"

[feeds]
allow_private = true
{feeds}

{addresses}
{unprotected}
{sections}

[[lists]]
slug = "weekly"
name = "النشرة الأسبوعية"
locale = "ar"
schedule = "0 7 * * 1"
zone = "UTC"
ask_name = true
{list}
sections = [
  {{ key = "reports", name = "تقارير", limit = 5 }},
  {{ key = "health", name = "صحة", limit = 5, layout = "headlines" }},
  {{ key = "cartoons", name = "كاريكاتير", limit = 1, layout = "cartoon" }},
]

{lists}
"#,
        key_file.display()
    );
    std::fs::write(directory.join("nashra.toml"), &text).unwrap();
    text
}
