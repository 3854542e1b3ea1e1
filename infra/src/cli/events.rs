//! `moim events`: the catalogue of what can stand in the log.

use std::io::{self, Write};

/// Prints it as JSON.
pub(super) fn print() -> anyhow::Result<()> {
    let entries = serde_json::to_string_pretty(&events::catalogue::entries())?;
    writeln!(io::stdout(), "{entries}")?;
    Ok(())
}
