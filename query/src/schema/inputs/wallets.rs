//! What mutations of wallets take.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::Secret;

use crate::schema::scalars::Amount;
use crate::schema::wallet::WalletRole;

/// A personal wallet to be opened.
#[derive(InputObject)]
pub(crate) struct OpenWalletInput {
    /// Names the command and the wallet: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Six digits, for spending.
    pin: String,
    /// What it is called, 1–100 characters; named by the server when left out.
    name: Option<String>,
    /// ISO 4217 code; one has one open wallet in a currency.
    #[graphql(default_with = "Some(\"KRW\".to_owned())")]
    currency: Option<String>,
}

impl OpenWalletInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, pin, name, currency } = self;
        (command_id, Command::OpenWallet { pin: Secret::new(pin), name, currency })
    }
}

/// A wallet of a channel's to be opened.
#[derive(InputObject)]
pub(crate) struct OpenGroupWalletInput {
    /// Names the command and the wallet: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Whose; one of whose admins the viewer is.
    channel_id: ID,
    /// What it is called, 1–100 characters.
    name: String,
    /// What it is for, up to 1,000 characters.
    description: Option<String>,
    /// Six digits, for spending; the viewer's own, as every admin has one.
    pin: String,
    /// ISO 4217 code.
    #[graphql(default_with = "Some(\"KRW\".to_owned())")]
    currency: Option<String>,
    /// Admins who must approve a spending, the requester included; 1–20.
    #[graphql(default_with = "Some(1)")]
    approvals_required: Option<i32>,
}

impl OpenGroupWalletInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::OpenGroupWallet {
            channel: self.channel_id.0,
            name: self.name,
            description: self.description,
            pin: Secret::new(self.pin),
            currency: self.currency,
            approvals_required: self.approvals_required.map(i64::from),
        };
        (self.command_id, command)
    }
}

/// Somebody who shall not be in a wallet any more.
#[derive(InputObject)]
#[expect(clippy::struct_field_names, reason = "clients name them so")]
pub(crate) struct WalletMemberInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet.
    wallet_id: ID,
    /// Who.
    user_id: ID,
}

impl WalletMemberInput {
    pub(crate) fn removed(self) -> (Option<ID>, Command) {
        let (wallet, user) = (self.wallet_id.0, self.user_id.0);
        (self.command_id, Command::RemoveWalletMember { wallet, user })
    }
}

/// What a member of a wallet shall be allowed to do.
#[derive(InputObject)]
pub(crate) struct SetWalletRoleInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet.
    wallet_id: ID,
    /// Which member.
    user_id: ID,
    /// The new role. Who becomes an admin sets a PIN with `changePin`.
    role: WalletRole,
}

impl SetWalletRoleInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let (wallet, user, role) = (self.wallet_id.0, self.user_id.0, self.role.into());
        (self.command_id, Command::SetWalletRole { wallet, user, role })
    }
}

/// How many admins shall have to approve a spending.
#[derive(InputObject)]
pub(crate) struct SetApprovalsRequiredInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet.
    wallet_id: ID,
    /// 1–20, the requester included.
    approvals_required: i32,
}

impl SetApprovalsRequiredInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let (wallet, required) = (self.wallet_id.0, i64::from(self.approvals_required));
        let command = Command::SetApprovalsRequired { wallet, approvals_required: required };
        (self.command_id, command)
    }
}

/// What may be spent from a wallet.
#[derive(InputObject)]
pub(crate) struct SetWalletLimitsInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet.
    wallet_id: ID,
    /// The most that one transfer may take; at most `perDay`.
    per_transfer: Amount,
    /// The most that all of a day may take.
    per_day: Amount,
    /// As `authorizeSpending` gave it.
    spend_token: String,
}

impl SetWalletLimitsInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::SetWalletLimits {
            wallet: self.wallet_id.0,
            per_transfer: self.per_transfer.0,
            per_day: self.per_day.0,
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}

/// The viewer's PIN of a wallet. `currentPin` is left out only by an admin who has no PIN for
/// this wallet yet.
#[derive(InputObject)]
pub(crate) struct ChangePinInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which wallet.
    wallet_id: ID,
    /// The PIN that holds now; wrong ones count.
    current_pin: Option<String>,
    /// Six digits.
    new_pin: String,
}

impl ChangePinInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let current = self.current_pin.map(Secret::new);
        let new = Secret::new(self.new_pin);
        (self.command_id, Command::ChangePin { wallet: self.wallet_id.0, current, new })
    }
}
