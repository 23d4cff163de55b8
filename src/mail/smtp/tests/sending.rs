//! One mail, and what became of it.

use super::*;

#[tokio::test]
async fn faults_while_sending() {
    let table = [
        ("MAIL", REFUSED_NOW, "retry 451", true),
        ("MAIL", REFUSED, "sender refused 550", true),
        ("MAIL", CLOSING, "retry 421", false),
        ("MAIL", Act::Drop, "retry -", false),
        ("MAIL", Act::Hang, "retry -", false),
        ("MAIL", GARBAGE, "retry -", false),
        ("RCPT", REFUSED_NOW, "retry 451", true),
        ("RCPT", REFUSED, "failed 550", true),
        ("RCPT", CLOSING, "retry 421", false),
        ("RCPT", Act::Drop, "retry -", false),
        ("RCPT", Act::Hang, "retry -", false),
        ("RCPT", GARBAGE, "retry -", false),
        ("DATA", REFUSED_NOW, "retry 451", true),
        ("DATA", REFUSED, "failed 550", true),
        ("DATA", CLOSING, "retry 421", false),
        ("DATA", Act::Drop, "retry -", false),
        ("DATA", Act::Hang, "retry -", false),
        ("DATA", GARBAGE, "retry -", false),
        ("DATA", Act::Say("250 not now"), "retry -", false),
        (".", REFUSED_NOW, "retry 451", true),
        (".", REFUSED, "failed 550", true),
        (".", CLOSING, "retry 421", false),
        (".", Act::Drop, "unknown", false),
        (".", Act::Hang, "unknown", false),
        (".", GARBAGE, "unknown", false),
        (".", Act::Say("354 more"), "unknown", false),
        // S5: too many recipients or a full mailbox pass, too big does not; in 530 the session is at fault.
        ("RCPT", Act::Say("552 too many"), "retry 552", true),
        ("RCPT", Act::Say("552 5.2.2 full"), "retry 552", true),
        ("RCPT", Act::Say("552 5.3.4 too big"), "failed 552", true),
        (".", Act::Say("552 5.2.2 full"), "failed 552", true),
        (
            "MAIL",
            Act::Say("530 5.7.0 log in"),
            "sender refused 530",
            true,
        ),
        ("MAIL", Act::Say("552 5.3.4 too big"), "failed 552", true),
        (
            "MAIL",
            Act::Say("553 5.6.7 no SMTPUTF8"),
            "failed 553",
            true,
        ),
    ];
    // One command after the other, and all in one go.
    let both = table
        .into_iter()
        .flat_map(|case| [(case, None), (case, Some(("EHLO", PIPELINING)))]);
    let cases: Vec<_> = both
        .map(|((step, act, expected, usable), offer)| {
            tokio::spawn(async move {
                let mut faults = vec![(step, act)];
                faults.extend(offer);
                let server = Server::start(faults).await;
                let mut relay = relay(server.port);
                if matches!(act, Act::Hang) {
                    relay.timeouts = impatient();
                }
                let mut connection = connect(relay).await.unwrap();
                assert_eq!(connection.pipelines(), offer.is_some());
                let case = format!("{act:?} at {step:?}, {offer:?}");
                let outcome = connection.send(FROM, TO, MESSAGE).await;
                assert_eq!(became(&outcome), expected, "{case}: {outcome:?}");
                assert_eq!(connection.usable(), usable, "{case}");
                // S8, L6: a refused mail costs no reconnect; a lost connection takes no more mails.
                let next = connection.send(FROM, TO, MESSAGE).await;
                assert_eq!(
                    became(&next),
                    if usable { "sent" } else { "retry -" },
                    "{case}"
                );
                connection.quit().await;
                if usable {
                    let reset = server.heard().await.contains(&"RSET".to_owned());
                    assert_eq!(
                        reset,
                        step != ".",
                        "{case}: RSET clears an open transaction"
                    );
                }
            })
        })
        .collect();
    for case in cases {
        case.await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_and_the_next_one_follows() {
    let (mut connection, server) = session(Vec::new()).await;
    for message in [&b"Subject: a\n\n.\n.dots\nend"[..], MESSAGE] {
        let outcome = connection.send(FROM, TO, message).await;
        let reply = "2.0.0 queued as 42".to_owned();
        assert_eq!(outcome, Outcome::Sent { reply });
    }
    connection.quit().await;
    assert_eq!(
        server.heard().await,
        [
            "EHLO nashra.test",
            "MAIL FROM:<bounces@example.org>",
            "RCPT TO:<reader@example.net>",
            "DATA",
            "Subject: a\r\n\r\n..\r\n..dots\r\nend\r\n.\r\n",
            "MAIL FROM:<bounces@example.org>",
            "RCPT TO:<reader@example.net>",
            "DATA",
            "Subject: x\r\n\r\nhello\r\n.\r\n",
            "QUIT",
        ]
    );
}

#[tokio::test]
async fn s17_size_is_declared_and_a_message_too_big_stays_here() {
    const OFFER: Act = Act::Say("250-relay.test\r\n250-PIPELINING\r\n250 SIZE 30");
    let (mut connection, server) = session(vec![("EHLO", OFFER)]).await;
    assert_eq!(connection.size_limit(), Some(30));
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert_eq!(became(&outcome), "sent");
    let outcome = connection.send(FROM, TO, &[b'a'; 40]).await;
    assert_eq!(became(&outcome), "failed -", "{outcome:?}");
    assert!(connection.usable());
    connection.quit().await;
    let heard = server.heard().await;
    assert_eq!(heard[1], "MAIL FROM:<bounces@example.org> SIZE=21");
    assert_eq!(
        heard.iter().filter(|line| line.starts_with("MAIL")).count(),
        1
    );
}

#[tokio::test]
async fn a7_an_address_beyond_ascii_needs_smtputf8() {
    const OFFER: Act = Act::Say("250-relay.test\r\n250-8BITMIME\r\n250 SMTPUTF8");
    let arabic = "قارئ@example.net";
    let (mut connection, _server) = session(Vec::new()).await;
    assert!(!connection.offers_smtputf8());
    let outcome = connection.send(FROM, arabic, MESSAGE).await;
    let Outcome::Failed { code: None, reply } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        reply.contains("not deliverable through this relay"),
        "{reply}"
    );
    assert!(connection.usable(), "nothing was said to the relay");

    let (mut connection, server) = session(vec![("EHLO", OFFER)]).await;
    assert!(connection.offers_smtputf8());
    for to in [arabic, TO] {
        assert_eq!(became(&connection.send(FROM, to, MESSAGE).await), "sent");
    }
    connection.quit().await;
    let heard = server.heard().await;
    assert_eq!(
        heard[1],
        "MAIL FROM:<bounces@example.org> BODY=8BITMIME SMTPUTF8"
    );
    assert_eq!(heard[2], format!("RCPT TO:<{arabic}>"));
    assert_eq!(
        heard[5], "MAIL FROM:<bounces@example.org>",
        "A8: only when needed"
    );
}

#[tokio::test]
async fn x1_an_address_cannot_add_a_command() {
    let (mut connection, server) = session(Vec::new()).await;
    for to in ["a@b.c>\r\nRSET\r\n<x", "a b@c.d", "a@b.c> NOTIFY=NEVER", ""] {
        let outcome = connection.send(FROM, to, MESSAGE).await;
        assert_eq!(became(&outcome), "failed -", "{to:?}");
    }
    connection.quit().await;
    assert_eq!(server.heard().await[1..], ["QUIT"]);
}

#[tokio::test]
async fn s12_a_message_that_did_not_leave_whole_is_retried() {
    for act in STUCK {
        let server = Server::start(vec![("DATA", act)]).await;
        let mut relay = relay(server.port);
        relay.timeouts.data_block = impatient().data_block;
        let mut connection = connect(relay).await.unwrap();
        let outcome = connection.send(FROM, TO, &endless()).await;
        assert_eq!(became(&outcome), "retry -", "{act:?}: {outcome:?}");
        assert!(!connection.usable());
    }
}

#[tokio::test]
async fn a_cancelled_send_spoils_the_connection() {
    let (mut connection, _server) = session(vec![("RCPT", Act::Hang)]).await;
    let limit = Duration::from_millis(20);
    let sent = tokio::time::timeout(limit, connection.send(FROM, TO, MESSAGE)).await;
    assert!(sent.is_err());
    assert!(
        !connection.usable(),
        "its replies would be taken for the next mail's"
    );
}
