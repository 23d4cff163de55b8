//! Logging in to a relay (RFC 4954), with lettre's knowledge of the mechanisms.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{self, Mechanism};
use lettre::transport::smtp::commands::Auth;
use secrecy::ExposeSecret;

use super::Credentials;
use super::fault::{Fault, tidy};
use super::wire::Wire;

/// How often a relay may ask before the log-in is through.
const CHALLENGES: usize = 10;

/// Presents the credentials; each reply may take as long as `limit`.
pub(super) async fn log_in(
    wire: &mut Wire,
    mechanism: Mechanism,
    credentials: &Credentials,
    limit: Duration,
) -> Result<(), Fault> {
    let credentials = || {
        authentication::Credentials::new(
            credentials.username.clone(),
            credentials.password.expose_secret().to_owned(),
        )
    };
    let mut auth = Auth::new(mechanism, credentials(), None).map_err(|error| nonsense(&error))?;
    for _ in 0..CHALLENGES {
        let reply = wire.command(&auth.to_string(), limit).await?;
        if reply.code != 334 {
            return reply.expect(2).map(drop);
        }
        let challenge = format!("334 {}\r\n", reply.text());
        let challenge = challenge.parse().map_err(|error| nonsense(&error))?;
        auth = Auth::new_from_response(mechanism, credentials(), &challenge)
            .map_err(|error| nonsense(&error))?;
    }
    Err(Fault::Garbage("it never stops asking".to_owned()))
}

/// What a relay asks for is not what the mechanism has it ask for.
fn nonsense(error: &Error) -> Fault {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    Fault::Garbage(tidy(&cause.unwrap_or_else(|| error.to_string())))
}
