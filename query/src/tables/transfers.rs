//! Tables `transfers` and `transfer_approvals` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{Timestamp, TransferId, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// Where a transfer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Manual,
    Scheduled,
    Dues,
    Refund,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    AwaitingApproval,
    /// Taken from the payer, not yet with the payee.
    Debited,
    Completed,
    Declined,
    Expired,
    /// The payee could not take it; it went back.
    Refunded,
}

/// A transfer. Amounts are minor units of both wallets' currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransferRow {
    pub(crate) id: TransferId,
    pub(crate) from: WalletId,
    pub(crate) to: WalletId,
    pub(crate) amount: i64,
    pub(crate) memo: String,
    pub(crate) requested_by: UserId,
    pub(crate) origin: Origin,
    /// The transfer that this one pays back.
    pub(crate) refund_of: Option<TransferId>,
    pub(crate) requested_at: Timestamp,
    /// In the order of requests.
    pub(crate) requested_position: i64,
    pub(crate) approvals_required: i32,
    /// `None`: it never waited for approvals.
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) status: Status,
    /// When it came to its end, whichever that was.
    pub(crate) settled_at: Option<Timestamp>,
}

/// As the columns come.
struct Row {
    id: Uuid,
    from_id: Uuid,
    to_id: Uuid,
    amount: i64,
    memo: String,
    requested_by: Uuid,
    origin: i16,
    origin_id: Option<Uuid>,
    requested_us: i64,
    requested_position: i64,
    approvals_required: i16,
    expires_us: Option<i64>,
    debited_us: Option<i64>,
    declined_us: Option<i64>,
    expired_us: Option<i64>,
    returned_us: Option<i64>,
    credited_us: Option<i64>,
}

impl Row {
    /// The first that fits. Payer and payee each tell their part, which may be here in any order.
    fn status(&self) -> (Status, Option<i64>) {
        let ends = [
            (Status::Refunded, self.returned_us),
            (Status::Completed, self.credited_us),
            (Status::Declined, self.declined_us),
            (Status::Expired, self.expired_us),
        ];
        let ended = ends.into_iter().find(|(_, at_us)| at_us.is_some());
        ended.unwrap_or(match self.debited_us {
            Some(_) => (Status::Debited, None),
            None => (Status::AwaitingApproval, None),
        })
    }
}

impl From<Row> for Arc<TransferRow> {
    fn from(row: Row) -> Self {
        let (status, settled_us) = row.status();
        let origin = match row.origin {
            2 => Origin::Scheduled,
            3 => Origin::Dues,
            4 => Origin::Refund,
            _ => Origin::Manual,
        };
        Self::new(TransferRow {
            id: TransferId(row.id),
            from: WalletId(row.from_id),
            to: WalletId(row.to_id),
            amount: row.amount,
            memo: row.memo,
            requested_by: UserId(row.requested_by),
            origin,
            refund_of: row.origin_id.filter(|_| origin == Origin::Refund).map(TransferId),
            requested_at: Timestamp::from_micros(row.requested_us),
            requested_position: row.requested_position,
            approvals_required: i32::from(row.approvals_required),
            expires_at: row.expires_us.map(Timestamp::from_micros),
            status,
            settled_at: settled_us.map(Timestamp::from_micros),
        })
    }
}

impl Loader<TransferId> for Tables {
    type Value = Arc<TransferRow>;
    type Error = Fault;

    async fn load(&self, ids: &[TransferId]) -> Result<HashMap<TransferId, Self::Value>, Fault> {
        // What only the payee has told of is none yet.
        let query = sqlx::query_as!(
            Row,
            r#"SELECT id, from_id AS "from_id!", to_id AS "to_id!", amount AS "amount!",
                   memo AS "memo!", requested_by AS "requested_by!", origin AS "origin!",
                   origin_id, requested_us AS "requested_us!",
                   requested_position AS "requested_position!",
                   approvals_required AS "approvals_required!", expires_us, debited_us,
                   declined_us, expired_us, returned_us, credited_us
               FROM read_money.transfers WHERE id = ANY($1) AND from_id IS NOT NULL"#,
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let transfers = rows.into_iter().map(Arc::<TransferRow>::from);
        Ok(transfers.map(|transfer| (transfer.id, transfer)).collect())
    }
}

/// Asks who approved a transfer that waited; the requester aside, whose request is an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ApprovalsOf(pub(crate) TransferId);

impl Loader<ApprovalsOf> for Tables {
    /// In their order; there is no answer where there is none.
    type Value = Arc<[UserId]>;
    type Error = Fault;

    async fn load(&self, of: &[ApprovalsOf]) -> Result<HashMap<ApprovalsOf, Self::Value>, Fault> {
        let ids: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query!(
            r#"SELECT transfer_id, array_agg(user_id ORDER BY position) AS "users!"
               FROM read_money.transfer_approvals WHERE transfer_id = ANY($1)
               GROUP BY transfer_id"#,
            &ids,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let approvals = rows.into_iter().map(|row| {
            let users = row.users.into_iter().map(UserId).collect();
            (ApprovalsOf(TransferId(row.transfer_id)), users)
        });
        Ok(approvals.collect())
    }
}

/// Asks how much of a transfer was paid back, or is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RefundedOf(pub(crate) TransferId);

impl Loader<RefundedOf> for Tables {
    /// There is no answer where there was no refund.
    type Value = i64;
    type Error = Fault;

    async fn load(&self, of: &[RefundedOf]) -> Result<HashMap<RefundedOf, i64>, Fault> {
        let ids: Vec<_> = of.iter().map(|of| of.0.0).collect();
        // Refunds are their payee's transfer's payee's: all of one stream.
        let query = sqlx::query!(
            r#"SELECT origin_id AS "of!", sum(amount)::bigint AS "amount!"
               FROM read_money.transfers
               WHERE origin = 4 AND origin_id = ANY($1) AND declined_us IS NULL
                 AND expired_us IS NULL AND returned_us IS NULL
               GROUP BY origin_id"#,
            &ids,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(|row| (RefundedOf(TransferId(row.of)), row.amount)).collect())
    }
}

/// Asks for a page of a wallet's transfers that wait for approvals, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WaitingPage {
    pub(crate) wallet: WalletId,
    /// Its keys are `requested_position`.
    pub(crate) window: Window,
}

impl Loader<WaitingPage> for Tables {
    type Value = Found<Arc<TransferRow>>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[WaitingPage],
    ) -> Result<HashMap<WaitingPage, Self::Value>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.wallet.0).collect();
        let above: Vec<_> = pages.iter().map(|page| page.window.after.unwrap_or(-1)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", t.id
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (wallet_id, above, len, number)
               CROSS JOIN LATERAL (
                   SELECT id, requested_position FROM read_money.transfers t
                   WHERE t.from_id = p.wallet_id AND t.requested_position > p.above
                     AND t.expires_us IS NOT NULL AND t.debited_us IS NULL
                     AND t.declined_us IS NULL AND t.expired_us IS NULL
                   ORDER BY t.requested_position LIMIT p.len
               ) t
               ORDER BY p.number, t.requested_position"#,
            &wallets,
            &above,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| TransferId(row.id)).collect();
        let transfers = if ids.is_empty() { HashMap::new() } else { self.load(&ids).await? };
        let rows = rows.into_iter().filter_map(|row| {
            let transfer: &Arc<TransferRow> = transfers.get(&TransferId(row.id))?;
            Some((row.number, transfer.clone()))
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}
