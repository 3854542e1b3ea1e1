//! What events make of a wallet.

use events::money::{Amount, Day};
use events::personal::{Kept, Personal};
use events::wallet::{TransferDebited, TransferRequested, WalletOpened, WalletRole};
use events::{Fact, Revision, TransferId, UserId, WalletEvent};

use super::pins::WrongPins;
use super::state::{About, Hold, Member, State, Status, Vote};
use super::{DAYS_LEN_MAX, VOTE_TTL};

pub(super) fn wallet(mut state: State, fact: &Fact<WalletEvent>) -> State {
    match &fact.event {
        WalletEvent::WalletOpened(event) => opened(&mut state, fact, event),
        WalletEvent::WalletClosed(_) => state.status = Status::Closed,
        WalletEvent::WalletFrozen(_) => state.status = Status::Frozen,
        WalletEvent::WalletUnfrozen(_) => state.status = Status::Open,
        WalletEvent::WalletMemberJoined(event) => {
            state.members.insert(event.user, member(WalletRole::Member, fact.revision));
        }
        WalletEvent::WalletMemberLeft(event) => {
            state.members.remove(&event.user);
            state.votes.remove(&event.user);
            if let Some(at) = event.channel_revision {
                state.leavers.note(event.user, at);
            }
        }
        WalletEvent::WalletRoleChanged(event) => set_role(&mut state, event.user, event.role),
        WalletEvent::PinChanged(event) => set_pin(&mut state, fact, event.user, &event.pin),
        WalletEvent::PinFailed(event) => {
            if let Some(member) = state.members.get_mut(&event.user) {
                member.wrong_pins.count(fact.at);
            }
        }
        WalletEvent::PinAccepted(event) => {
            if let Some(member) = state.members.get_mut(&event.user) {
                member.wrong_pins = WrongPins::default();
            }
        }
        WalletEvent::ApprovalsRequiredChanged(event) => {
            state.approvals_required = event.approvals_required;
            state.votes.clear();
        }
        WalletEvent::ApprovalsLoweringVoted(event) => {
            state.votes.retain(|_, vote| fact.at.since(vote.at) < VOTE_TTL);
            let vote = Vote { approvals: event.approvals_required, at: fact.at };
            state.votes.insert(event.by, vote);
        }
        WalletEvent::ApprovalsVoteWithdrawn(event) => {
            state.votes.remove(&event.by);
        }
        WalletEvent::WalletLimitsChanged(event) => {
            (state.per_transfer, state.per_day) = (event.per_transfer, event.per_day);
        }
        event => move_money(&mut state, fact.revision, event),
    }
    state
}

fn move_money(state: &mut State, revision: Revision, event: &WalletEvent) {
    match event {
        WalletEvent::Deposited(event) => state.balance = event.balance_after,
        WalletEvent::Withdrawn(event) => {
            state.balance = event.balance_after;
            spend(state, Some(event.day), event.amount);
        }
        WalletEvent::TransferRequested(event) => hold(state, event),
        WalletEvent::TransferApproved(event) => {
            if let Some(hold) = state.holds.get_mut(&event.transfer) {
                hold.approved_by.push_back(event.by);
            }
        }
        WalletEvent::TransferDeclined(event) => give_up(state, event.transfer),
        WalletEvent::TransferExpired(event) => give_up(state, event.transfer),
        WalletEvent::TransferDebited(event) => debited(state, revision, event),
        WalletEvent::TransferCredited(event) => state.balance = event.balance_after,
        WalletEvent::TransferRefunded(event) => state.balance = event.balance_after,
        _ => {}
    }
}

fn opened(state: &mut State, fact: &Fact<WalletEvent>, opened: &WalletOpened) {
    let name = opened.name.clone();
    state.about = Some(About { channel: opened.channel, name, currency: opened.currency });
    state.approvals_required = opened.approvals_required;
    state.members.insert(opened.owner, member(WalletRole::Admin, fact.revision));
    set_pin(state, fact, opened.owner, &opened.pin);
}

fn member(role: WalletRole, since: Revision) -> Member {
    Member { role, since, pin: None, wrong_pins: WrongPins::default() }
}

/// A PIN is an admin's: who becomes one sets a first one.
fn set_role(state: &mut State, user: UserId, role: WalletRole) {
    if let Some(before) = state.members.get_mut(&user) {
        *before = member(role, before.since);
    }
    state.votes.remove(&user);
}

fn set_pin(state: &mut State, fact: &Fact<WalletEvent>, user: UserId, pin: &Personal) {
    if let Some(member) = state.members.get_mut(&user) {
        member.pin = Some(Kept { sealed: pin.clone(), event: fact.id });
        member.wrong_pins = WrongPins::default();
    }
}

fn hold(state: &mut State, requested: &TransferRequested) {
    let TransferRequested { terms, approvals_required, expires_at, day, payee_revision, .. } =
        requested.clone();
    spend(state, day, terms.amount);
    state.held = state.held.plus(terms.amount).unwrap_or(state.held);
    let approved_by = [terms.by].into_iter().collect();
    let transfer = terms.transfer;
    let hold = Hold { terms, approvals_required, approved_by, expires_at, day, payee_revision };
    state.holds.insert(transfer, hold);
}

fn release(state: &mut State, transfer: TransferId) -> Option<Hold> {
    let hold = state.holds.remove(&transfer)?;
    state.held = state.held.minus(hold.terms.amount).unwrap_or_default();
    Some(hold)
}

/// What waited in vain is given back to the day that it counted on.
fn give_up(state: &mut State, transfer: TransferId) {
    let Some(hold) = release(state, transfer) else { return };
    if let Some(spent) = hold.day.and_then(|day| state.spent.get_mut(&day)) {
        *spent = spent.minus(hold.terms.amount).unwrap_or_default();
    }
}

fn debited(state: &mut State, revision: Revision, debited: &TransferDebited) {
    release(state, debited.terms.transfer);
    spend(state, debited.day, debited.terms.amount);
    state.balance = debited.balance_after;
    state.last_debit = Some(revision);
}

fn spend(state: &mut State, day: Option<Day>, amount: Amount) {
    let Some(day) = day else { return };
    let spent = state.spent.get(&day).copied().unwrap_or_default();
    state.spent.insert(day, spent.plus(amount).unwrap_or(spent));
    while state.spent.len() > DAYS_LEN_MAX {
        state.spent = state.spent.without_min().1;
    }
}
