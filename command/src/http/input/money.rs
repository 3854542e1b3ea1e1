//! Wallets and transfers.

use std::borrow::Cow;

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Input, Kind, secret};
use crate::bus::{self, Command};

inputs! {
    "Opens one's own wallet in a currency; its id is the command's." "openWallet" OpenWallet {
        /// Six digits, asked for before money is spent.
        #[schemars(length(min = 6, max = 6))]
        pin: String,
        /// What it is called, 1–100 characters.
        name: Option<String>,
        /// ISO 4217. `KRW` when left out.
        currency: Option<String>,
    } => Command::OpenWallet { pin: secret(pin), name, currency };

    "Opens a wallet of a channel's; its id is the command's." "openGroupWallet" OpenGroupWallet {
        /// Which channel.
        channel_id: String,
        /// What it is called, 1–100 characters.
        #[schemars(length(min = 1))]
        name: String,
        /// What it is for, up to 1,000 characters.
        #[schemars(length(max = 1_000))]
        description: Option<String>,
        /// One's own PIN of it: six digits.
        #[schemars(length(min = 6, max = 6))]
        pin: String,
        /// ISO 4217. `KRW` when left out.
        currency: Option<String>,
        /// Admins who must approve a spending, the requester included: 1–20. 1 when left out.
        approvals_required: Option<i32>,
    } => Command::OpenGroupWallet {
        channel: channel_id,
        name,
        description,
        pin: secret(pin),
        currency,
        approvals_required: approvals_required.map(i64::from),
    };

    "Joins a wallet of a channel that one is in." "joinWallet" JoinWallet {
        /// Which wallet.
        wallet_id: String,
    } => Command::JoinWallet { wallet: wallet_id };

    "Leaves a wallet." "leaveWallet" LeaveWallet {
        /// Which wallet.
        wallet_id: String,
    } => Command::LeaveWallet { wallet: wallet_id };

    "Puts somebody out of a wallet." "removeWalletMember" RemoveWalletMember {
        /// Which wallet.
        wallet_id: String,
        /// Whom.
        user_id: String,
    } => Command::RemoveWalletMember { wallet: wallet_id, user: user_id };

    "Changes what a member of a wallet may do." "setWalletRole" SetWalletRole {
        /// Which wallet.
        wallet_id: String,
        /// Whose role.
        user_id: String,
        /// The new one.
        role: WalletRole,
    } => Command::SetWalletRole { wallet: wallet_id, user: user_id, role: role.of() };

    "Asks for more approvals of what is spent, or votes for fewer."
    "setApprovalsRequired" SetApprovalsRequired {
        /// Which wallet.
        wallet_id: String,
        /// Admins who must approve, the requester included: 1–20.
        approvals_required: i32,
    } => Command::SetApprovalsRequired {
        wallet: wallet_id,
        approvals_required: approvals_required.into(),
    };

    "Changes what may be spent from a wallet." "setWalletLimits" SetWalletLimits {
        /// Which wallet.
        wallet_id: String,
        /// The most that one transfer may take.
        per_transfer: RawAmount,
        /// The most that all of a day may take.
        per_day: RawAmount,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::SetWalletLimits {
        wallet: wallet_id,
        per_transfer: per_transfer.0,
        per_day: per_day.0,
        spend_token: secret(spend_token),
    };

    "Closes an empty wallet." "closeWallet" CloseWallet {
        /// Which wallet.
        wallet_id: String,
    } => Command::CloseWallet { wallet: wallet_id };

    "Changes one's own PIN of a wallet, or sets the first." "changePin" ChangePin {
        /// Which wallet.
        wallet_id: String,
        /// The PIN as it is; left out by an admin who has none yet.
        current_pin: Option<String>,
        /// The new one: six digits.
        #[schemars(length(min = 6, max = 6))]
        new_pin: String,
    } => Command::ChangePin {
        wallet: wallet_id,
        current: current_pin.map(secret),
        new: secret(new_pin),
    };

    "Checks one's PIN once and gives a token to spend with, good for five minutes."
    "authorizeSpending" AuthorizeSpending {
        /// Which wallet.
        wallet_id: String,
        /// One's own PIN of it.
        pin: String,
    } => Command::AuthorizeSpending { wallet: wallet_id, pin: secret(pin) };

    "Pays in from outside, where the server lets users do that." "deposit" Deposit {
        /// Into which wallet.
        wallet_id: String,
        /// How much.
        amount: RawAmount,
        /// The payment's own number: the same one again is the same deposit. 1–100 characters.
        #[schemars(length(min = 1))]
        reference: String,
    } => Command::Deposit { wallet: wallet_id, amount: amount.0, reference };

    "Pays out to outside." "withdraw" Withdraw {
        /// From which wallet.
        wallet_id: String,
        /// How much.
        amount: RawAmount,
        /// The payment's own number: the same one again is the same payment. 1–100 characters.
        #[schemars(length(min = 1))]
        reference: String,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::Withdraw {
        wallet: wallet_id,
        amount: amount.0,
        reference,
        spend_token: secret(spend_token),
    };

    "Pays from one wallet to another. The transfer's id is the command's." "transfer" Transfer {
        /// From which wallet.
        from_wallet_id: String,
        /// To which wallet.
        to_wallet_id: String,
        /// How much.
        amount: RawAmount,
        /// What it is for, up to 200 characters.
        memo: Option<String>,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::Transfer {
        from: from_wallet_id,
        to: to_wallet_id,
        amount: amount.0,
        memo,
        spend_token: secret(spend_token),
    };

    "Approves a transfer that waits." "approveTransfer" ApproveTransfer {
        /// Which transfer.
        transfer_id: String,
    } => Command::ApproveTransfer { transfer: transfer_id };

    "Declines a transfer that waits." "declineTransfer" DeclineTransfer {
        /// Which transfer.
        transfer_id: String,
    } => Command::DeclineTransfer { transfer: transfer_id };

    "Pays a transfer back by another, whose id is the command's." "refundTransfer" RefundTransfer {
        /// Which transfer.
        transfer_id: String,
        /// How much of it; all that is left when left out.
        amount: Option<RawAmount>,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::RefundTransfer {
        transfer: transfer_id,
        amount: amount.map(|amount| amount.0),
        spend_token: secret(spend_token),
    };
}

/// An amount as it was sent, in whatever form: what is none has a code of its own.
pub(in crate::http) struct RawAmount(pub(in crate::http) String);

impl<'de> Deserialize<'de> for RawAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sent = Box::<RawValue>::deserialize(deserializer)?;
        let text = serde_json::from_str(sent.get());
        // A number's own text; and whatever is no amount at all stays what it is.
        Ok(Self(text.unwrap_or_else(|_| sent.get().to_owned())))
    }
}

impl JsonSchema for RawAmount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": "^-?(0|[1-9][0-9]*)$",
            "description": "Minor units of the wallet's currency, as a decimal integer in a \
                string, or as a JSON integer.",
        })
    }
}

/// What a member of a wallet may do.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum WalletRole {
    /// Spends, approves, and manages members.
    Admin,
    /// Looks and pays in.
    Member,
}

impl WalletRole {
    fn of(self) -> bus::WalletRole {
        match self {
            Self::Admin => bus::WalletRole::Admin,
            Self::Member => bus::WalletRole::Member,
        }
    }
}
