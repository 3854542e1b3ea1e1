//! Wallets as tests need them.

use command::{Code, Command, Done, Outcome, Rejection, Viewer};
use events::wallet::WalletRole;
use events::{ChannelId, TransferId, WalletId};

use crate::scene::{Scene, new_id, secret};

pub(crate) const PIN: &str = "123456";

/// A wallet with somebody who may spend from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purse {
    pub(crate) owner: Viewer,
    pub(crate) id: WalletId,
}

impl Scene {
    /// Somebody with an own wallet.
    pub(crate) async fn purse(&self, name: &str, amount: i64) -> Purse {
        let owner = self.user(name).await;
        let id = wallet_of(&self.run(owner, open()).await.unwrap());
        self.fill(Purse { owner, id }, amount).await
    }

    pub(crate) async fn fill(&self, purse: Purse, amount: i64) -> Purse {
        if amount > 0 {
            self.run(purse.owner, deposit(purse.id, amount, &new_id())).await.unwrap();
        }
        purse
    }

    /// A channel's wallet, of its creator.
    pub(crate) async fn group_purse(&self, owner: Viewer, channel: ChannelId, n: i64) -> Purse {
        let id = wallet_of(&self.run(owner, open_group(channel, n)).await.unwrap());
        Purse { owner, id }
    }

    /// Brings somebody into a group wallet, and makes them an admin with a PIN.
    pub(crate) async fn co_admin(&self, purse: Purse, user: Viewer) {
        self.run(user, join_wallet(purse.id)).await.unwrap();
        let (wallet, user_id) = (purse.id.to_string(), user.user.to_string());
        let role = WalletRole::Admin;
        let command = Command::SetWalletRole { wallet, user: user_id, role };
        self.run(purse.owner, command).await.unwrap();
        self.run(user, change_pin(purse.id, None, PIN)).await.unwrap();
    }

    /// A token to spend with.
    pub(crate) async fn token(&self, viewer: Viewer, wallet: WalletId) -> String {
        match self.run(viewer, authorize(wallet, PIN)).await.unwrap().outcome {
            Outcome::SpendAuthorization(grant) => grant.token.to_string(),
            other => panic!("no token: {other:?}"),
        }
    }

    pub(crate) async fn pay(
        &self,
        from: Purse,
        to: WalletId,
        amount: i64,
    ) -> Result<Done, Rejection> {
        let token = self.token(from.owner, from.id).await;
        self.run(from.owner, transfer(from.id, to, amount, &token)).await
    }

    /// What is in a wallet: found by taking it all out, on trial.
    pub(crate) async fn available(&self, purse: Purse) -> i64 {
        let token = self.token(purse.owner, purse.id).await;
        let most = 100_000_000;
        let command = withdraw(purse.id, most, &new_id(), &token);
        let refused = self.run(purse.owner, command).await.unwrap_err();
        assert_eq!(refused.code, Code::InsufficientFunds, "{refused}");
        let told = serde_json::to_value(refused.details.unwrap()).unwrap();
        told["available"].as_str().unwrap().parse().unwrap()
    }
}

pub(crate) fn open() -> Command {
    Command::OpenWallet { pin: secret(PIN), name: None, currency: None }
}

pub(crate) fn open_in(currency: &str) -> Command {
    Command::OpenWallet { pin: secret(PIN), name: None, currency: Some(currency.to_owned()) }
}

pub(crate) fn open_group(channel: ChannelId, approvals: i64) -> Command {
    Command::OpenGroupWallet {
        channel: channel.to_string(),
        name: "회비".to_owned(),
        description: None,
        pin: secret(PIN),
        currency: None,
        approvals_required: Some(approvals),
    }
}

pub(crate) fn join_wallet(wallet: WalletId) -> Command {
    Command::JoinWallet { wallet: wallet.to_string() }
}

pub(crate) fn leave_wallet(wallet: WalletId) -> Command {
    Command::LeaveWallet { wallet: wallet.to_string() }
}

pub(crate) fn close(wallet: WalletId) -> Command {
    Command::CloseWallet { wallet: wallet.to_string() }
}

pub(crate) fn change_pin(wallet: WalletId, current: Option<&str>, new: &str) -> Command {
    let current = current.map(secret);
    Command::ChangePin { wallet: wallet.to_string(), current, new: secret(new) }
}

pub(crate) fn authorize(wallet: WalletId, pin: &str) -> Command {
    Command::AuthorizeSpending { wallet: wallet.to_string(), pin: secret(pin) }
}

pub(crate) fn deposit(wallet: WalletId, amount: i64, reference: &str) -> Command {
    let (wallet, amount) = (wallet.to_string(), amount.to_string());
    Command::Deposit { wallet, amount, reference: reference.to_owned() }
}

pub(crate) fn withdraw(wallet: WalletId, amount: i64, reference: &str, token: &str) -> Command {
    Command::Withdraw {
        wallet: wallet.to_string(),
        amount: amount.to_string(),
        reference: reference.to_owned(),
        spend_token: secret(token),
    }
}

pub(crate) fn transfer(from: WalletId, to: WalletId, amount: i64, token: &str) -> Command {
    Command::Transfer {
        from: from.to_string(),
        to: to.to_string(),
        amount: amount.to_string(),
        memo: None,
        spend_token: secret(token),
    }
}

pub(crate) fn approve(transfer: TransferId) -> Command {
    Command::ApproveTransfer { transfer: transfer.to_string() }
}

pub(crate) fn decline(transfer: TransferId) -> Command {
    Command::DeclineTransfer { transfer: transfer.to_string() }
}

pub(crate) fn refund(transfer: TransferId, amount: Option<i64>, token: &str) -> Command {
    Command::RefundTransfer {
        transfer: transfer.to_string(),
        amount: amount.map(|amount| amount.to_string()),
        spend_token: secret(token),
    }
}

pub(crate) fn wallet_of(done: &Done) -> WalletId {
    match done.outcome {
        Outcome::Wallet(wallet) => wallet,
        ref other => panic!("no wallet: {other:?}"),
    }
}

pub(crate) fn transfer_of(done: &Done) -> TransferId {
    match done.outcome {
        Outcome::Transfer(transfer) => transfer,
        ref other => panic!("no transfer: {other:?}"),
    }
}
