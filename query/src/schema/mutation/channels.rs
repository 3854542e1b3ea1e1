//! Channels and who is in them.

use async_graphql::{Context, ID, Object};
use command::Command;

use super::{INPUT, channel_payload, receipt, submit};
use crate::fault::Fault;
use crate::schema::inputs::channels::{
    ChannelMemberInput, CreateChannelInput, JoinChannelInput, SetChannelRoleInput,
    UpdateChannelInput,
};
use crate::schema::payloads::{ChannelPayload, Receipt};

/// Mutations of channels.
#[derive(Debug, Default)]
pub(crate) struct ChannelMutations;

#[Object]
impl ChannelMutations {
    /// Makes a channel whose creator is its admin.
    async fn create_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel.")] input: CreateChannelInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Changes a channel's name or description. Admins only.
    async fn update_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what changes.")] input: UpdateChannelInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Deletes a channel with all that was said in it. Admins only.
    async fn delete_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<Receipt, Fault> {
        let command = Command::DeleteChannel { channel: channel_id.0 };
        receipt(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Joins a channel.
    async fn join_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its password.")] input: JoinChannelInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Leaves a channel; the only member's leaving deletes it.
    async fn leave_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<Receipt, Fault> {
        let command = Command::LeaveChannel { channel: channel_id.0 };
        receipt(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Takes somebody into a channel. Any member may add.
    async fn add_channel_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where to.")] input: ChannelMemberInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.added();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Puts somebody out of a channel. Admins only.
    async fn remove_channel_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and from where.")] input: ChannelMemberInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.removed();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Changes what a member may do. Admins only.
    async fn set_channel_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and the new role.")] input: SetChannelRoleInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }
}
