//! Table `entries` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{EventId, Timestamp, TransferId, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::{Tables, uuids};
use crate::cursor::{EntryKey, Found, Window};
use crate::fault::Fault;

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Debit,
    Credit,
}

/// A line of a wallet's ledger. Amounts are minor units of the wallet's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryRow {
    /// Of the event that it stands for.
    pub(crate) id: EventId,
    pub(crate) wallet: WalletId,
    pub(crate) direction: Direction,
    pub(crate) amount: i64,
    pub(crate) balance_after: i64,
    /// `None`: a deposit or a withdrawal.
    pub(crate) transfer: Option<TransferId>,
    /// `None`: the external account.
    pub(crate) counterparty: Option<WalletId>,
    /// `None`: a payment provider told of it.
    pub(crate) by: Option<UserId>,
    /// A transfer's memo, the reference of a deposit or withdrawal.
    pub(crate) memo: String,
    pub(crate) at: Timestamp,
    pub(crate) revision: i64,
}

/// As the columns come.
struct Row {
    id: Uuid,
    wallet_id: Uuid,
    direction: i16,
    amount: i64,
    balance_after: i64,
    transfer_id: Option<Uuid>,
    counterparty: Option<Uuid>,
    by_user: Option<Uuid>,
    memo: String,
    at_us: i64,
    revision: i64,
}

impl From<Row> for Arc<EntryRow> {
    fn from(row: Row) -> Self {
        Self::new(EntryRow {
            id: EventId(row.id),
            wallet: WalletId(row.wallet_id),
            direction: if row.direction == 1 { Direction::Debit } else { Direction::Credit },
            amount: row.amount,
            balance_after: row.balance_after,
            transfer: row.transfer_id.map(TransferId),
            counterparty: row.counterparty.map(WalletId),
            by: row.by_user.map(UserId),
            memo: row.memo,
            at: Timestamp::from_micros(row.at_us),
            revision: row.revision,
        })
    }
}

impl Loader<EventId> for Tables {
    type Value = Arc<EntryRow>;
    type Error = Fault;

    async fn load(&self, ids: &[EventId]) -> Result<HashMap<EventId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT id, wallet_id, direction, amount, balance_after, transfer_id, counterparty,
                 by_user, memo, at_us, revision
             FROM read_money.entries WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let entries = rows.into_iter().map(Arc::<EntryRow>::from);
        Ok(entries.map(|entry| (entry.id, entry)).collect())
    }
}

/// Asks for a page of a wallet's entries, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EntriesPage {
    pub(crate) wallet: WalletId,
    /// Keys fall: what comes after a key is below it.
    pub(crate) window: Window<EntryKey>,
}

/// Above all keys.
const END: EntryKey = EntryKey { at_us: i64::MAX, revision: i64::MAX };

impl Loader<EntriesPage> for Tables {
    type Value = Found<Arc<EntryRow>>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[EntriesPage],
    ) -> Result<HashMap<EntriesPage, Self::Value>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.wallet.0).collect();
        let below = |page: &EntriesPage| page.window.after.unwrap_or(END);
        let times: Vec<_> = pages.iter().map(|page| below(page).at_us).collect();
        let revisions: Vec<_> = pages.iter().map(|page| below(page).revision).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", e.id, e.wallet_id, e.direction, e.amount,
                   e.balance_after, e.transfer_id AS "transfer_id?",
                   e.counterparty AS "counterparty?", e.by_user AS "by_user?", e.memo, e.at_us,
                   e.revision
               FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::int[])
                   WITH ORDINALITY p (wallet_id, at_us, revision, len, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM read_money.entries e
                   WHERE e.wallet_id = p.wallet_id
                     AND (e.at_us, e.revision) < (p.at_us, p.revision)
                   ORDER BY e.at_us DESC, e.revision DESC LIMIT p.len
               ) e
               ORDER BY p.number, e.at_us DESC, e.revision DESC"#,
            &wallets,
            &times,
            &revisions,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let rows = rows.into_iter().map(|row| {
            let item = Arc::<EntryRow>::from(Row {
                id: row.id,
                wallet_id: row.wallet_id,
                direction: row.direction,
                amount: row.amount,
                balance_after: row.balance_after,
                transfer_id: row.transfer_id,
                counterparty: row.counterparty,
                by_user: row.by_user,
                memo: row.memo,
                at_us: row.at_us,
                revision: row.revision,
            });
            (row.number, item)
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}

/// Asks what was in a wallet at an instant, with all that happened up to and at it. An instant in
/// the future is after all that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BalanceAt {
    pub(crate) wallet: WalletId,
    pub(crate) at: Timestamp,
}

impl Loader<BalanceAt> for Tables {
    /// There is no answer where there was no entry by then.
    type Value = i64;
    type Error = Fault;

    async fn load(&self, of: &[BalanceAt]) -> Result<HashMap<BalanceAt, i64>, Fault> {
        let wallets: Vec<_> = of.iter().map(|of| of.wallet.0).collect();
        let times: Vec<_> = of.iter().map(|of| of.at.as_micros()).collect();
        let query = sqlx::query!(
            r#"SELECT p.wallet_id AS "wallet_id!", p.at_us AS "at_us!", e.balance_after
               FROM UNNEST($1::uuid[], $2::bigint[]) p (wallet_id, at_us)
               CROSS JOIN LATERAL (
                   SELECT balance_after FROM read_money.entries e
                   WHERE e.wallet_id = p.wallet_id AND e.at_us <= p.at_us
                   ORDER BY e.at_us DESC, e.revision DESC LIMIT 1
               ) e"#,
            &wallets,
            &times,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let balances = rows.into_iter().map(|row| {
            let (wallet, at) = (WalletId(row.wallet_id), Timestamp::from_micros(row.at_us));
            (BalanceAt { wallet, at }, row.balance_after)
        });
        Ok(balances.collect())
    }
}
