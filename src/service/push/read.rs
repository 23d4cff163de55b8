//! The body of a request: one article or an array of them, each with a list that there is and one of its sections.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::{MOST_ARTICLES, MOST_ITEM_BYTES, Refusal};
use crate::domain::article::NewArticle;
use crate::domain::list::List;
use crate::domain::placing::{self, Rule};
use crate::feed::{Fault, Pushed, read_pushed};

/// So many faults of one request are told.
const MOST_FAULTS: usize = 100;

/// An article without faults and its place.
pub(super) struct Good {
    /// What makes it the same when it comes again.
    pub identity: String,
    pub article: NewArticle,
    pub list: Arc<List>,
    /// The key of the section.
    pub section: String,
    /// Why it is this one.
    pub rule: Rule,
}

/// What is wrong with one article of a request.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ItemFault {
    /// Its place in the request, from 0.
    pub item: usize,
    /// The key at fault, its code and what to do.
    #[serde(flatten)]
    pub fault: Fault,
}

/// Every article of a body, in its order, or everything that is wrong with them.
pub(super) fn read(lists: &[Arc<List>], body: &[u8]) -> Result<Vec<Good>, Refusal> {
    let body: Value =
        serde_json::from_slice(body).map_err(|reason| Refusal::NotJson(reason.to_string()))?;
    let items = match body {
        Value::Array(items) => items,
        one => vec![one],
    };
    if items.is_empty() || items.len() > MOST_ARTICLES {
        return Err(Refusal::Number(items.len()));
    }
    let (mut good, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (item, value) in items.into_iter().enumerate() {
        let read = read_pushed(value, MOST_ITEM_BYTES)
            .and_then(|pushed| place(lists, pushed).map_err(|fault| vec![fault]));
        match read {
            Ok(article) if !seen.insert((article.list.id, article.identity.clone())) => {
                let fault = Fault::of(
                    "",
                    "repeated",
                    "is in this request already, for the same list",
                );
                faults.push(ItemFault { item, fault });
            }
            Ok(article) => good.push(article),
            Err(found) => faults.extend(found.into_iter().map(|fault| ItemFault { item, fault })),
        }
    }
    if faults.is_empty() {
        return Ok(good);
    }
    faults.truncate(MOST_FAULTS);
    Err(Refusal::Articles(faults))
}

/// Finds the list and the section.
fn place(lists: &[Arc<List>], pushed: Pushed) -> Result<Good, Fault> {
    let named = |names: Vec<&str>| names.join(", ");
    let Some(list) = lists.iter().find(|list| list.slug == pushed.list) else {
        let known = named(lists.iter().map(|list| list.slug.as_str()).collect());
        return Err(Fault::of(
            "list",
            "unknown-list",
            format!("is no list; there are: {known}"),
        ));
    };
    let (given, article) = (pushed.section.as_deref(), &pushed.article);
    let found = placing::place(&list.sections, given, &article.url, &article.categories);
    let Some((section, rule)) = found else {
        let keys = named(
            list.sections
                .iter()
                .map(|section| section.key.as_str())
                .collect(),
        );
        let message = format!("is no section of this list; it has: {keys}");
        return Err(Fault::of("section", "unknown-section", message));
    };
    Ok(Good {
        identity: pushed.article.identity(),
        section: section.key.clone(),
        rule,
        list: Arc::clone(list),
        article: pushed.article,
    })
}
