//! Coming into a group wallet, and what its members may do.

use events::UserId;
use events::wallet::{WalletMemberJoined, WalletRole, WalletRoleChanged};

use super::asking::{Asker, Seat};
use super::{Decided, MEMBERS_LEN_MAX, State, conflict, forbidden, no_wallet};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

pub(super) fn join(state: &State, context: &Context<'_>, user: UserId, seat: Seat) -> Decided {
    let is_member = state.role(user).is_some();
    // A personal wallet has no channel to be in.
    let is_stranger = seat == Seat::Outside || state.channel().is_none();
    if state.about.is_none() || (is_stranger && !is_member) {
        return Err(no_wallet());
    }
    if state.members.len() >= MEMBERS_LEN_MAX && !is_member && !state.is_closed() {
        return Err(forbidden("This wallet has no room for another member."));
    }
    state.open(context)?;
    if is_member {
        return Err(Rejection::new(Code::AlreadyMember, "You are in this wallet already."));
    }
    let Seat::Inside(channel_revision) = seat else { return Err(no_wallet()) };
    if state.leavers.overtake(user, channel_revision) {
        return Err(conflict("You were leaving the channel meanwhile. Try again."));
    }
    Ok(Decision::Accept(vec![WalletMemberJoined { user, channel_revision }.into()]))
}

pub(super) fn set_role(
    state: &State,
    context: &Context<'_>,
    asker: Asker,
    user: UserId,
    role: WalletRole,
) -> Decided {
    state.admin(asker)?;
    let before = state.role(user);
    let before =
        before.ok_or_else(|| Rejection::new(Code::NotFound, "There is no such member."))?;
    state.open(context)?;
    if before == role {
        return Ok(Decision::Accept(Vec::new()));
    }
    // Whoever is another's admin stays one, so this is about oneself.
    if state.is_last_admin(user) {
        let message = "The last admin stays one: make somebody else admin first.";
        return Err(Rejection::new(Code::LastAdmin, message));
    }
    let changed = WalletRoleChanged { user, role, by: Some(asker.user) };
    Ok(Decision::Accept(vec![changed.into()]))
}
