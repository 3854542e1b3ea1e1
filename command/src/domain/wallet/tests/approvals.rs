//! How many admins have to approve.

use super::*;

fn set(by: UserId, approvals: i64) -> Command {
    Command::SetApprovals { asker: asker(by), approvals: Approvals::parse(approvals).unwrap() }
}

fn decided(given: &Given<Wallet>, command: &Command) -> Vec<&'static str> {
    kinds(&accepted(given.when(command)))
}

#[test]
fn an_admin_raises_it_alone_even_beyond_the_admins_there_are() {
    let [minji] = users();
    let given = group(&[minji], 1);
    assert_eq!(decided(&given, &set(minji, 20)), ["ApprovalsRequiredChanged"]);
    assert_eq!(given.after(&set(minji, 20)).state.approvals_required(), 20);
}

#[test]
fn it_falls_once_as_many_as_it_asks_for_want_the_same_number() {
    let [minji, jun, sora] = users();
    let given = admins(&[minji, jun, sora], 3);
    assert_eq!(decided(&given, &set(minji, 1)), ["ApprovalsLoweringVoted"]);
    let given = given.after(&set(minji, 1)).after(&set(jun, 2));
    assert_eq!(decided(&given, &set(sora, 1)), ["ApprovalsLoweringVoted"], "two want one");
    let given = given.after(&set(sora, 1));
    assert_eq!(decided(&given, &set(sora, 1)), ["ApprovalsLoweringVoted"], "nobody counts twice");
    assert_eq!(decided(&given, &set(jun, 1)), ["ApprovalsRequiredChanged"]);
    let given = given.after(&set(jun, 1));
    assert_eq!(given.state.approvals_required(), 1);
}

#[test]
fn a_later_number_replaces_the_earlier_and_the_one_that_holds_withdraws_it() {
    let [minji, jun] = users();
    let given = admins(&[minji, jun], 2).after(&set(minji, 1));
    assert_eq!(decided(&given, &set(jun, 1)), ["ApprovalsRequiredChanged"]);
    assert_eq!(decided(&given, &set(minji, 2)), ["ApprovalsVoteWithdrawn"]);
    assert_eq!(decided(&given, &set(jun, 2)), [""; 0], "there is none to withdraw");
    let given = given.after(&set(minji, 2));
    assert_eq!(decided(&given, &set(jun, 1)), ["ApprovalsLoweringVoted"]);
}

#[test]
fn a_vote_counts_for_seventy_two_hours() {
    let [minji, jun] = users();
    let given = admins(&[minji, jun], 2).after(&set(minji, 1)).later(71 * HOUR);
    assert_eq!(decided(&given, &set(jun, 1)), ["ApprovalsRequiredChanged"]);
    let given = given.later(HOUR);
    assert_eq!(decided(&given, &set(jun, 1)), ["ApprovalsLoweringVoted"]);
}

#[test]
fn raising_it_ends_the_votes_for_lowering() {
    let [minji, jun, sora] = users();
    let given = admins(&[minji, jun, sora], 2).after(&set(minji, 1)).after(&set(jun, 3));
    let given = given.after(&set(jun, 1)).after(&set(sora, 1));
    assert_eq!(given.state.approvals_required(), 3, "the first vote is gone");
    assert_eq!(decided(&given, &set(minji, 1)), ["ApprovalsRequiredChanged"]);
}

#[test]
fn votes_of_who_is_no_admin_any_more_do_not_count() {
    let [minji, jun, sora] = users();
    let given = admins(&[minji, jun, sora], 2).after(&set(jun, 1));
    let given = given.after(&set_role(minji, jun, WalletRole::Member));
    assert_eq!(decided(&given, &set(sora, 1)), ["ApprovalsLoweringVoted"]);
    let given = given.after(&set_role(minji, jun, WalletRole::Admin));
    assert_eq!(decided(&given, &set(sora, 1)), ["ApprovalsLoweringVoted"], "it is gone for good");
}

#[test]
fn a_personal_wallet_asks_for_none() {
    let [minji] = users();
    assert_eq!(code(&personal(minji), &set(minji, 2)), Code::Forbidden);
}
