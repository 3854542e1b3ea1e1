//! `testkit-database NAME ROOT`: makes database NAME anew in the tests' cluster with all schemas of
//! the repository at ROOT and prints the line that points builds at it.

use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, ensure};
use testkit::Cluster;

/// A day of work: long enough that nobody has to think of it.
const STAYS_UP: Duration = Duration::from_hours(12);
const SCHEMAS: [&str; 3] = ["log", "command", "vault"];
/// Read models; where tables have the same name, they have the same columns.
const PROJECTIONS: [&str; 3] = ["messenger", "search", "money"];

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the line is what it is run for")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: testkit-database NAME ROOT";
    let (name, root) = (arguments.next().context(usage)?, arguments.next().context(usage)?);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(name.starts_with("dev_") && name.chars().all(plain), "NAME is dev_[a-z0-9_]*");
    let sql = schemas(Path::new(&root), &name)?;
    let cluster = Cluster::acquire(STAYS_UP).await?;
    println!("DATABASE_URL={}", testkit::recreate(&cluster, &name, &sql).await?);
    Ok(())
}

fn schemas(root: &Path, name: &str) -> anyhow::Result<Vec<String>> {
    let mut sql = Vec::new();
    for schema in SCHEMAS {
        sql.push(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
        sql.extend(scripts(&root.join("infra/migrations").join(schema))?);
    }
    for projection in PROJECTIONS {
        let schema = format!("read_{projection}");
        sql.push(format!("CREATE SCHEMA {schema}; SET search_path = {schema}, public"));
        sql.extend(scripts(&root.join("projections/migrations").join(projection))?);
    }
    let schemas = PROJECTIONS.map(|projection| format!("read_{projection}")).join(", ");
    sql.push(format!("ALTER DATABASE {name} SET search_path = {schemas}, public"));
    Ok(sql)
}

fn scripts(folder: &Path) -> anyhow::Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    paths.iter().map(|path| Ok(fs::read_to_string(path)?)).collect()
}
