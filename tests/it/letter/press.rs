//! Letters of three languages with much, little, no pictures and a single section, made by the built program from feeds in files.

use std::path::PathBuf;

use serde_json::Value;

use crate::harness::process::Program;

pub const LANGUAGES: [&str; 3] = ["ar", "en", "fa"];
pub const KINDS: [&str; 4] = ["many", "few", "bare", "one"];

/// One letter in its three forms.
pub struct Letter {
    /// Its list: `ar-many`.
    pub name: String,
    pub language: &'static str,
    pub html: String,
    pub text: String,
    pub eml: Vec<u8>,
}

/// All letters, and the folder with their files.
pub struct Press {
    pub letters: Vec<Letter>,
    folder: tempfile::TempDir,
}

impl Press {
    /// Makes all letters; `theme` goes into `[site.theme]`.
    pub async fn run(theme: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = format!(
            "[site]\nname = \"المرفأ\"\npublic_url = \"https://news.marfa.example\"\npostal_address = \"شارع البحر 12، الطابق الثاني\"\n\
             privacy_url = \"https://marfa.example/privacy\"\n[site.theme]\n{theme}\n[smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n\
             [secrets]\nkey = \"b25lIGtleSBmb3IgdGVzdHMsIHRoZSBzYW1lIGxldHRlciBlYWNoIHRpbWU=\"\n[mail]\nfrom = \"news@marfa.example\"\n"
        );
        for language in LANGUAGES {
            let path = format!(
                "{}/tests/fixtures/letters/{language}.json",
                env!("CARGO_MANIFEST_DIR")
            );
            let feed: Value =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            for kind in KINDS {
                let name = format!("{language}-{kind}");
                let file = folder.path().join(format!("{name}.json"));
                std::fs::write(&file, of_kind(feed.clone(), kind).to_string()).unwrap();
                config.push_str(&list(language, kind, &file));
            }
        }
        std::fs::write(folder.path().join("nashra.toml"), config).unwrap();
        let arguments = [
            "digest",
            "preview",
            "--gather",
            "--as-of",
            "2026-11-23T05:00:00Z",
        ];
        let made = Program::nashra(arguments).dir(folder.path()).run().await;
        assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
        let read = |name: &str, ending: &str| {
            std::fs::read(folder.path().join(format!("preview/{name}.{ending}"))).unwrap()
        };
        let text = |name: &str, ending| String::from_utf8(read(name, ending)).unwrap();
        let mut letters = Vec::new();
        for language in LANGUAGES {
            for kind in KINDS {
                let name = format!("{language}-{kind}");
                letters.push(Letter {
                    language,
                    html: text(&name, "html"),
                    text: text(&name, "txt"),
                    eml: read(&name, "eml"),
                    name,
                });
            }
        }
        Self { letters, folder }
    }

    /// Where a letter lies; ending `html`, `txt` or `eml`.
    pub fn file(&self, letter: &Letter, ending: &str) -> PathBuf {
        self.folder
            .path()
            .join(format!("preview/{}.{ending}", letter.name))
    }
}

fn of_kind(mut feed: Value, kind: &str) -> Value {
    let items = feed["items"].as_array_mut().unwrap();
    if kind == "few" {
        items.truncate(2);
    }
    for item in items {
        // An article is stored once, whichever list it stands in: each list has its own.
        for key in ["id", "url"] {
            item[key] = Value::from(format!("{}-{kind}", item[key].as_str().unwrap()));
        }
        if kind == "bare" {
            item.as_object_mut().unwrap().remove("image");
        }
    }
    feed
}

const SECTIONS: [(&str, [&str; 3], &str); 6] = [
    ("news", ["أخبار", "News", "خبرها"], "cards"),
    (
        "reports",
        ["تقارير وتحقيقات", "Reports", "گزارش‌ها"],
        "cards",
    ),
    (
        "health",
        ["الصحة والمجتمع", "Health and society", "سلامت و جامعه"],
        "headlines",
    ),
    ("culture", ["ثقافة", "Culture", "فرهنگ"], "lead"),
    ("brief", ["باختصار", "In brief", "کوتاه"], "brief"),
    ("cartoon", ["كاريكاتير", "Cartoon", "کاریکاتور"], "cartoon"),
];

fn list(language: &str, kind: &str, feed: &std::path::Path) -> String {
    let place = LANGUAGES.iter().position(|one| *one == language).unwrap();
    let name = ["النشرة الأسبوعية", "The Weekly Letter", "نامهٔ هفتگی"][place];
    let masthead = ["المرفأ", "The Lantern", "فانوس"][place];
    let locale = ["ar-LB", "en", "fa"][place];
    let formats = if language == "ar" {
        "digits = \"latn\"\n"
    } else {
        ""
    };
    let mut text = format!(
        "[[lists]]\nslug = \"{language}-{kind}\"\nname = \"{name}\"\nmasthead = \"{masthead}\"\nlocale = \"{locale}\"\n{formats}\
         zone = \"Asia/Beirut\"\nsuggest = 2\npopular = 3\nfeeds = [{{ url = {:?} }}]\n",
        feed.to_str().unwrap()
    );
    let sections = if kind == "one" {
        &SECTIONS[..1]
    } else {
        &SECTIONS
    };
    for (key, names, layout) in sections {
        let categories = if kind == "one" {
            String::new()
        } else {
            format!("categories = [\"{key}\"]\n")
        };
        let section = format!(
            "[[lists.sections]]\nkey = \"{key}\"\nname = \"{}\"\nlayout = \"{layout}\"\nlimit = 20\n{categories}",
            names[place]
        );
        text.push_str(&section);
    }
    text
}
