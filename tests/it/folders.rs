//! A folder of Markdown files as a feed, and for `article import` (issue 6, point 1).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nashra::service::gather::{self, FeedReport};
use nashra::store;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};

fn post(title: &str, more: &str) -> String {
    format!(
        "---\ntitle: {title}\nurl: https://manara.example/{title}\ndate: 2026-01-05\n{more}---\nنص **المقال**.<script>x</script>\n"
    )
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A program whose list has the folder as its feed, in section `health`.
async fn start(db: TestDb, folder: &Path, sections: &str) -> TestApp {
    let options = Options {
        list: format!(
            "feeds = [{{ url = \"{}\", section = \"health\" }}]",
            folder.display()
        ),
        sections: sections.to_owned(),
        ..Options::default()
    };
    TestApp::with(db, options).await
}

async fn read(app: &TestApp) -> FeedReport {
    let reports = gather::gather(
        &app.app.context,
        &app.app.fetcher().unwrap(),
        &app.app.context.lists,
        gather::Occasion::Asked,
    )
    .await
    .unwrap();
    let [report] = reports.as_slice() else {
        panic!("{reports:?}")
    };
    report.clone()
}

async fn titles(app: &TestApp) -> Vec<String> {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let articles = store::article::newest(&mut tx, list, 100).await.unwrap();
    assert!(
        articles.iter().all(|article| article.section == "health"
            && !article.summary_html.as_str().contains("script"))
    );
    let mut titles: Vec<_> = articles.into_iter().map(|article| article.title).collect();
    titles.sort();
    titles
}

both_databases!(
    /// Everything that is an article, at any depth, and nothing that is hidden, a draft, or outside.
    a_folder_is_read_as_a_feed,
    |db| async move {
        let outside = tempfile::TempDir::new().unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let (outside, folder) = (outside.path(), folder.path());
        write(outside, "secret.md", &post("secret", ""));
        for name in ["a", "2026/01/b", ".hidden", ".git/c", "2026/.d"] {
            write(folder, &format!("{name}.md"), &post(name.rsplit('/').next().unwrap(), ""));
        }
        write(folder, "e.txt", &post("e", ""));
        write(folder, "draft.md", &post("draft", "draft: true\n"));
        // A draft may lack anything.
        write(folder, "idea.md", "---\ndraft: \"True\"\n---\n");
        write(folder, "not-a-draft.MD", &post("f", "draft: false\n"));
        symlink(outside.join("secret.md"), folder.join("link.md")).unwrap();
        symlink(outside, folder.join("linked")).unwrap();
        symlink(folder, folder.join("circle")).unwrap();
        symlink(folder.join("2026/01/b.md"), folder.join("inside.md")).unwrap();
        fs::create_dir(folder.join("folder.md")).unwrap();

        let app = start(db, folder, "").await;
        let report = read(&app).await;
        assert_eq!((report.new, report.same, report.drafts, report.skipped.len()), (3, 1, 2, 0), "{report:?}");
        assert_eq!(titles(&app).await, ["a", "b", "f"]);
        assert!(read(&app).await.unchanged);

        write(folder, "2026/01/b.md", &post("b", "source: وكالات\n"));
        write(folder, "g.md", &post("g", ""));
        fs::remove_file(folder.join("a.md")).unwrap();
        let report = read(&app).await;
        assert_eq!((report.new, report.changed, report.same, report.unchanged), (1, 1, 2, false), "{report:?}");
        // What is gone from the folder stays an article.
        assert_eq!(titles(&app).await, ["a", "b", "f", "g"]);
    }
);

both_databases!(
    /// Broken files are told by name at each reading, and the others read; of too many the newest are taken.
    broken_files_are_reported_by_name_and_passed_over,
    |db| async move {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        write(folder, "old.md", &post("old", "date: 2025-01-01\n"));
        write(folder, "new.md", &post("new", "date: 2026-01-04\n"));
        write(folder, "newer.md", &post("newer", ""));
        write(folder, "deep/bad.md", "---\ntitle: t\nurl: https://manara.example/t\ndate: soon\n---\n");
        write(folder, "no-link.md", "---\ntitle: t\n---\n");
        write(folder, "large.md", &post("large", &format!("x: {}\n", "x".repeat(1_000_000))));
        fs::write(folder.join("bytes.md"), b"---\ntitle: \xff\n---\n").unwrap();
        let app = start(db, folder, "").await;
        for _ in 0..2 {
            let report = read(&app).await;
            let said = report.skipped.join("\n");
            for (name, why) in [("deep/bad.md, line 4", "soon"), ("no-link.md", "link"), ("large.md", "bytes long"), ("bytes.md", "UTF-8")] {
                assert!(report.skipped.iter().any(|said| said.starts_with(&format!("{name}: ")) && said.contains(why)), "{name}: {said}");
            }
            assert_eq!((report.skipped.len(), report.unchanged, report.error), (4, false, None));
        }
        assert_eq!(titles(&app).await, ["new", "newer", "old"]);
    }
);

both_databases!(
    /// A folder grows for ever; what counts are its newest articles.
    of_too_many_articles_the_newest_are_taken,
    |db| async move {
        let folder = tempfile::TempDir::new().unwrap();
        for n in 1..=9 {
            write(folder.path(), &format!("{n}.md"), &post(&n.to_string(), &format!("date: 2026-01-0{n}\n")));
        }
        let app = TestApp::start(db).await;
        let limits = nashra::feed::FetchLimits { max_items: 2, ..Default::default() };
        let (parsed, _) = nashra::feed::read_folder(folder.path(), &nashra::feed::Validators::default(), &limits).unwrap().unwrap();
        let titles: Vec<_> = parsed.articles.iter().map(|article| article.title.as_str()).collect();
        assert_eq!(titles, ["9", "8"]);
        assert!(parsed.passed_over().any(|said| said.contains('7')));

        // An import takes all.
        let output = app.nashra(["article", "import", "--list", "weekly", folder.path().to_str().unwrap()]).run().await;
        assert_eq!(output.stdout, format!("{}: 9 new, 0 changed, 0 known\n", folder.path().display()), "{output:?}");
    }
);

both_databases!(
    /// Files and folders in one command; a broken file is named, the exit code says so, and drafts are no failure.
    import_takes_folders_and_leaves_drafts_alone,
    |db| async move {
        let folder = tempfile::TempDir::new().unwrap();
        write(folder.path(), "posts/a.md", &post("a", ""));
        write(folder.path(), "posts/b.md", &post("b", "draft: true\n"));
        write(folder.path(), "single.md", &post("c", "draft: yes\n"));
        let app = TestApp::start(db).await;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (posts, single) = (path("posts"), path("single.md"));
        let import = ["article", "import", "--list", "weekly", "--section", "health", &posts, &single];
        let output = app.nashra(import).run().await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(output.stdout, format!("{posts}: 1 new, 0 changed, 0 known; drafts: 1\n{single}: 0 new, 0 changed, 0 known; drafts: 1\n"));
        assert_eq!(titles(&app).await, ["a"]);
        write(folder.path(), "posts/broken.md", "no front matter");
        let output = app.nashra(import).run().await;
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains("broken.md, line 1") && output.stderr.contains("front matter"), "{output:?}");
    }
);

both_databases!(
    /// A folder that is not there is a feed that cannot be read, and no more.
    a_missing_folder_is_reported,
    |db| async move {
        let folder = tempfile::TempDir::new().unwrap();
        let app = start(db, &folder.path().join("none"), "").await;
        let report = read(&app).await;
        assert!(report.error.unwrap().contains("does not exist"));
    }
);
