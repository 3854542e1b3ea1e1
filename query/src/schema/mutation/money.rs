//! Money: how it comes, goes, and moves.

use async_graphql::{Context, ID, Object};
use command::bus::Secret;
use command::{Command, Outcome};

use super::{INPUT, submit, transfer_payload, unexpected, wallet_payload};
use crate::fault::Fault;
use crate::schema::inputs::money::{
    DepositInput, RefundTransferInput, TransferInput, WithdrawInput,
};
use crate::schema::payloads::{SpendAuthorization, TransferPayload, WalletPayload};

/// Mutations that move money, and what they need.
#[derive(Debug, Default)]
pub(crate) struct MoneyMutations;

#[Object]
impl MoneyMutations {
    /// Checks the PIN once and gives a short-lived token to spend with.
    async fn authorize_spending(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet; one of whose admins the viewer is.")] wallet_id: ID,
        #[graphql(desc = "The viewer's PIN of this wallet, six digits.")] pin: String,
    ) -> Result<SpendAuthorization, Fault> {
        let pin = Secret::new(pin);
        let command = Command::AuthorizeSpending { wallet: wallet_id.0, pin };
        match submit(ctx, None, command, None).await?.outcome {
            Outcome::SpendAuthorization(grant) => Ok(SpendAuthorization(grant)),
            _ => Err(unexpected()),
        }
    }

    /// Pays in from outside. `reference` is the payment's own number: the same one again is the
    /// same deposit.
    async fn deposit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to, and how much.")] input: DepositInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Pays out to outside. `reference` is the payment's own number: the same one again is the same
    /// withdrawal. FORBIDDEN where more than one approval is asked.
    async fn withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From where, and how much.")] input: WithdrawInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Pays from one wallet to another. From a wallet that asks for more than one approval it waits
    /// for them.
    async fn transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From where, where to, and how much.")] input: TransferInput,
    ) -> Result<TransferPayload, Fault> {
        let (id, command) = input.command();
        transfer_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Approves a transfer that waits; with the last approval it is carried out.
    async fn approve_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transfer.")] transfer_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<TransferPayload, Fault> {
        let command = Command::ApproveTransfer { transfer: transfer_id.0 };
        transfer_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Declines a transfer that waits.
    async fn decline_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transfer.")] transfer_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<TransferPayload, Fault> {
        let command = Command::DeclineTransfer { transfer: transfer_id.0 };
        transfer_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Pays a transfer back by a new one, wholly or in part.
    async fn refund_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how much of it.")] input: RefundTransferInput,
    ) -> Result<TransferPayload, Fault> {
        let (id, command) = input.command();
        transfer_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }
}
