//! Table `dues_assessments` of `money`.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{CycleId, PlanId, UserId};

use super::Tables;
use super::pages::paged;
use crate::cursor::{AssessmentKey, Found, Window};
use crate::fault::Fault;

/// What became of a member's part, as the SQL below numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub(crate) enum Status {
    Unpaid = 1,
    Partial = 2,
    Paid = 3,
    Exempt = 4,
}

impl Status {
    fn of(amount: i64, paid: i64, exempt: bool) -> Self {
        match (exempt, paid) {
            (true, _) => Self::Exempt,
            (false, paid) if paid >= amount => Self::Paid,
            (false, 0) => Self::Unpaid,
            (false, _) => Self::Partial,
        }
    }
}

/// A member's part of a cycle. Amounts are minor units of the wallet's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AssessmentRow {
    pub(crate) user: UserId,
    pub(crate) key: AssessmentKey,
    pub(crate) amount: i64,
    /// Less what was refunded.
    pub(crate) paid: i64,
    pub(crate) status: Status,
}

/// Asks for somebody's part of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssessmentOf {
    pub(crate) cycle: CycleId,
    pub(crate) user: UserId,
}

impl Loader<AssessmentOf> for Tables {
    /// There is an answer only if that one was assessed.
    type Value = AssessmentRow;
    type Error = Fault;

    async fn load(
        &self,
        of: &[AssessmentOf],
    ) -> Result<HashMap<AssessmentOf, AssessmentRow>, Fault> {
        let cycles: Vec<_> = of.iter().map(|of| of.cycle.0).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let query = sqlx::query!(
            "SELECT a.cycle_id, a.user_id, a.position, a.nth, a.amount, a.paid, a.exempt
             FROM UNNEST($1::uuid[], $2::uuid[]) k (cycle_id, user_id)
             JOIN read_money.dues_assessments a
               ON a.cycle_id = k.cycle_id AND a.user_id = k.user_id",
            &cycles,
            &users,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let parts = rows.into_iter().map(|row| {
            let (cycle, user) = (CycleId(row.cycle_id), UserId(row.user_id));
            let part = AssessmentRow {
                user,
                key: AssessmentKey { position: row.position, nth: row.nth },
                amount: row.amount,
                paid: row.paid,
                status: Status::of(row.amount, row.paid, row.exempt),
            };
            (AssessmentOf { cycle, user }, part)
        });
        Ok(parts.collect())
    }
}

/// Asks for a page of a cycle's parts, in the order of assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssessmentsPage {
    pub(crate) cycle: CycleId,
    /// Only those of which this became.
    pub(crate) status: Option<Status>,
    pub(crate) window: Window<AssessmentKey>,
}

impl Loader<AssessmentsPage> for Tables {
    type Value = Found<AssessmentRow>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[AssessmentsPage],
    ) -> Result<HashMap<AssessmentsPage, Self::Value>, Fault> {
        let cycles: Vec<_> = pages.iter().map(|page| page.cycle.0).collect();
        let statuses: Vec<_> =
            pages.iter().map(|page| page.status.map(|status| status as i32)).collect();
        let first = AssessmentKey { position: -1, nth: 0 };
        let above = || pages.iter().map(|page| page.window.after.unwrap_or(first));
        let positions: Vec<_> = above().map(|key| key.position).collect();
        let nth: Vec<_> = above().map(|key| key.nth).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        // A cycle has 10,000 parts at most: those of one status need no index.
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", a.user_id, a.position, a.nth, a.amount, a.paid,
                   a.exempt
               FROM UNNEST($1::uuid[], $2::int[], $3::bigint[], $4::int[], $5::int[])
                   WITH ORDINALITY p (cycle_id, status, position, nth, len, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM read_money.dues_assessments a
                   WHERE a.cycle_id = p.cycle_id
                     AND (a.position, a.nth) > (p.position, p.nth)
                     AND (p.status IS NULL OR p.status =
                          CASE WHEN a.exempt THEN 4 WHEN a.paid >= a.amount THEN 3
                               WHEN a.paid > 0 THEN 2 ELSE 1 END)
                   ORDER BY a.position, a.nth LIMIT p.len
               ) a
               ORDER BY p.number, a.position, a.nth"#,
            &cycles,
            &statuses as &[Option<i32>],
            &positions,
            &nth,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let rows = rows.into_iter().map(|row| {
            let part = AssessmentRow {
                user: UserId(row.user_id),
                key: AssessmentKey { position: row.position, nth: row.nth },
                amount: row.amount,
                paid: row.paid,
                status: Status::of(row.amount, row.paid, row.exempt),
            };
            (row.number, part)
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}

/// Asks how many parts a cycle has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssessmentCountOf {
    pub(crate) cycle: CycleId,
    /// Only those of which this became.
    pub(crate) status: Option<Status>,
}

impl Loader<AssessmentCountOf> for Tables {
    type Value = i32;
    type Error = Fault;

    async fn load(
        &self,
        of: &[AssessmentCountOf],
    ) -> Result<HashMap<AssessmentCountOf, i32>, Fault> {
        let cycles: Vec<_> = of.iter().map(|of| of.cycle.0).collect();
        let statuses: Vec<_> = of.iter().map(|of| of.status.map(|status| status as i32)).collect();
        let query = sqlx::query_scalar!(
            r#"SELECT a.count AS "count!"
               FROM UNNEST($1::uuid[], $2::int[]) WITH ORDINALITY k (cycle_id, status, number)
               CROSS JOIN LATERAL (
                   SELECT count(*) FROM read_money.dues_assessments a
                   WHERE a.cycle_id = k.cycle_id
                     AND (k.status IS NULL OR k.status =
                          CASE WHEN a.exempt THEN 4 WHEN a.paid >= a.amount THEN 3
                               WHEN a.paid > 0 THEN 2 ELSE 1 END)
               ) a
               ORDER BY k.number"#,
            &cycles,
            &statuses as &[Option<i32>],
        );
        let counts = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(of.iter().copied().zip(counts.into_iter().map(super::count)).collect())
    }
}

/// Asks whether somebody was assessed in any cycle of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssessedBy {
    pub(crate) plan: PlanId,
    pub(crate) user: UserId,
}

impl Loader<AssessedBy> for Tables {
    /// There is an answer only if that is so.
    type Value = ();
    type Error = Fault;

    async fn load(&self, of: &[AssessedBy]) -> Result<HashMap<AssessedBy, ()>, Fault> {
        let plans: Vec<_> = of.iter().map(|of| of.plan.0).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let query = sqlx::query!(
            r#"SELECT k.plan_id AS "plan_id!", k.user_id AS "user_id!"
               FROM UNNEST($1::uuid[], $2::uuid[]) k (plan_id, user_id)
               WHERE EXISTS (
                   SELECT FROM read_money.dues_assessments a
                   JOIN read_money.dues_cycles c ON c.id = a.cycle_id
                   WHERE a.user_id = k.user_id AND c.plan_id = k.plan_id
               )"#,
            &plans,
            &users,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let assessed = rows
            .into_iter()
            .map(|row| (AssessedBy { plan: PlanId(row.plan_id), user: UserId(row.user_id) }, ()));
        Ok(assessed.collect())
    }
}
