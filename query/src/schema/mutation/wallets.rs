//! Wallets, who is in them, and how they may be spent from.

use async_graphql::{Context, ID, Object};
use command::Command;

use super::{INPUT, money_receipt, submit, wallet_payload};
use crate::fault::Fault;
use crate::schema::inputs::wallets::{
    ChangePinInput, OpenGroupWalletInput, OpenWalletInput, SetApprovalsRequiredInput,
    SetWalletLimitsInput, SetWalletRoleInput, WalletMemberInput,
};
use crate::schema::payloads::{Receipt, WalletPayload};

/// Mutations of wallets.
#[derive(Debug, Default)]
pub(crate) struct WalletMutations;

#[Object]
impl WalletMutations {
    /// Opens the viewer's own wallet in a currency.
    async fn open_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wallet.")] input: OpenWalletInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Opens a wallet of a channel's, whose first member and admin the viewer is. Admins of the
    /// channel only.
    async fn open_group_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wallet.")] input: OpenGroupWalletInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Joins a wallet of a channel that the viewer is in.
    async fn join_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<WalletPayload, Fault> {
        let command = Command::JoinWallet { wallet: wallet_id.0 };
        wallet_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Leaves a wallet.
    async fn leave_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<WalletPayload, Fault> {
        let command = Command::LeaveWallet { wallet: wallet_id.0 };
        wallet_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Puts somebody out of a wallet. Admins only.
    async fn remove_wallet_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and from where.")] input: WalletMemberInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.removed();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Changes what a member may do. Admins only.
    async fn set_wallet_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and the new role.")] input: SetWalletRoleInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// An admin raises it alone; it falls once as many admins as it asks for now have called this
    /// with the same number within 72 hours.
    async fn set_approvals_required(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet, and how many.")] input: SetApprovalsRequiredInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Changes what may be spent. Admins only; raising where more than one approval is asked is
    /// FORBIDDEN.
    async fn set_wallet_limits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet, and how much.")] input: SetWalletLimitsInput,
    ) -> Result<WalletPayload, Fault> {
        let (id, command) = input.command();
        wallet_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Closes a wallet. The balance must be zero.
    async fn close_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<WalletPayload, Fault> {
        let command = Command::CloseWallet { wallet: wallet_id.0 };
        wallet_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Changes the viewer's PIN of a wallet, or sets the first; spend tokens for the one before are
    /// void.
    async fn change_pin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet's, old and new.")] input: ChangePinInput,
    ) -> Result<Receipt, Fault> {
        let (id, command) = input.command();
        money_receipt(ctx, submit(ctx, id, command, INPUT).await?).await
    }
}
