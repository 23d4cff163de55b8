//! The delivery engine against its goals, through the real program: `nashra digest run` as a child process, every message personal,
//! every result durable, beside `smtp-source` in the same run. `script/bench` builds what it needs and runs it.
//!
//! Rates are ratios taken in one run, rounds in turn (A B A B …), medians.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its table"
)]

mod cases;
mod database;
mod import;
mod inside;
mod process;
mod sink;
mod table;
mod together;

use std::process::ExitCode;

/// What a benchmark may fail with.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "sink") {
        return end(sink::serve(&arguments[1..]));
    }
    // `cargo test --benches` only asks whether it starts.
    if arguments.iter().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let mut table = table::Table::default();
    let measured = if has("--imports") {
        cases::only_imports(&mut table)
    } else {
        cases::all(&mut table, has("--quick"))
    };
    if let Err(error) = &measured {
        // What was not measured is a goal that is missed.
        table.at_least(
            "everything else",
            0.0,
            1.0,
            "stopped".to_owned(),
            error.to_string(),
        );
    }
    table.print();
    if measured.is_err() {
        return end(measured);
    }
    if has("--check") && !table.all_met() {
        return end(Err("a goal is missed".into()));
    }
    ExitCode::SUCCESS
}

fn end(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
