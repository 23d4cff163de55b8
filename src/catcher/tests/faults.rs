//! Each fault on the wire, as a sender meets it.

use super::*;

#[tokio::test]
async fn a_reply_takes_the_place_of_the_deed() {
    let catcher = scripted("on rcpt to *@SLOW.example times 1 reply 451 4.7.1 greylisted").await;
    let mut client = Client::greeted(&catcher).await;
    let replies = client
        .ask_all([
            "MAIL FROM:<a@x.example>",
            "RCPT TO:<b@x.example>",
            "RCPT TO:<b@slow.example>",
            "RCPT TO:<c@Slow.example>",
        ])
        .await;
    let codes = replies.map(|reply| reply[..9].to_owned());
    assert_eq!(codes, ["250 2.1.0", "250 2.1.5", "451 4.7.1", "250 2.1.5"]);
    client.ask("DATA").await;
    client.ask(".").await;
    let messages = catcher.wait_for(1).await;
    assert_eq!(messages[0].recipients, ["b@x.example", "c@Slow.example"]);
}

#[tokio::test]
async fn a_scripted_success_only_changes_the_words() {
    let catcher = scripted(
        "on dot reply 250 2.0.0 queued as ABC\non data reply 354 go\non ehlo reply 250 bare",
    )
    .await;
    let (mut client, _) = Client::connect(&catcher).await;
    assert_eq!(client.ask("EHLO test").await, "250 bare");
    client
        .ask_all(["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>"])
        .await;
    assert_eq!(client.ask("DATA").await, "354 go");
    assert_eq!(client.ask(".").await, "250 2.0.0 queued as ABC");
    assert_eq!(catcher.accepted(), 1);
    assert!(client.ask("MAIL FROM:nobody").await.starts_with("501"));
}

/// S3: 421 at every step of a session is sent and then the connection is closed.
#[tokio::test]
async fn a_421_closes_at_every_step() {
    for step in 0..6 {
        let catcher = scripted(&format!("on any after {step} reply 421 4.3.2 closing")).await;
        let mut client = Client::open(&catcher).await;
        let mut last = client.reply().await;
        for line in [
            "EHLO test",
            "MAIL FROM:<a@x.example>",
            "RCPT TO:<b@x.example>",
            "DATA",
            ".",
        ] {
            if last.starts_with("421") {
                break;
            }
            last = client.ask(line).await;
        }
        assert_eq!(last, "421 4.3.2 closing", "step {step}");
        assert_eq!(client.rest().await, "");
        assert_eq!(catcher.accepted(), 0);
    }
}

#[tokio::test]
async fn a_refusal_at_the_door_closes() {
    let catcher = scripted("on connect reply 554 5.3.2 no").await;
    let (mut client, greeting) = Client::connect(&catcher).await;
    assert_eq!(greeting, "554 5.3.2 no");
    assert_eq!(client.rest().await, "");
}

/// S12: the message was taken, the answer is lost; the next message goes through.
#[tokio::test]
async fn drop_at_the_dot_keeps_the_message() {
    let catcher = scripted("on dot times 1 drop").await;
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(client.deliver("b@x.example", "one\r\n").await, "");
    assert_eq!(catcher.wait_for(1).await[0].raw, b"one\r\n");
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(
        client.deliver("b@x.example", "two\r\n").await,
        "250 2.0.0 kept as 2"
    );
}

#[tokio::test]
async fn lose_at_the_dot_does_not_keep_the_message() {
    let catcher = scripted("on dot to b@x.example lose").await;
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(client.deliver("b@x.example", "one\r\n").await, "");
    assert_eq!(catcher.accepted(), 0);
}

/// The answers before a drop in the middle of a pipelined batch still arrive.
#[tokio::test]
async fn drop_sends_the_earlier_answers() {
    let catcher = scripted("on data drop").await;
    let mut client = Client::greeted(&catcher).await;
    client
        .send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n")
        .await;
    assert_eq!(
        client.rest().await,
        "250 2.1.0 sender ok\r\n250 2.1.5 recipient ok\r\n"
    );
}

#[tokio::test]
async fn hang_never_answers_but_has_taken_the_message() {
    let catcher = scripted("on dot hang").await;
    let mut client = Client::greeted(&catcher).await;
    client
        .ask_all(["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"])
        .await;
    client.send("one\r\n.\r\nNOOP\r\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.rest().await, "");
    assert_eq!(catcher.accepted(), 1);
}

#[tokio::test]
async fn raw_sends_exactly_what_it_says() {
    let catcher = scripted(r"on mail raw what?\r\n\xd8\xb3\\ 250-\r\n").await;
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(client.ask("MAIL FROM:<a@x.example>").await, "what?");
    client.send("QUIT\r\n").await;
    assert_eq!(client.rest().await, "س\\ 250-\r\n221 2.0.0 bye\r\n");
}

#[tokio::test]
async fn delay_goes_on_and_other_connections_do_not_wait() {
    let catcher = scripted("on data times 1 delay 60m").await;
    let mut slow = Client::greeted(&catcher).await;
    slow.ask_all(["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>"])
        .await;
    // The answer to NOOP is sent before the delay begins, so the count of the rule is used up when it arrives.
    slow.send("NOOP\r\nDATA\r\n").await;
    assert_eq!(slow.reply().await, "250 2.0.0 ok");
    let mut other = Client::greeted(&catcher).await;
    assert_eq!(
        other.deliver("c@x.example", "").await,
        "250 2.0.0 kept as 1"
    );

    catcher.set_script("on dot delay 1ms reply 452 4.3.1 full".parse().unwrap());
    assert_eq!(other.deliver("c@x.example", "").await, "452 4.3.1 full");
    catcher.set_script("on dot delay 1ms".parse().unwrap());
    assert_eq!(
        other.deliver("c@x.example", "").await,
        "250 2.0.0 kept as 2"
    );
    catcher.stop().await;
}
