//! What can be done: thin calls of the command bus. An answer waits until this node can read
//! what it tells.

mod channels;
mod messages;
mod people;
mod sessions;

use async_graphql::{Context, ID, MergedObject};
use command::{Command, Done, Outcome, Request};
use events::Position;

use self::channels::ChannelMutations;
use self::messages::MessageMutations;
use self::people::PeopleMutations;
use self::sessions::SessionMutations;
use super::payloads::{ChannelPayload, MessagePayload, Receipt, UserPayload};
use super::query::{channel, message};
use super::sight::Look;
use super::user::User;
use crate::execution::Caller;
use crate::fault::Fault;
use crate::hub::progress::WAIT_MAX;

/// What can be done. The same `commandId` with the same input gives the first answer again.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(SessionMutations, PeopleMutations, ChannelMutations, MessageMutations);

/// The argument that most mutations take.
const INPUT: Option<&str> = Some("input");

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

async fn receipt(ctx: &Context<'_>, done: Done) -> Result<Receipt, Fault> {
    Ok(Receipt { position: readable(ctx, &done).await?.into() })
}

async fn user_payload(ctx: &Context<'_>, done: Done) -> Result<UserPayload, Fault> {
    let Outcome::User(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done).await?.into();
    Ok(UserPayload { user: User::named(ctx, id).await?, position })
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
