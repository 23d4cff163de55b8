//! The forms as they are shown to everybody alike: each is made once a second and kept, but for its stamp, which is made for each
//! visit. The database is then asked once a second for the last edition, however many readers come.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a page is shown without being made anew.
const GOOD: Duration = Duration::from_secs(1);

/// Which form, in which language, and whether its links keep that language.
pub type Which = (i64, &'static str, bool);

/// Pages without their stamps.
#[derive(Default)]
pub struct Shown(Mutex<HashMap<Which, Page>>);

struct Page {
    made: Instant,
    before: String,
    after: String,
}

impl Shown {
    /// The page with this stamp, unless it has to be made anew.
    pub fn with(&self, which: Which, stamp: &str) -> Option<String> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let page = pages
            .get(&which)
            .filter(|page| page.made.elapsed() < GOOD)?;
        Some([&page.before, stamp, &page.after].concat())
    }

    /// Keeps a page that was just made with this stamp.
    pub fn keep(&self, which: Which, page: &str, stamp: &str) {
        if let Some((before, after)) = page.split_once(stamp) {
            let page = Page {
                made: Instant::now(),
                before: before.to_owned(),
                after: after.to_owned(),
            };
            let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            pages.insert(which, page);
        }
    }
}
