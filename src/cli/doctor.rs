//! `nashra doctor`: what stands between this configuration and delivered mail.

use clap::Args;

use super::{DONE, FAILED, USAGE, Where, output};
use crate::app::AppError;
use crate::app::doctor::{self, Finding, State};

/// Look at everything that mail needs to arrive: configuration, database, keys, relays, DNS.
///
/// Nothing is sent and nothing is changed. Each line says ok, warn, fail or skip, what was looked at, what is there, and what to
/// do. The exit code is 0 unless something fails.
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra doctor\n         nashra doctor --list weekly --json")]
pub struct DoctorArgs {
    /// Only what this list needs
    #[arg(long, value_name = "SLUG")]
    list: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: &DoctorArgs) -> anyhow::Result<u8> {
    let config = match at.config() {
        Ok(config) => config,
        Err(errors) => {
            let problems = errors.0.iter();
            let findings = problems.map(|problem| Finding {
                state: State::Fail,
                check: "config".to_owned(),
                what: problem.to_string(),
                advice: None,
            });
            print(&findings.collect::<Vec<_>>(), args.json)?;
            return Ok(USAGE);
        }
    };
    if let Some(slug) = &args.list {
        let mut known = config.lists.iter().map(|list| list.slug.as_str());
        if !known.any(|known| known == slug) {
            let known = config.lists.iter().map(|list| list.slug.as_str());
            return Err(AppError::UnknownList {
                slug: slug.clone(),
                known: known.collect::<Vec<_>>().join(", "),
            }
            .into());
        }
    }
    let findings = doctor::examine(&config, args.list.as_deref()).await;
    print(&findings, args.json)?;
    let fails = findings.iter().any(|finding| finding.state == State::Fail);
    Ok(if fails { FAILED } else { DONE })
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&findings);
    }
    let width = findings.iter().map(|finding| finding.check.chars().count());
    let width = width.max().unwrap_or(0);
    for Finding {
        state,
        check,
        what,
        advice,
    } in findings
    {
        let advice = advice.iter().map(|advice| format!("; {advice}"));
        let advice = advice.collect::<String>();
        output::line(format!("{state:4}  {check:width$}  {what}{advice}"));
    }
    Ok(())
}
