//! How long one client waits for its answer, by the state of the address (D5).

use std::net::SocketAddr;
use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::domain::delivery::DeliveryKind;
use nashra::domain::subscription::{ConsentAction, ConsentMethod};
use nashra::service::Context;
use nashra::store;
use nashra::store::consent::{Consent, Origin};
use nashra::store::quarantine::Hold;
use tokio::net::TcpStream;

use crate::{Result, exchange, request};

async fn write(context: &Context, email: &str, method: ConsentMethod) -> Result<i64> {
    let now_ms = context.clock.now_ms();
    let list = context.lists[0].id;
    let address = EmailAddress::parse(email)?;
    let mut tx = context.database.write().await?;
    let id = store::subscriber::ensure(&mut tx, &address, now_ms).await?;
    store::subscription::status(&mut tx, list, id).await?;
    let consent = Consent {
        list_id: list,
        subscriber_id: id,
        action: ConsentAction::Subscribe,
        method,
        at_ms: now_ms,
        origin: &Origin::default(),
        wording: None,
    };
    store::consent::record(&mut tx, &consent).await?;
    store::subscription::set_pending(&mut tx, list, id, None, now_ms).await?;
    store::delivery::enqueue(
        &mut tx,
        DeliveryKind::Confirmation,
        list,
        id,
        now_ms,
        now_ms,
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// How an address may stand when a form names it.
const STATES: [&str; 7] = [
    "new",
    "pending",
    "held",
    "confirmed",
    "unsubscribed",
    "suppressed",
    "erased",
];

/// Brings an address into a state.
async fn bring(context: &Context, address: &str, state: &str) -> Result<()> {
    let list_id = context.lists[0].id;
    if matches!(state, "pending" | "held" | "confirmed" | "unsubscribed") {
        let subscriber_id = write(context, address, ConsentMethod::Cli).await?;
        let mut tx = context.database.write().await?;
        match state {
            "held" => {
                let hold = Hold {
                    list_id,
                    subscriber_id,
                    reasons: r#"["disposable"]"#.to_owned(),
                    held_ms: 0,
                    due_ms: None,
                };
                store::quarantine::hold(&mut tx, &[hold]).await?;
            }
            "pending" => {}
            _ => {
                store::subscription::confirm(&mut tx, list_id, subscriber_id, 0).await?;
            }
        }
        if state == "unsubscribed" {
            store::subscription::unsubscribe(&mut tx, list_id, subscriber_id, 0).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
    let mut tx = context.database.write().await?;
    match state {
        "suppressed" => {
            store::suppression::add(&mut tx, address, "bench", 0).await?;
        }
        "erased" => {
            for hash in context.keyring.erasure_hashes(address) {
                store::erasure::add(&mut tx, &hash, 0).await?;
            }
        }
        _ => {}
    }
    tx.commit().await?;
    Ok(())
}

/// How long one client waits for its answer, by the state of the address: nobody should tell them apart (D5).
pub async fn states(context: &Context, at: SocketAddr) -> Result<()> {
    const EACH: usize = 200;
    for n in 0..EACH {
        for state in STATES {
            bring(context, &format!("{state}{n}@example.net"), state).await?;
        }
    }
    let mut stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1_024];
    let mut took: [Vec<Duration>; STATES.len()] = Default::default();
    for n in 0..EACH {
        for (state, took) in STATES.iter().zip(&mut took) {
            let body = format!("email={state}{n}%40example.net");
            let request = request("POST", "/subscribe/weekly", &body);
            took.push(exchange(&mut stream, &request, &mut buffer).await?);
        }
    }
    let mut medians = Vec::new();
    for (state, took) in STATES.iter().zip(&mut took) {
        took.sort();
        let micros = |at: usize| took[at].as_secs_f64() * 1e6;
        medians.push(micros(EACH / 2));
        println!(
            "answer to a {state} address, median µs (p95 {:.0})\t{:.0}\t-\t-",
            micros(EACH * 95 / 100),
            micros(EACH / 2)
        );
    }
    medians.sort_by(f64::total_cmp);
    println!(
        "spread of these medians, µs\t{:.0}\t-\t-",
        medians[STATES.len() - 1] - medians[0]
    );
    Ok(())
}
