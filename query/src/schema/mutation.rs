//! What can be done: thin calls of the command bus. An answer waits until this node can read
//! what it tells.

use async_graphql::{Context, ID, Object};
use command::bus::Secret;
use command::{Command, Done, Outcome, Request};
use events::Position;

use super::inputs::{
    CreateChannelInput, JoinChannelInput, LogInInput, SendMessageInput, SignUpInput,
};
use super::payloads::{ChannelPayload, MessagePayload, Receipt, Session};
use super::query::{channel, message};
use super::sight::Look;
use crate::execution::Caller;
use crate::fault::Fault;
use crate::hub::progress::WAIT_MAX;

/// The root of mutations.
#[derive(Debug, Default)]
pub(crate) struct Mutation;

/// What can be done. The same `commandId` with the same input gives the first answer again.
#[Object]
impl Mutation {
    /// Makes an account and starts a session.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: SignUpInput,
    ) -> Result<Session, Fault> {
        let (id, command) = input.command();
        session(ctx, submit(ctx, id, command, Some("input")).await?)
    }

    /// Starts a session. Says the same for an unknown address as for a wrong password.
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: LogInInput,
    ) -> Result<Session, Fault> {
        session(ctx, submit(ctx, None, input.command(), Some("input")).await?)
    }

    /// A refresh token is good for one use; using it twice ends the whole session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's newest refresh token.")] refresh_token: String,
    ) -> Result<Session, Fault> {
        let command = Command::RefreshSession { refresh_token: Secret::new(refresh_token) };
        session(ctx, submit(ctx, None, command, None).await?)
    }

    /// Ends the session that the refresh token belongs to.
    async fn log_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's newest refresh token.")] refresh_token: String,
    ) -> Result<bool, Fault> {
        let command = Command::LogOut { refresh_token: Secret::new(refresh_token) };
        let done = submit(ctx, None, command, None).await?;
        // From here on this node refuses the session; if it takes longer, the answer is no less
        // true.
        ctx.services().progress.reached(done.position, WAIT_MAX).await;
        Ok(true)
    }

    /// Makes a channel whose creator is its admin.
    async fn create_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel.")] input: CreateChannelInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, Some("input")).await?).await
    }

    /// Joins a channel.
    async fn join_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its password.")] input: JoinChannelInput,
    ) -> Result<ChannelPayload, Fault> {
        let (id, command) = input.command();
        channel_payload(ctx, submit(ctx, id, command, Some("input")).await?).await
    }

    /// Leaves a channel; the only member's leaving deletes it.
    async fn leave_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<Receipt, Fault> {
        let command = Command::LeaveChannel { channel: channel_id.0 };
        let done = submit(ctx, command_id, command, None).await?;
        let position = readable(ctx, &done).await?;
        Ok(Receipt { position: position.into() })
    }

    /// Writes into a channel.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SendMessageInput,
    ) -> Result<MessagePayload, Fault> {
        let (id, command) = input.command();
        message_payload(ctx, submit(ctx, id, command, Some("input")).await?).await
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
}

/// Puts a command on the bus. `input` names the argument that its fields came in, if they came
/// in one.
async fn submit(
    ctx: &Context<'_>,
    id: Option<ID>,
    command: Command,
    input: Option<&'static str>,
) -> Result<Done, Fault> {
    let caller: &Caller = ctx.data_unchecked();
    let request = Request {
        id: id.map(|id| id.0),
        viewer: caller.viewer,
        command,
        trace_parent: caller.trace_parent.clone(),
        client: caller.address,
    };
    let answer = ctx.services().bus.submit(request).await;
    answer.map_err(|rejection| Fault::Rejected(rejection, input))
}

fn position(ctx: &Context<'_>, done: &Done) -> Position {
    Position::after(ctx.services().log.id(), done.position)
}

/// Waits until what the command did can be read here.
async fn readable(ctx: &Context<'_>, done: &Done) -> Result<Position, Fault> {
    let position = position(ctx, done);
    if ctx.services().progress.reached(done.position, WAIT_MAX).await {
        return Ok(position);
    }
    Err(Fault::NotYet { position, committed: true })
}

fn unexpected() -> Fault {
    Fault::Internal("a command ended with an outcome of another kind".into())
}

fn session(ctx: &Context<'_>, done: Done) -> Result<Session, Fault> {
    let position = position(ctx, &done);
    let Outcome::Session(grant) = done.outcome else { return Err(unexpected()) };
    let viewer = command::Viewer { user: grant.user, session: grant.session };
    let issued = ctx.services().tokens.issue(viewer);
    let issued = issued.map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(Session { grant, issued, position })
}

async fn channel_payload(ctx: &Context<'_>, done: Done) -> Result<ChannelPayload, Fault> {
    let Outcome::Channel(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done).await?.into();
    // A repeat may come after the channel is gone.
    let found = channel(ctx, id).await?.ok_or(Fault::NotFound("The channel is gone."));
    Ok(ChannelPayload { channel: found?, position })
}

async fn message_payload(ctx: &Context<'_>, done: Done) -> Result<MessagePayload, Fault> {
    let Outcome::Message(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done).await?.into();
    // A repeat may come after the viewer has left.
    let gone = Fault::NotFound("The message can't be seen any more.");
    Ok(MessagePayload { message: message(ctx, id).await?.ok_or(gone)?, position })
}
