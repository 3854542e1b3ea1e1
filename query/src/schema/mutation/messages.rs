//! What is said in channels, and how it is taken.

use async_graphql::{Context, ID, Object};
use command::Command;

use super::{INPUT, message_payload, receipt, submit};
use crate::fault::Fault;
use crate::schema::inputs::messages::{
    EditMessageInput, MarkReadInput, ReactionInput, SendMessageInput,
};
use crate::schema::payloads::{MessagePayload, Receipt};

/// Mutations of messages.
#[derive(Debug, Default)]
pub(crate) struct MessageMutations;

#[Object]
impl MessageMutations {
    /// Writes into a channel.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendMessageInput,
    ) -> Result<MessagePayload, Fault> {
        let (id, command) = input.command();
        message_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Writes a message of one's own anew.
    async fn edit_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what it shall say.")] input: EditMessageInput,
    ) -> Result<MessagePayload, Fault> {
        let (id, command) = input.command();
        message_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Takes a message's text away: the author's own, or any as an admin.
    async fn delete_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] message_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<MessagePayload, Fault> {
        let command = Command::DeleteMessage { message: message_id.0 };
        message_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Reacts to a message; doing so twice changes nothing.
    async fn add_reaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which, and how.")] input: ReactionInput,
    ) -> Result<MessagePayload, Fault> {
        let (id, command) = input.added();
        message_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Takes a reaction back; one that isn't there is no error.
    async fn remove_reaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From which, and what.")] input: ReactionInput,
    ) -> Result<MessagePayload, Fault> {
        let (id, command) = input.removed();
        message_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Says how far the viewer has read a channel.
    async fn mark_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how far.")] input: MarkReadInput,
    ) -> Result<Receipt, Fault> {
        receipt(ctx, submit(ctx, None, input.command(), INPUT).await?).await
    }
}
