//! One mail of each kind to one reader, each met while its links mean something.

use std::sync::Arc;
use std::time::Duration;

use nashra::catcher::Caught;
use nashra::service::remind;

use super::app::{Options, TestApp};
use super::http;

/// Every kind, in the order in which they come.
pub const KINDS: [&str; 6] = [
    "confirmation",
    "reminder",
    "welcome",
    "notice",
    "digest",
    "move",
];

/// What a list needs to send them all.
pub fn options() -> Options {
    Options {
        list: "welcome = \"link\"\nindex = true".to_owned(),
        ..Options::default()
    }
}

/// Sends all kinds to a new reader, the only one, who reads this language.
pub async fn each(
    app: &TestApp,
    address: &str,
    lang: &str,
    mut met: impl AsyncFnMut(&'static str, Arc<Caught>),
) {
    let mut kinds = KINDS.into_iter();
    let mut next = async || {
        let before = app.catcher.messages().len();
        app.deliver_pending().await;
        let mut mails = app.catcher.messages();
        assert_eq!(mails.len(), before + 1);
        met(kinds.next().unwrap(), mails.pop().unwrap()).await;
    };
    let form = format!("{}/subscribe/weekly?lang={lang}", app.url);
    let subscribes = async || {
        let posted = http::post_form(&form, &[("email", address)]).await;
        assert_eq!(posted.status, 303);
    };
    subscribes().await;
    next().await;

    app.advance(Duration::from_hours(48));
    assert_eq!(remind::remind(&app.app.context).await.unwrap(), 1);
    next().await;

    let link = app.confirmation_link(address);
    assert_eq!(http::post_form(&link, &[]).await.status, 200);
    next().await;

    app.advance(Duration::from_hours(24));
    subscribes().await;
    next().await;

    app.advance(Duration::from_hours(4 * 24));
    app.articles(3).await;
    app.publish().await;
    next().await;

    let list = app.app.context.list("weekly").unwrap().id;
    let preferences = app.app.context.preferences_url(list, 1);
    let other = format!("new-{address}");
    let fields = [("do", "move"), ("email", other.as_str())];
    let asked = http::post_form(&format!("{preferences}?lang={lang}"), &fields).await;
    assert_eq!(asked.status, 303);
    next().await;
}
