//! What mutations take that move money.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::Secret;

use crate::schema::scalars::Amount;

/// Money that comes from outside.
#[derive(InputObject)]
pub(crate) struct DepositInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet it is for.
    wallet_id: ID,
    /// How much, above zero.
    amount: Amount,
    /// The payment's own number, 1–100 characters: the same one again is the same deposit.
    reference: String,
}

impl DepositInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, wallet_id, amount, reference } = self;
        (command_id, Command::Deposit { wallet: wallet_id.0, amount: amount.0, reference })
    }
}

/// Money that goes outside.
#[derive(InputObject)]
pub(crate) struct WithdrawInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet it is taken from.
    wallet_id: ID,
    /// How much, above zero.
    amount: Amount,
    /// The payment's own number, 1–100 characters: the same one again is the same withdrawal.
    reference: String,
    /// As `authorizeSpending` gave it.
    spend_token: String,
}

impl WithdrawInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::Withdraw {
            wallet: self.wallet_id.0,
            amount: self.amount.0,
            reference: self.reference,
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}

/// Money that goes from one wallet to another.
#[derive(InputObject)]
pub(crate) struct TransferInput {
    /// Names the command and the transfer: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Who pays; one of whose admins the viewer is.
    from_wallet_id: ID,
    /// Who is paid, in the same currency.
    to_wallet_id: ID,
    /// How much, above zero.
    amount: Amount,
    /// What it is for, up to 200 characters; both sides see it.
    memo: Option<String>,
    /// As `authorizeSpending` gave it.
    spend_token: String,
}

impl TransferInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::Transfer {
            from: self.from_wallet_id.0,
            to: self.to_wallet_id.0,
            amount: self.amount.0,
            memo: self.memo,
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}

/// A transfer that shall be paid back.
#[derive(InputObject)]
pub(crate) struct RefundTransferInput {
    /// Names the command and the refund: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Which transfer; the viewer may spend from the wallet that it paid.
    transfer_id: ID,
    /// How much of it, above zero; all that is left when nothing is said.
    amount: Option<Amount>,
    /// As `authorizeSpending` gave it, for the wallet that was paid.
    spend_token: String,
}

impl RefundTransferInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::RefundTransfer {
            transfer: self.transfer_id.0,
            amount: self.amount.map(|amount| amount.0),
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}
