//! Machines do no I/O: the simulation could not drive them otherwise.

use crate::tree::{Source, rust};

/// A runtime, a clock, or randomness.
const FORBIDDEN: [&str; 12] = [
    "tokio",
    "async ",
    ".await",
    "spawn",
    "std::time::Instant",
    "Instant::now",
    "SystemTime",
    "Timestamp::now",
    "rand::",
    "getrandom",
    "now_v7",
    "::generate()",
];

fn is_machine(file: &Source) -> bool {
    let folders = ["command/src/execution/", "command/src/process/"];
    let inside = folders.iter().find_map(|folder| file.path.strip_prefix(folder));
    inside.is_some_and(|rest| {
        rest.split('/').any(|part| part.trim_end_matches(".rs").contains("machine"))
    })
}

/// Whether the word stands in the line, not merely as the beginning of a longer name.
fn holds(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let next = code[at + word.len()..].chars().next();
        !word.ends_with(char::is_alphanumeric)
            || next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
    })
}

/// Deciders: pure by their signatures, and held to the same.
fn is_domain(file: &Source) -> bool {
    file.path.starts_with("command/src/domain/")
}

#[test]
fn machines_and_deciders_hold_no_clock_no_chance_and_no_runtime() {
    let files = rust();
    let machines = files.iter().filter(|file| is_machine(file)).count();
    let deciders = files.iter().filter(|file| is_domain(file)).count();
    assert!(machines >= 2 && deciders >= 3, "this test looks at the wrong place");
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_machine(file) || is_domain(file)) {
        for (number, line) in file.without_tests().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in FORBIDDEN.iter().filter(|word| holds(code, word)) {
                found.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
