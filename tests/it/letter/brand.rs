//! A site's own look: colours, typeface, width, logo, footer and style rules in every letter, without a new build.

use super::press::Press;
use crate::harness::process::Program;

/// Issue 6, point 4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t6_a_sites_theme_and_style_rules_are_in_every_letter() {
    let folder = tempfile::tempdir().unwrap();
    let css = folder.path().join("letter.css");
    let rules = "/* The paper's own. */\n.masthead { background-color: #fbe9d0; }\n.lead h2 { font-size: 30px; }\n\
                 @media (max-width: 480px) {\n  .lead h2 { font-size: 24px !important; }\n}\n";
    std::fs::write(&css, rules).unwrap();
    let theme = format!(
        "accent = \"#7a1f1f\"\npaper = \"#fffdf8\"\nfont = \"'Noto Naskh Arabic', Tahoma, serif\"\nwidth = 640\nlogo = \"https://marfa.example/logo.png\"\n\
         logo_width = 180\nlogo_height = 48\nfooter = [\"تصدر كل اثنين\", \"ISSN 1234-5678\"]\ncss_file = {:?}",
        css.to_str().unwrap()
    );
    let press = Press::run(&theme).await;
    for letter in &press.letters {
        let (html, name) = (
            letter.html.replace(": ", ":").replace("; ", ";"),
            &letter.name,
        );
        let (head, body) = html.split_once("<body").unwrap();
        for inlined in [
            "background-color:#fbe9d0",
            "background-color:#fffdf8",
            "#7a1f1f",
            "max-width:640px",
            "Noto Naskh Arabic",
            "font-size:30px",
        ] {
            assert!(
                body.contains(inlined),
                "{name}: {inlined} is not in the elements"
            );
        }
        assert!(head.contains("font-size:24px !important"), "{name}: {head}");
        assert!(!html.contains("The paper's own"), "{name}");
        let logo = body
            .split("<img class=\"logo\"")
            .nth(1)
            .unwrap()
            .split('>')
            .next()
            .unwrap();
        for part in [
            "width=\"180\"",
            "height=\"48\"",
            "alt=\"",
            "https://marfa.example/logo.png",
        ] {
            assert!(logo.contains(part), "{name}: {part} (T8): {logo}");
        }
        for line in ["تصدر كل اثنين", "ISSN 1234-5678"] {
            assert!(
                body.contains(line) && letter.text.lines().any(|shown| shown.contains(line)),
                "{name}: {line}"
            );
        }
    }
}

/// Issue 6, point 4: what mail clients would not take is told where it stands, before anything is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t3_t6_a_style_sheet_that_clients_do_not_know_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = |theme: &str| {
        format!(
            "[site]\nname = \"x\"\n[site.theme]\n{theme}\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\n[mail]\nfrom = \"a@example.org\"\n\
             [[lists]]\nslug = \"w\"\nname = \"w\"\n[[lists.sections]]\nkey = \"n\"\nname = \"n\"\n"
        )
    };
    std::fs::write(
        folder.path().join("a.css"),
        "h2 { color: #111111; }\nh3 { margin-inline: 4px; }\n",
    )
    .unwrap();
    for (theme, code, words) in [
        (
            "css_file = \"a.css\"",
            2,
            "a.css, line 2: `margin-inline: 4px`",
        ),
        ("css_file = \"none.css\"", 2, "none.css cannot be read"),
        ("logo = \"https://example.org/a.svg\"", 2, "must be a PNG"),
        ("logo = \"http://example.org/a.png\"", 2, "https://"),
        ("font = \"x;}body{\"", 2, "typefaces"),
        ("width = 900", 2, "700"),
        (
            "muted = \"#999999\"",
            0,
            "site.theme.muted: on paper is hard to read: its contrast is 2.8",
        ),
    ] {
        std::fs::write(folder.path().join("nashra.toml"), config(theme)).unwrap();
        let checked = Program::nashra(["config", "check"])
            .dir(folder.path())
            .run()
            .await;
        let said = format!("{}{}", checked.stdout, checked.stderr);
        assert_eq!(checked.code, Some(code), "{theme}: {said}");
        assert!(said.contains(words), "{theme}: {said}");
    }
}

/// Issue 6, point 4; M18, M17, V15.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m18_a_pattern_makes_the_subject_and_a_wrong_one_is_refused() {
    let press = Press::run("[digest]\nsubject = \"{title} ({articles}) {date}\"").await;
    let subject = |name: &str| {
        let letter = press
            .letters
            .iter()
            .find(|letter| letter.name == name)
            .unwrap();
        mail_parser::MessageParser::default()
            .parse(&letter.eml)
            .unwrap()
            .subject()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        subject("en-few"),
        "The old harbour opens its quays after a repair that took six years (2 articles) Monday, 23 November 2026"
    );
    let arabic = subject("ar-many");
    assert!(
        arabic.ends_with("(12 مادة) الاثنين، 23 تشرين الثاني 2026"),
        "{arabic}"
    );
    let folder = tempfile::tempdir().unwrap();
    let config = "[site]\nname = \"x\"\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\n[mail]\nfrom = \"a@example.org\"\n[digest]\nsubject = \"{titel}\"\n\
                  [[lists]]\nslug = \"w\"\nname = \"w\"\n[[lists.sections]]\nkey = \"n\"\nname = \"n\"\n";
    std::fs::write(folder.path().join("nashra.toml"), config).unwrap();
    let checked = Program::nashra(["config", "check"])
        .dir(folder.path())
        .run()
        .await;
    assert_eq!(checked.code, Some(2));
    assert!(
        checked.stderr.contains("digest.subject") && checked.stderr.contains("{title}"),
        "{}",
        checked.stderr
    );
}
