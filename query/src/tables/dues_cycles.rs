//! Table `dues_cycles` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{CycleId, PlanId, Timestamp, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// A cycle of dues. Amounts are minor units of the wallet's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CycleRow {
    pub(crate) id: CycleId,
    pub(crate) plan: PlanId,
    /// That collects.
    pub(crate) wallet: WalletId,
    /// From 1.
    pub(crate) number: i32,
    pub(crate) due_at: Timestamp,
    pub(crate) closed: bool,
    /// Paid, less what was refunded.
    pub(crate) collected: i64,
    /// Neither paid, nor being paid, nor waived.
    pub(crate) outstanding: i64,
}

/// As the columns come.
struct Row {
    id: Uuid,
    plan_id: Uuid,
    wallet_id: Uuid,
    number: i32,
    due_us: i64,
    closed: bool,
    collected: i64,
    outstanding: i64,
}

impl From<Row> for Arc<CycleRow> {
    fn from(row: Row) -> Self {
        Self::new(CycleRow {
            id: CycleId(row.id),
            plan: PlanId(row.plan_id),
            wallet: WalletId(row.wallet_id),
            number: row.number,
            due_at: Timestamp::from_micros(row.due_us),
            closed: row.closed,
            collected: row.collected,
            outstanding: row.outstanding,
        })
    }
}

impl Loader<CycleId> for Tables {
    type Value = Arc<CycleRow>;
    type Error = Fault;

    async fn load(&self, ids: &[CycleId]) -> Result<HashMap<CycleId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT c.id, c.plan_id, p.wallet_id, c.number, c.due_us, c.closed, c.collected,
                 c.outstanding
             FROM read_money.dues_cycles c JOIN read_money.dues_plans p ON p.id = c.plan_id
             WHERE c.id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let cycles = rows.into_iter().map(Arc::<CycleRow>::from);
        Ok(cycles.map(|cycle| (cycle.id, cycle)).collect())
    }
}

/// Asks for a page of a plan's cycles, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CyclesPage {
    pub(crate) plan: PlanId,
    /// Only those that this one was assessed in.
    pub(crate) of: Option<UserId>,
    /// Its keys are `number`.
    pub(crate) window: Window,
}

impl Loader<CyclesPage> for Tables {
    type Value = Found<Arc<CycleRow>>;
    type Error = Fault;

    async fn load(&self, pages: &[CyclesPage]) -> Result<HashMap<CyclesPage, Self::Value>, Fault> {
        let plans: Vec<_> = pages.iter().map(|page| page.plan.0).collect();
        let of: Vec<_> = pages.iter().map(|page| page.of.map(|user| user.0)).collect();
        let below: Vec<_> =
            pages.iter().map(|page| page.window.after.unwrap_or(i64::MAX)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.nth AS "nth!", c.id
               FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::int[])
                   WITH ORDINALITY p (plan_id, user_id, below, len, nth)
               CROSS JOIN LATERAL (
                   SELECT id, number FROM read_money.dues_cycles c
                   WHERE c.plan_id = p.plan_id AND c.number < p.below
                     AND (p.user_id IS NULL OR EXISTS (
                         SELECT FROM read_money.dues_assessments a
                         WHERE a.cycle_id = c.id AND a.user_id = p.user_id))
                   ORDER BY c.number DESC LIMIT p.len
               ) c
               ORDER BY p.nth, c.number DESC"#,
            &plans,
            &of as &[Option<Uuid>],
            &below,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| CycleId(row.id)).collect();
        let cycles = if ids.is_empty() { HashMap::new() } else { self.load(&ids).await? };
        let rows = rows.into_iter().filter_map(|row| {
            let cycle: &Arc<CycleRow> = cycles.get(&CycleId(row.id))?;
            Some((row.nth, cycle.clone()))
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}
