//! Files stay small enough to be read at a sitting.

use crate::tree::{ROOMS, Source, sources};

const FILE_LINES_MAX: usize = 300;
const LINE_CHARS_MAX: usize = 100;
/// What is generated, or made to be read by programs.
const EXEMPT: [&str; 3] = ["query/schema.graphql", "package-lock.json", "/golden/"];

fn written() -> Vec<Source> {
    let endings = [
        ".rs",
        ".sql",
        ".sh",
        ".ts",
        ".tsx",
        ".js",
        ".mjs",
        ".css",
        ".html",
        ".graphql",
        ".md",
        "/run",
        "/test",
        "/Dockerfile",
    ];
    let all = ROOMS.iter().flat_map(|room| sources(room, &endings));
    all.filter(|file| !EXEMPT.iter().any(|exempt| file.path.contains(exempt))).collect()
}

#[test]
fn no_file_is_long() {
    let files = written();
    assert!(files.len() > 50, "this test looks at the wrong place");
    let long = files.iter().map(|file| (file.text.lines().count(), &file.path));
    let long: Vec<_> = long.filter(|(lines, _)| *lines > FILE_LINES_MAX).collect();
    assert!(long.is_empty(), "above {FILE_LINES_MAX} lines: {long:?}");
}

#[test]
fn no_line_is_long() {
    let mut long = Vec::new();
    for file in written() {
        for (number, line) in file.text.lines().enumerate() {
            // An address can't be broken.
            if line.chars().count() > LINE_CHARS_MAX && !line.contains("://") {
                long.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    assert!(long.is_empty(), "above {LINE_CHARS_MAX} characters: {long:#?}");
}
