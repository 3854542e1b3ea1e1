//! Going out, and the wallet's end.

use super::*;

fn leave(user: UserId) -> Command {
    Command::Leave { asker: asker(user), debits: None }
}

fn remove(by: UserId, user: UserId) -> Command {
    Command::RemoveMember { asker: asker(by), user }
}

fn release(user: UserId, loss: Loss) -> Command {
    let (removed_by, channel_revision, debits) = (None, 9, None);
    Command::Release(Release { user, removed_by, channel_revision, loss, debits })
}

fn close(user: UserId, debits: Debits) -> Command {
    Command::Close { asker: asker(user), debits }
}

#[test]
fn a_member_leaves_and_an_admin_among_admins() {
    let [minji, jun, sora] = users();
    let given = with(group(&[minji, jun, sora], 1), 100);
    let left = WalletMemberLeft { user: jun, removed_by: None, channel_revision: None };
    assert_eq!(accepted(given.when(&leave(jun))), [left.into()]);
    let given = given.after(&set_role(minji, sora, WalletRole::Admin));
    assert_eq!(kinds(&accepted(given.when(&leave(minji)))), ["WalletMemberLeft"]);
}

#[test]
fn the_last_admin_does_not_go_while_there_is_money() {
    let [minji, jun] = users();
    let given = with(group(&[minji, jun], 1), 1);
    assert_eq!(code(&given, &leave(minji)), Code::LastAdmin);
    assert_eq!(code(&given, &remove(minji, minji)), Code::LastAdmin);
    let refused = refusal(given.when(&release(minji, Loss::Asked)));
    let wallet_id = given.stream().entity().parse().unwrap();
    assert_eq!(
        (refused.code, refused.details),
        (Code::LastAdmin, Some(Details::Wallet { wallet_id }),)
    );
}

#[test]
fn the_last_admin_of_an_empty_wallet_is_followed_by_whoever_has_been_there_longest() {
    let [minji, jun, sora] = users();
    let given = group(&[minji, sora, jun], 1);
    for going in [leave(minji), remove(minji, minji), release(minji, Loss::Asked)] {
        let events = accepted(given.when(&going));
        assert_eq!(kinds(&events), ["WalletRoleChanged", "WalletMemberLeft"]);
        let WalletEvent::WalletRoleChanged(changed) = &events[0] else { panic!("{events:?}") };
        assert_eq!((changed.user, changed.role, changed.by), (sora, WalletRole::Admin, None));
    }
}

#[test]
fn the_only_member_of_an_empty_wallet_closes_it() {
    let [minji] = users();
    let given = group(&[minji], 1);
    for going in [leave(minji), release(minji, Loss::Asked), release(minji, Loss::Done)] {
        let events = accepted(given.when(&going));
        assert_eq!(kinds(&events), ["WalletMemberLeft", "WalletClosed"]);
    }
    assert_eq!(code(&given, &remove(minji, minji)), Code::Forbidden);
}

#[test]
fn a_personal_wallet_is_closed_not_left() {
    let [minji] = users();
    let given = personal(minji);
    assert_eq!(code(&given, &leave(minji)), Code::Forbidden);
    assert_eq!(code(&given, &remove(minji, minji)), Code::Forbidden);
}

#[test]
fn an_admin_puts_members_out_and_a_member_only_oneself() {
    let [minji, jun, sora] = users();
    let given = group(&[minji, jun, sora], 1);
    let left = WalletMemberLeft { user: jun, removed_by: Some(minji), channel_revision: None };
    assert_eq!(accepted(given.when(&remove(minji, jun))), [left.into()]);
    assert_eq!(code(&given, &remove(jun, sora)), Code::Forbidden);
    assert_eq!(code(&given, &remove(minji, fresh::<UserId>())), Code::NotFound);
    let left = WalletMemberLeft { user: jun, removed_by: None, channel_revision: None };
    assert_eq!(accepted(given.when(&remove(jun, jun))), [left.into()]);
}

#[test]
fn a_loss_that_is_asked_for_is_nothing_to_who_is_no_member() {
    let [minji, jun] = users();
    let given = group(&[minji], 1);
    assert_eq!(accepted(given.when(&release(jun, Loss::Asked))), []);
    assert_eq!(code(&nothing(&[]), &release(jun, Loss::Asked)), Code::NotFound);
}

#[test]
fn a_loss_that_has_happened_is_noted_once_even_of_who_is_no_member() {
    let [minji, jun] = users();
    let given = group(&[minji], 1);
    let done = release(jun, Loss::Done);
    let left = WalletMemberLeft { user: jun, removed_by: None, channel_revision: Some(9) };
    assert_eq!(accepted(given.when(&done)), [left.into()]);
    let given = given.after(&done);
    assert_eq!(accepted(given.when(&done)), []);
    let join = Command::Join { user: jun, seat: Seat::Inside(9) };
    assert_eq!(code(&given, &join), Code::Conflict);
}

#[test]
fn nothing_refuses_a_loss_that_has_happened() {
    let [minji, jun] = users();
    let given = with(group(&[minji, jun], 1), 100);
    let events = accepted(given.when(&release(minji, Loss::Done)));
    assert_eq!(kinds(&events), ["WalletRoleChanged", "WalletMemberLeft"]);
    let given = given.after(&leave(jun));
    let stays = accepted(given.when(&release(minji, Loss::Done)));
    assert_eq!(stays, [], "nobody else would look after the money");
}

#[test]
fn an_empty_wallet_is_closed_by_an_admin() {
    let [minji] = users();
    let given = with(personal(minji), 1);
    let refused = refusal(given.when(&close(minji, None)));
    assert_eq!(refused.code, Code::WalletNotEmpty);
    let wallet_id = given.stream().entity().parse().unwrap();
    assert_eq!(refused.details, Some(Details::Wallet { wallet_id }));
    let command = pay(&given, minji, 1);
    let given = given.after(&command);
    assert_eq!(given.state.balance(), Amount::ZERO);
    let last = given.state.last_debit();
    assert_eq!(code(&given, &close(minji, None)), Code::Conflict, "a debit may be under way");
    assert_eq!(code(&given, &close(minji, last.map(|last| last - 1))), Code::Conflict);
    accepted(given.when(&close(minji, last)));
    let given = given.after(&close(minji, last));
    assert_eq!(code(&given, &close(minji, last)), Code::WalletClosed);
    assert_eq!(given.state.role(minji), Some(WalletRole::Admin), "it can still be read");
}

#[test]
fn a_wallet_ends_with_its_parent_if_it_is_empty() {
    let [minji, jun] = users();
    let end = Command::End { debits: None };
    let given = group(&[minji, jun], 1);
    assert_eq!(kinds(&accepted(given.when(&end))), ["WalletClosed"]);
    let full = with(group(&[minji, jun], 1), 1);
    assert_eq!(code(&full, &end), Code::WalletNotEmpty);
    let given = given.after(&end);
    assert_eq!(accepted(given.when(&end)), []);
    assert_eq!(accepted(given.when(&release(jun, Loss::Done))), [], "its last members stay");
}

#[test]
fn everything_else_is_refused_once_it_is_closed() {
    let [minji, jun] = users();
    let given = with(admins(&[minji, jun], 1), 5);
    let paid = transfer(&given, minji, 5);
    let given = given.after(&Command::Transfer(paid.clone()));
    let debits = given.state.last_debit();
    let given = given.after(&close(minji, debits));
    let limits = Limits::parse("1", "1").unwrap();
    let (by, warrant) = (asker(minji), token(&given, minji));
    let against = given.state.pin(minji).unwrap().event;
    let verified = Verified { against, verdict: Verdict::Right };
    for command in [
        leave(jun),
        remove(minji, jun),
        set_role(minji, jun, WalletRole::Member),
        Command::Authorize { asker: by, pin: Some(verified) },
        set_pin(minji, CurrentPin::Verified(verified)),
        Command::SetApprovals { asker: by, approvals: Approvals::parse(2).unwrap() },
        Command::SetLimits { asker: by, limits, warrant },
        deposit(1, "late"),
        pay(&given, minji, 1),
        Command::Approve { asker: by, transfer: paid.transfer },
        Command::Decline { asker: by, transfer: paid.transfer },
        Command::Freeze { reason: "why".to_owned() },
    ] {
        assert_eq!(code(&given, &command), Code::WalletClosed, "{command:?}");
    }
}
