//! Table `payment_occurrences` of `money`.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{PaymentId, Timestamp, TransferId};

use super::Tables;
use super::pages::paged;
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// How far an occurrence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is being carried out.
    Due,
    AwaitingApproval,
    /// There was not enough money: it is tried again later, or just now.
    Retrying,
    Succeeded,
    Failed,
    /// Left out.
    Skipped,
}

/// An occurrence that was started, or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OccurrenceRow {
    /// From 1.
    pub(crate) number: i32,
    pub(crate) due_at: Timestamp,
    pub(crate) status: Status,
    /// It may not have begun.
    pub(crate) transfer: Option<TransferId>,
    /// Error code of the latest attempt that failed.
    pub(crate) failure: Option<String>,
}

fn status(code: i16) -> Status {
    match code {
        2 => Status::AwaitingApproval,
        3 => Status::Retrying,
        4 => Status::Succeeded,
        5 => Status::Failed,
        6 => Status::Skipped,
        _ => Status::Due,
    }
}

/// Asks for a page of a scheduled payment's occurrences, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OccurrencesPage {
    pub(crate) payment: PaymentId,
    /// Its keys are `number`.
    pub(crate) window: Window,
}

impl Loader<OccurrencesPage> for Tables {
    type Value = Found<OccurrenceRow>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[OccurrencesPage],
    ) -> Result<HashMap<OccurrencesPage, Self::Value>, Fault> {
        let payments: Vec<_> = pages.iter().map(|page| page.payment.0).collect();
        let below: Vec<_> =
            pages.iter().map(|page| page.window.after.unwrap_or(i64::MAX)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.nth AS "nth!", o.number, o.due_us, o.status, o.transfer_id, o.failure
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (payment_id, below, len, nth)
               CROSS JOIN LATERAL (
                   SELECT number, due_us, status, transfer_id, failure
                   FROM read_money.payment_occurrences o
                   WHERE o.payment_id = p.payment_id AND o.number < p.below
                   ORDER BY o.number DESC LIMIT p.len
               ) o
               ORDER BY p.nth, o.number DESC"#,
            &payments,
            &below,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let rows = rows.into_iter().map(|row| {
            let occurrence = OccurrenceRow {
                number: row.number,
                due_at: Timestamp::from_micros(row.due_us),
                status: status(row.status),
                transfer: row.transfer_id.map(TransferId),
                failure: row.failure,
            };
            (row.nth, occurrence)
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}
