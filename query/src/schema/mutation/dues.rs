//! Dues.

use async_graphql::{Context, ID, Object};
use command::Command;

use super::{INPUT, money_receipt, plan_payload, submit, transfer_payload};
use crate::fault::Fault;
use crate::schema::inputs::schedules::{CreateDuesPlanInput, ExemptFromDuesInput, PayDuesInput};
use crate::schema::payloads::{DuesPlanPayload, Receipt, TransferPayload};

/// Mutations of dues.
#[derive(Debug, Default)]
pub(crate) struct DuesMutations;

#[Object]
impl DuesMutations {
    /// Collects dues from the members of a group wallet whenever they fall due; the first cycle
    /// opens at once. Admins only.
    async fn create_dues_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to, how much, and when.")] input: CreateDuesPlanInput,
    ) -> Result<DuesPlanPayload, Fault> {
        let (id, command) = input.command();
        plan_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// No further cycles; those that are open can still be paid. Admins only.
    async fn end_dues_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<DuesPlanPayload, Fault> {
        let command = Command::EndDuesPlan { plan: id.0 };
        plan_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Takes no more payments; what is outstanding stays on record. Admins only.
    async fn close_dues_cycle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which cycle.")] cycle_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<Receipt, Fault> {
        let command = Command::CloseDuesCycle { cycle: cycle_id.0 };
        money_receipt(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Pays the viewer's own part of a cycle, or some of it, from a personal wallet of the
    /// viewer's.
    async fn pay_dues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which cycle, from where, and how much.")] input: PayDuesInput,
    ) -> Result<TransferPayload, Fault> {
        let (id, command) = input.command();
        transfer_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Waives what is left of a member's part. Admins only.
    async fn exempt_from_dues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which cycle, and whose part.")] input: ExemptFromDuesInput,
    ) -> Result<Receipt, Fault> {
        let (id, command) = input.command();
        money_receipt(ctx, submit(ctx, id, command, INPUT).await?).await
    }
}
