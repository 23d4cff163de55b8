//! The rival of the groups: a transaction for each sign-up, with the same statements.

use std::net::SocketAddr;

use axum::extract::State;
use axum::routing::post;
use axum::{Form, Router};
use nashra::domain::address::EmailAddress;
use nashra::domain::delivery::DeliveryKind;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::Context;
use nashra::store;
use nashra::store::quarantine::Of;
use nashra::store::sign_up::{Entry, Mail, Pending, Person};
use nashra::store::throttle::Throttle;
use tokio::net::TcpListener;

use crate::Result;

#[derive(serde::Deserialize)]
struct Typed {
    email: String,
}

/// One transaction for each request.
pub async fn serve(context: Context) -> Result<SocketAddr> {
    async fn take(State(context): State<Context>, Form(typed): Form<Typed>) -> &'static str {
        match alone(&context, &typed.email).await {
            Ok(()) => "ok",
            Err(error) => {
                eprintln!("rival: {error}");
                ""
            }
        }
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let at = listener.local_addr()?;
    let router = Router::new()
        .route("/subscribe/weekly", post(take))
        .with_state(context);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(at)
}

/// The statements of a sign-up, for one.
async fn alone(context: &Context, email: &str) -> Result<()> {
    let now_ms = context.clock.now_ms();
    let list_id = context.lists[0].id;
    let address = EmailAddress::parse(email)?;
    let identity = address.identity();
    let bucket = format!("address:{identity}");
    let buckets = ["all", "breaker", "domain:example.org", "list:1", &bucket];
    let buckets = buckets.map(str::to_owned);
    let mut tx = context.database.write().await?;
    store::throttle::read(&mut tx, &buckets).await?;
    let hashes = context.keyring.erasure_hashes(&identity);
    let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
    store::erasure::held(&mut tx, &hashes).await?;
    let person = Person {
        identity: &identity,
        address: address.as_str(),
        created_ms: now_ms,
    };
    let known = store::sign_up::ensure(&mut tx, &[person]).await?;
    let subscriber_id = known[&identity].id;
    let entry = Entry {
        list_id,
        subscriber_id,
        method: ConsentMethod::Form.as_str(),
        at_ms: now_ms,
        ip: Some("127.0.0.1"),
        user_agent: None,
        page: None,
        locale: Some("ar"),
        wording: None,
    };
    store::sign_up::record(&mut tx, &[entry]).await?;
    let pending = Pending {
        list_id,
        subscriber_id,
        name: None,
        domain: address.domain().to_owned(),
        at_ms: now_ms,
    };
    store::sign_up::set_pending(&mut tx, &[pending]).await?;
    let mail = Mail {
        kind: DeliveryKind::Confirmation.as_str(),
        list_id,
        also: None,
        subscriber_id,
        created_ms: now_ms,
        due_ms: now_ms,
    };
    store::sign_up::enqueue(&mut tx, &[mail]).await?;
    let of = Of {
        list_id,
        subscriber_id,
    };
    store::quarantine::let_go(&mut tx, &[of]).await?;
    let mark = Throttle {
        bucket,
        marks: format!(r#"[{{"list":{list_id},"due":{now_ms}}}]"#),
        until_ms: now_ms,
        ..Throttle::default()
    };
    store::throttle::write(&mut tx, &[mark]).await?;
    tx.commit().await?;
    Ok(())
}
