//! Going out of a channel: by oneself, by an admin, or because one's account ends.

use events::channel::{ChannelDeleted, MemberLeft, RoleChanged};
use events::{ChannelEvent, MessageId, UserId, WalletId};

use super::wallets::all_handled;
use super::{Decided, LEAVE, Role, State};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

pub(super) fn leave(
    state: &State,
    context: &Context<'_>,
    user: UserId,
    handled: &[WalletId],
) -> Decided {
    state.member(user)?;
    let left = left(state, context, user, None);
    if state.members.len() == 1 {
        all_handled(state, handled)?;
        return Ok(left_alone(left, user));
    }
    leaves_an_admin(state, user)?;
    all_handled(state, handled)?;
    Ok(Decision::Accept(vec![left]))
}

pub(super) fn remove(
    state: &State,
    context: &Context<'_>,
    by: UserId,
    user: UserId,
    handled: &[WalletId],
) -> Decided {
    if by == user {
        return remove_oneself(state, context, user, handled);
    }
    state.admin(by)?;
    if !state.members.contains_key(&user) {
        return Err(Rejection::new(Code::NotFound, "There is no such member."));
    }
    all_handled(state, handled)?;
    Ok(Decision::Accept(vec![left(state, context, user, Some(by))]))
}

/// It is leaving, but for the channel's end: who means that says so.
fn remove_oneself(
    state: &State,
    context: &Context<'_>,
    user: UserId,
    handled: &[WalletId],
) -> Decided {
    state.member(user)?;
    if state.members.len() == 1 {
        let message = "You are the only member: leave the channel, which deletes it.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    leaves_an_admin(state, user)?;
    all_handled(state, handled)?;
    Ok(Decision::Accept(vec![left(state, context, user, None)]))
}

/// Somebody whose account ends goes from wherever they are, and nothing can refuse it: where
/// they were the last admin among others, whoever has been there longest takes over first.
pub(super) fn depart(state: &State, context: &Context<'_>, user: UserId) -> Decision<ChannelEvent> {
    if !state.members.contains_key(&user) {
        return Decision::Accept(Vec::new());
    }
    let left = left(state, context, user, None);
    if state.members.len() == 1 {
        return left_alone(left, user);
    }
    let heir = longest_standing_but(state, user).filter(|_| state.is_last_admin(user));
    let heir = heir.map(|user| RoleChanged { user, role: Role::Admin, by: None }.into());
    Decision::Accept(heir.into_iter().chain([left]).collect())
}

fn longest_standing_but(state: &State, user: UserId) -> Option<UserId> {
    let others = state.members.iter().filter(|(other, _)| **other != user);
    others.min_by_key(|(other, member)| (member.since, **other)).map(|(other, _)| *other)
}

/// Those who watch see the member go, then the channel.
fn left_alone(left: ChannelEvent, by: UserId) -> Decision<ChannelEvent> {
    Decision::Accept(vec![left, ChannelDeleted { by }.into()])
}

fn leaves_an_admin(state: &State, user: UserId) -> Result<(), Rejection> {
    if state.is_last_admin(user) {
        let message = "The last admin can't leave: make somebody else admin first.";
        return Err(Rejection::new(Code::LastAdmin, message));
    }
    Ok(())
}

fn left(
    state: &State,
    context: &Context<'_>,
    user: UserId,
    removed_by: Option<UserId>,
) -> ChannelEvent {
    let message = MessageId::derived(context.id, LEAVE);
    let (seq, number) = (state.seq + 1, state.number);
    MemberLeft { user, removed_by, message, seq, number }.into()
}
