//! Table `channels`, looked through for names.

use std::sync::Arc;

use events::grams::{fold, grams};
use uuid::Uuid;

use super::Tables;
use super::channels::{ChannelRow, Row};
use crate::cursor::{Found, Named, Window};
use crate::fault::Fault;

/// A text that names shall contain.
#[derive(Debug)]
pub(crate) struct Keyword {
    folded: String,
    /// What the index is asked for: all names with the text have these.
    grams: Vec<String>,
    /// What names are compared with.
    pattern: String,
}

impl Keyword {
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        // Two characters say more than one; only a single one has to do alone.
        let is_short = folded.chars().nth(1).is_none();
        let telling = |gram: &&str| is_short || gram.chars().nth(1).is_some();
        let grams = grams(&folded).into_iter().filter(telling).map(str::to_owned).collect();
        let pattern = format!("%{}%", escaped(&folded));
        Self { folded, grams, pattern }
    }

    /// The text as names are compared with it.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

/// The text as a pattern of `LIKE` that it alone fits.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

impl Tables {
    /// Channels that are there whose name contains the keyword, by name and id. The page is
    /// taken from its start.
    pub(crate) async fn channels_named(
        &self,
        keyword: &Keyword,
        window: &Window<Named>,
    ) -> Result<Found<(String, Arc<ChannelRow>)>, Fault> {
        // No name is empty, so all come after this.
        let (above, above_id) = window
            .after
            .as_ref()
            .map_or(("", Uuid::nil()), |after| (after.name.as_str(), after.id));
        let query = sqlx::query!(
            r#"SELECT id, name, description, visibility, created_by, created_us, deleted_us,
                   member_count, name_key
               FROM channels
               WHERE name_grams @> $1 AND name_key LIKE $2 AND deleted_us IS NULL
                 AND (name_key COLLATE "C", id) > ($3, $4)
               ORDER BY name_key COLLATE "C", id
               LIMIT $5"#,
            &keyword.grams,
            keyword.pattern,
            above,
            above_id,
            i64::from(window.len) + 1,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let channels = rows.into_iter().map(|row| {
            let channel = Row {
                id: row.id,
                name: row.name,
                description: row.description,
                visibility: row.visibility,
                created_by: row.created_by,
                created_us: row.created_us,
                deleted_us: row.deleted_us,
                member_count: row.member_count,
            };
            (row.name_key, Arc::new(channel.into()))
        });
        Ok(Found::of(window, channels.collect()))
    }

    /// How many channels that are there have a name that contains the keyword.
    pub(crate) async fn count_of_channels_named(&self, keyword: &Keyword) -> Result<i32, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM channels
               WHERE name_grams @> $1 AND name_key LIKE $2 AND deleted_us IS NULL"#,
            &keyword.grams,
            keyword.pattern,
        );
        Ok(super::count(self.bounded(query.fetch_one(&self.pool)).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_a_pattern_that_only_itself_fits() {
        let keyword = Keyword::new("50%_\\A");
        assert_eq!(keyword.pattern, r"%50\%\_\\a%");
        assert_eq!(keyword.grams, ["%_", "0%", "50", "\\a", "_\\"]);
        assert_eq!(Keyword::new("산").grams, ["산"]);
    }
}
