//! Dues: who may ask for what, and what they are told.

use command::bus::{Frequency, RecurrenceInput};
use command::domain::wallet::Command as Asked;
use command::{Code, Command, Viewer};
use events::dues::cycle_of;
use events::{CycleId, PlanId, UserId, WalletId};

use crate::engagements::{Club, close_cycle, end_plan, exempt, pay_dues, plan, plan_of, when};
use crate::purse::{close, leave_wallet, open_group, open_in, wallet_of};
use crate::scene::{Scene, join, leave, new_id};
use crate::timing::at;

fn monthly() -> RecurrenceInput {
    when(Frequency::Monthly, "2027-02-01T09:00:00", None)
}

async fn planned() -> (Scene, Club, PlanId) {
    let scene = Scene::beginning(at("2027-01-15T00:00:00Z"));
    let club = scene.club(5_000).await;
    let command = plan(club.wallet.id, 1_000, monthly());
    let plan = plan_of(&scene.run(club.wallet.owner, command).await.unwrap());
    (scene, club, plan)
}

#[tokio::test]
async fn a_wallets_admins_manage_its_dues_and_others_are_told_no_more_than_they_know() {
    let (scene, club, id) = planned().await;
    let (guest, stranger) = (scene.user("guest").await, scene.user("stranger").await);
    scene.run(guest, join(club.channel, None)).await.unwrap();
    let cycle = cycle_of(id, 1);
    let asked: [&dyn Fn() -> Command; 4] =
        [&|| plan(club.wallet.id, 1, monthly()), &|| end_plan(id), &|| close_cycle(cycle), &|| {
            exempt(cycle, club.jun.owner.user)
        }];
    for command in asked {
        for (user, code) in [
            (stranger, Code::NotFound),
            (guest, Code::Forbidden),
            (club.jun.owner, Code::Forbidden),
        ] {
            assert_eq!(scene.code(user, command()).await, code);
        }
    }
    let admin = club.wallet.owner;
    let unknown = [
        plan(WalletId::generate(), 1, monthly()),
        end_plan(PlanId::generate()),
        close_cycle(CycleId::generate()),
        close_cycle(cycle_of(id, 2)),
        exempt(cycle, UserId::generate()),
        exempt(cycle, guest.user),
    ];
    for command in unknown {
        assert_eq!(scene.code(admin, command).await, Code::NotFound);
    }
    // Who has left and owes knows of the cycle.
    scene.run(club.jun.owner, leave(club.channel)).await.unwrap();
    assert_eq!(scene.code(club.jun.owner, close_cycle(cycle)).await, Code::Forbidden);
    assert_eq!(scene.code(club.jun.owner, end_plan(id)).await, Code::NotFound);
}

#[tokio::test]
async fn what_cannot_be_collected_is_refused_by_its_code() {
    let (scene, club, id) = planned().await;
    let admin = club.wallet.owner;
    let past = when(Frequency::Monthly, "2027-01-15T09:00:30", None);
    let never = when(Frequency::Monthly, "2027-02-01T09:00:00", Some(0));
    let most = i64::MAX;
    let blank = Command::CreateDuesPlan {
        wallet: club.wallet.id.to_string(),
        name: " ".to_owned(),
        amount: "1".to_owned(),
        recurrence: monthly(),
    };
    let cases = [
        (admin, plan(club.wallet.id, 0, monthly()), Code::AmountNotPositive),
        (admin, plan(club.wallet.id, most, monthly()), Code::AmountTooLarge),
        (admin, plan(club.wallet.id, 1, past), Code::ScheduleInPast),
        (admin, plan(club.wallet.id, 1, never), Code::ScheduleInvalid),
        (admin, blank, Code::InvalidInput),
        (club.jun.owner, plan(club.jun.id, 1, monthly()), Code::Forbidden),
    ];
    for (user, command, code) in cases {
        assert_eq!(scene.code(user, command).await, code);
    }
    let taken = scene.again(admin, &id.to_string(), plan(club.wallet.id, 2, monthly())).await;
    assert_eq!(taken.unwrap_err().code, Code::IdempotencyConflict);
    let again = scene.again(admin, &id.to_string(), plan(club.wallet.id, 1_000, monthly())).await;
    assert_eq!(plan_of(&again.unwrap()), id);
    let other = wallet_of(&scene.run(admin, open_group(club.channel, 1)).await.unwrap());
    scene.run(admin, close(other)).await.unwrap();
    assert_eq!(scene.code(admin, plan(other, 1, monthly())).await, Code::WalletClosed);
}

#[tokio::test]
async fn dues_are_paid_by_who_owes_them_from_the_own_wallet() {
    let (scene, club, id) = planned().await;
    let (guest, stranger) = (scene.purse("guest", 1).await, scene.purse("stranger", 1).await);
    scene.run(guest.owner, join(club.channel, None)).await.unwrap();
    let cycle = cycle_of(id, 1);
    let (jun, admin) = (club.jun.owner, club.wallet.owner);
    let dollars = wallet_of(&scene.run(jun, open_in("USD")).await.unwrap());
    let tokens = [
        scene.token(guest.owner, guest.id).await,
        scene.token(stranger.owner, stranger.id).await,
        scene.token(admin, club.wallet.id).await,
        scene.token(jun, dollars).await,
    ];
    let [guests, strangers, ours, in_dollars] = &tokens;
    let cases: [(Viewer, Command, Code); 10] = [
        (guest.owner, pay_dues(cycle, guest.id, 1, guests), Code::Forbidden),
        (stranger.owner, pay_dues(cycle, stranger.id, 1, strangers), Code::NotFound),
        (jun, pay_dues(CycleId::generate(), club.jun.id, 1, "x"), Code::NotFound),
        (jun, pay_dues(cycle, club.jun.id, 0, "x"), Code::AmountNotPositive),
        (jun, pay_dues(cycle, club.jun.id, 1, "x"), Code::SpendTokenInvalid),
        (jun, pay_dues(cycle, WalletId::generate(), 1, "x"), Code::NotFound),
        (jun, pay_dues(cycle, club.sora.id, 1, "x"), Code::Forbidden),
        (jun, pay_dues(cycle, club.wallet.id, 1, "x"), Code::Forbidden),
        (admin, pay_dues(cycle, club.wallet.id, 1, ours), Code::Forbidden),
        (jun, pay_dues(cycle, dollars, 1, in_dollars), Code::CurrencyMismatch),
    ];
    for (at, (user, command, code)) in cases.into_iter().enumerate() {
        assert_eq!(scene.code(user, command).await, code, "case {at}");
    }
    let token = scene.token(club.sora.owner, club.sora.id).await;
    let theirs = pay_dues(cycle, club.sora.id, 1, &token);
    let mine = new_id();
    let own = scene.token(jun, club.jun.id).await;
    scene.again(jun, &mine, pay_dues(cycle, club.jun.id, 1, &own)).await.unwrap();
    let refused = scene.again(club.sora.owner, &mine, theirs).await.unwrap_err();
    assert_eq!(refused.code, Code::IdTaken);
    scene.operate(club.jun.id, Asked::Freeze { reason: "신고".to_owned() }).await;
    let frozen = pay_dues(cycle, club.jun.id, 1, &own);
    assert_eq!(scene.code(jun, frozen).await, Code::WalletFrozen);
    assert_eq!(scene.count("DuesPaymentReserved"), 1);
    scene.run(club.sora.owner, leave_wallet(club.wallet.id)).await.unwrap();
    scene.pay_dues(cycle, club.sora, 1_000).await.unwrap();
}
