//! Coming into a channel and leaving it.

use events::channel::{
    ChannelCreated, ChannelDeleted, ChannelPasswordFailed, MemberJoined, MemberLeft, Visibility,
};
use events::{ChannelEvent, MessageId, UserId};

use super::{
    Create, ENTER, LEAVE, MEMBERS_LEN_MAX, Proof, Role, SEQ_MAX, Settings, State, full, no_channel,
    no_member,
};
use crate::domain::Verdict;
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

type Decided = Result<Decision<ChannelEvent>, Rejection>;

fn wrong_password() -> Rejection {
    Rejection::new(Code::WrongChannelPassword, "This is not the channel's password.")
}

pub(super) fn create(state: &State, create: &Create) -> Decided {
    if state.settings.is_some() || state.deleted {
        // Ids are claimed before this is decided, so nobody gets here but by a lost claim.
        return Err(Rejection::new(Code::IdTaken, "This id is taken."));
    }
    let created = ChannelCreated {
        name: create.name.as_str().to_owned(),
        description: create.description.as_str().to_owned(),
        visibility: create.visibility,
        password: create.password.as_ref().map(|phc| phc.to_string()),
        creator: create.creator,
    };
    Ok(Decision::Accept(vec![created.into()]))
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
    let is_member = state.members.contains_key(&user);
    if !is_member && state.members.len() >= MEMBERS_LEN_MAX {
        return Err(full("member"));
    }
    if state.seq >= SEQ_MAX {
        return Err(full("message"));
    }
    match check_password(settings, proof) {
        Checked::Fine => {}
        Checked::Missing => return Err(wrong_password()),
        Checked::Stale => return Ok(Decision::Stale),
        Checked::Wrong => {
            let failed = ChannelPasswordFailed { user };
            return Ok(Decision::CountAndRefuse(failed.into(), wrong_password()));
        }
    }
    if is_member {
        return Err(Rejection::new(Code::AlreadyMember, "You are in this channel already."));
    }
    let message = MessageId::derived(context.id, ENTER);
    let joined =
        MemberJoined { user, added_by: None, message, seq: state.seq + 1, number: state.number };
    Ok(Decision::Accept(vec![joined.into()]))
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

pub(super) fn leave(state: &State, context: &Context<'_>, user: UserId) -> Decided {
    if state.settings.is_none() {
        return Err(no_channel());
    }
    let member = state.members.get(&user).ok_or_else(no_member)?;
    let message = MessageId::derived(context.id, LEAVE);
    let (seq, number) = (state.seq + 1, state.number);
    let left = MemberLeft { user, removed_by: None, message, seq, number };
    if state.members.len() == 1 {
        // Those who watch see the member go, then the channel.
        return Ok(Decision::Accept(vec![left.into(), ChannelDeleted { by: user }.into()]));
    }
    let mut admins = state.members.values().filter(|member| member.role == Role::Admin);
    if member.role == Role::Admin && admins.nth(1).is_none() {
        let message = "The last admin can't leave: make somebody else admin first.";
        return Err(Rejection::new(Code::LastAdmin, message));
    }
    Ok(Decision::Accept(vec![left.into()]))
}
