//! Every code of money, provoked over HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::process::Command;

use super::PIN;
use super::people::{People, id_of, purse, spend_token};
use crate::moim;
use crate::server::{Reply, User};

/// How an occurrence ends hours or days after it was due: the command's own tests let them pass.
const ELSEWHERE: [&str; 2] = ["TRANSFER_DECLINED", "TRANSFER_EXPIRED"];
/// Wrong PINs that are listened to.
const TRIES_MAX: u64 = 5;

struct Seen<'a> {
    it: &'a People,
    codes: BTreeSet<String>,
}

impl Seen<'_> {
    /// Runs a command that is refused with that code and status; gives the problem.
    async fn refused(&mut self, by: &User, what: &str, data: Value, code: (&str, u16)) -> Value {
        let reply = self.it.server.run(by, what, data).await;
        self.note(&reply, code);
        reply.body
    }

    fn note(&mut self, reply: &Reply, (code, status): (&str, u16)) {
        assert_eq!((reply.problem().0, reply.status.as_u16()), (code, status), "{reply:?}");
        self.codes.insert(code.to_owned());
    }

    async fn done(&self, by: &User, what: &str, data: Value) -> Value {
        self.it.server.run(by, what, data).await.result().clone()
    }
}

async fn amounts_and_wallets(seen: &mut Seen<'_>) {
    let it = seen.it;
    let token = spend_token(&it.server, &it.admin, &it.purse).await;
    let pay = |to: &str, amount: &str, token: &str| {
        json!({
            "fromWalletId": it.purse, "toWalletId": to, "amount": amount, "spendToken": token,
        })
    };
    for (amount, code) in [
        ("0", "AMOUNT_NOT_POSITIVE"),
        ("-1", "AMOUNT_NOT_POSITIVE"),
        ("9223372036854775808", "AMOUNT_TOO_LARGE"),
        ("1e3", "AMOUNT_MALFORMED"),
    ] {
        let told =
            seen.refused(&it.admin, "transfer", pay(&it.wallet, amount, &token), (code, 422));
        assert_eq!(told.await["field"], "amount");
    }
    let own = pay(&it.purse, "1", &token);
    seen.refused(&it.admin, "transfer", own, ("SAME_WALLET", 422)).await;
    let much = pay(&it.wallet, "500001", &token);
    let told = seen.refused(&it.admin, "transfer", much, ("INSUFFICIENT_FUNDS", 409)).await;
    assert_eq!(told["available"], "500000");
    let forged = pay(&it.wallet, "1", "forged");
    seen.refused(&it.admin, "transfer", forged, ("SPEND_TOKEN_INVALID", 403)).await;
    let again = json!({ "pin": PIN });
    seen.refused(&it.admin, "openWallet", again, ("WALLET_EXISTS", 409)).await;
    let short = json!({ "pin": "123", "currency": "EUR" });
    seen.refused(&it.admin, "openWallet", short, ("PIN_MALFORMED", 422)).await;
    let dollars = json!({ "pin": PIN, "currency": "USD" });
    let dollars = id_of(&it.server, &it.admin, ("openWallet", "walletId"), dollars).await;
    let foreign = pay(&dollars, "1", &token);
    seen.refused(&it.admin, "transfer", foreign, ("CURRENCY_MISMATCH", 422)).await;
    let full = json!({ "walletId": it.wallet });
    let told = seen.refused(&it.admin, "closeWallet", full, ("WALLET_NOT_EMPTY", 409)).await;
    assert_eq!(told["walletId"], it.wallet.as_str());
    seen.done(&it.admin, "closeWallet", json!({ "walletId": dollars })).await;
    let closed = json!({ "walletId": dollars, "amount": "1", "reference": "late" });
    seen.refused(&it.admin, "deposit", closed, ("WALLET_CLOSED", 409)).await;
    let limits = json!({
        "walletId": it.purse, "perTransfer": "100", "perDay": "1000000", "spendToken": token,
    });
    seen.done(&it.admin, "setWalletLimits", limits).await;
    let over = pay(&it.wallet, "101", &token);
    let told = seen.refused(&it.admin, "transfer", over, ("LIMIT_EXCEEDED", 409)).await;
    assert_eq!(told["limit"], "100");
}

async fn pins(seen: &mut Seen<'_>) {
    let it = seen.it;
    let wrong = json!({ "walletId": it.members_purse, "pin": "000000" });
    for left in (0..TRIES_MAX).rev() {
        let code = ("WRONG_PIN", 403);
        let told = seen.refused(&it.member, "authorizeSpending", wrong.clone(), code).await;
        assert_eq!(told["triesLeft"], left);
    }
    let right = json!({ "walletId": it.members_purse, "pin": PIN });
    let told = seen.refused(&it.member, "authorizeSpending", right, ("PIN_LOCKED", 423)).await;
    assert!(told["until"].is_string(), "{told}");
}

async fn approvals_and_refunds(seen: &mut Seen<'_>) {
    let it = seen.it;
    let token = spend_token(&it.server, &it.admin, &it.wallet).await;
    let refund = |transfer: &str, amount: &str| {
        // Two of them are told.
        json!({ "transferId": transfer, "amount": amount, "spendToken": token })
    };
    let code = ("REFUND_TOO_LARGE", 409);
    let told = seen.refused(&it.admin, "refundTransfer", refund(&it.paid, "500001"), code).await;
    assert_eq!(told["refundable"], "500000");
    let back = seen.done(&it.admin, "refundTransfer", refund(&it.paid, "10")).await;
    let back = back["transferId"].as_str().unwrap().to_owned();
    let own = spend_token(&it.server, &it.admin, &it.purse).await;
    let again = json!({ "transferId": back, "amount": "1", "spendToken": own });
    seen.refused(&it.admin, "refundTransfer", again, ("TRANSFER_NOT_REFUNDABLE", 409)).await;
    let never = json!({ "transferId": back });
    seen.refused(&it.admin, "approveTransfer", never, ("APPROVAL_NOT_NEEDED", 409)).await;
    let two = json!({ "walletId": it.wallet, "approvalsRequired": 2 });
    seen.done(&it.admin, "setApprovalsRequired", two).await;
    let order = json!({
        "fromWalletId": it.wallet, "toWalletId": it.purse, "amount": "10", "spendToken": token,
    });
    let asked =
        json!({ "transferId": seen.done(&it.admin, "transfer", order).await["transferId"] });
    let code = ("ALREADY_APPROVED", 409);
    seen.refused(&it.admin, "approveTransfer", asked.clone(), code).await;
    seen.done(&it.other_admin, "approveTransfer", asked.clone()).await;
    seen.refused(&it.other_admin, "approveTransfer", asked, ("TRANSFER_SETTLED", 409)).await;
}

async fn schedules(seen: &mut Seen<'_>) {
    let it = seen.it;
    let token = spend_token(&it.server, &it.admin, &it.wallet).await;
    let schedule = |recurrence: Value| {
        json!({
            "fromWalletId": it.wallet, "toWalletId": it.purse, "amount": "10",
            "spendToken": token, "recurrence": recurrence,
        })
    };
    let past = schedule(json!({ "frequency": "DAILY", "startAt": "2020-01-01T09:00:00" }));
    let told = seen.refused(&it.admin, "schedulePayment", past, ("SCHEDULE_IN_PAST", 422)).await;
    assert_eq!(told["field"], "recurrence.startAt");
    let start = "2040-01-31T09:00:00";
    let twice = schedule(json!({ "frequency": "ONCE", "startAt": start, "count": 2 }));
    seen.refused(&it.admin, "schedulePayment", twice, ("SCHEDULE_INVALID", 422)).await;
    let once = schedule(json!({ "frequency": "ONCE", "startAt": start }));
    let made = ("schedulePayment", "scheduledPaymentId");
    let payment = json!({ "id": id_of(&it.server, &it.admin, made, once).await });
    let code = ("SCHEDULE_NOT_ACTIVE", 409);
    seen.refused(&it.admin, "resumeScheduledPayment", payment, code).await;
}

async fn dues(seen: &mut Seen<'_>) {
    let it = seen.it;
    let (_, cycle) = it.plan("MONTHLY").await;
    let own = spend_token(&it.server, &it.admin, &it.purse).await;
    let pay = |amount: &str| {
        json!({
            "cycleId": cycle, "fromWalletId": it.purse, "amount": amount, "spendToken": own,
        })
    };
    let told = seen.refused(&it.admin, "payDues", pay("1001"), ("DUES_OVERPAID", 409)).await;
    assert_eq!(told["outstanding"], "1000");
    for _ in 0..10 {
        // The wallet's own limit is 100 by now.
        seen.done(&it.admin, "payDues", pay("100")).await;
    }
    seen.refused(&it.admin, "payDues", pay("1"), ("DUES_ALREADY_PAID", 409)).await;
    let others = purse(&it.server, &it.other_admin, "5000").await;
    let token = spend_token(&it.server, &it.other_admin, &others).await;
    let part = json!({
        "cycleId": cycle, "fromWalletId": others, "amount": "1", "spendToken": token,
    });
    let exempt = json!({ "cycleId": cycle, "userId": it.other_admin.id });
    seen.done(&it.admin, "exemptFromDues", exempt).await;
    seen.refused(&it.other_admin, "payDues", part, ("DUES_EXEMPT", 409)).await;
}

async fn closed_dues(seen: &mut Seen<'_>) {
    let it = seen.it;
    let late = it.server.sign_up("late").await;
    let wallet = purse(&it.server, &late, "5000").await;
    seen.done(&late, "joinChannel", json!({ "channelId": it.channel })).await;
    seen.done(&late, "joinWallet", json!({ "walletId": it.wallet })).await;
    let (_, cycle) = it.plan("ONCE").await;
    seen.done(&it.admin, "closeDuesCycle", json!({ "cycleId": cycle })).await;
    let token = spend_token(&it.server, &late, &wallet).await;
    let part = json!({
        "cycleId": cycle, "fromWalletId": wallet, "amount": "1", "spendToken": token,
    });
    seen.refused(&late, "payDues", part, ("DUES_CLOSED", 409)).await;
}

async fn frozen(seen: &mut Seen<'_>) {
    let it = seen.it;
    let token = spend_token(&it.server, &it.admin, &it.purse).await;
    let mut program = Command::from(moim::command(it.server.database.url()));
    program.args(["wallet", "freeze", &it.purse, "--reason", "a court order"]);
    assert!(program.output().await.unwrap().status.success());
    let out = json!({
        "walletId": it.purse, "amount": "1", "reference": "out", "spendToken": token,
    });
    let told = seen.refused(&it.admin, "withdraw", out, ("WALLET_FROZEN", 409)).await;
    assert_eq!(told["walletId"], it.purse.as_str());
}

#[tokio::test]
async fn every_code_of_money_is_given_where_it_belongs() {
    let it = People::new().await;
    let mut seen = Seen { it: &it, codes: BTreeSet::new() };
    amounts_and_wallets(&mut seen).await;
    approvals_and_refunds(&mut seen).await;
    schedules(&mut seen).await;
    dues(&mut seen).await;
    closed_dues(&mut seen).await;
    pins(&mut seen).await;
    frozen(&mut seen).await;
    seen.codes.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(seen.codes, crate::codes::MONEY.map(str::to_owned).into());
}
