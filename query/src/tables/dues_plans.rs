//! Table `dues_plans` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{PlanId, Timestamp, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::recurrence::{RecurrenceRow, frequency};
use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// A plan of dues. Its amount is minor units of the wallet's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanRow {
    pub(crate) id: PlanId,
    /// That collects.
    pub(crate) wallet: WalletId,
    pub(crate) name: String,
    pub(crate) amount: i64,
    pub(crate) recurrence: RecurrenceRow,
    pub(crate) created_by: UserId,
    pub(crate) created_at: Timestamp,
    /// In the order of creation.
    pub(crate) created_position: i64,
    /// It opens more cycles.
    pub(crate) active: bool,
}

/// As the columns come.
struct Row {
    id: Uuid,
    wallet_id: Uuid,
    name: String,
    amount: i64,
    frequency: i16,
    start_at: String,
    time_zone: String,
    end_at: Option<String>,
    occurrences_max: Option<i32>,
    created_by: Uuid,
    created_us: i64,
    created_position: i64,
    ended_us: Option<i64>,
}

impl From<Row> for Arc<PlanRow> {
    fn from(row: Row) -> Self {
        Self::new(PlanRow {
            id: PlanId(row.id),
            wallet: WalletId(row.wallet_id),
            name: row.name,
            amount: row.amount,
            recurrence: RecurrenceRow {
                frequency: frequency(row.frequency),
                start_at: row.start_at,
                time_zone: row.time_zone,
                end_at: row.end_at,
                count: row.occurrences_max,
            },
            created_by: UserId(row.created_by),
            created_at: Timestamp::from_micros(row.created_us),
            created_position: row.created_position,
            active: row.ended_us.is_none(),
        })
    }
}

impl Loader<PlanId> for Tables {
    type Value = Arc<PlanRow>;
    type Error = Fault;

    async fn load(&self, ids: &[PlanId]) -> Result<HashMap<PlanId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT id, wallet_id, name, amount, frequency, start_at, time_zone, end_at,
                 occurrences_max, created_by, created_us, created_position, ended_us
             FROM read_money.dues_plans WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let plans = rows.into_iter().map(Arc::<PlanRow>::from);
        Ok(plans.map(|plan| (plan.id, plan)).collect())
    }
}

/// Asks for a page of a wallet's plans, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PlansPage {
    pub(crate) wallet: WalletId,
    /// Its keys are `created_position`.
    pub(crate) window: Window,
}

impl Loader<PlansPage> for Tables {
    type Value = Found<Arc<PlanRow>>;
    type Error = Fault;

    async fn load(&self, pages: &[PlansPage]) -> Result<HashMap<PlansPage, Self::Value>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.wallet.0).collect();
        let below: Vec<_> =
            pages.iter().map(|page| page.window.after.unwrap_or(i64::MAX)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", d.id
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (wallet_id, below, len, number)
               CROSS JOIN LATERAL (
                   SELECT id, created_position FROM read_money.dues_plans d
                   WHERE d.wallet_id = p.wallet_id AND d.created_position < p.below
                   ORDER BY d.created_position DESC LIMIT p.len
               ) d
               ORDER BY p.number, d.created_position DESC"#,
            &wallets,
            &below,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| PlanId(row.id)).collect();
        let plans = if ids.is_empty() { HashMap::new() } else { self.load(&ids).await? };
        let rows = rows.into_iter().filter_map(|row| {
            let plan: &Arc<PlanRow> = plans.get(&PlanId(row.id))?;
            Some((row.number, plan.clone()))
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}
