//! What events make of a channel and of its messages.

use std::time::Duration;

use events::{ChannelEvent, Fact, UserId};

use super::{
    Kind, Member, Message, PasswordHash, Role, Settings, State, TRIES_LEN_MAX,
    TRIES_WINDOW_SECONDS, WrongTry,
};
use crate::execution::aggregate::Touch;

pub(super) fn channel(mut state: State, fact: &Fact<ChannelEvent>) -> State {
    match &fact.event {
        ChannelEvent::ChannelCreated(created) => {
            let keep = |phc: &String| PasswordHash { phc: phc.clone(), event: fact.id };
            let password = created.password.as_ref().map(keep);
            state.settings = Some(Settings { visibility: created.visibility, password });
            let creator = Member { role: Role::Admin, since: 0 };
            state.members.insert(created.creator, creator);
        }
        ChannelEvent::ChannelDeleted(_) => {
            let (seq, number) = (state.seq, state.number);
            state = State { deleted: true, seq, number, ..State::default() };
        }
        ChannelEvent::MemberJoined(joined) => {
            let member = Member { role: Role::Member, since: joined.seq };
            state.members.insert(joined.user, member);
            state.seq = joined.seq;
        }
        ChannelEvent::MemberLeft(left) => {
            state.members.remove(&left.user);
            state.seq = left.seq;
        }
        ChannelEvent::ChannelPasswordFailed(failed) => {
            count_wrong_try(&mut state, failed.user, fact);
        }
        ChannelEvent::MessageSent(sent) => {
            (state.seq, state.number) = (sent.seq, sent.number);
        }
        ChannelEvent::ChannelUpdated(_)
        | ChannelEvent::RoleChanged(_)
        | ChannelEvent::MessageEdited(_)
        | ChannelEvent::MessageDeleted(_)
        | ChannelEvent::ReactionAdded(_)
        | ChannelEvent::ReactionRemoved(_)
        | ChannelEvent::CommandSettled(_) => {}
    }
    state
}

fn count_wrong_try(state: &mut State, user: UserId, fact: &Fact<ChannelEvent>) {
    let window = Duration::from_secs(TRIES_WINDOW_SECONDS);
    let tries = &mut state.wrong_tries;
    tries.push_back(WrongTry { user, at: fact.at });
    while tries.len() > TRIES_LEN_MAX
        || tries.front().is_some_and(|oldest| fact.at.since(oldest.at) >= window)
    {
        tries.pop_front();
    }
}

pub(super) fn touches(event: &ChannelEvent) -> Option<Touch> {
    match event {
        ChannelEvent::MessageSent(sent) => Some(Touch::Creates(sent.message.0)),
        ChannelEvent::MemberJoined(joined) => Some(Touch::Creates(joined.message.0)),
        ChannelEvent::MemberLeft(left) => Some(Touch::Creates(left.message.0)),
        ChannelEvent::MessageDeleted(deleted) => Some(Touch::Changes(deleted.message.0)),
        ChannelEvent::ChannelCreated(_)
        | ChannelEvent::ChannelDeleted(_)
        | ChannelEvent::ChannelPasswordFailed(_)
        | ChannelEvent::ChannelUpdated(_)
        | ChannelEvent::RoleChanged(_)
        | ChannelEvent::MessageEdited(_)
        | ChannelEvent::ReactionAdded(_)
        | ChannelEvent::ReactionRemoved(_)
        | ChannelEvent::CommandSettled(_) => None,
    }
}

pub(super) fn message(message: Option<Message>, fact: &Fact<ChannelEvent>) -> Option<Message> {
    let new = |kind, author, seq| Some(Message { kind, author, seq, deleted: false });
    match &fact.event {
        ChannelEvent::MessageSent(sent) => new(Kind::Talk, sent.author, sent.seq),
        ChannelEvent::MemberJoined(joined) => new(Kind::Enter, joined.user, joined.seq),
        ChannelEvent::MemberLeft(left) => new(Kind::Leave, left.user, left.seq),
        ChannelEvent::MessageDeleted(_) => {
            message.map(|message| Message { deleted: true, ..message })
        }
        ChannelEvent::ChannelCreated(_)
        | ChannelEvent::ChannelDeleted(_)
        | ChannelEvent::ChannelPasswordFailed(_)
        | ChannelEvent::ChannelUpdated(_)
        | ChannelEvent::RoleChanged(_)
        | ChannelEvent::MessageEdited(_)
        | ChannelEvent::ReactionAdded(_)
        | ChannelEvent::ReactionRemoved(_)
        | ChannelEvent::CommandSettled(_) => message,
    }
}
