//! `[[api.tokens]]`: named, long enough, each once, and never shown.

use secrecy::ExposeSecret;

use super::{assert_refused, parse, with};

const TOKEN: &str = "a-token-of-the-cms-0123456789";

fn tokens(rest: &str) -> String {
    with(&[&format!(
        "[[api.tokens]]\nname = \"cms\"\ntoken = \"{TOKEN}\"\n{rest}"
    )])
}

#[test]
fn x10_a_token_is_read_and_not_shown() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "fedcba9876543210fedcba9876543210\n").unwrap();
    let second = format!(
        "[[api.tokens]]\nname = \"next\"\ntoken_file = \"{}\"\n",
        file.display()
    );
    let config = parse(&tokens(&second)).unwrap();
    let [first, second] = config.api.tokens.as_slice() else {
        panic!("{:?}", config.api);
    };
    assert_eq!(first.token.expose_secret(), TOKEN);
    assert_eq!(
        (second.name.as_str(), second.token.expose_secret()),
        ("next", "fedcba9876543210fedcba9876543210")
    );
    for shown in [config.to_redacted_toml(), format!("{config:?}")] {
        assert!(
            !shown.contains(TOKEN) && !shown.contains("fedcba"),
            "{shown}"
        );
    }
    assert!(parse(&with(&[])).unwrap().api.tokens.is_empty());
}

#[test]
fn a_token_that_is_short_odd_known_or_missing_is_refused_without_being_shown() {
    let token = |token: &str| {
        tokens(&format!(
            "[[api.tokens]]\nname = \"b\"\ntoken = \"{token}\"\n"
        ))
    };
    for (text, key, words) in [
        (
            token("12345678901234567890123"),
            "api.tokens[1].token",
            "at least 24",
        ),
        (
            token("twenty-four characters, and spaces"),
            "api.tokens[1].token",
            "letters, digits",
        ),
        (token(TOKEN), "api.tokens[1].token", "another name"),
        (
            tokens("[[api.tokens]]\nname = \"b\"\n"),
            "api.tokens[1].token",
            "is missing",
        ),
        (
            tokens("[[api.tokens]]\nname = \"cms\"\ntoken = \"0123456789abcdef0123456789\"\n"),
            "api.tokens[1].name",
            "already taken",
        ),
        (
            tokens("[[api.tokens]]\nname = \"b\"\ntoken_file = \"no/such/file\"\n"),
            "api.tokens[1].token_file",
            "cannot be read",
        ),
    ] {
        assert_refused(&text, key, words);
        let said = parse(&text).unwrap_err().to_string();
        assert!(
            !said.contains(TOKEN) && !said.contains("1234567890123456"),
            "{said}"
        );
    }
}
