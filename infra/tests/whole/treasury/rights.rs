//! The matrix of money.

use super::people::id_of;
use super::*;
use crate::server::command;

/// Only admins of the wallet; others as far as they know of it.
const ADMINS: [&str; 6] = [WHO, WHO, NONE, NO, NO, OK];

async fn wallets(it: &mut People) {
    let (wallet, channel) = (it.wallet.clone(), it.channel.clone());
    it.all_try("openWallet", json!({ "pin": PIN, "currency": "USD" }), [WHO, WHO, OK, OK, OK, OK])
        .await;
    let group = json!({ "channelId": channel, "name": "또", "pin": PIN });
    it.all_try("openGroupWallet", group, [WHO, WHO, NO, NO, NO, OK]).await;
    let role = json!({ "walletId": wallet, "userId": it.member.id, "role": "MEMBER" });
    it.all_try("setWalletRole", role, ADMINS).await;
    let approvals = json!({ "walletId": wallet, "approvalsRequired": 1 });
    it.all_try("setApprovalsRequired", approvals, ADMINS).await;
    let pin = json!({ "walletId": wallet, "pin": PIN });
    it.all_try("authorizeSpending", pin, ADMINS).await;
    let pins = json!({ "walletId": wallet, "currentPin": PIN, "newPin": PIN });
    it.all_try("changePin", pins, ADMINS).await;
    let deposit = json!({ "walletId": wallet, "amount": "500000", "reference": "bank-1" });
    it.all_try("deposit", deposit, [WHO, WHO, NONE, NO, OK, OK]).await;
}

async fn spending(it: &mut People) {
    let (wallet, purse) = (it.wallet.clone(), it.purse.clone());
    let token = spend_token(&it.server, &it.admin, &wallet).await;
    let limits = json!({
        "walletId": wallet, "perTransfer": "100000", "perDay": "1000000", "spendToken": token,
    });
    it.all_try("setWalletLimits", limits, ADMINS).await;
    let out = json!({
        "walletId": wallet, "amount": "10", "reference": "out", "spendToken": token,
    });
    it.all_try("withdraw", out, ADMINS).await;
    let order = json!({
        "fromWalletId": wallet, "toWalletId": purse, "amount": "10", "spendToken": token,
    });
    it.all_try("transfer", order.clone(), ADMINS).await;
    let refund = json!({ "transferId": it.paid, "amount": "10", "spendToken": token });
    it.all_try("refundTransfer", refund, ADMINS).await;
}

async fn schedules(it: &mut People) {
    let token = spend_token(&it.server, &it.admin, &it.wallet).await;
    let schedule = json!({
        "fromWalletId": it.wallet, "toWalletId": it.purse, "amount": "10", "spendToken": token,
        "recurrence": { "frequency": "MONTHLY", "startAt": "2040-01-31T09:00:00" },
    });
    it.all_try("schedulePayment", schedule.clone(), ADMINS).await;
    let made = ("schedulePayment", "scheduledPaymentId");
    let payment = id_of(&it.server, &it.admin, made, schedule).await;
    for mutation in [
        "pauseScheduledPayment",
        "resumeScheduledPayment",
        "skipNextOccurrence",
        "cancelScheduledPayment",
    ] {
        it.all_try(mutation, json!({ "id": payment }), ADMINS).await;
    }
}

async fn dues(it: &mut People) {
    let plan = json!({
        "walletId": it.wallet, "name": "월 회비", "amount": "1000",
        "recurrence": { "frequency": "MONTHLY", "startAt": "2040-01-31T09:00:00" },
    });
    it.all_try("createDuesPlan", plan, ADMINS).await;
    let (plan, cycle) = it.plan("MONTHLY").await;
    let exempt = json!({ "cycleId": cycle, "userId": it.other_admin.id });
    it.all_try("exemptFromDues", exempt, ADMINS).await;
    let token = spend_token(&it.server, &it.member, &it.members_purse).await;
    let pay = json!({
        "cycleId": cycle, "fromWalletId": it.members_purse, "amount": "10", "spendToken": token,
    });
    // Everybody pays from their own wallet: this one is the member's.
    it.all_try("payDues", pay, [WHO, WHO, NONE, NO, OK, NO]).await;
    it.all_try("closeDuesCycle", json!({ "cycleId": cycle }), ADMINS).await;
    it.all_try("endDuesPlan", json!({ "id": plan }), ADMINS).await;
}

async fn approvals(it: &mut People) {
    let two = json!({ "walletId": it.wallet, "approvalsRequired": 2 });
    it.server.run(&it.admin, "setApprovalsRequired", two).await.result();
    let token = spend_token(&it.server, &it.admin, &it.wallet).await;
    let order = json!({
        "fromWalletId": it.wallet, "toWalletId": it.purse, "amount": "10", "spendToken": token,
    });
    let other = it.other_admin.clone();
    for mutation in ["approveTransfer", "declineTransfer"] {
        let asked = ("transfer", "transferId");
        let transfer = id_of(&it.server, &it.admin, asked, order.clone()).await;
        it.try_with(&other, mutation, json!({ "transferId": transfer }), ADMINS).await;
    }
}

async fn members(it: &mut People) {
    let (wallet, channel) = (it.wallet.clone(), it.channel.clone());
    let guest = it.server.sign_up("guest").await;
    it.server.run(&guest, "joinChannel", json!({ "channelId": channel })).await.result();
    it.server.run(&guest, "joinWallet", json!({ "walletId": wallet })).await.result();
    let guest = json!({ "walletId": wallet, "userId": guest.id });
    it.all_try("removeWalletMember", guest, ADMINS).await;
    let other = it.other_admin.clone();
    let gone = [WHO, WHO, NONE, NO, OK, OK];
    it.try_with(&other, "leaveWallet", json!({ "walletId": wallet }), gone).await;
    // The member has just left it.
    let joined = [WHO, WHO, NONE, OK, OK, IN];
    it.all_try("joinWallet", json!({ "walletId": wallet }), joined).await;
    let group = json!({ "channelId": channel, "name": "빈 것", "pin": PIN });
    let opened = ("openGroupWallet", "walletId");
    let empty = id_of(&it.server, &it.admin, opened, group).await;
    let join = command("joinWallet", &json!({ "walletId": empty }));
    it.server.put(Some(&it.member.token), &join).await.result();
    it.all_try("closeWallet", json!({ "walletId": empty }), ADMINS).await;
}

#[tokio::test]
async fn everybody_may_do_with_money_what_the_table_says() {
    let mut it = People::new().await;
    wallets(&mut it).await;
    spending(&mut it).await;
    schedules(&mut it).await;
    dues(&mut it).await;
    approvals(&mut it).await;
    members(&mut it).await;
    assert!(it.strayed.is_empty(), "{:#?}", it.strayed);
}

/// Every mutation of money stands in the table above.
#[test]
fn every_mutation_of_money_has_its_row() {
    let table = include_str!("rights.rs");
    for mutation in crate::matrix::OF_MONEY {
        assert!(table.contains(&format!("\"{mutation}\"")), "{mutation} has no row");
    }
}
