//! Users who pay, each transfer until it is acknowledged or refused for good.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::client::{Client, Refusal, User, insist, retry_wait};

const PIN: &str = "314159";
/// Between two transfers of a payer.
const PACE: Duration = Duration::from_millis(30);
/// Tries of one transfer.
const TRIES_MAX: u32 = 240;
const OPEN: &str = "mutation($i: OpenWalletInput!) { openWallet(input: $i) { wallet { id } } }";
const DEPOSIT: &str = "mutation($i: DepositInput!) { deposit(input: $i) { position } }";
const AUTHORIZE: &str = "mutation($w: ID!) {
    authorizeSpending(walletId: $w, pin: \"314159\") { spendToken } }";
const PAY: &str = "mutation($i: TransferInput!) { transfer(input: $i) { transfer { id amount } } }";

/// Somebody with a wallet.
#[derive(Clone)]
pub(crate) struct Payer {
    pub(crate) user: User,
    pub(crate) wallet: String,
}

/// What came of a payer's transfers.
#[derive(Debug, Default)]
pub(crate) struct Paid {
    /// Acknowledged, with their amounts.
    pub(crate) acknowledged: Vec<(String, i64)>,
    /// Refused for want of money.
    pub(crate) refused: usize,
    /// Sent once more because nothing was known of them.
    pub(crate) resent: usize,
}

impl Payer {
    /// Signs up, opens a wallet, and pays in.
    pub(crate) async fn new(client: &Client, amount: i64) -> Self {
        let user = client.sign_up().await;
        let id = Uuid::now_v7().to_string();
        let open = json!({ "i": { "commandId": id, "pin": PIN } });
        insist(|| user.ask(OPEN, open.clone())).await;
        let deposit = json!({
            "i": { "walletId": id, "amount": amount.to_string(), "reference": "first" },
        });
        insist(|| user.ask(DEPOSIT, deposit.clone())).await;
        Self { user, wallet: id }
    }

    async fn token(&self) -> String {
        let wallet = json!({ "w": self.wallet });
        let mut granted = insist(|| self.user.ask(AUTHORIZE, wallet.clone())).await;
        granted["authorizeSpending"]["spendToken"].take().as_str().unwrap().to_owned()
    }

    /// Pays another wallet again and again until `stop`.
    pub(crate) async fn pay(self, to: String, stop: CancellationToken) -> Paid {
        let (mut paid, mut token) = (Paid::default(), self.token().await);
        while !stop.is_cancelled() {
            let (id, amount) = (Uuid::now_v7().to_string(), rand::random_range(1..500));
            let mut tries = 0;
            loop {
                let input = json!({ "i": {
                    "commandId": id, "fromWalletId": self.wallet, "toWalletId": to,
                    "amount": amount.to_string(), "spendToken": token,
                } });
                match self.user.ask(PAY, input).await {
                    Ok(done) => {
                        check(&done, &id, amount);
                        paid.acknowledged.push((id, amount));
                        break;
                    }
                    Err(Refusal::Code(code, _)) if code == "INSUFFICIENT_FUNDS" => {
                        paid.refused += 1;
                        break;
                    }
                    Err(Refusal::Code(code, _)) if code == "SPEND_TOKEN_INVALID" => {
                        token = self.token().await;
                    }
                    Err(refusal) => assert!(refusal.retryable(), "for good: {refusal:?}"),
                }
                paid.resent += 1;
                tries += 1;
                assert!(tries < TRIES_MAX, "no answer in {TRIES_MAX} tries");
                tokio::time::sleep(retry_wait(tries)).await;
            }
            tokio::time::sleep(PACE).await;
        }
        paid
    }
}

fn check(done: &Value, id: &str, amount: i64) {
    let transfer = &done["transfer"]["transfer"];
    let told = (transfer["id"].as_str().unwrap(), transfer["amount"].as_str().unwrap());
    assert_eq!(told, (id, amount.to_string().as_str()), "another transfer was acknowledged");
}
