//! What events make of a channel and of its messages.

use std::time::Duration;

use events::channel::{ChannelCreated, ChannelUpdated};
use events::{ChannelEvent, Fact, UserId};

use super::{
    Kind, Member, Message, PasswordHash, Reactions, Role, Settings, State, TRIES_LEN_MAX,
    TRIES_WINDOW_SECONDS, TextDigest, WrongTry,
};
use crate::execution::aggregate::Touch;

pub(super) fn channel(mut state: State, fact: &Fact<ChannelEvent>) -> State {
    match &fact.event {
        ChannelEvent::ChannelCreated(created) => start(&mut state, created, fact),
        ChannelEvent::ChannelUpdated(updated) => rename(&mut state, updated),
        ChannelEvent::ChannelDeleted(_) => {
            let State { seq, number, wallets, .. } = state;
            state = State { deleted: true, seq, number, wallets, ..State::default() };
        }
        ChannelEvent::MemberJoined(joined) => {
            let (since, read) = (joined.seq, joined.seq);
            state.members.insert(joined.user, Member { role: Role::Member, since, read });
            state.seq = joined.seq;
        }
        ChannelEvent::MemberLeft(left) => {
            state.members.remove(&left.user);
            state.seq = left.seq;
        }
        ChannelEvent::RoleChanged(changed) => {
            if let Some(member) = state.members.get_mut(&changed.user) {
                member.role = changed.role;
            }
        }
        ChannelEvent::ChannelPasswordFailed(failed) => {
            count_wrong_try(&mut state, failed.user, fact);
        }
        ChannelEvent::MessageSent(sent) => {
            (state.seq, state.number) = (sent.seq, sent.number);
            if let Some(member) = state.members.get_mut(&sent.author) {
                member.read = sent.seq;
            }
        }
        ChannelEvent::NoticeSent(sent) => (state.seq, state.number) = (sent.seq, sent.number),
        ChannelEvent::GroupWalletOpened(opened) => {
            state.wallets.insert(opened.wallet);
        }
        ChannelEvent::GroupWalletClosed(closed) => {
            state.wallets.remove(&closed.wallet);
        }
        ChannelEvent::MessageEdited(_)
        | ChannelEvent::MessageDeleted(_)
        | ChannelEvent::ReactionAdded(_)
        | ChannelEvent::ReactionRemoved(_)
        | ChannelEvent::CommandSettled(_) => {}
    }
    state
}

fn start(state: &mut State, created: &ChannelCreated, fact: &Fact<ChannelEvent>) {
    let keep = |phc: &String| PasswordHash { phc: phc.clone(), event: fact.id };
    state.settings = Some(Settings {
        name: created.name.clone(),
        description: created.description.clone(),
        visibility: created.visibility,
        password: created.password.as_ref().map(keep),
    });
    let creator = Member { role: Role::Admin, since: 0, read: 0 };
    state.members.insert(created.creator, creator);
}

fn rename(state: &mut State, updated: &ChannelUpdated) {
    let Some(settings) = &mut state.settings else { return };
    if let Some(name) = &updated.name {
        settings.name.clone_from(name);
    }
    if let Some(description) = &updated.description {
        settings.description.clone_from(description);
    }
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
        ChannelEvent::NoticeSent(sent) => Some(Touch::Creates(sent.message.0)),
        ChannelEvent::MemberJoined(joined) => Some(Touch::Creates(joined.message.0)),
        ChannelEvent::MemberLeft(left) => Some(Touch::Creates(left.message.0)),
        ChannelEvent::MessageEdited(edited) => Some(Touch::Changes(edited.message.0)),
        ChannelEvent::MessageDeleted(deleted) => Some(Touch::Changes(deleted.message.0)),
        ChannelEvent::ReactionAdded(added) => Some(Touch::Changes(added.message.0)),
        ChannelEvent::ReactionRemoved(removed) => Some(Touch::Changes(removed.message.0)),
        ChannelEvent::ChannelCreated(_)
        | ChannelEvent::ChannelDeleted(_)
        | ChannelEvent::ChannelPasswordFailed(_)
        | ChannelEvent::ChannelUpdated(_)
        | ChannelEvent::RoleChanged(_)
        | ChannelEvent::GroupWalletOpened(_)
        | ChannelEvent::GroupWalletClosed(_)
        | ChannelEvent::CommandSettled(_) => None,
    }
}

pub(super) fn message(message: Option<Message>, fact: &Fact<ChannelEvent>) -> Option<Message> {
    match &fact.event {
        ChannelEvent::MessageSent(sent) => {
            let text = Some(TextDigest::of(&sent.text));
            Some(Message { text, ..new_message(Kind::Talk, Some(sent.author), sent.seq) })
        }
        ChannelEvent::MemberJoined(joined) => {
            Some(new_message(Kind::Enter, Some(joined.user), joined.seq))
        }
        ChannelEvent::NoticeSent(sent) => Some(new_message(Kind::Notice, None, sent.seq)),
        ChannelEvent::MemberLeft(left) => Some(new_message(Kind::Leave, Some(left.user), left.seq)),
        ChannelEvent::MessageEdited(edited) => {
            message.map(|message| Message { text: Some(TextDigest::of(&edited.text)), ..message })
        }
        // What nobody can edit or react to any more need not be kept.
        ChannelEvent::MessageDeleted(_) => message.map(|message| {
            let (text, reactions) = (None, Reactions::default());
            Message { deleted: true, text, reactions, ..message }
        }),
        ChannelEvent::ReactionAdded(added) => message.map(|mut message| {
            message.reactions.insert(added.user, &added.emoji);
            message
        }),
        ChannelEvent::ReactionRemoved(removed) => message.map(|mut message| {
            message.reactions.remove(removed.user, &removed.emoji);
            message
        }),
        ChannelEvent::ChannelCreated(_)
        | ChannelEvent::ChannelDeleted(_)
        | ChannelEvent::ChannelPasswordFailed(_)
        | ChannelEvent::ChannelUpdated(_)
        | ChannelEvent::RoleChanged(_)
        | ChannelEvent::GroupWalletOpened(_)
        | ChannelEvent::GroupWalletClosed(_)
        | ChannelEvent::CommandSettled(_) => message,
    }
}

fn new_message(kind: Kind, author: Option<UserId>, seq: u32) -> Message {
    Message { kind, author, seq, deleted: false, text: None, reactions: Reactions::default() }
}
