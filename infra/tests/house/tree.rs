//! The repository's own files.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// The rooms, in reading order.
pub(crate) const ROOMS: [&str; 5] = ["events", "command", "projections", "query", "infra"];

/// What is made, not written.
const MADE: [&str; 4] = ["node_modules", "dist", "target", ".git"];

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A file that somebody wrote.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl Source {
    /// The text before its unit tests.
    pub(crate) fn without_tests(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
    }

    /// Whether all of it is tests or benchmarks.
    pub(crate) fn is_test(&self) -> bool {
        ["/tests/", "/benches/", "/testkit/"].iter().any(|part| self.path.contains(part))
    }

    /// Its room.
    pub(crate) fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// All files of a room whose names end so.
pub(crate) fn sources(room: &str, endings: &[&str]) -> Vec<Source> {
    let written = |entry: &DirEntry| !MADE.iter().any(|made| entry.file_name() == *made);
    let files = WalkDir::new(root().join(room)).sort_by_file_name().into_iter();
    let files = files.filter_entry(written).map(|entry| entry.unwrap().into_path());
    let wanted = |path: &PathBuf| {
        path.is_file() && endings.iter().any(|ending| path.to_string_lossy().ends_with(ending))
    };
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        Source { path: name, text: fs::read_to_string(&path).unwrap() }
    };
    files.filter(wanted).map(read).collect()
}

/// All Rust files of all rooms.
pub(crate) fn rust() -> Vec<Source> {
    ROOMS.iter().flat_map(|room| sources(room, &[".rs"])).collect()
}
