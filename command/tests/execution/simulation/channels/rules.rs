//! What has to come of each command, refusals in the contract's order.

use command::Code;
use command::domain::channel::{self, Proof};
use command::domain::{Verdict as Checked, Verified};
use events::channel::{
    ChannelCreated, ChannelDeleted, ChannelPasswordFailed, MemberJoined, MessageDeleted,
    MessageSent, Visibility,
};
use events::{ChannelEvent, MessageId};

use super::{HASH, NAME, TEXT, Told};
use crate::simulation::subject::{Asked, Expected, user};

pub(super) type Expecting = Result<Expected, Code>;

fn done<E: Into<ChannelEvent>>(event: E) -> Expected {
    Expected::Events(vec![event.into()])
}

pub(super) fn create(
    told: &Told,
    asked: &Asked<'_>,
    visibility: Visibility,
    password: bool,
) -> Expecting {
    if told.created {
        return Err(Code::IdTaken);
    }
    let created = ChannelCreated {
        name: NAME.into(),
        description: String::new(),
        visibility,
        password: password.then(|| HASH.into()),
        creator: user(asked.actor),
    };
    Ok(done(created))
}

pub(super) fn join(told: &Told, asked: &Asked<'_>, proof: Proof) -> Expecting {
    let user = user(asked.actor);
    if told.is_locked(user, asked.at) {
        return Err(Code::RateLimited);
    }
    let settings = told.settings.ok_or(Code::NotFound)?;
    if settings.private && settings.password.is_none() {
        return Err(Code::Forbidden);
    }
    if let Some(current) = settings.password {
        match proof {
            Proof::LeftOut => return Err(Code::WrongChannelPassword),
            Proof::Verified(Verified { against, verdict }) if against == current => {
                if verdict == Checked::Wrong {
                    let failed = ChannelPasswordFailed { user };
                    return Ok(Expected::Counted(failed.into(), Code::WrongChannelPassword));
                }
            }
            Proof::Verified(_) | Proof::Unverified => return Ok(Expected::Stale),
        }
    }
    if told.members.contains_key(&user) {
        return Err(Code::AlreadyMember);
    }
    let message = MessageId::derived(asked.id, channel::ENTER);
    let (seq, number) = (told.seq + 1, told.number);
    Ok(done(MemberJoined { user, added_by: None, message, seq, number }))
}

pub(super) fn leave(told: &Told, asked: &Asked<'_>) -> Expecting {
    let user = user(asked.actor);
    told.settings.ok_or(Code::NotFound)?;
    let is_admin = *told.members.get(&user).ok_or(Code::Forbidden)?;
    let left = told.left(user, asked.id);
    if told.members.len() == 1 {
        return Ok(Expected::Events(vec![left.into(), ChannelDeleted { by: user }.into()]));
    }
    let others = told.members.iter().any(|(other, is_admin)| *other != user && *is_admin);
    if is_admin && !others { Err(Code::LastAdmin) } else { Ok(done(left)) }
}

pub(super) fn send(told: &Told, asked: &Asked<'_>, reply_to: Option<MessageId>) -> Expecting {
    let author = user(asked.actor);
    told.settings.ok_or(Code::NotFound)?;
    told.members.get(&author).ok_or(Code::Forbidden)?;
    if let Some(reply_to) = reply_to {
        let answered = told.messages.get(&reply_to).ok_or(Code::NotFound)?;
        if answered.deleted {
            return Err(Code::MessageDeleted);
        }
    }
    let message = MessageId(asked.id.0);
    let (seq, number) = (told.seq + 1, told.number + 1);
    Ok(done(MessageSent { message, seq, number, author, text: TEXT.into(), reply_to }))
}

pub(super) fn delete(told: &Told, asked: &Asked<'_>, message: MessageId) -> Expecting {
    let by = user(asked.actor);
    // A stranger gets NOT_FOUND on a channel's messages.
    let is_admin = *told.members.get(&by).ok_or(Code::NotFound)?;
    let known = told.messages.get(&message).ok_or(Code::NotFound)?;
    if !known.is_talk || (known.author != by && !is_admin) {
        return Err(Code::Forbidden);
    }
    if known.deleted {
        return Err(Code::MessageDeleted);
    }
    Ok(done(MessageDeleted { message, seq: known.seq, by }))
}
