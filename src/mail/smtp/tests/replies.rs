//! S10: replies are read whole, however they come, and bounded.

use std::future::poll_fn;

use super::super::fault::Fault;
use super::super::reply::{Replies, Reply};

/// Gives `text` in pieces of `size` octets and takes each reply that is whole.
async fn read(text: &[u8], size: usize) -> Result<Vec<Reply>, Fault> {
    let mut replies = Replies::new();
    let mut read = Vec::new();
    for mut piece in text.chunks(size) {
        while !piece.is_empty() {
            poll_fn(|cx| replies.poll_read(cx, &mut piece)).await?;
            while let Some(reply) = replies.next()? {
                read.push(reply);
            }
        }
    }
    assert!(replies.is_empty() == text.ends_with(b"\n"));
    Ok(read)
}

#[tokio::test]
async fn s10_replies_are_the_same_however_they_are_split_or_glued() {
    let text = b"250-relay.test\r\n250-SIZE 30\r\n250 PIPELINING\r\n250 ok\r\n354\n550-5.1.1 no\r\n550 5.1.1 such\r\n";
    for size in 1..=text.len() {
        let read = read(text, size).await.unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|reply| format!("{} {}", reply.code, reply.text()))
            .collect();
        let expected = [
            "250 relay.test SIZE 30 PIPELINING",
            "250 ok",
            "354 ",
            "550 5.1.1 no such",
        ];
        assert_eq!(told, expected, "in pieces of {size}");
    }
}

#[tokio::test]
async fn a_reply_that_is_long_or_odd_but_whole_is_read() {
    let long = format!("250 {}\r\n", "a".repeat(4000));
    let story = format!("250 {}\r\n", "a".repeat(10_000));
    let many = "250-a\r\n".repeat(99) + "250 a\r\n";
    for (text, length) in [
        (long.as_bytes(), 500),
        (story.as_bytes(), 500),
        (many.as_bytes(), 199),
        (b"250 caf\xe9\r\n", 4),
        (b"250\r\n", 0),
    ] {
        let read = read(text, 1000).await.unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].text().chars().count(), length);
    }
}

#[tokio::test]
async fn what_is_no_reply_or_has_no_end_is_garbage() {
    let line = "a".repeat(5000);
    let endless = format!("250 {}", "a".repeat(70_000));
    let lines = "250-a\r\n".repeat(101);
    let octets = format!("250-{}\r\n", "a".repeat(4000)).repeat(17);
    for (text, reason) in [
        (line.as_bytes(), "no reply code"),
        (endless.as_bytes(), "without an end"),
        (lines.as_bytes(), "more than 100 lines"),
        (octets.as_bytes(), "without an end"),
        (b"250-a\r\n251 b\r\n", "250 and 251 in one reply"),
        (b"hello\r\n", "no reply code in \"hello\""),
        (b"2500 a\r\n", "no reply code"),
        (b"150 a\r\n", "no reply code"),
        (b"25\r\n", "no reply code"),
        (b"\r\n", "no reply code"),
        (b"\x16\x03\xff\xfe\r\n", "valid UTF-8"),
    ] {
        match read(text, 1000).await {
            Err(Fault::Garbage(said)) => assert!(said.contains(reason), "{said}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
}
