//! What is said in channels, and how it is taken.

use async_graphql::{Context, ID, Object};
use command::Command;
use events::ChannelId;

use super::{INPUT, message_payload, receipt, submit};
use crate::fault::Fault;
use crate::schema::inputs::messages::{
    EditMessageInput, MarkReadInput, ReactionInput, SendMessageInput,
};
use crate::schema::payloads::{MessagePayload, Receipt};
use crate::schema::sight::{Look, standing};
use crate::tables::members::Standing;

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

    /// Says that the viewer is writing in a channel. Not stored; told to those who subscribe to
    /// `typing`, at most once a second.
    async fn set_typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
    ) -> Result<bool, Fault> {
        let viewer = ctx.viewer()?;
        let unknown = || Fault::NotFound("There is no such channel.");
        let channel = channel_id.parse::<ChannelId>().map_err(|_| unknown())?;
        match standing(ctx, channel).await? {
            Some(Standing::Member(..)) => ctx.services().typing.say(channel, viewer),
            Some(Standing::Stranger) => {
                return Err(Fault::Forbidden("Only members may write in a channel."));
            }
            Some(Standing::Gone | Standing::Dissolved) | None => return Err(unknown()),
        }
        Ok(true)
    }
}
