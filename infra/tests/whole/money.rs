//! Money over plain HTTP: what providers pay in, what is spent, and what an operator stops.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::process::Command;

use crate::moim;
use crate::server::{Reply, Server, User, command};

const KEY: [u8; 32] = [9; 32];
const PIN: &str = "314159";

fn variables() -> Vec<(&'static str, String)> {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(KEY);
    vec![("MOIM_DEPOSIT_KEY", key)]
}

async fn start() -> Server {
    let variables = variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::start_with(&variables).await
}

async fn wallet(server: &Server, user: &User) -> String {
    let opened = server.run(user, "openWallet", json!({ "pin": PIN })).await;
    opened.result()["walletId"].as_str().unwrap().to_owned()
}

async fn spend_token(server: &Server, user: &User, wallet: &str) -> String {
    let data = json!({ "walletId": wallet, "pin": PIN });
    let authorized = server.run(user, "authorizeSpending", data).await;
    authorized.result()["spendToken"].as_str().unwrap().to_owned()
}

fn signature(at: u64, body: &str, key: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let mut text = format!("t={at},v1=");
    for byte in mac.finalize().into_bytes() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn notify(server: &Server, body: &Value, at: u64, key: &[u8]) -> Reply {
    let body = body.to_string();
    let request = server.http().post(server.url("/v1/deposits"));
    let request = request.header("moim-signature", signature(at, &body, key));
    let request = request.header("content-type", "application/json").body(body);
    Reply::of(request.send().await.unwrap()).await
}

async fn pay_in(server: &Server, wallet: &str, amount: &str, reference: &str) -> Reply {
    let body = json!({ "walletId": wallet, "amount": amount, "reference": reference });
    notify(server, &body, now_s(), &KEY).await
}

#[tokio::test]
async fn what_a_provider_tells_is_paid_in_once_and_only_if_it_is_signed_now() {
    let server = start().await;
    let minji = server.sign_up("민지").await;
    let purse = wallet(&server, &minji).await;
    let first = pay_in(&server, &purse, "15000", "bank-1").await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let again = pay_in(&server, &purse, "15000", "bank-1").await;
    assert_eq!(again.body["position"], first.body["position"], "the same deposit");
    let other = pay_in(&server, &purse, "20000", "bank-1").await;
    assert_eq!(other.problem(), ("IDEMPOTENCY_CONFLICT", Some("reference")));

    let body = json!({ "walletId": purse, "amount": "1", "reference": "bank-2" });
    let forged = notify(&server, &body, now_s(), &[8; 32]).await;
    assert_eq!(forged.problem(), ("UNAUTHENTICATED", None));
    let stale = notify(&server, &body, now_s() - 301, &KEY).await;
    assert_eq!(stale.problem(), ("UNAUTHENTICATED", None));

    let own = json!({ "walletId": purse, "amount": "1", "reference": "mine" });
    let own = server.run(&minji, "deposit", own).await;
    assert_eq!(own.problem(), ("FORBIDDEN", None), "deposits are the provider's to tell");
}

#[tokio::test]
async fn a_transfer_moves_money_once_however_often_it_is_sent() {
    let server = start().await;
    let (minji, alex) = (server.sign_up("민지").await, server.sign_up("Alex").await);
    let (from, to) = (wallet(&server, &minji).await, wallet(&server, &alex).await);
    pay_in(&server, &from, "15000", "bank-1").await;
    let token = spend_token(&server, &minji, &from).await;
    let order = |amount: &str, token: &str| {
        json!({
            "fromWalletId": from, "toWalletId": to, "amount": amount, "memo": "회비",
            "spendToken": token,
        })
    };
    let transfer = command("transfer", &order("9000", &token));
    let first = server.put(Some(&minji.token), &transfer).await;
    assert_eq!(first.result()["transferId"], transfer["id"], "{first:?}");
    let again = server.put(Some(&minji.token), &transfer).await;
    assert_eq!(again.body["position"], first.body["position"]);

    let more = server.run(&minji, "transfer", order("6001", &token)).await;
    assert_eq!(more.problem(), ("INSUFFICIENT_FUNDS", None));
    assert_eq!(more.body["available"], "6000", "{more:?}");
    let foreign = server.run(&alex, "transfer", order("1", &token)).await;
    assert_eq!(foreign.problem().0, "NOT_FOUND", "{foreign:?}");
    let forged = server.run(&minji, "transfer", order("1", "forged")).await;
    assert_eq!(forged.problem().0, "SPEND_TOKEN_INVALID", "{forged:?}");
    for (amount, code) in [
        ("0", "AMOUNT_NOT_POSITIVE"),
        ("-5", "AMOUNT_NOT_POSITIVE"),
        ("1.5", "AMOUNT_MALFORMED"),
        ("01", "AMOUNT_MALFORMED"),
        ("9223372036854775808", "AMOUNT_TOO_LARGE"),
    ] {
        let refused = server.run(&minji, "transfer", order(amount, &token)).await;
        assert_eq!(refused.problem(), (code, Some("amount")), "{amount}: {refused:?}");
    }
}

#[tokio::test]
async fn an_operator_stops_spending_and_lets_it_go_on() {
    let server = start().await;
    let (minji, alex) = (server.sign_up("민지").await, server.sign_up("Alex").await);
    let (from, to) = (wallet(&server, &minji).await, wallet(&server, &alex).await);
    pay_in(&server, &from, "500", "bank-1").await;
    let token = spend_token(&server, &minji, &from).await;
    let order = json!({
        "fromWalletId": from, "toWalletId": to, "amount": "100", "spendToken": token,
    });
    let operate = async |what: &str| {
        let program = moim::command(server.database.url());
        let mut program = Command::from(program);
        program.args(["wallet", what, &from, "--reason", "a court order"]);
        let output = program.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    operate("freeze").await;
    let refused = server.run(&minji, "transfer", order.clone()).await;
    assert_eq!(refused.problem().0, "WALLET_FROZEN", "{refused:?}");
    assert_eq!(refused.body["walletId"], from.as_str());
    assert_eq!(pay_in(&server, &from, "1", "bank-2").await.status, StatusCode::OK);
    operate("unfreeze").await;
    let done = server.run(&minji, "transfer", order).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
}
