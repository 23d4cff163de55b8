//! Articles from outside: [`fetch`] reads http(s) addresses behind a guard against inner networks, [`parse`] makes articles of
//! RSS, Atom and JSON Feed, [`file`] of Markdown and JSON lines, and everything passes [`sanitise`]. Knows no database.

mod error;
mod fetch;
mod file;
mod guard;
mod parse;
mod sanitise;
mod scan;
#[cfg(test)]
mod tests;

pub use error::FeedError;
pub use fetch::{FetchLimits, Fetched, Fetcher, Validators, read_source};
pub use file::{read_json_lines, read_markdown, read_text};
pub use parse::{ParsedFeed, parse};
