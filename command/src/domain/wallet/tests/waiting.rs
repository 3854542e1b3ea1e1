//! Transfers that wait for approvals.

use events::wallet::TransferRequested;

use super::*;

fn approve(by: UserId, transfer: TransferId) -> Command {
    Command::Approve { asker: asker(by), transfer }
}

fn decline(by: UserId, transfer: TransferId) -> Command {
    Command::Decline { asker: asker(by), transfer }
}

#[test]
fn where_several_approve_a_transfer_waits_and_holds_its_amount() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let events = accepted(given.when(&pay(&given, minji, 30)));
    let [WalletEvent::TransferRequested(requested)] = &events[..] else { panic!("{events:?}") };
    let TransferRequested { approvals_required, expires_at, day, payee_revision, .. } = requested;
    assert_eq!((*approvals_required, *day, *payee_revision), (2, Some(today()), 3));
    assert_eq!(*expires_at, given.now.plus(HOLD_TTL));
    let (given, _) = with_waiting(given, minji, 30);
    assert_eq!(balances(&given), (100, 70));
    let refused = refusal(given.when(&pay(&given, minji, 71)));
    assert_eq!(refused.details, Some(Details::Funds { available: amount(70) }));
    let (given, _) = with_waiting(given, jun, 70);
    assert_eq!(balances(&given), (100, 0));
    let leave = Command::Close { asker: asker(minji), debits: None };
    assert_eq!(code(&given, &leave), Code::WalletNotEmpty);
}

#[test]
fn the_last_approval_pays_it_in_the_same_append() {
    let [minji, jun, sora] = users();
    let given = with(admins(&[minji, jun, sora], 3), 100);
    let (given, id) = with_waiting(given, minji, 30);
    assert_eq!(kinds(&accepted(given.when(&approve(jun, id)))), ["TransferApproved"]);
    let given = given.after(&approve(jun, id));
    assert_eq!(code(&given, &approve(jun, id)), Code::AlreadyApproved);
    assert_eq!(code(&given, &approve(minji, id)), Code::AlreadyApproved, "asking is approving");
    let events = accepted(given.when(&approve(sora, id)));
    assert_eq!(kinds(&events), ["TransferApproved", "TransferDebited"]);
    let WalletEvent::TransferDebited(debited) = &events[1] else { panic!("{events:?}") };
    assert_eq!((debited.day, debited.payee_revision), (None, 3));
    assert_eq!(debited.balance_after, amount(70));
    let given = given.after(&approve(sora, id));
    assert_eq!(balances(&given), (70, 70));
    for late in [approve(sora, id), decline(minji, id)] {
        assert_eq!(code(&given, &late), Code::TransferSettled);
    }
}

#[test]
fn the_number_that_held_at_the_request_holds_for_it() {
    let [minji, jun, sora] = users();
    let given = with(admins(&[minji, jun, sora], 2), 100);
    let (given, id) = with_waiting(given, minji, 30);
    let approvals = Approvals::parse(3).unwrap();
    let given = given.after(&Command::SetApprovals { asker: asker(minji), approvals });
    let events = accepted(given.when(&approve(jun, id)));
    assert_eq!(kinds(&events), ["TransferApproved", "TransferDebited"]);
}

#[test]
fn an_approval_is_not_checked_against_limits_again() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, id) = with_waiting(given, minji, 30);
    let limits = Limits::parse("1", "1").unwrap();
    let warrant = token(&given, minji);
    let given = given.after(&Command::SetLimits { asker: asker(minji), limits, warrant });
    let events = accepted(given.when(&approve(jun, id)));
    assert_eq!(kinds(&events), ["TransferApproved", "TransferDebited"]);
}

#[test]
fn who_is_no_admin_any_more_does_not_count() {
    let [minji, jun, sora] = users();
    let given = with(admins(&[minji, jun, sora], 2), 100);
    let (given, id) = with_waiting(given, minji, 30);
    let given = given.after(&set_role(jun, minji, WalletRole::Member));
    assert_eq!(code(&given, &approve(minji, id)), Code::Forbidden);
    assert_eq!(kinds(&accepted(given.when(&approve(jun, id)))), ["TransferApproved"]);
    let given = given.after(&approve(jun, id));
    let events = accepted(given.when(&approve(sora, id)));
    assert_eq!(kinds(&events), ["TransferApproved", "TransferDebited"]);
}

#[test]
fn any_admin_declines_and_the_money_is_free_again() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, id) = with_waiting(given, minji, 30);
    let given = given.after(&decline(minji, id));
    assert_eq!(balances(&given), (100, 100));
    for late in [approve(jun, id), decline(jun, id)] {
        assert_eq!(code(&given, &late), Code::TransferSettled);
    }
}

#[test]
fn what_waits_lapses_after_seventy_two_hours() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, id) = with_waiting(given, minji, 30);
    let expire = Command::Expire { transfer: id };
    let given = given.later(71 * HOUR);
    assert_eq!(accepted(given.when(&expire)), [], "too early");
    accepted(given.when(&approve(jun, id)));
    let given = given.later(HOUR);
    assert_eq!(code(&given, &approve(jun, id)), Code::TransferSettled, "though nobody woke it");
    let given = given.after(&expire);
    assert_eq!(balances(&given), (100, 100));
    assert_eq!(accepted(given.when(&expire)), [], "a repeat changes nothing");
}

#[test]
fn a_request_repeated_under_its_id_changes_nothing_whatever_became_of_it() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let first = transfer(&given, minji, 30);
    let given = given.after(&Command::Transfer(first.clone()));
    let again = Command::Transfer(first.clone());
    assert_eq!(accepted(given.when(&again)), []);
    let given = given.after(&decline(jun, first.transfer));
    assert_eq!(accepted(given.when(&again)), []);
}

#[test]
fn what_never_waited_is_not_approved_and_what_is_unknown_not_found() {
    let [minji] = users();
    let given = with(personal(minji), 100);
    let first = transfer(&given, minji, 30);
    let given = given.after(&Command::Transfer(first.clone()));
    assert_eq!(code(&given, &approve(minji, first.transfer)), Code::ApprovalNotNeeded);
    assert_eq!(code(&given, &decline(minji, first.transfer)), Code::ApprovalNotNeeded);
    assert_eq!(code(&given, &approve(minji, fresh::<TransferId>())), Code::NotFound);
}

#[test]
fn the_other_side_may_not_approve_and_strangers_are_not_told() {
    let [minji, jun, sora] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (given, transfer) = with_waiting(given, minji, 30);
    let stranger = approve(sora, transfer);
    assert_eq!(code(&given, &stranger), Code::NotFound);
    let other_side = Command::Approve { asker: Asker::acquainted(sora), transfer };
    assert_eq!(code(&given, &other_side), Code::Forbidden);
}

#[test]
fn a_bounded_number_waits() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 2), 100);
    let (mut given, id) = with_waiting(given, minji, 1);
    let hold = given.state.hold(id).unwrap().clone();
    while given.state.holds.len() < HOLDS_LEN_MAX {
        given.state.holds.insert(fresh::<TransferId>(), hold.clone());
    }
    assert_eq!(code(&given, &pay(&given, minji, 1)), Code::Forbidden);
}
