//! Table `scheduled_payments` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{PaymentId, Timestamp, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::recurrence::{RecurrenceRow, frequency};
use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// Whether a payment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Paused,
    /// All its occurrences have had their outcome.
    Completed,
    Cancelled,
}

/// A scheduled payment. Its amount is minor units of both wallets' currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaymentRow {
    pub(crate) id: PaymentId,
    pub(crate) from: WalletId,
    pub(crate) to: WalletId,
    pub(crate) amount: i64,
    pub(crate) memo: String,
    pub(crate) recurrence: RecurrenceRow,
    pub(crate) status: Status,
    /// Of the next occurrence that has not started, whatever the status.
    pub(crate) next_due_at: Option<Timestamp>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: Timestamp,
    /// In the order of creation.
    pub(crate) created_position: i64,
}

/// As the columns come.
struct Row {
    id: Uuid,
    from_id: Uuid,
    to_id: Uuid,
    amount: i64,
    memo: String,
    frequency: i16,
    start_at: String,
    time_zone: String,
    end_at: Option<String>,
    occurrences_max: Option<i32>,
    status: i16,
    next_due_us: Option<i64>,
    created_by: Uuid,
    created_us: i64,
    created_position: i64,
}

impl From<Row> for Arc<PaymentRow> {
    fn from(row: Row) -> Self {
        Self::new(PaymentRow {
            id: PaymentId(row.id),
            from: WalletId(row.from_id),
            to: WalletId(row.to_id),
            amount: row.amount,
            memo: row.memo,
            recurrence: RecurrenceRow {
                frequency: frequency(row.frequency),
                start_at: row.start_at,
                time_zone: row.time_zone,
                end_at: row.end_at,
                count: row.occurrences_max,
            },
            status: match row.status {
                2 => Status::Paused,
                3 => Status::Completed,
                4 => Status::Cancelled,
                _ => Status::Active,
            },
            next_due_at: row.next_due_us.map(Timestamp::from_micros),
            created_by: UserId(row.created_by),
            created_at: Timestamp::from_micros(row.created_us),
            created_position: row.created_position,
        })
    }
}

impl Loader<PaymentId> for Tables {
    type Value = Arc<PaymentRow>;
    type Error = Fault;

    async fn load(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT id, from_id, to_id, amount, memo, frequency, start_at, time_zone, end_at,
                 occurrences_max, status, next_due_us, created_by, created_us, created_position
             FROM read_money.scheduled_payments WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let payments = rows.into_iter().map(Arc::<PaymentRow>::from);
        Ok(payments.map(|payment| (payment.id, payment)).collect())
    }
}

/// Asks for a page of what is paid from a wallet by schedule, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PaymentsPage {
    pub(crate) wallet: WalletId,
    /// Its keys are `created_position`.
    pub(crate) window: Window,
}

impl Loader<PaymentsPage> for Tables {
    type Value = Found<Arc<PaymentRow>>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[PaymentsPage],
    ) -> Result<HashMap<PaymentsPage, Self::Value>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.wallet.0).collect();
        let below: Vec<_> =
            pages.iter().map(|page| page.window.after.unwrap_or(i64::MAX)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", s.id
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (wallet_id, below, len, number)
               CROSS JOIN LATERAL (
                   SELECT id, created_position FROM read_money.scheduled_payments s
                   WHERE s.from_id = p.wallet_id AND s.created_position < p.below
                   ORDER BY s.created_position DESC LIMIT p.len
               ) s
               ORDER BY p.number, s.created_position DESC"#,
            &wallets,
            &below,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| PaymentId(row.id)).collect();
        let payments = if ids.is_empty() { HashMap::new() } else { self.load(&ids).await? };
        let rows = rows.into_iter().filter_map(|row| {
            let payment: &Arc<PaymentRow> = payments.get(&PaymentId(row.id))?;
            Some((row.number, payment.clone()))
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}
