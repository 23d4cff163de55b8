//! Hostile HTML of many kinds (standards X2), and the text that comes of it (M16, M17).

use proptest::prelude::*;
use url::Url;

use super::*;

fn html(input: &str) -> String {
    read_html(input, None).html.as_str().to_owned()
}

#[test]
fn x2_hostile_html_leaves_text_or_nothing() {
    for (input, expected) in [
        ("<script>alert(1)</script>a", "a"),
        ("<SCRIPT SRC=//evil.example/x.js></SCRIPT>a", "a"),
        (
            "<b onclick=alert(1) onmouseover='x' style=color:red class=c id=i>a</b>",
            "<b>a</b>",
        ),
        ("<a href=\"javascript:alert(1)\">a</a>", "a"),
        ("<a href=\"JaVa\tScript:alert(1)\">a</a>", "a"),
        ("<a href=\"&#106;avascript:alert(1)\">a</a>", "a"),
        (
            "<a href=\"data:text/html,<script>alert(1)</script>\">a</a>",
            "a",
        ),
        (
            "<a href=\"vbscript:x\">a</a> <a href='mailto:x@y.example'>b</a>",
            "a b",
        ),
        ("<a href=\"relative\">a</a>", "a"),
        (
            "<a href='https://s.example/?a=1&b=2' target=_blank>a</a>",
            "<a href=\"https://s.example/?a=1&amp;b=2\">a</a>",
        ),
        ("<img src=x onerror=alert(1)>a", "a"),
        (
            "<svg><script>alert(1)</script><a href='https://s.example/'>x</a></svg>a",
            "a",
        ),
        (
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>a",
            "a",
        ),
        ("<style>@import 'https://evil.example/x.css'</style>a", "a"),
        (
            "<link rel=stylesheet href=https://evil.example/><base href=https://evil.example/>a",
            "a",
        ),
        ("<iframe src=https://evil.example/>x</iframe>a", "a"),
        (
            "<form action=https://evil.example/><input name=q><button>go</button></form>a",
            "a",
        ),
        (
            "<meta http-equiv=refresh content=0;url=https://evil.example/>a",
            "a",
        ),
        (
            "<template><b>x</b></template><noscript><b>y</b></noscript>a",
            "a",
        ),
        ("<textarea></textarea><script>x</script>a", "a"),
        ("<!--[if IE]><script>x</script><![endif]-->a<!-- b -->", "a"),
        (
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        ("<<b>script>a</b>", "&lt;<b>script&gt;a</b>"),
        ("<b><i>a</b></i>", "<b><i>a</i></b>"),
        ("<p>a</p><div>b<br>c</div>", "a<br>b<br>c"),
        ("<p> </p><br><br>", ""),
    ] {
        assert_eq!(html(input), expected, "{input}");
    }
}

#[test]
fn the_text_is_unescaped_once_and_one_paragraph() {
    let read = read_html(
        "<p>&lt;b&gt; &amp;amp; x&nbsp;y</p><ul><li>one<li>two</ul> <b>th</b>ree",
        None,
    );
    assert_eq!(read.text, "<b> &amp; x y one two three");
}

#[test]
fn m16_m17_controls_and_direction_overrides_go_and_joiners_stay() {
    let read = read_html(
        "a\u{202E}b\u{2067}c\u{FEFF}\u{0}\u{9b}d &#x202e;e می\u{200C}شود cafe\u{301}",
        None,
    );
    assert_eq!(read.text, "abcd e می\u{200C}شود café");
    assert_eq!(line(" a\u{202A}\r\n b\u{85}c\u{2028}d\u{7} "), "a b c d");
}

#[test]
fn links_and_pictures_are_resolved_and_pixels_passed_over() {
    let base = Url::parse("https://s.example/a/b").unwrap();
    let input = "<img src=/p.gif width=1><a href=c?x=\"1>y</a><figure><img src='//i.example/1.png'><figcaption>The <b>sea</b></figcaption></figure>";
    let read = read_html(input, Some(&base));
    assert_eq!(
        read.image,
        Some(Image {
            url: "https://i.example/1.png".into(),
            alt: "The sea".into()
        })
    );
    assert_eq!(
        read.html.as_str(),
        "<a href=\"https://s.example/a/c?x=%221\">y</a>"
    );
}

#[test]
fn long_text_is_cut_at_a_sentence_or_a_word() {
    assert_eq!(cut("short", 5), None);
    assert_eq!(
        cut("One two three. Four five six", 20).as_deref(),
        Some("One two three. …")
    );
    assert_eq!(
        cut("هل وصل المطر؟ نعم وصل مساء", 18).as_deref(),
        Some("هل وصل المطر؟ …")
    );
    assert_eq!(
        cut("one two three, four", 15).as_deref(),
        Some("one two three…")
    );
    assert_eq!(cut("one two", 3).as_deref(), Some("one…"));
    assert_eq!(cut("نننننننننن", 4).as_deref(), Some("نننن…"));
}

#[test]
fn deep_and_long_html_is_bounded() {
    let deep = "<b><p>".repeat(100_000);
    assert_eq!(read_html(&deep, None).text, "");
    let long = "نص ".repeat(1_000_000);
    assert!(read_html(&long, None).text.len() <= MAX_HTML);
}

proptest! {
    #[test]
    fn x2_nothing_but_inline_tags_ever_comes_out(input in "([ -~]|<|>|\"|'|&|;|ن|\u{202e}|<script>|<svg>|<style>|<a href=|<p>|</|-->|<!--|javascript:|<math>|<table>|<template>){0,60}") {
        let read = read_html(&input, None);
        let again = STORED.clean(read.html.as_str()).to_string();
        prop_assert_eq!(&again, read.html.as_str());
        for token in Tokens::new(&again) {
            if let (_, Token::Start { name, .. }) = token.unwrap() {
                prop_assert!(INLINE.contains(&name), "{}", again);
            }
        }
    }
}
