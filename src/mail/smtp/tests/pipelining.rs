//! S10: a mail costs one round trip, every reply is matched by count, and a relay that loses commands loses no mail.

use super::*;

const GROUP: &str = "MAIL FROM:<bounces@example.org>\r\nRCPT TO:<reader@example.net>\r\nDATA\r\n";
const READY: [&str; 3] = ["250 ok", "250 ok", "354 go"];

const ENVELOPE: Envelope<'_> = Envelope {
    from: FROM,
    to: TO,
    octets: MESSAGE.len() as u64,
    utf8: false,
};

/// Up to the moment when the first mail can be announced.
fn opening() -> Vec<Line> {
    vec![
        say("220 relay.test\r\n"),
        Hear("EHLO nashra.test\r\n"),
        say("250-relay.test\r\n250 PIPELINING\r\n"),
    ]
}

/// A first mail that the relay waits for, and what it does then.
fn ready_then(more: impl IntoIterator<Item = Line>) -> Vec<Line> {
    let mut script = opening();
    script.extend([Hear("DATA\r\n"), say(&replies(&READY))]);
    script.extend(more);
    script
}

async fn start(script: Vec<Line>) -> (Connection, Scripted) {
    let server = Scripted::start(vec![script], None).await;
    let connection = connect(relay(server.port)).await.unwrap();
    assert!(connection.pipelines());
    (connection, server)
}

fn told_of(announced: &Announced) -> String {
    match announced {
        Announced::Ready => "ready".to_owned(),
        Announced::Refused(outcome) => format!("refused: {}", became(outcome)),
        Announced::Lost(outcome) => format!("lost: {}", became(outcome)),
    }
}

/// What became of the mail and what was said to the next.
fn both(delivered: &Delivered) -> (String, String) {
    let next = delivered.next.as_ref().map(told_of);
    (became(&delivered.outcome), next.unwrap_or_default())
}

#[tokio::test]
async fn s10_the_next_mail_is_announced_before_the_dot_is_answered() {
    let identity = Identity::new();
    let in_clear = |offers: &str| {
        vec![
            say("220 relay.test\r\n"),
            Hear("EHLO nashra.test\r\n"),
            say(&format!("250-relay.test\r\n250 {offers}\r\n")),
        ]
    };
    let implicit = [vec![Encrypt], in_clear("PIPELINING")].concat();
    let starttls = [
        in_clear("STARTTLS"),
        vec![Hear("STARTTLS\r\n"), say("220 go ahead\r\n"), Encrypt],
        in_clear("PIPELINING")[1..].to_vec(),
    ]
    .concat();
    let all = || replies(&["250 2.0.0 queued as 42", "250 ok", "250 ok", "354 go"]);
    for answer in [Line::Say(all()), Dribble(all())] {
        for (tls, opening) in [
            (TlsMode::None, opening()),
            (TlsMode::Implicit, implicit.clone()),
            (TlsMode::Starttls, starttls.clone()),
        ] {
            let before = opening
                .iter()
                .filter(|line| matches!(line, Hear(_)))
                .count();
            let mut script = opening;
            // Nothing is answered before all of it was heard.
            script.extend([
                Hear("DATA\r\n"),
                say(&replies(&READY)),
                Hear("DATA\r\n"),
                answer.clone(),
                Hear("\r\n.\r\n"),
                say("250 2.0.0 queued as 43\r\n"),
                Hear("QUIT\r\n"),
                say("221 bye\r\n"),
            ]);
            let server = Scripted::start(vec![script], Some(&identity)).await;
            let relay = identity.relay(server.port, tls);
            let mut connection = connect(relay).await.unwrap();
            assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
            let first = connection.deliver(MESSAGE, Some(&ENVELOPE)).await;
            assert_eq!(both(&first), ("sent".to_owned(), "ready".to_owned()));
            let second = connection.deliver(MESSAGE, None).await;
            assert_eq!(both(&second), ("sent".to_owned(), String::new()));
            connection.quit().await;
            let heard = server.heard().await;
            let message = String::from_utf8_lossy(MESSAGE);
            let [announced, both, last, _] = &heard[before..] else {
                panic!("{heard:?}");
            };
            assert_eq!(announced.concat(), GROUP);
            assert_eq!(both.concat(), format!("{message}.\r\n{GROUP}"));
            assert_eq!(last.concat(), format!("{message}.\r\n"));
            if tls != TlsMode::None {
                assert_eq!(both.len(), 1, "one record, so one write: {both:?}");
            }
        }
    }
}

#[tokio::test]
async fn s10_without_pipelining_each_command_waits_its_turn() {
    let (mut connection, server) = session(Vec::new()).await;
    assert!(!connection.pipelines());
    assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
    let delivered = connection.deliver(MESSAGE, Some(&ENVELOPE)).await;
    assert_eq!(both(&delivered), ("sent".to_owned(), "ready".to_owned()));
    let delivered = connection.deliver(MESSAGE, None).await;
    assert_eq!(both(&delivered), ("sent".to_owned(), String::new()));
    connection.quit().await;
    assert_eq!(server.heard().await.len(), 10);
}

#[tokio::test]
async fn s8_a_refused_mail_costs_no_connection() {
    let sender = "refused: sender refused 550";
    let table: [(&[&str], &str); 7] = [
        (&["250 ok", "550 5.1.1 no", "503 no"], "refused: failed 550"),
        (&["250 ok", "550 5.1.1 no", "554 no"], "refused: failed 550"),
        (&["250 ok", "451 later", "503 no"], "refused: retry 451"),
        (&["250 ok", "250 ok", "451 later"], "refused: retry 451"),
        (&["550 no", "503 no", "503 no"], sender),
        // It waits for a message all the same (RFC 2920 §3.1).
        (&["250 ok", "550 5.1.1 no", "354 go"], "refused: failed 550"),
        (&["550 no", "503 no", "354 go"], sender),
    ];
    let queued = "250 2.0.0 queued as 42";
    for (refusals, expected) in table {
        for dot in ["554 no valid recipients", "250 ok"] {
            let mut script = ready_then([
                Hear("DATA\r\n"),
                say(&replies(&[&[queued], refusals].concat())),
            ]);
            if refusals[2].starts_with("354") {
                script.extend([Hear(".\r\n"), say(&replies(&[dot]))]);
            }
            let again = [&["250 reset"], &READY[..]].concat();
            script.extend([Hear("DATA\r\n"), say(&replies(&again))]);
            let (mut connection, server) = start(script).await;
            connection.announce(&ENVELOPE).await;
            let delivered = connection.deliver(MESSAGE, Some(&ENVELOPE)).await;
            assert_eq!(both(&delivered), ("sent".to_owned(), expected.to_owned()));
            assert!(connection.usable());
            assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
            let heard = server.heard().await;
            assert_eq!(heard.last().unwrap().concat(), format!("RSET\r\n{GROUP}"));
            if refusals[2].starts_with("354") {
                assert_eq!(heard[3].concat(), ".\r\n", "nobody gets a message");
            }
        }
    }
}

#[tokio::test]
async fn s3_the_relay_closes_in_the_middle_of_a_group() {
    let all = ["250 2.0.0 queued as 42", "250 ok", "250 ok", "354 go"];
    for answered in 0..all.len() {
        for (last, lost) in [(Some("421 4.3.2 closing"), "retry 421"), (None, "retry -")] {
            let said: Vec<_> = all[..answered].iter().copied().chain(last).collect();
            let script = ready_then([Hear("DATA\r\n"), say(&replies(&said))]);
            let (mut connection, _server) = start(script).await;
            connection.announce(&ENVELOPE).await;
            let delivered = connection.deliver(MESSAGE, Some(&ENVELOPE)).await;
            let outcome = match (answered, last) {
                (0, None) => "unknown",
                (0, Some(_)) => "retry 421",
                _ => "sent",
            };
            let expected = (outcome.to_owned(), format!("lost: {lost}"));
            assert_eq!(both(&delivered), expected, "after {answered}");
            assert!(!connection.usable());
            let late = connection.announce(&ENVELOPE).await;
            assert_eq!(told_of(&late), "lost: retry -");
        }
    }
}

#[tokio::test]
async fn v21_a_relay_that_leaves_between_two_mails_has_refused_none() {
    let script = ready_then([Hear(".\r\n"), say("250 ok\r\n")]);
    let (mut connection, server) = start(script).await;
    connection.announce(&ENVELOPE).await;
    let delivered = connection.deliver(MESSAGE, None).await;
    assert_eq!(both(&delivered), ("sent".to_owned(), String::new()));
    server.heard().await;
    let next = connection.announce(&ENVELOPE).await;
    assert_eq!(told_of(&next), "lost: retry -");
}

#[tokio::test]
async fn a_relay_that_answers_before_it_has_the_message_is_heard() {
    for last in [vec![Hang], Vec::new()] {
        for (early, expected) in [
            ("552 5.3.4 too big\r\n", "failed 552"),
            ("451 4.3.0 later\r\n", "retry 451"),
            ("421 4.3.2 closing\r\n", "retry 421"),
            ("250 ok\r\n", "retry -"),
        ] {
            let script = ready_then([vec![Hear(""), say(early)], last.clone()].concat());
            let (mut connection, _server) = start(script).await;
            connection.announce(&ENVELOPE).await;
            // It takes a part of the message at most: the rest must not wait for it.
            let delivered = connection.deliver(&endless(), Some(&ENVELOPE)).await;
            let next = if expected == "retry 421" {
                "lost: retry 421"
            } else {
                "lost: retry -"
            };
            let expected = (expected.to_owned(), next.to_owned());
            assert_eq!(both(&delivered), expected, "{early} {last:?}");
            assert!(!connection.usable());
        }
    }
}

#[tokio::test]
async fn s10_a_relay_that_loses_commands_loses_no_mail() {
    let queued = "250 2.0.0 queued as 42";
    let table: [(&[&str], Option<&str>, bool); 7] = [
        // It throws away what came with the first command, answers too soon, or does not know what came.
        (&["250 ok"], None, true),
        (&["250 ok", "503 5.5.1 no", "503 5.5.1 no"], None, true),
        (&["250 ok", "250 ok", "503 5.5.1 no"], None, true),
        (&["250 ok", "500 what", "500 what"], None, true),
        (&["250 ok", "250 ok", "250 ok"], Some(queued), true),
        // It closes on them.
        (&[], None, false),
        (&["250 ok"], None, false),
    ];
    for (said, dot, hangs) in table {
        let mut script = opening();
        if let Some(dot) = dot {
            script = ready_then([Hear("DATA\r\n"), say(&replies(&[&[dot], said].concat()))]);
        } else {
            script.extend([Hear("DATA\r\n"), say(&replies(said))]);
        }
        script.extend(hangs.then_some(Hang));
        let mut again = opening();
        again.extend([
            Hear("MAIL FROM:<bounces@example.org>\r\n"),
            say("250 ok\r\n"),
            Hear("RCPT TO:<reader@example.net>\r\n"),
            say("250 ok\r\n"),
            Hear("DATA\r\n"),
            say("354 go\r\n"),
        ]);
        let server = Scripted::start(vec![script, again], None).await;
        let mut relay = relay(server.port);
        relay.timeouts = impatient();
        let connector = Connector::new(relay).unwrap();
        let mut connection = connector.connect().await.unwrap();
        let mut announced = connection.announce(&ENVELOPE).await;
        if dot.is_some() {
            assert_eq!(announced, Announced::Ready);
            let delivered = connection.deliver(MESSAGE, Some(&ENVELOPE)).await;
            assert_eq!(became(&delivered.outcome), "sent");
            announced = delivered.next.unwrap();
        }
        assert_eq!(told_of(&announced), "lost: retry -", "{said:?}");
        assert!(!connection.usable());
        // The next connection does without.
        let mut connection = connector.connect().await.unwrap();
        assert!(!connection.pipelines(), "{said:?}");
        assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
        server.heard().await;
    }
}

#[tokio::test]
async fn s10_a_reply_that_nobody_asked_for_is_taken_for_no_mails() {
    for (extra, expected) in [("421 bye\r\n", "retry 421"), ("250 hello\r\n", "retry -")] {
        let mut script = opening();
        script.pop();
        script.push(say(&format!("250-relay.test\r\n250 PIPELINING\r\n{extra}")));
        script.push(Hang);
        let (mut connection, _server) = start(script).await;
        let announced = connection.announce(&ENVELOPE).await;
        assert_eq!(told_of(&announced), format!("lost: {expected}"));

        let mut script = opening();
        let said = replies(&READY) + extra;
        script.extend([Hear("DATA\r\n"), say(&said), Hang]);
        let (mut connection, _server) = start(script).await;
        assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
        let delivered = connection.deliver(MESSAGE, None).await;
        assert_eq!(became(&delivered.outcome), expected, "it was not sent");
        assert!(!connection.usable());
    }
}

#[tokio::test]
async fn s17_a_next_mail_that_this_relay_cannot_take_is_not_announced() {
    let script = ready_then([
        Hear(".\r\n"),
        say("250 ok\r\n"),
        Hear("DATA\r\n"),
        say(&replies(&READY)),
    ]);
    let (mut connection, server) = start(script).await;
    connection.announce(&ENVELOPE).await;
    let arabic = Envelope {
        to: "قارئ@example.net",
        ..ENVELOPE
    };
    let delivered = connection.deliver(MESSAGE, Some(&arabic)).await;
    let refused = "refused: failed -".to_owned();
    assert_eq!(both(&delivered), ("sent".to_owned(), refused));
    assert_eq!(connection.announce(&ENVELOPE).await, Announced::Ready);
    assert_eq!(server.heard().await[3].concat(), GROUP, "without RSET");
}

#[tokio::test]
async fn s12_a_delivery_that_is_cut_off_is_what_was_known_of_it() {
    let table: [(&[Line], &str); 3] = [
        (&[Hear("DATA\r\n"), Hang], "unknown"),
        (&[Hear("DATA\r\n"), say("250 ok\r\n"), Hang], "sent"),
        (&[Hang], "retry -"),
    ];
    for (more, expected) in table {
        let (mut connection, _server) = start(ready_then(more.to_vec())).await;
        connection.announce(&ENVELOPE).await;
        let message = if more.len() == 1 {
            endless()
        } else {
            MESSAGE.to_vec()
        };
        let limit = impatient().command;
        let delivery = connection.deliver(&message, Some(&ENVELOPE));
        assert!(tokio::time::timeout(limit, delivery).await.is_err());
        assert_eq!(became(&connection.cut_off()), expected);
        assert!(!connection.usable());
    }
}
