//! The protocol: order, pipelining, dots, limits, and what is kept.

use super::*;
use crate::catcher::{CatcherError, Extensions};

#[tokio::test]
async fn a_message_is_kept_as_it_was_sent() {
    let catcher = start().await;
    let (mut client, greeting) = Client::connect(&catcher).await;
    assert!(greeting.starts_with("220 localhost ESMTP"), "{greeting}");
    let offer = client.ask("EHLO test").await;
    assert_eq!(
        offer,
        "250-localhost\n250-PIPELINING\n250-8BITMIME\n250-SMTPUTF8\n250-ENHANCEDSTATUSCODES\n250 SIZE 26214400"
    );
    let source = "From: =?UTF-8?B?2YbYtNix2Kk=?= <list@news.example>\r\nTo: reader@site.example\r\nSubject: =?UTF-8?B?2KPYrtio2KfYsQ==?=\r\n\
        X-Long: one\r\n two\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nسلام\r\n";
    let reply = client.deliver("reader@site.example", source).await;
    assert_eq!(reply, "250 2.0.0 kept as 1");
    assert_eq!(client.ask("QUIT").await, "221 2.0.0 bye");
    assert_eq!(client.rest().await, "");

    let messages = catcher.wait_for(1).await;
    let caught = &messages[0];
    assert_eq!(caught.raw, source.as_bytes());
    assert_eq!((caught.id, caught.received_ms), (1, NOW_MS));
    assert_eq!(caught.envelope_from, "list@news.example");
    assert_eq!(caught.recipients, ["reader@site.example"]);
    assert_eq!(caught.subject(), "أخبار");
    assert_eq!(caught.from(), "نشرة <list@news.example>");
    assert_eq!(caught.header("x-long").as_deref(), Some("one two"));
    assert_eq!(caught.text().as_deref(), Some("سلام\r\n"));
    assert_eq!(caught.html(), None);
    catcher.stop().await;
}

/// S10: everything at once is answered in order, each answer on its own.
#[tokio::test]
async fn a_pipelined_session_is_answered_in_order() {
    let catcher = start().await;
    let mut client = Client::greeted(&catcher).await;
    let batch = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:broken\r\nRCPT TO:<c@x.example>\r\nDATA\r\n";
    client.send(batch).await;
    let mut replies = Vec::new();
    for _ in 0..5 {
        replies.push(client.reply().await);
    }
    let codes: Vec<&str> = replies.iter().map(|reply| &reply[..3]).collect();
    assert_eq!(codes, ["250", "250", "501", "250", "354"]);
    client
        .send("Subject: 1\r\n\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nSubject: 2\r\n\r\n.\r\nQUIT\r\n")
        .await;
    let rest = client.rest().await;
    let codes: Vec<&str> = rest.lines().map(|reply| &reply[..3]).collect();
    assert_eq!(codes, ["250", "250", "250", "354", "250", "221"]);
    let messages = catcher.wait_for(2).await;
    assert_eq!(messages[0].recipients, ["b@x.example", "c@x.example"]);
    assert_eq!(messages[1].envelope_from, "");
    assert_eq!(catcher.connections(), 1);
}

#[tokio::test]
async fn stuffed_dots_are_removed() {
    let catcher = start().await;
    let mut client = Client::greeted(&catcher).await;
    client
        .deliver("b@x.example", "\r\n..\r\n...two\r\n.one\r\nmid.dle\r\n")
        .await;
    let messages = catcher.wait_for(1).await;
    assert_eq!(messages[0].raw, b"\r\n.\r\n..two\r\none\r\nmid.dle\r\n");
}

/// X13: only CRLF dot CRLF ends a message, however the octets are cut into packets.
#[tokio::test]
async fn a_bare_line_end_beside_the_dot_does_not_end_a_message() {
    let body = "a\n.\r\nMAIL FROM:<evil@x.example>\r\nb\r\n.\nc\r.\r\nd\r\n.\rX\r\n";
    for cut in 0..body.len() {
        let catcher = start().await;
        let mut client = Client::greeted(&catcher).await;
        client
            .ask_all(["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"])
            .await;
        client.send(&body[..cut]).await;
        client.send(&body[cut..]).await;
        assert_eq!(client.ask(".").await, "250 2.0.0 kept as 1");
        let kept = catcher.wait_for(1).await;
        let expected = body
            .replace("\r\n.\n", "\r\n\n")
            .replace("\r\n.\rX", "\r\n\rX");
        assert_eq!(String::from_utf8_lossy(&kept[0].raw), expected);
    }
}

#[tokio::test]
async fn commands_out_of_order_and_unknown_ones_are_refused() {
    let catcher = start().await;
    let (mut client, _) = Client::connect(&catcher).await;
    for (line, code) in [
        ("MAIL FROM:<a@x.example>", "503 5.5.1"),
        ("HELO", "501 5.5.4"),
        ("HELO test", "250"),
        ("RCPT TO:<b@x.example>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("MAIL FROM:<a@x.example>", "250 2.1.0"),
        ("DATA", "554 5.5.1"),
        ("MAIL FROM:<a@x.example>", "503 5.5.1"),
        ("RSET", "250 2.0.0"),
        ("MAIL FROM:a@x.example", "501 5.1.7"),
        ("MAIL FROM:<a@x.example> COLOUR=red", "555 5.5.4"),
        (
            "MAIL FROM:<a@x.example> SIZE=99999999999999999999999",
            "552 5.3.4",
        ),
        ("MAIL FROM:<a@x.example> SIZE=x", "501 5.5.4"),
        ("MAIL FROM:<a@x.example> BODY=9BIT", "501 5.5.4"),
        ("MAIL FROM:<\u{633}@x.example>", "553 5.6.7"),
        (
            "mail from:<\"a > b\"@x.example> size=10 body=8bitmime",
            "250 2.1.0",
        ),
        ("RCPT TO:<\u{633}@x.example>", "553 5.6.7"),
        ("RCPT TO:<b@x.example> NOTIFY=NEVER", "555 5.5.4"),
        ("rcpt to:<@relay.example:b@x.example>", "250 2.1.5"),
        ("RCPT TO:<Postmaster>", "250 2.1.5"),
        ("VRFY b", "252 2.5.0"),
        ("NOOP", "250 2.0.0"),
        ("STARTTLS", "502 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "502 5.5.1"),
        ("HELP", "500 5.5.1"),
        ("", "500 5.5.1"),
        ("QUIT now", "501 5.5.4"),
    ] {
        let reply = client.ask(line).await;
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    client.send("NOOP\n").await;
    assert_eq!(client.reply().await, "500 5.5.2 lines end in CRLF");
    client.send(b"NOOP \xff\r\n").await;
    assert_eq!(client.reply().await, "500 5.5.2 the line is not UTF-8");
    assert_eq!(
        client.ask(&"x".repeat(100_000)).await,
        "500 5.5.2 the line is too long"
    );
    assert_eq!(client.ask("NOOP").await, "250 2.0.0 ok");
}

#[tokio::test]
async fn what_is_not_offered_is_refused() {
    let mut config = config();
    config.extensions = Extensions {
        pipelining: false,
        eight_bit_mime: false,
        smtputf8: false,
        size: false,
        enhanced_status_codes: false,
    };
    let catcher = Catcher::start(config).await.unwrap();
    let (mut client, _) = Client::connect(&catcher).await;
    assert_eq!(client.ask("EHLO test").await, "250 localhost");
    for parameter in ["SMTPUTF8", "SIZE=1", "BODY=8BITMIME"] {
        let reply = client
            .ask(&format!("MAIL FROM:<a@x.example> {parameter}"))
            .await;
        assert_eq!(reply, "555 this parameter of MAIL is not offered");
    }
    client.send("NOOP\r\nNOOP\r\n").await;
    assert_eq!(
        client.reply().await,
        "503 PIPELINING is not offered: wait for each answer"
    );
    assert_eq!(client.reply().await, "250 ok");
}

#[tokio::test]
async fn addresses_outside_ascii_are_taken_with_smtputf8() {
    let catcher = start().await;
    let mut client = Client::greeted(&catcher).await;
    client
        .ask_all([
            "MAIL FROM:<نشرة@مثال.example> SMTPUTF8",
            "RCPT TO:<قارئ@مثال.example>",
            "DATA",
        ])
        .await;
    assert_eq!(client.ask(".").await, "250 2.0.0 kept as 1");
    let messages = catcher.wait_for(1).await;
    assert!(messages[0].smtputf8);
    assert_eq!(messages[0].recipients, ["قارئ@مثال.example"]);
}

#[tokio::test]
async fn too_large_a_message_is_refused_and_the_session_goes_on() {
    let mut config = config();
    config.max_message_bytes = 1000;
    let catcher = Catcher::start(config).await.unwrap();
    let mut client = Client::greeted(&catcher).await;
    let reply = client.ask("MAIL FROM:<a@x.example> SIZE=1001").await;
    assert!(reply.starts_with("552 5.3.4"), "{reply}");
    let line = format!("{}\r\n", "x".repeat(98));
    let reply = client.deliver("b@x.example", &line.repeat(11)).await;
    assert!(reply.starts_with("552 5.3.4"), "{reply}");
    let reply = client.deliver("b@x.example", &line.repeat(10)).await;
    assert_eq!(reply, "250 2.0.0 kept as 1");
    assert_eq!(catcher.accepted(), 1);
}

#[tokio::test]
async fn the_ring_forgets_the_oldest_by_number_and_by_size() {
    let mut config = config();
    (config.max_messages, config.max_bytes) = (3, 10_000);
    let catcher = Catcher::start(config).await.unwrap();
    let mut client = Client::greeted(&catcher).await;
    for _ in 0..5 {
        client.deliver("b@x.example", "small\r\n").await;
    }
    let kept = |messages: &[std::sync::Arc<crate::catcher::Caught>]| -> Vec<u64> {
        messages.iter().map(|message| message.id).collect()
    };
    assert_eq!(kept(&catcher.wait_for(5).await), [3, 4, 5]);
    let large = format!("{}\r\n", "x".repeat(98)).repeat(60);
    client.deliver("b@x.example", &large).await;
    client.deliver("b@x.example", &large).await;
    assert_eq!(kept(&catcher.wait_for(7).await), [7]);
    catcher.clear();
    assert!(catcher.messages().is_empty());
    assert_eq!(catcher.accepted(), 7);
}

#[tokio::test]
async fn a_message_cut_off_before_its_dot_is_not_kept() {
    let catcher = start().await;
    let mut client = Client::greeted(&catcher).await;
    client
        .ask_all(["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"])
        .await;
    client.send("half a message\r\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.rest().await, "");
    assert_eq!(catcher.accepted(), 0);
}

#[tokio::test]
async fn a_busy_port_is_named_with_the_way_out() {
    let first = start().await;
    let mut config = config();
    config.smtp = first.smtp_addr();
    let error = Catcher::start(config).await.err().unwrap();
    assert!(matches!(error, CatcherError::InUse { .. }));
    let address = first.smtp_addr();
    assert_eq!(
        error.to_string(),
        format!(
            "port {} is in use, so the SMTP server cannot listen on {address}; choose another with --smtp",
            address.port()
        )
    );
}

#[tokio::test]
async fn stop_closes_every_connection() {
    let catcher = scripted("on mail hang").await;
    let mut client = Client::greeted(&catcher).await;
    client.send("MAIL FROM:<a@x.example>\r\n").await;
    catcher.stop().await;
    assert_eq!(client.reply().await, "");
}
