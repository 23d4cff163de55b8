//! A folder of Markdown files as a feed: every `*.md` in it and below it, in the order of their paths.
//!
//! Hidden files and folders are passed over, and so is what a symbolic link finds outside the folder: who may write into it must not
//! make articles of other files. Folders behind links are not walked, so that no circle can be.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::error::{FeedError, FileFault, SkipReason};
use super::markdown::read_markdown;
use super::{FetchLimits, ParsedFeed, Validators};
use crate::domain::article::NewArticle;
use crate::domain::token::fingerprint;

/// So many files are looked at.
const MOST_FILES: usize = 10_000;
/// Folders in folders.
const MOST_DEPTH: usize = 20;

/// A file of the folder.
struct Found {
    path: PathBuf,
    bytes: u64,
    /// When it was written last, epoch milliseconds.
    changed_ms: i64,
}

/// Whether a feed's address is the path of a folder.
pub fn is_folder(source: &str) -> bool {
    !source.contains("://") && Path::new(source).is_dir()
}

/// Reads a folder; `None` when no file in it is another, larger, smaller or newer than when `known` was given.
///
/// Drafts (`draft: true`) are counted and passed over, and a file that is broken is reported by name. Of more than `limits.max_items`
/// articles the newest are taken. An error when the folder itself cannot be read.
pub fn read_folder(
    folder: &Path,
    known: &Validators,
    limits: &FetchLimits,
) -> Result<Option<(ParsedFeed, Validators)>, FeedError> {
    let root = fs::canonicalize(folder).map_err(|reason| unreadable(folder, reason))?;
    let mut parsed = ParsedFeed::default();
    let mut files = Vec::new();
    walk(&root, &root, 0, &mut files, &mut parsed)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    if files.len() > MOST_FILES {
        let (count, limit) = (files.len() - MOST_FILES, MOST_FILES);
        let reason = SkipReason::OverLimit { count, limit };
        parsed.skipped.push((String::new(), reason));
        files.truncate(MOST_FILES);
    }
    let validators = Validators {
        etag: Some(print_of(&files, limits)),
        last_modified: None,
    };
    if known.etag == validators.etag {
        return Ok(None);
    }
    let mut dated: Vec<(i64, NewArticle)> = Vec::new();
    for file in &files {
        let name = file
            .path
            .strip_prefix(&root)
            .unwrap_or(&file.path)
            .display()
            .to_string();
        match read_file(file, &name, limits) {
            Ok(None) => parsed.drafts += 1,
            Ok(Some(article)) => {
                dated.push((article.published_ms.unwrap_or(file.changed_ms), article));
            }
            Err((what, reason)) => parsed.skipped.push((what, reason)),
        }
    }
    // What is broken is told each time, until somebody puts it right.
    let is_whole = parsed.skipped.is_empty();
    let over = dated.len().saturating_sub(limits.max_items);
    if over > 0 {
        dated.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
        dated.truncate(limits.max_items);
        parsed.note_left_out(over, limits);
    }
    parsed.articles = dated.into_iter().map(|(_, article)| article).collect();
    Ok(Some((
        parsed,
        if is_whole {
            validators
        } else {
            Validators::default()
        },
    )))
}

fn unreadable(path: &Path, reason: std::io::Error) -> FeedError {
    FeedError::FileUnreadable {
        path: path.into(),
        reason,
    }
}

/// Collects the files of a folder and of those in it. One that goes while we look, or may not be read, is passed over by name.
fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    files: &mut Vec<Found>,
    parsed: &mut ParsedFeed,
) -> Result<(), FeedError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(reason) if depth == 0 => return Err(unreadable(folder, reason)),
        Err(reason) => {
            parsed.skipped.push((
                folder.display().to_string(),
                SkipReason::File(reason.to_string()),
            ));
            return Ok(());
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        // Beyond the bound there is nothing to know but that there is more.
        if is_hidden || files.len() > MOST_FILES {
            continue;
        }
        if kind.is_dir() && depth < MOST_DEPTH {
            walk(root, &path, depth + 1, files, parsed)?;
        } else if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
            && let Some(found) = look(root, path, kind.is_symlink())
        {
            files.push(found);
        }
    }
    Ok(())
}

/// A regular file within the folder.
fn look(root: &Path, path: PathBuf, is_link: bool) -> Option<Found> {
    if is_link && !fs::canonicalize(&path).is_ok_and(|target| target.starts_with(root)) {
        return None;
    }
    let about = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let changed = about
        .modified()
        .ok()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Some(Found {
        path,
        bytes: about.len(),
        changed_ms: changed.as_millis() as i64,
    })
}

/// What the folder looks like from outside, and how much of it is taken: another text with every file that comes, goes or is written.
fn print_of(files: &[Found], limits: &FetchLimits) -> String {
    let mut text = format!("{} {}\0", limits.max_items, limits.max_item_bytes);
    for Found {
        path,
        bytes,
        changed_ms,
    } in files
    {
        let _ = write!(text, "{}\0{bytes}\0{changed_ms}\0", path.display());
    }
    fingerprint(text.as_bytes())
}

/// Reads one file, or says what to call it and why not.
fn read_file(
    file: &Found,
    name: &str,
    limits: &FetchLimits,
) -> Result<Option<NewArticle>, (String, SkipReason)> {
    let (bytes, limit) = (file.bytes as usize, limits.max_item_bytes);
    let failed = |reason: std::io::Error| (name.to_owned(), SkipReason::File(reason.to_string()));
    if bytes > limit {
        return Err((name.to_owned(), SkipReason::TooLarge { bytes, limit }));
    }
    // It may have grown since.
    let mut text = String::new();
    let open = fs::File::open(&file.path).map_err(failed)?;
    open.take(limit as u64)
        .read_to_string(&mut text)
        .map_err(failed)?;
    read_markdown(&text, name).map_err(|error| match error {
        FeedError::File {
            line: 1,
            fault: FileFault::Unusable(reason),
            ..
        } => (name.to_owned(), reason),
        FeedError::File { line, fault, .. } => (
            format!("{name}, line {line}"),
            SkipReason::File(fault.to_string()),
        ),
        other => (name.to_owned(), SkipReason::File(other.to_string())),
    })
}
