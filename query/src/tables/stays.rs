//! Tables `stays` and `wallet_stays`: who was in which channel or wallet from where in the log to
//! where; and the feeds' rows that lie within.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{LogPosition, UserId};
use uuid::Uuid;

use super::feed::{FeedRows, PageRow, gathered};
use super::{Tables, bigint};
use crate::fault::Fault;

/// The most rows of an [`InboxPage`].
pub(crate) const INBOX_PAGE_LEN: usize = 100;

/// Asks for the rows in (`after`, `to`] of all channels and wallets that a user was in where they
/// stand, from the own coming to the own leaving, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InboxPage {
    pub(crate) user: UserId,
    pub(crate) after: LogPosition,
    pub(crate) to: LogPosition,
}

impl Loader<InboxPage> for Tables {
    type Value = FeedRows;
    type Error = Fault;

    async fn load(&self, pages: &[InboxPage]) -> Result<HashMap<InboxPage, FeedRows>, Fault> {
        let users: Vec<_> = pages.iter().map(|page| page.user.0).collect();
        let after: Vec<_> = pages.iter().map(|page| bigint(page.after)).collect();
        let to: Vec<_> = pages.iter().map(|page| bigint(page.to)).collect();
        let query = sqlx::query_as!(
            PageRow,
            r#"SELECT p.number AS "number!", f.entity_id AS "entity_id!",
                   f.position AS "position!", f.kind AS "kind!", f.ref AS "reference?",
                   f.at_us AS "at_us!"
               FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[])
                   WITH ORDINALITY p (user_id, above, up_to, number)
               CROSS JOIN LATERAL (
                   (SELECT f.entity_id, f.position, f.kind, f.ref, f.at_us FROM stays s
                    CROSS JOIN LATERAL (
                        SELECT * FROM feed f
                        WHERE f.entity_id = s.channel_id
                          AND f.position > GREATEST(p.above, s.joined_position - 1)
                          AND f.position <= LEAST(p.up_to, s.left_position)
                        ORDER BY f.position LIMIT $4
                    ) f
                    WHERE s.user_id = p.user_id AND s.joined_position <= p.up_to
                      AND (s.left_position IS NULL OR s.left_position > p.above)
                    ORDER BY f.position LIMIT $4)
                   UNION ALL
                   (SELECT f.entity_id, f.position, f.kind, f.ref, f.at_us
                    FROM read_money.wallet_stays s
                    CROSS JOIN LATERAL (
                        SELECT * FROM read_money.feed f
                        WHERE f.entity_id = s.wallet_id
                          AND f.position > GREATEST(p.above, s.joined_position - 1)
                          AND f.position <= LEAST(p.up_to, s.left_position)
                        ORDER BY f.position, f.kind LIMIT $4
                    ) f
                    WHERE s.user_id = p.user_id AND s.joined_position <= p.up_to
                      AND (s.left_position IS NULL OR s.left_position > p.above)
                    ORDER BY f.position, f.kind LIMIT $4)
                   ORDER BY position, kind LIMIT $4
               ) f
               ORDER BY p.number, f.position, f.kind"#,
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
    /// The channels and wallets that these users were in just behind a place in the log.
    pub(crate) async fn stays_at(
        &self,
        users: &[UserId],
        at: LogPosition,
    ) -> Result<Vec<(UserId, Uuid)>, Fault> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let query = sqlx::query!(
            r#"SELECT user_id AS "user_id!", channel_id AS "entity_id!" FROM stays
               WHERE user_id = ANY($1) AND joined_position <= $2
                 AND (left_position IS NULL OR left_position > $2)
               UNION ALL
               SELECT user_id, wallet_id FROM read_money.wallet_stays
               WHERE user_id = ANY($1) AND joined_position <= $2
                 AND (left_position IS NULL OR left_position > $2)"#,
            &super::uuids(users),
            bigint(at),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(|row| (UserId(row.user_id), row.entity_id)).collect())
    }
}
