//! Scheduled payments.

use async_graphql::{Context, ID, Object};
use command::Command;

use super::{INPUT, payment_payload, submit};
use crate::fault::Fault;
use crate::schema::inputs::schedules::SchedulePaymentInput;
use crate::schema::payloads::ScheduledPaymentPayload;

/// Mutations of scheduled payments.
#[derive(Debug, Default)]
pub(crate) struct PaymentMutations;

#[Object]
impl PaymentMutations {
    /// Pays from one wallet to another whenever it falls due. From a wallet that asks for more
    /// than one approval each occurrence's transfer waits for them.
    async fn schedule_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From where, where to, how much, and when.")] input: SchedulePaymentInput,
    ) -> Result<ScheduledPaymentPayload, Fault> {
        let (id, command) = input.command();
        payment_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Lets it stand still: what falls due meanwhile is left out. Admins only.
    async fn pause_scheduled_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment.")] id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<ScheduledPaymentPayload, Fault> {
        let command = Command::PauseScheduledPayment { payment: id.0 };
        payment_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Lets it go on. Admins only.
    async fn resume_scheduled_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment.")] id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<ScheduledPaymentPayload, Fault> {
        let command = Command::ResumeScheduledPayment { payment: id.0 };
        payment_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Leaves out what falls due next. Admins only.
    async fn skip_next_occurrence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which payment.")] id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<ScheduledPaymentPayload, Fault> {
        let command = Command::SkipNextOccurrence { payment: id.0 };
        payment_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Ends it: occurrences that have begun go on, no others begin. Admins only.
    async fn cancel_scheduled_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment.")] id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<ScheduledPaymentPayload, Fault> {
        let command = Command::CancelScheduledPayment { payment: id.0 };
        payment_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }
}
