//! SQL stands in one place per table and room: the owner writes, others read.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Source, rust, sources};

/// Schemas that `infra` writes, for the ports of `events` and `command`.
const OF_INFRA: [&str; 3] = ["log", "command", "vault"];

/// Names of the tables that migrations make, without their schema where they have none.
fn tables(room: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for migration in sources(room, &[".sql"]) {
        for statement in migration.text.split("CREATE TABLE ").skip(1) {
            let name = statement.trim_start_matches("IF NOT EXISTS ");
            let end = |c: char| c.is_whitespace() || c == '(';
            names.insert(name.split(end).next().unwrap_or_default().to_owned());
        }
    }
    names
}

/// The tables that a file writes.
fn written(file: &Source, tables: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for verb in ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "TRUNCATE "] {
        for (at, _) in file.without_tests().match_indices(verb) {
            let rest = &file.text[at + verb.len()..];
            let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
            let name = rest.split(end).next().unwrap_or_default();
            if tables.contains(name) {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn each_table_is_written_by_its_owner_in_one_file() {
    let (infra, projections) = (tables("infra"), tables("projections"));
    assert!(infra.len() >= 4 && projections.len() >= 4, "this test looks at the wrong place");
    for table in &infra {
        let schema = table.split('.').next().unwrap_or_default();
        assert!(OF_INFRA.contains(&schema), "{table} stands in no schema of infra's");
    }
    let all: BTreeSet<String> = infra.union(&projections).cloned().collect();
    let mut writers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in rust().into_iter().filter(|file| !file.is_test()) {
        for table in written(&file, &all) {
            let owner = if infra.contains(&table) { "infra" } else { "projections" };
            assert_eq!(file.room(), owner, "{} writes {table}", file.path);
            writers.entry(table).or_default().push(file.path.clone());
        }
    }
    assert!(writers.len() >= 4, "this test looks at the wrong place");
    writers.retain(|_, files| files.len() > 1);
    assert!(writers.is_empty(), "written in more than one file: {writers:#?}");
}
