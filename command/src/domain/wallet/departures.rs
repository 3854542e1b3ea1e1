//! Going out of a wallet, and the wallet's end.

use events::wallet::{WalletClosed, WalletMemberLeft, WalletRole, WalletRoleChanged};
use events::{UserId, WalletEvent};

use super::asking::{Asker, Debits, Loss, Release};
use super::{Decided, State, conflict, forbidden, no_wallet, not_empty};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

/// What has to happen for somebody to go.
enum Going {
    /// Nothing: others look after the wallet.
    Free,
    /// Whoever has been there longest takes over.
    WithHeir(UserId),
    /// The wallet is closed: nobody else is there.
    AsTheOnlyOne,
}

pub(super) fn leave(state: &State, context: &Context<'_>, asker: Asker, debits: Debits) -> Decided {
    state.member(asker)?;
    if state.channel().is_none() {
        return Err(forbidden("A personal wallet isn't left: close it instead."));
    }
    state.open(context)?;
    let left = WalletMemberLeft { user: asker.user, removed_by: None, channel_revision: None };
    go(state, left, debits)
}

pub(super) fn remove(state: &State, context: &Context<'_>, asker: Asker, user: UserId) -> Decided {
    if asker.user == user {
        return remove_oneself(state, context, asker);
    }
    state.admin(asker)?;
    if state.role(user).is_none() {
        return Err(Rejection::new(Code::NotFound, "There is no such member."));
    }
    state.open(context)?;
    let by = Some(asker.user);
    let left = WalletMemberLeft { user, removed_by: by, channel_revision: None };
    Ok(Decision::Accept(vec![left.into()]))
}

/// It is leaving, but for the wallet's end: who means that says so.
fn remove_oneself(state: &State, context: &Context<'_>, asker: Asker) -> Decided {
    state.member(asker)?;
    if state.members.len() == 1 {
        let message = "You are the only member: leave the wallet or close it.";
        return Err(forbidden(message));
    }
    state.open(context)?;
    let left = WalletMemberLeft { user: asker.user, removed_by: None, channel_revision: None };
    go(state, left, None)
}

fn go(state: &State, left: WalletMemberLeft, debits: Debits) -> Decided {
    let user = left.user;
    Ok(Decision::Accept(match going(state, user)? {
        Going::Free => vec![left.into()],
        Going::WithHeir(heir) => vec![take_over(heir), left.into()],
        Going::AsTheOnlyOne => {
            nothing_under_way(state, debits)?;
            vec![left.into(), WalletClosed { by: Some(user) }.into()]
        }
    }))
}

fn going(state: &State, user: UserId) -> Result<Going, Rejection> {
    if !state.is_last_admin(user) {
        return Ok(Going::Free);
    }
    if has_money(state) {
        let message = "The last admin can't go while there is money in the wallet.";
        return Err(Rejection::new(Code::LastAdmin, message));
    }
    Ok(state.longest_standing_but(user).map_or(Going::AsTheOnlyOne, Going::WithHeir))
}

fn take_over(user: UserId) -> WalletEvent {
    WalletRoleChanged { user, role: WalletRole::Admin, by: None }.into()
}

/// What is held is part of the balance.
fn has_money(state: &State) -> bool {
    state.balance.minor_units() > 0
}

fn nothing_under_way(state: &State, debits: Debits) -> Result<(), Rejection> {
    if state.last_debit > debits {
        let message = "A payment of this wallet hasn't arrived yet. Try again.";
        return Err(conflict(message));
    }
    Ok(())
}

/// Of a closed wallet the last members stay, so that they can read it.
pub(super) fn release(state: &State, context: &Context<'_>, release: &Release) -> Decided {
    let Release { user, removed_by, channel_revision, loss, debits } = *release;
    if state.about.is_none() {
        return Err(no_wallet());
    }
    let is_member = state.role(user).is_some();
    let nothing = Ok(Decision::Accept(Vec::new()));
    if state.is_closed() {
        return nothing;
    }
    let left = WalletMemberLeft { user, removed_by, channel_revision: Some(channel_revision) };
    match (loss, is_member) {
        (Loss::Asked, false) => nothing,
        (Loss::Asked, true) => go(state, left, debits).map_err(|refused| name(refused, context)),
        (Loss::Done, false) if state.leavers.knows(user, channel_revision) => nothing,
        (Loss::Done, false) => Ok(Decision::Accept(vec![left.into()])),
        (Loss::Done, true) => go_at_once(state, left, debits),
    }
}

/// Which of the channel's wallets it is that is in the way.
fn name(refused: Rejection, context: &Context<'_>) -> Rejection {
    let wallet_id = super::this_wallet(context);
    match refused.code {
        Code::LastAdmin => refused.with(crate::rejection::Details::Wallet { wallet_id }),
        _ => refused,
    }
}

fn go_at_once(state: &State, left: WalletMemberLeft, debits: Debits) -> Decided {
    let user = left.user;
    if !state.is_last_admin(user) {
        return Ok(Decision::Accept(vec![left.into()]));
    }
    match state.longest_standing_but(user) {
        Some(heir) => Ok(Decision::Accept(vec![take_over(heir), left.into()])),
        // Nobody would be there to look after the money.
        None if has_money(state) => Ok(Decision::Accept(Vec::new())),
        None => go(state, left, debits),
    }
}

/// The parent is in the middle of its end.
pub(super) fn end(state: &State, context: &Context<'_>, debits: Debits) -> Decided {
    if state.about.is_none() {
        return Err(no_wallet());
    }
    if state.is_closed() {
        return Ok(Decision::Accept(Vec::new()));
    }
    is_empty(state, context, debits)?;
    Ok(Decision::Accept(vec![WalletClosed { by: None }.into()]))
}

pub(super) fn close(state: &State, context: &Context<'_>, asker: Asker, debits: Debits) -> Decided {
    state.admin(asker)?;
    state.open(context)?;
    is_empty(state, context, debits)?;
    Ok(Decision::Accept(vec![WalletClosed { by: Some(asker.user) }.into()]))
}

fn is_empty(state: &State, context: &Context<'_>, debits: Debits) -> Result<(), Rejection> {
    if has_money(state) {
        return Err(not_empty(context));
    }
    nothing_under_way(state, debits)
}
