//! What can be done: thin calls of the command bus. An answer waits until this node can read
//! what it tells.

mod channels;
mod dues;
mod messages;
mod money;
mod payments;
mod people;
mod sessions;
mod wallets;

use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject};
use command::{Command, Done, Outcome, Request};
use events::Position;

use self::channels::ChannelMutations;
use self::dues::DuesMutations;
use self::messages::MessageMutations;
use self::money::MoneyMutations;
use self::payments::PaymentMutations;
use self::people::PeopleMutations;
use self::sessions::SessionMutations;
use self::wallets::WalletMutations;
use super::payloads::{
    ChannelPayload, DuesPlanPayload, MessagePayload, Receipt, ScheduledPaymentPayload,
    TransferPayload, UserPayload, WalletPayload,
};
use super::query::{channel, dues_plan, message, scheduled_payment, transfer, wallet};
use super::sight::Look;
use super::user::User;
use crate::execution::Caller;
use crate::fault::Fault;
use crate::hub::progress::{Progress, WAIT_MAX};
use crate::reads::Reads;

/// What can be done. The same `commandId` with the same input gives the first answer again.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    SessionMutations,
    PeopleMutations,
    ChannelMutations,
    MessageMutations,
    WalletMutations,
    MoneyMutations,
    PaymentMutations,
    DuesMutations,
);

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

/// What a command's answer is made of, beside what else is selected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    People,
    Money,
}

/// Waits until what the command did can be read here, in all that is selected of it.
async fn readable(ctx: &Context<'_>, done: &Done, of: Of) -> Result<Position, Fault> {
    let (services, selected) = (ctx.services(), *ctx.data_unchecked::<Reads>());
    let position = position(ctx, done);
    let reached = |progress: &Arc<Progress>, is_read: bool| {
        let progress = progress.clone();
        async move { !is_read || progress.reached(position.at, WAIT_MAX).await }
    };
    let people = reached(&services.progress, of == Of::People || selected.people);
    let money = reached(&services.money, of == Of::Money || selected.money);
    match futures::future::join(people, money).await {
        (true, true) => Ok(position),
        _ => Err(Fault::NotYet { position, committed: true }),
    }
}

fn unexpected() -> Fault {
    Fault::Internal("a command ended with an outcome of another kind".into())
}

async fn receipt(ctx: &Context<'_>, done: Done) -> Result<Receipt, Fault> {
    Ok(Receipt { position: readable(ctx, &done, Of::People).await?.into() })
}

async fn money_receipt(ctx: &Context<'_>, done: Done) -> Result<Receipt, Fault> {
    Ok(Receipt { position: readable(ctx, &done, Of::Money).await?.into() })
}

async fn user_payload(ctx: &Context<'_>, done: Done) -> Result<UserPayload, Fault> {
    let Outcome::User(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::People).await?.into();
    Ok(UserPayload { user: User::named(ctx, id).await?, position })
}

async fn channel_payload(ctx: &Context<'_>, done: Done) -> Result<ChannelPayload, Fault> {
    let Outcome::Channel(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::People).await?.into();
    // A repeat may come after the channel is gone.
    let found = channel(ctx, id).await?.ok_or(Fault::NotFound("The channel is gone."));
    Ok(ChannelPayload { channel: found?, position })
}

async fn message_payload(ctx: &Context<'_>, done: Done) -> Result<MessagePayload, Fault> {
    let Outcome::Message(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::People).await?.into();
    // A repeat may come after the viewer has left.
    let gone = Fault::NotFound("The message can't be seen any more.");
    Ok(MessagePayload { message: message(ctx, id).await?.ok_or(gone)?, position })
}

async fn wallet_payload(ctx: &Context<'_>, done: Done) -> Result<WalletPayload, Fault> {
    let Outcome::Wallet(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::Money).await?.into();
    // A repeat may come after the viewer has left the wallet's channel.
    let gone = Fault::NotFound("The wallet can't be seen any more.");
    Ok(WalletPayload { wallet: wallet(ctx, id).await?.ok_or(gone)?, position })
}

async fn transfer_payload(ctx: &Context<'_>, done: Done) -> Result<TransferPayload, Fault> {
    let Outcome::Transfer(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::Money).await?.into();
    // A repeat may come after the viewer has left the wallet.
    let gone = Fault::NotFound("The transfer can't be seen any more.");
    Ok(TransferPayload { transfer: transfer(ctx, id).await?.ok_or(gone)?, position })
}

async fn payment_payload(ctx: &Context<'_>, done: Done) -> Result<ScheduledPaymentPayload, Fault> {
    let Outcome::ScheduledPayment(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::Money).await?.into();
    // A repeat may come after the viewer has left the wallet.
    let gone = Fault::NotFound("The scheduled payment can't be seen any more.");
    let scheduled_payment = scheduled_payment(ctx, id).await?.ok_or(gone)?;
    Ok(ScheduledPaymentPayload { scheduled_payment, position })
}

async fn plan_payload(ctx: &Context<'_>, done: Done) -> Result<DuesPlanPayload, Fault> {
    let Outcome::DuesPlan(id) = done.outcome else { return Err(unexpected()) };
    let position = readable(ctx, &done, Of::Money).await?.into();
    // A repeat may come after the viewer has left the wallet.
    let gone = Fault::NotFound("The plan can't be seen any more.");
    Ok(DuesPlanPayload { dues_plan: dues_plan(ctx, id).await?.ok_or(gone)?, position })
}
