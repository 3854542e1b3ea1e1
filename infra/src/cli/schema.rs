//! `moim schema`: the GraphQL schema that is served, as `query/schema.graphql` holds it.

use std::io::{self, Write};

/// Prints it.
pub(super) fn print() -> anyhow::Result<()> {
    write!(io::stdout(), "{}", query::schema_sdl())?;
    Ok(())
}
