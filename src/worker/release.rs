//! Lets sign-ups go that only waited for room in a limit, now and then.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Context;
use crate::service::sign_up::release;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(10);

/// Looks every ten seconds until `stop`.
pub async fn run(context: Context, stop: CancellationToken) {
    loop {
        match release::with_room(&context).await {
            Ok(0) => {}
            Ok(sign_ups) => tracing::info!(sign_ups, "sign-ups that were held go on"),
            Err(error) => tracing::error!(%error, "sign-ups that are held could not go on"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
