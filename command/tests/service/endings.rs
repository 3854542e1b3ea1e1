//! Scheduled payments: who may ask for what, and what has come to an end meanwhile.

use command::Code;
use command::bus::{Frequency, RecurrenceInput, WalletRole};
use command::domain::wallet::Command as Asked;
use command::{Command, Viewer};
use events::{PaymentId, WalletId};

use crate::engagements::{cancel, pause, payment_of, resume, schedule, skip, when};
use crate::purse::{Purse, close, join_wallet, leave_wallet, open_in, wallet_of, withdraw};
use crate::scene::{PASSWORD, Scene, join, leave, new_id, secret};
use crate::timing::at;

fn daily() -> RecurrenceInput {
    when(Frequency::Daily, "2027-02-01T09:00:00", None)
}

fn set_role(wallet: WalletId, user: Viewer, role: WalletRole) -> Command {
    Command::SetWalletRole { wallet: wallet.to_string(), user: user.user.to_string(), role }
}

/// A wallet of two admins, one of whom has scheduled a payment to somebody outside.
async fn scheduled() -> (Scene, Purse, Purse, Purse, PaymentId) {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let payee = scene.purse("sora", 0).await;
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 1).await;
    scene.co_admin(purse, jun).await;
    let jun = Purse { owner: jun, id: purse.id };
    let purse = scene.fill(purse, 100).await;
    let payment = scene.schedule(jun, payee.id, 10, daily()).await;
    (scene, purse, jun, payee, payment)
}

async fn runs(scene: &Scene, payment: PaymentId, code: &str) {
    scene.work_until(at("2027-02-01T06:00:00Z")).await;
    let failed = format!("failed 1 {code}");
    assert_eq!(scene.story(payment), ["scheduled", "started 1.1", &failed]);
}

#[tokio::test]
async fn a_payment_whose_creator_has_lost_the_role_fails_when_it_runs() {
    let (scene, minji, jun, _, payment) = scheduled().await;
    scene.run(minji.owner, set_role(minji.id, jun.owner, WalletRole::Member)).await.unwrap();
    runs(&scene, payment, "FORBIDDEN").await;
    let (scene, _, jun, _, payment) = scheduled().await;
    scene.run(jun.owner, leave_wallet(jun.id)).await.unwrap();
    runs(&scene, payment, "FORBIDDEN").await;
}

#[tokio::test]
async fn a_payment_whose_creator_is_gone_fails_and_can_be_ended_by_the_others() {
    let (scene, minji, jun, _, payment) = scheduled().await;
    scene.follow();
    let delete = Command::DeleteAccount { password: secret(PASSWORD) };
    scene.run(jun.owner, delete).await.unwrap();
    runs(&scene, payment, "FORBIDDEN").await;
    scene.run(minji.owner, cancel(payment)).await.unwrap();
    assert_eq!(scene.story(payment).last().unwrap(), "cancelled");
}

#[tokio::test]
async fn a_payment_from_or_to_a_wallet_that_is_closed_fails_when_it_runs_and_can_be_ended() {
    let (scene, _, _, payee, payment) = scheduled().await;
    scene.run(payee.owner, close(payee.id)).await.unwrap();
    runs(&scene, payment, "WALLET_CLOSED").await;
    let (scene, minji, _, _, payment) = scheduled().await;
    let token = scene.token(minji.owner, minji.id).await;
    scene.run(minji.owner, withdraw(minji.id, 100, &new_id(), &token)).await.unwrap();
    scene.run(minji.owner, close(minji.id)).await.unwrap();
    runs(&scene, payment, "WALLET_CLOSED").await;
    for command in [pause(payment), resume(payment), skip(payment)] {
        assert_eq!(scene.code(minji.owner, command).await, Code::WalletClosed);
    }
    scene.run(minji.owner, cancel(payment)).await.unwrap();
}

#[tokio::test]
async fn what_is_frozen_or_limited_by_then_fails_with_that() {
    let (scene, minji, _, _, payment) = scheduled().await;
    scene.operate(minji.id, Asked::Freeze { reason: "신고".to_owned() }).await;
    runs(&scene, payment, "WALLET_FROZEN").await;
    let (scene, minji, _, _, payment) = scheduled().await;
    let limits = Command::SetWalletLimits {
        wallet: minji.id.to_string(),
        per_transfer: "9".to_owned(),
        per_day: "9".to_owned(),
        spend_token: secret(&scene.token(minji.owner, minji.id).await),
    };
    scene.run(minji.owner, limits).await.unwrap();
    runs(&scene, payment, "LIMIT_EXCEEDED").await;
}

#[tokio::test]
async fn a_payments_wallets_admins_manage_it_and_others_are_told_no_more_than_they_know() {
    let (scene, minji, _, payee, payment) = scheduled().await;
    let (member, guest) = (scene.user("member").await, scene.user("guest").await);
    let stranger = scene.user("stranger").await;
    let command = Command::CreateChannel {
        name: "방".to_owned(),
        description: None,
        visibility: command::bus::Visibility::Public,
        password: None,
    };
    scene.run(stranger, command).await.unwrap();
    let channel = channel_of_wallet(&scene, minji);
    for user in [member, guest] {
        scene.run(user, join(channel, None)).await.unwrap();
    }
    scene.run(member, join_wallet(minji.id)).await.unwrap();
    let all: [fn(PaymentId) -> Command; 4] = [pause, resume, skip, cancel];
    for command in all {
        for (user, code) in [
            (stranger, Code::NotFound),
            (guest, Code::Forbidden),
            (member, Code::Forbidden),
            (payee.owner, Code::Forbidden),
        ] {
            assert_eq!(scene.code(user, command(payment)).await, code);
        }
        let unknown = PaymentId::generate();
        assert_eq!(scene.code(minji.owner, command(unknown)).await, Code::NotFound);
    }
    let ask = |token: &str| schedule(minji.id, payee.id, 1, daily(), token);
    for (user, code) in [
        (stranger, Code::NotFound),
        (guest, Code::Forbidden),
        (member, Code::Forbidden),
        (minji.owner, Code::SpendTokenInvalid),
    ] {
        assert_eq!(scene.code(user, ask("x")).await, code);
    }
    // Whoever scheduled it, all of them may.
    for command in [pause(payment), resume(payment), skip(payment), cancel(payment)] {
        scene.run(minji.owner, command).await.unwrap();
    }
    scene.run(guest, leave(channel)).await.unwrap();
    assert_eq!(scene.code(guest, pause(payment)).await, Code::NotFound);
}

fn channel_of_wallet(scene: &Scene, purse: Purse) -> events::ChannelId {
    let told = scene.told::<events::WalletEvent>(&events::StreamName::wallet(purse.id));
    let channel = told.into_iter().find_map(|(_, event)| match event {
        events::WalletEvent::WalletOpened(opened) => opened.channel,
        _ => None,
    });
    channel.unwrap()
}

#[tokio::test]
async fn what_cannot_be_scheduled_is_refused_by_its_code() {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.purse("minji", 0).await, scene.purse("jun", 0).await);
    let dollars = wallet_of(&scene.run(jun.owner, open_in("USD")).await.unwrap());
    let closed = scene.purse("sora", 0).await;
    scene.run(closed.owner, close(closed.id)).await.unwrap();
    let token = scene.token(minji.owner, minji.id).await;
    let to = |to, amount, recurrence| schedule(minji.id, to, amount, recurrence, &token);
    let once = |count, end_at: Option<&str>| RecurrenceInput {
        end_at: end_at.map(str::to_owned),
        ..when(Frequency::Once, "2027-02-01T09:00:00", count)
    };
    let from = |start_at| when(Frequency::Daily, start_at, None);
    let in_zone = |zone: &str| RecurrenceInput { time_zone: Some(zone.to_owned()), ..daily() };
    let cases = [
        (to(jun.id, 0, daily()), Code::AmountNotPositive),
        (to(minji.id, 1, daily()), Code::SameWallet),
        (to(WalletId::generate(), 1, daily()), Code::NotFound),
        (to(dollars, 1, daily()), Code::CurrencyMismatch),
        (to(closed.id, 1, daily()), Code::WalletClosed),
        (to(jun.id, 1, from("2027-01-31T09:00:30")), Code::ScheduleInPast),
        (to(jun.id, 1, from("2027-01-31 09:00:30")), Code::InvalidInput),
        (to(jun.id, 1, in_zone("Mars/Olympus")), Code::ScheduleInvalid),
        (to(jun.id, 1, once(Some(2), None)), Code::ScheduleInvalid),
        (to(jun.id, 1, once(None, Some("2027-02-02T09:00:00"))), Code::ScheduleInvalid),
    ];
    for (command, code) in cases {
        let refused = scene.run(minji.owner, command).await.unwrap_err();
        assert_eq!(refused.code, code, "{refused}");
    }
    let bad = scene.run(minji.owner, to(jun.id, 1, from("soon"))).await.unwrap_err();
    assert_eq!(bad.field.as_deref(), Some("recurrence.startAt"));
    assert_eq!(scene.count("PaymentScheduled"), 0);
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_even_when_its_start_is_past() {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.purse("minji", 0).await, scene.purse("jun", 0).await);
    let id = new_id();
    let ask = async |amount| {
        let token = scene.token(minji.owner, minji.id).await;
        let command = schedule(minji.id, jun.id, amount, daily(), &token);
        scene.again(minji.owner, &id, command).await
    };
    let first = ask(1).await.unwrap();
    assert_eq!(payment_of(&first).to_string(), id);
    scene.pass(std::time::Duration::from_hours(72));
    assert_eq!(ask(1).await.unwrap(), first);
    assert_eq!(ask(2).await.unwrap_err().code, Code::IdempotencyConflict);
    let token = scene.token(jun.owner, jun.id).await;
    let theirs = when(Frequency::Daily, "2027-05-01T09:00:00", None);
    let theirs = schedule(jun.id, minji.id, 1, theirs, &token);
    assert_eq!(scene.again(jun.owner, &id, theirs).await.unwrap_err().code, Code::IdTaken);
}
