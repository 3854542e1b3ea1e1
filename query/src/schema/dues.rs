//! Dues: plans, their cycles, and members' parts of these.
//!
//! Who is in the collecting wallet sees all of it. Who was assessed and has left may still owe:
//! such a viewer sees the plan, the cycles that assessed the viewer, their sums, and the own part.

mod assessment;
mod cycle;

pub(crate) use self::assessment::DuesAssessment;
pub(crate) use self::cycle::{DuesCycle, cycle};

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use events::{PlanId, WalletId};

use super::connection::{DuesCycleConnection, DuesPlanConnection};
use super::recurrence::Recurrence;
use super::scalars::{Amount, DateTime};
use super::sight::{Look, id, require_wallet_member, wallet_member};
use super::user::User;
use super::wallet::Wallet;
use crate::cursor::{End, Field, List, PageArgs};
use crate::fault::Fault;
use crate::tables::dues_assessments::AssessedBy;
use crate::tables::dues_cycles::CyclesPage;
use crate::tables::dues_plans::{PlanRow, PlansPage};

/// Whether the viewer is in the wallet that collects.
async fn is_member(ctx: &Context<'_>, wallet: WalletId) -> Result<bool, Fault> {
    // Of a push that only members are told that is known.
    let is_told = ctx.loads().members_of() == Some(wallet.0);
    Ok(is_told || wallet_member(ctx, wallet).await?.is_some())
}

/// A plan of dues.
#[derive(Debug, Clone)]
pub(crate) struct DuesPlan(Arc<PlanRow>);

impl From<Arc<PlanRow>> for DuesPlan {
    fn from(row: Arc<PlanRow>) -> Self {
        Self(row)
    }
}

impl DuesPlan {
    /// One that has to be there, because a row names it.
    async fn named(ctx: &Context<'_>, id: PlanId) -> Result<Self, Fault> {
        let row = ctx.loads().dues_plan(id).await?;
        row.map(Self).ok_or_else(|| Fault::Unavailable(format!("plan {id} has no row")))
    }
}

/// Membership dues (회비) that a group wallet collects from its members. The members of the wallet
/// see it; so does who was assessed and has left.
#[Object]
impl DuesPlan {
    /// Names the plan for good: the `commandId` that created it.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where the dues go.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.wallet).await
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What each member owes of a cycle.
    async fn amount(&self) -> Amount {
        self.0.amount.into()
    }

    /// When cycles fall due.
    async fn recurrence(&self) -> Recurrence {
        (&self.0.recurrence).into()
    }

    /// Whether it opens more cycles. Those that are open can be paid in any case.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.created_by).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Newest first. For who has left the wallet: the cycles that assessed the viewer.
    async fn cycles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<DuesCycleConnection, Fault> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        let list = List { field: Field::DuesCycles, of: self.0.id.0 };
        let window = args.window(list, End::First)?;
        let is_member = is_member(ctx, self.0.wallet).await?;
        let of = if is_member { None } else { Some(ctx.viewer()?) };
        let page = CyclesPage { plan: self.0.id, of, window };
        let found = ctx.loads().one(page).await?.unwrap_or_default();
        let found = found.map(|row| (i64::from(row.number), DuesCycle::from(row)));
        Ok(DuesCycleConnection::of(list, &window, found))
    }
}

/// A plan that the viewer may see.
pub(crate) async fn plan(ctx: &Context<'_>, id: PlanId) -> Result<Option<DuesPlan>, Fault> {
    let Some(row) = ctx.loads().dues_plan(id).await? else { return Ok(None) };
    let user = ctx.viewer()?;
    let may_see = is_member(ctx, row.wallet).await?
        || ctx.loads().one(AssessedBy { plan: id, user }).await?.is_some();
    Ok(may_see.then(|| row.into()))
}

/// A page of a wallet's plans.
pub(super) async fn page(
    ctx: &Context<'_>,
    wallet: WalletId,
    args: PageArgs,
) -> Result<DuesPlanConnection, Fault> {
    let list = List { field: Field::DuesPlans, of: wallet.0 };
    let window = args.window(list, End::First)?;
    require_wallet_member(ctx, wallet).await?;
    let found = ctx.loads().one(PlansPage { wallet, window }).await?.unwrap_or_default();
    let found = found.map(|row| (row.created_position, DuesPlan::from(row)));
    Ok(DuesPlanConnection::of(list, &window, found))
}
