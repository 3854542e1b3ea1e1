//! Somebody with wallets, who does things by mutations.

use command::bus::Viewer;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::Node;

pub(crate) const PIN: &str = "271828";

/// A mutation of one input that answers with a wallet.
pub(crate) fn of_wallet(name: &str, input: &str) -> String {
    format!(
        "mutation ($input: {input}!) {{ {name}(input: $input) {{ position wallet {{
            id kind name status currency viewerRole balance available approvalsRequired
            limits {{ perTransfer perDay remainingToday }}
            members {{ nodes {{ role user {{ username }} }} }} }} }} }}"
    )
}

/// The same of an id.
pub(crate) fn of_wallet_id(name: &str) -> String {
    format!(
        "mutation ($id: ID!) {{ {name}(walletId: $id) {{ position wallet {{
            id status viewerRole balance members {{ nodes {{ user {{ username }} }} }} }} }} }}"
    )
}

const TRANSFER: &str = "position transfer { id status amount memo origin approvalsRequired
    requestedBy { username } approvedBy { username } refundedAmount refundOf { id }
    from { id } to { id } }";

pub(crate) fn of_transfer(name: &str, input: &str) -> String {
    format!("mutation ($input: {input}!) {{ {name}(input: $input) {{ {TRANSFER} }} }}")
}

pub(crate) fn of_transfer_id(name: &str) -> String {
    format!("mutation ($id: ID!) {{ {name}(transferId: $id) {{ {TRANSFER} }} }}")
}

/// Somebody at a node.
#[derive(Clone, Copy)]
pub(crate) struct Person<'n> {
    pub(crate) node: &'n Node<'n>,
    pub(crate) viewer: Viewer,
}

impl Person<'_> {
    pub(crate) async fn run(&self, text: &str, variables: Value) -> Value {
        self.node.run(Some(self.viewer), text, variables).await
    }

    /// What a mutation answers that must not fail.
    pub(crate) async fn done(&self, text: &str, variables: Value) -> Value {
        let mut data = self.node.data(self.viewer, text, variables).await;
        data.as_object_mut().unwrap().values_mut().next().unwrap().take()
    }

    pub(crate) async fn wallet(&self, name: &str, input: &str, variables: Value) -> Value {
        let text = of_wallet(name, input);
        self.done(&text, json!({ "input": variables })).await["wallet"].take()
    }

    pub(crate) async fn open(&self) -> String {
        let opened = self.wallet("openWallet", "OpenWalletInput", json!({ "pin": PIN })).await;
        opened["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn open_group(&self, channel: &str, approvals: i32) -> String {
        let input = json!({ "channelId": channel, "name": "회비", "pin": PIN,
            "approvalsRequired": approvals });
        let opened = self.wallet("openGroupWallet", "OpenGroupWalletInput", input).await;
        opened["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn pay_in(&self, wallet: &str, won: i64) {
        let reference = Uuid::now_v7().to_string();
        let input = json!({ "walletId": wallet, "amount": won, "reference": reference });
        self.wallet("deposit", "DepositInput", input).await;
    }

    /// A token to spend with.
    pub(crate) async fn authorize(&self, wallet: &str) -> String {
        let text = "mutation ($id: ID!, $pin: String!) {
            authorizeSpending(walletId: $id, pin: $pin) { spendToken expiresAt } }";
        let granted = self.done(text, json!({ "id": wallet, "pin": PIN })).await;
        assert!(granted["expiresAt"].is_string());
        granted["spendToken"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn change_pin(&self, wallet: &str, current: Option<&str>, new: &str) -> Value {
        let text = "mutation ($input: ChangePinInput!) { changePin(input: $input) { position } }";
        let input = json!({ "walletId": wallet, "currentPin": current, "newPin": new });
        self.run(text, json!({ "input": input })).await
    }

    /// A transfer's input.
    pub(crate) async fn paying(&self, from: &str, to: &str, amount: Value) -> Value {
        let token = self.authorize(from).await;
        json!({ "commandId": Uuid::now_v7(), "fromWalletId": from, "toWalletId": to,
            "amount": amount, "memo": "3월", "spendToken": token })
    }

    pub(crate) async fn pay(&self, from: &str, to: &str, won: i64) -> Value {
        let input = self.paying(from, to, json!(won)).await;
        let text = of_transfer("transfer", "TransferInput");
        self.done(&text, json!({ "input": input })).await["transfer"].take()
    }

    pub(crate) async fn balance(&self, wallet: &str) -> Value {
        let text = "query ($id: ID!) { wallet(id: $id) { balance } }";
        self.node.data(self.viewer, text, json!({ "id": wallet })).await["wallet"]["balance"].take()
    }
}

pub(crate) async fn person<'n>(node: &'n Node<'n>, name: &str) -> Person<'n> {
    Person { node, viewer: node.world.sign_up(name).await }
}
