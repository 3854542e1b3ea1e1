//! Cycles of dues.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use events::CycleId;

use super::assessment::{self, DuesAssessment, DuesStatus};
use super::{DuesPlan, is_member};
use crate::cursor::PageArgs;
use crate::fault::Fault;
use crate::schema::connection::DuesAssessmentConnection;
use crate::schema::scalars::{Amount, DateTime};
use crate::schema::sight::{Look, id};
use crate::tables::dues_assessments::AssessmentOf;
use crate::tables::dues_cycles::CycleRow;

/// A cycle of dues.
#[derive(Debug, Clone)]
pub(crate) struct DuesCycle(Arc<CycleRow>);

impl From<Arc<CycleRow>> for DuesCycle {
    fn from(row: Arc<CycleRow>) -> Self {
        Self(row)
    }
}

/// One time that dues are collected. The members of the wallet see it; so does who was assessed
/// and has left.
#[Object]
impl DuesCycle {
    /// Names the cycle for good.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What it is a cycle of.
    async fn plan(&self, ctx: &Context<'_>) -> Result<DuesPlan, Fault> {
        DuesPlan::named(ctx, self.0.plan).await
    }

    /// 1, 2, 3 …
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When it falls due. It can be paid before and after.
    async fn due_at(&self) -> DateTime {
        DateTime(self.0.due_at)
    }

    /// Whether it takes no more payments: nothing is outstanding, or an admin closed it.
    async fn closed(&self) -> bool {
        self.0.closed
    }

    /// What has arrived, less what was refunded.
    async fn collected(&self) -> Amount {
        self.0.collected.into()
    }

    /// What is still to be paid. A payment under way is no longer outstanding and not yet
    /// collected; what is waived is neither.
    async fn outstanding(&self) -> Amount {
        self.0.outstanding.into()
    }

    /// Who owes what, in the order of assessment. For who has left the wallet: the viewer's own
    /// part alone.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
        #[graphql(desc = "Only parts of which this became.")] status: Option<DuesStatus>,
    ) -> Result<DuesAssessmentConnection, Fault> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        assessment::page(ctx, &self.0, args, status.map(Into::into)).await
    }

    /// The viewer's own part; null for who was not assessed.
    async fn viewer_assessment(&self, ctx: &Context<'_>) -> Option<Result<DuesAssessment, Fault>> {
        let part = async {
            let user = ctx.viewer()?;
            ctx.loads().one(AssessmentOf { cycle: self.0.id, user }).await
        };
        Some(part.await.transpose()?.map(DuesAssessment::from))
    }
}

/// A cycle that the viewer may see.
pub(crate) async fn cycle(ctx: &Context<'_>, id: CycleId) -> Result<Option<DuesCycle>, Fault> {
    let Some(row) = ctx.loads().dues_cycle(id).await? else { return Ok(None) };
    let user = ctx.viewer()?;
    let may_see = is_member(ctx, row.wallet).await?
        || ctx.loads().one(AssessmentOf { cycle: id, user }).await?.is_some();
    Ok(may_see.then(|| row.into()))
}
