//! Table `feed` of `money`: what happened to wallets.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::LogPosition;

use super::feed::{FEED_PAGE_LEN, FeedPage, FeedRows, PageRow, Slice, SliceRow, gathered};
use super::{Tables, bigint};
use crate::fault::Fault;

/// What came after a position, of all wallets.
#[derive(Debug)]
pub(crate) struct WalletSlice {
    pub(crate) slice: Slice,
    /// Whether the projection came upon an event that it can't take: there is no more until
    /// somebody mends that.
    pub(crate) is_stopped: bool,
}

impl Tables {
    /// The rows in (`after`, W], as [`Tables::feed`] gives those of `messenger`.
    pub(crate) async fn wallet_feed(
        &self,
        after: LogPosition,
        limit: usize,
    ) -> Result<WalletSlice, Fault> {
        let query = sqlx::query!(
            r#"SELECT c.log_id, c.position AS "up_to!", f.entity_id AS "entity_id?",
                   f.position AS "position?", f.kind AS "kind?", f.ref AS "reference?",
                   f.at_us AS "at_us?",
                   EXISTS (SELECT FROM read_money.parked) AS "is_stopped!"
               FROM (SELECT log_id, min(position) AS position
                     FROM read_money.checkpoint GROUP BY log_id) c
               LEFT JOIN LATERAL (
                   SELECT * FROM read_money.feed f
                   WHERE f.position > $1 AND f.position <= c.position
                   ORDER BY f.position LIMIT $2
               ) f ON TRUE
               ORDER BY f.position, f.kind"#,
            bigint(after),
            i64::try_from(limit).unwrap_or(i64::MAX),
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        let is_stopped = found.first().is_some_and(|row| row.is_stopped);
        let rows = found.into_iter().map(|row| SliceRow {
            log_id: row.log_id,
            up_to: row.up_to,
            entity_id: row.entity_id,
            position: row.position,
            kind: row.kind,
            reference: row.reference,
            at_us: row.at_us,
        });
        Ok(WalletSlice { slice: Slice::of(rows.collect(), limit), is_stopped })
    }

    /// The rows of all channels and wallets in (`after`, `to`], which both projections have
    /// passed; at most about `limit`, never a part of a position's rows.
    pub(crate) async fn both_feeds(
        &self,
        after: LogPosition,
        to: LogPosition,
        limit: usize,
    ) -> Result<Slice, Fault> {
        let query = sqlx::query_as!(
            SliceRow,
            r#"SELECT c.log_id, $2::bigint AS "up_to!", f.entity_id AS "entity_id?",
                   f.position AS "position?", f.kind AS "kind?", f.ref AS "reference?",
                   f.at_us AS "at_us?"
               FROM (SELECT DISTINCT log_id FROM checkpoint) c
               LEFT JOIN LATERAL (
                   SELECT * FROM (
                       (SELECT entity_id, position, kind, ref, at_us FROM feed
                        WHERE position > $1 AND position <= $2
                        ORDER BY position LIMIT $3)
                       UNION ALL
                       (SELECT entity_id, position, kind, ref, at_us FROM read_money.feed
                        WHERE position > $1 AND position <= $2
                        ORDER BY position LIMIT $3)
                   ) both_feeds
                   ORDER BY position LIMIT $3
               ) f ON TRUE
               ORDER BY f.position, f.kind"#,
            bigint(after),
            bigint(to),
            i64::try_from(limit).unwrap_or(i64::MAX),
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(Slice::of(found, limit))
    }
}

/// Asks for a wallet's rows, as [`FeedPage`] does for a channel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WalletFeedPage(pub(crate) FeedPage);

impl Loader<WalletFeedPage> for Tables {
    type Value = FeedRows;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[WalletFeedPage],
    ) -> Result<HashMap<WalletFeedPage, FeedRows>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.0.entity).collect();
        let after: Vec<_> = pages.iter().map(|page| bigint(page.0.after)).collect();
        let to: Vec<_> = pages.iter().map(|page| bigint(page.0.to)).collect();
        let query = sqlx::query_as!(
            PageRow,
            r#"SELECT p.number AS "number!", f.entity_id, f.position, f.kind,
                   f.ref AS "reference?", f.at_us
               FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[])
                   WITH ORDINALITY p (entity_id, above, up_to, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM read_money.feed f
                   WHERE f.entity_id = p.entity_id AND f.position > p.above
                     AND f.position <= p.up_to
                   ORDER BY f.position, f.kind LIMIT $4
               ) f
               ORDER BY p.number, f.position, f.kind"#,
            &wallets,
            &after,
            &to,
            i64::try_from(FEED_PAGE_LEN).unwrap_or(i64::MAX),
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(gathered(pages, |page| page.0.to, FEED_PAGE_LEN, found))
    }
}
