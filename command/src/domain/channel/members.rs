//! Coming into a channel, and what its members may do.

use events::channel::{ChannelPasswordFailed, MemberJoined, RoleChanged, Visibility};
use events::{MessageId, UserId};

use super::{
    Candidate, Decided, ENTER, MEMBERS_LEN_MAX, Proof, Role, SEQ_MAX, Settings, State, full,
};
use crate::domain::Verdict;
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

fn wrong_password() -> Rejection {
    Rejection::new(Code::WrongChannelPassword, "This is not the channel's password.")
}

pub(super) fn join(state: &State, context: &Context<'_>, user: UserId, proof: Proof) -> Decided {
    // Locked is told before anything else, or else guessing could go on.
    if let Some(rest) = state.locked_for(user, context.now) {
        let message = "Too many wrong passwords. Try again later.";
        return Err(Rejection::new(Code::RateLimited, message).retry_after(rest));
    }
    let settings = state.settings()?;
    if settings.visibility == Visibility::Private && settings.password.is_none() {
        let message = "One comes into this channel by being added only.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    has_room(state, user)?;
    match check_password(settings, proof) {
        Checked::Fine => {}
        Checked::Missing => return Err(wrong_password()),
        Checked::Stale => return Ok(Decision::Stale),
        Checked::Wrong => {
            let failed = ChannelPasswordFailed { user };
            return Ok(Decision::CountAndRefuse(failed.into(), wrong_password()));
        }
    }
    if state.members.contains_key(&user) {
        return Err(Rejection::new(Code::AlreadyMember, "You are in this channel already."));
    }
    Ok(enter(state, context, user, None))
}

enum Checked {
    Fine,
    /// Left out: refused, but no try.
    Missing,
    Wrong,
    /// Verified against another password than the current one.
    Stale,
}

fn check_password(settings: &Settings, proof: Proof) -> Checked {
    match (&settings.password, proof) {
        (None, _) => Checked::Fine,
        (Some(_), Proof::LeftOut) => Checked::Missing,
        (Some(current), Proof::Verified(verified)) if verified.against == current.event => {
            match verified.verdict {
                Verdict::Right => Checked::Fine,
                Verdict::Wrong => Checked::Wrong,
            }
        }
        (Some(_), Proof::Verified(_) | Proof::Unverified) => Checked::Stale,
    }
}

/// Any member may bring somebody in, whatever the channel's visibility and password.
pub(super) fn add(
    state: &State,
    context: &Context<'_>,
    by: UserId,
    candidate: Candidate,
) -> Decided {
    state.member(by)?;
    let Candidate::Account(user) = candidate else {
        return Err(Rejection::new(Code::NotFound, "There is no such user."));
    };
    has_room(state, user)?;
    if state.members.contains_key(&user) {
        return Err(Rejection::new(Code::AlreadyMember, "This user is in the channel already."));
    }
    Ok(enter(state, context, user, Some(by)))
}

fn has_room(state: &State, user: UserId) -> Result<(), Rejection> {
    if state.members.len() >= MEMBERS_LEN_MAX && !state.members.contains_key(&user) {
        return Err(full("member"));
    }
    if state.seq >= SEQ_MAX {
        return Err(full("message"));
    }
    Ok(())
}

fn enter(
    state: &State,
    context: &Context<'_>,
    user: UserId,
    added_by: Option<UserId>,
) -> Decision<events::ChannelEvent> {
    let message = MessageId::derived(context.id, ENTER);
    let (seq, number) = (state.seq + 1, state.number);
    Decision::Accept(vec![MemberJoined { user, added_by, message, seq, number }.into()])
}

pub(super) fn set_role(state: &State, by: UserId, user: UserId, role: Role) -> Decided {
    state.admin(by)?;
    let member = state.members.get(&user);
    let member =
        member.ok_or_else(|| Rejection::new(Code::NotFound, "There is no such member."))?;
    if member.role == role {
        return Ok(Decision::Accept(Vec::new()));
    }
    // Whoever is another's admin stays one, so this is about oneself.
    if state.is_last_admin(user) {
        let message = "The last admin stays one: make somebody else admin first.";
        return Err(Rejection::new(Code::LastAdmin, message));
    }
    Ok(Decision::Accept(vec![RoleChanged { user, role, by: Some(by) }.into()]))
}
