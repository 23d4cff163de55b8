//! The relays of the configuration become routes for mail.

use super::AppError;
use crate::config::{SmtpConfig, Tls};
use crate::mail::route::Route;
use crate::mail::smtp::{Connector, Credentials, Relay, Timeouts, TlsMode};
use crate::mail::transport::Transport;

/// Opens connections to one relay: its certificates are read and its settings checked.
pub(super) fn connector(smtp: &SmtpConfig) -> Result<Connector, AppError> {
    Connector::new(relay(smtp))
        .map_err(|error| AppError::configuration(format!("relay `{}`", smtp.name), error))
}

/// One relay as a way for mail.
pub(super) fn route(smtp: &SmtpConfig) -> Result<Route, AppError> {
    let connector = connector(smtp)?;
    Ok(Route {
        name: smtp.name.clone(),
        weight: smtp.weight,
        connections: smtp.connections,
        messages_per_connection: smtp.messages_per_connection as u64,
        limits: smtp.limits,
        warm_up: smtp.warm_up.clone(),
        transport: Transport::Smtp(Box::new(connector)),
    })
}

fn relay(smtp: &SmtpConfig) -> Relay {
    Relay {
        host: smtp.host.clone(),
        port: smtp.port,
        tls: match smtp.tls {
            Tls::None => TlsMode::None,
            Tls::Starttls => TlsMode::Starttls,
            Tls::Implicit => TlsMode::Implicit,
        },
        credentials: smtp.credentials.as_ref().map(|given| Credentials {
            username: given.username.clone(),
            password: given.password.clone(),
        }),
        helo: smtp.helo.clone(),
        timeouts: Timeouts {
            connect: smtp.timeouts.connect,
            greeting: smtp.timeouts.greeting,
            command: smtp.timeouts.command,
            data_init: smtp.timeouts.data_init,
            data_block: smtp.timeouts.data_block,
            final_dot: smtp.timeouts.final_dot,
            ..Timeouts::default()
        },
        ca_file: smtp.ca_file.clone(),
    }
}
