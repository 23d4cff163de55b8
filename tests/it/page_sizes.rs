//! Issue 5, point 1: every page with its style sheet and its script stays under 30 KB without images, and takes nothing from
//! elsewhere (D4, X8).

use std::collections::BTreeMap;

use regex::Regex;

use crate::form_embed::two_lists;
use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

const LIMIT: usize = 30 * 1024;
const LAYLA: &str = "layla@example.org";

/// What pages are made of, by address.
struct Parts(BTreeMap<String, usize>);

impl Parts {
    async fn of(app: &TestApp) -> Self {
        let mut parts = BTreeMap::new();
        for name in ["nashra.css", "proof.js", "zone.js", "embed.js"] {
            let path = format!("/static/{name}");
            let part = http::get(&format!("{}{path}", app.url)).await;
            assert_eq!(part.status, 200, "{path}");
            for foreign in ["url(", "@import", "http:", "https:", "//cdn"] {
                assert!(!part.text().contains(foreign), "{path}: {foreign}");
            }
            parts.insert(path, part.body.len());
        }
        Self(parts)
    }

    /// A page: small with all it loads, which is ours. `scripts` is how many it loads.
    fn check(&self, name: &str, page: &Answer, scripts: usize) {
        let load = Regex::new(r#"<(?:link rel="stylesheet"[^>]* href|\w+ [^>]*?src)="([^"]+)""#);
        let load = load.unwrap();
        let loads = load.captures_iter(page.text());
        let loads: Vec<String> = loads.map(|found| found[1].to_owned()).collect();
        let own = |path: &String| {
            // A form for other sites names its script in full.
            let path = &path[path.find("/static/").unwrap_or(0)..];
            let path = path.split('?').next().unwrap();
            *self.0.get(path).unwrap_or_else(|| panic!("{name}: {path}"))
        };
        let size = page.body.len() + loads.iter().map(own).sum::<usize>();
        assert!(size < LIMIT, "{name}: {size} octets with {loads:?}");
        assert_eq!(loads.len(), 1 + scripts, "{name}: {loads:?}");
        assert!(!page.text().contains("style=") && !page.text().contains("@import"));
    }
}

both_databases!(
    /// As large as they get: a dozen articles, two lists, a reader of both, everything wrong that can be.
    every_page_is_small_and_takes_nothing_from_elsewhere,
    |db| async move {
        let app = TestApp::with(db, Options { list: "index = true".into(), ..two_lists() }).await;
        let parts = Parts::of(&app).await;
        app.articles(12).await;
        app.confirmed(LAYLA).await;
        let form = format!("{}/subscribe/daily", app.url);
        assert_eq!(http::post_form(&form, &[("email", LAYLA)]).await.status, 303);
        app.deliver_pending().await;
        let confirm = app.confirmation_link(LAYLA);
        let never = app.link_of(LAYLA, "/never/");
        parts.check("confirm", &http::get(&confirm).await, 0);
        assert_eq!(http::post_form(&confirm, &[]).await.status, 200);
        app.publish().await;
        app.deliver_pending().await;
        let digest = app.link_of(LAYLA, "/d/");
        let preferences = app.preferences_link("weekly", LAYLA).await;
        let leave = app.unsubscribe_link("weekly", LAYLA).await;
        let url = |path: &str| format!("{}{path}", app.url);
        for lang in nashra::locale::SUPPORTED {
            let asked = |link: &str| {
                let joint = if link.contains('?') { '&' } else { '?' };
                format!("{link}{joint}lang={lang}")
            };
            for path in ["/", "/subscribe/weekly", "/subscribe/weekly/check-mail?lists=daily", "/archive/weekly", "/nowhere", "/confirm/x"] {
                parts.check(path, &http::get(&asked(&url(path))).await, 0);
            }
            // The form that is shown there is the plain one; who takes the other loads its script as well.
            let embed = http::get(&asked(&url("/subscribe/weekly/embed?lists=weekly,daily"))).await;
            parts.check("embed", &embed, 0);
            assert!(embed.body.len() + parts.0["/static/nashra.css"] + parts.0["/static/embed.js"] < LIMIT);
            for link in [&confirm, &never, &leave, &digest] {
                parts.check(link, &http::get(&asked(link)).await, 0);
            }
            // The browser's zone is proposed until one is chosen.
            parts.check("preferences", &http::get(&asked(&preferences)).await, 1);
            let wrong = [("do", "save"), ("weekly.cadence", "x"), ("weekly.language", "x"), ("weekly.pause", "x"), ("zone", "x"),
                ("daily.cadence", "x"), ("daily.language", "x"), ("daily.pause", "x")];
            let wrong = http::post_form(&asked(&preferences), &wrong).await;
            assert_eq!(wrong.status, 422);
            parts.check("preferences-refused", &wrong, 0);
            let refused = http::post_form(&asked(&url("/subscribe/weekly")), &[("email", "layla@gmial.com")]).await;
            assert_eq!(refused.status, 422);
            parts.check("form-refused", &refused, 0);
        }
        parts.check("erase", &http::post_form(&preferences, &[("do", "erase")]).await, 0);
        parts.check("unsubscribed", &http::post_form(&leave, &[]).await, 0);
        parts.check("never-done", &http::post_form(&never, &[]).await, 0);
        parts.check("erased", &http::post_form(&preferences, &[("do", "erase-now")]).await, 0);
    }
);

both_databases!(
    /// With a proof of work: the form and the one-more-step page load the script that does it.
    pages_with_a_proof_of_work_are_small,
    |db| async move {
        let sections = "[sign_up]\nproof_of_work = \"always\"".into();
        let app = TestApp::with(db, Options { sections, ..two_lists() }).await;
        let parts = Parts::of(&app).await;
        let url = |path: &str| format!("{}{path}", app.url);
        parts.check("lists", &http::get(&url("/")).await, 1);
        parts.check("form", &http::get(&url("/subscribe/weekly")).await, 1);
        let step = http::post_form(&url("/subscribe/weekly"), &[("email", LAYLA)]).await;
        assert_eq!(step.status, 200, "{}", step.text());
        parts.check("step", &step, 1);
    }
);
