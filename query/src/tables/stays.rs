//! Table `stays`: who was in which channel from where in the log to where; and the feed's rows
//! that lie within.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{ChannelId, LogPosition, UserId};

use super::feed::{FeedRows, PageRow, gathered};
use super::{Tables, bigint};
use crate::fault::Fault;

/// The most rows of an [`InboxPage`].
pub(crate) const INBOX_PAGE_LEN: usize = 100;

/// Asks for the rows in (`after`, `to`] of all channels that a user was in where they stand, from
/// the own coming to the own leaving, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InboxPage {
    pub(crate) user: UserId,
    pub(crate) after: LogPosition,
    pub(crate) to: LogPosition,
}

impl Loader<InboxPage> for Tables {
    /// Each row is of another position: an event is of one channel.
    type Value = FeedRows;
    type Error = Fault;

    async fn load(&self, pages: &[InboxPage]) -> Result<HashMap<InboxPage, FeedRows>, Fault> {
        let users: Vec<_> = pages.iter().map(|page| page.user.0).collect();
        let after: Vec<_> = pages.iter().map(|page| bigint(page.after)).collect();
        let to: Vec<_> = pages.iter().map(|page| bigint(page.to)).collect();
        let query = sqlx::query_as!(
            PageRow,
            r#"SELECT p.number AS "number!", f.entity_id, f.position, f.kind,
                   f.ref AS "reference?", f.at_us
               FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[])
                   WITH ORDINALITY p (user_id, above, up_to, number)
               CROSS JOIN LATERAL (
                   SELECT f.* FROM stays s
                   CROSS JOIN LATERAL (
                       SELECT * FROM feed f
                       WHERE f.entity_id = s.channel_id
                         AND f.position > GREATEST(p.above, s.joined_position - 1)
                         AND f.position <= LEAST(p.up_to, s.left_position)
                       ORDER BY f.position LIMIT $4
                   ) f
                   WHERE s.user_id = p.user_id AND s.joined_position <= p.up_to
                     AND (s.left_position IS NULL OR s.left_position > p.above)
                   ORDER BY f.position LIMIT $4
               ) f
               ORDER BY p.number, f.position"#,
            &users,
            &after,
            &to,
            i64::try_from(INBOX_PAGE_LEN).unwrap_or(i64::MAX),
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(gathered(pages, |page| page.to, INBOX_PAGE_LEN, found))
    }
}

impl Tables {
    /// The channels that these users were in just behind a place in the log.
    pub(crate) async fn channels_at(
        &self,
        users: &[UserId],
        at: LogPosition,
    ) -> Result<Vec<(UserId, ChannelId)>, Fault> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let query = sqlx::query!(
            "SELECT user_id, channel_id FROM stays
             WHERE user_id = ANY($1) AND joined_position <= $2
               AND (left_position IS NULL OR left_position > $2)",
            &super::uuids(users),
            bigint(at),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(|row| (UserId(row.user_id), ChannelId(row.channel_id))).collect())
    }
}
