//! Members' parts of cycles.

use async_graphql::{Context, Enum, Object};

use super::is_member;
use crate::cursor::{AssessmentKey, End, Field, Found, List, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::connection::DuesAssessmentConnection;
use crate::schema::query::count_if_asked;
use crate::schema::scalars::Amount;
use crate::schema::sight::Look;
use crate::schema::user::User;
use crate::tables::dues_assessments::{
    AssessmentCountOf, AssessmentOf, AssessmentRow, AssessmentsPage, Status,
};
use crate::tables::dues_cycles::CycleRow;

/// What became of a member's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum DuesStatus {
    /// Nothing of it is paid.
    Unpaid,
    /// Some of it is paid.
    Partial,
    /// All of it is paid.
    Paid,
    /// What was left of it is waived.
    Exempt,
}

/// A member's part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DuesAssessment(AssessmentRow);

impl From<AssessmentRow> for DuesAssessment {
    fn from(row: AssessmentRow) -> Self {
        Self(row)
    }
}

/// A member's part of a cycle.
#[Object]
impl DuesAssessment {
    /// Whose.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.user).await
    }

    /// How much it is.
    async fn amount(&self) -> Amount {
        self.0.amount.into()
    }

    /// What has arrived of it, less what was refunded. A payment under way is not in it.
    async fn paid(&self) -> Amount {
        self.0.paid.into()
    }

    /// What became of it.
    async fn status(&self) -> DuesStatus {
        self.0.status.into()
    }
}

/// A page of a cycle's parts.
pub(super) async fn page(
    ctx: &Context<'_>,
    cycle: &CycleRow,
    args: PageArgs,
    status: Option<Status>,
) -> Result<DuesAssessmentConnection, Fault> {
    let list = List { field: Field::DuesAssessments, of: cycle.id.0 };
    let window: Window<AssessmentKey> = args.window(list, End::First)?;
    if !is_member(ctx, cycle.wallet).await? {
        return own(ctx, cycle, list, &window, status).await;
    }
    let loads = ctx.loads();
    let page = AssessmentsPage { cycle: cycle.id, status, window };
    let found = loads.one(page).await?.unwrap_or_default();
    let count = AssessmentCountOf { cycle: cycle.id, status };
    let count = async { Ok(loads.one(count).await?.unwrap_or(0)) };
    let count = count_if_asked(ctx, count).await?;
    let found = found.map(|part| (part.key, DuesAssessment(part)));
    Ok(DuesAssessmentConnection::of(list, &window, found, count))
}

/// The viewer's own part, as if there were no others.
async fn own(
    ctx: &Context<'_>,
    cycle: &CycleRow,
    list: List,
    window: &Window<AssessmentKey>,
    status: Option<Status>,
) -> Result<DuesAssessmentConnection, Fault> {
    let user = ctx.viewer()?;
    let part = ctx.loads().one(AssessmentOf { cycle: cycle.id, user }).await?;
    let part = part.filter(|part| status.is_none_or(|status| part.status == status));
    let count = i32::from(part.is_some());
    let part = part.filter(|part| window.after.is_none_or(|after| part.key > after));
    let items = part.into_iter().map(|part| (part.key, DuesAssessment(part))).collect();
    Ok(DuesAssessmentConnection::of(list, window, Found { items, more: false }, count))
}
