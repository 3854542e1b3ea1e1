//! Who may import whom.

use std::collections::BTreeSet;
use std::fs;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::tree::{ROOMS, root, rust};

/// The rooms that a room may import. Tests may use `testkit`, and those of `query` the
/// projections, whose tables they read.
fn allowed(package: &str) -> &'static [&'static str] {
    match package {
        "command" | "projections" => &["events"],
        "query" => &["events", "command"],
        "infra" => &["events", "command", "projections", "query"],
        _ => &[],
    }
}

fn packages() -> Vec<Package> {
    let manifest = root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    metadata.packages
}

#[test]
fn rooms_import_only_what_they_may() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    for room in ROOMS {
        assert!(names.contains(room), "there is no room {room}");
    }
    for package in &packages {
        let ours = package.dependencies.iter().filter(|one| names.contains(one.name.as_str()));
        for dependency in ours {
            let (from, to) = (package.name.as_str(), dependency.name.as_str());
            let for_tests = dependency.kind == DependencyKind::Development
                && (to == "testkit" || (from, to) == ("query", "projections"));
            assert!(allowed(from).contains(&to) || for_tests, "{from} may not import {to}");
        }
    }
}

/// What `query` may name of `command`.
const PUBLIC_FACE: [&str; 9] = [
    "bus",
    "rejection",
    "Command",
    "CommandBus",
    "Request",
    "Done",
    "Outcome",
    "Rejection",
    "Code",
];

#[test]
fn query_knows_only_the_public_face_of_command() {
    let mut seen = 0;
    let query = rust().into_iter().filter(|file| file.path.starts_with("query/src/"));
    for file in query {
        for (_, rest) in
            file.text.match_indices("command::").map(|(at, m)| (at, &file.text[at + m.len()..]))
        {
            seen += 1;
            let named = rest.split([';', '\n']).next().unwrap_or_default();
            let group = named.trim_start_matches('{').split('}').next().unwrap_or_default();
            let first = |path: &str| path.split("::").next().unwrap_or_default().trim().to_owned();
            let heads = if named.starts_with('{') {
                group.split(',').map(first).collect()
            } else {
                let end = |c: char| !c.is_alphanumeric() && c != '_';
                vec![named.split(end).next().unwrap_or_default().to_owned()]
            };
            for head in heads.iter().filter(|head| !head.is_empty()) {
                let known = PUBLIC_FACE.contains(&head.as_str()) || head == "Viewer";
                assert!(known, "{} names command::{head}, which is not its public face", file.path);
            }
        }
    }
    assert!(seen > 0, "query names nothing of command: this test looks at the wrong place");
}

/// All that may stand at the top level, dotfiles aside.
const TOP: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "docker-compose.yml",
    "command",
    "query",
    "projections",
    "events",
    "infra",
];

#[test]
fn nothing_else_stands_at_the_top() {
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // Where Cargo builds unless told otherwise; ignored by git.
        let made = name == "target" || name.starts_with('.');
        assert!(made || TOP.contains(&name.as_str()), "{name} has no place at the top level");
    }
}
