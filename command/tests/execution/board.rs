//! A small aggregate that has one of everything: events, items, kept and free refusals, counted
//! tries, nothing to change, decisions that depend on the time, items that remember how often they
//! were changed, and secrets verified against an old hash.

use std::collections::BTreeSet;

use command::execution::{Aggregate, Context, Decision, Touch, View};
use command::{Code, Rejection};
use events::channel::{
    ChannelPasswordFailed, MemberLeft, MessageDeleted, MessageEdited, MessageSent,
};
use events::{Actor, ChannelEvent, Fact, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Wrong guesses of a board; beyond, a guess is refused whether right or wrong.
pub(crate) const GUESSES_MAX: u32 = 5;

/// The text of a post.
pub(crate) const TEXT: &str = "a post";

pub(crate) enum Board {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BoardCommand {
    /// Writes so many posts.
    Post { posts: u32 },
    /// Removes a post.
    Remove { post: MessageId },
    /// Writes a post anew.
    Rewrite { post: MessageId },
    /// Writes a post, unless it is too late; then it is refused, for good or not.
    Hurry { until: Timestamp, for_good: bool },
    /// Changes nothing.
    Nod,
    /// Writes a post if the secret is right; it was verified against that version.
    Guess { right: bool, version: u32 },
    /// Makes a new version of the secret.
    Rekey,
    /// Writes a post unless that was done: runs without a claim.
    Once,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct BoardState {
    pub(crate) posts: u32,
    pub(crate) wrong_guesses: u32,
    pub(crate) version: u32,
    pub(crate) once: BTreeSet<MessageId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) seq: u32,
    pub(crate) removed: bool,
    /// How often it was written anew.
    pub(crate) rewritten: u32,
}

/// What it is refused with that comes too late.
pub(crate) const fn too_late(for_good: bool) -> Code {
    if for_good { Code::LastAdmin } else { Code::Forbidden }
}

impl Aggregate for Board {
    type Event = ChannelEvent;
    type Command = BoardCommand;
    type State = BoardState;
    type Item = Post;

    const SCHEMA: u16 = 1;
    const REFUSALS_VARY: bool = true;

    fn needs(command: &BoardCommand) -> Vec<Uuid> {
        match command {
            BoardCommand::Remove { post } | BoardCommand::Rewrite { post } => vec![post.0],
            _ => Vec::new(),
        }
    }

    fn touches(event: &ChannelEvent) -> Option<Touch> {
        match event {
            ChannelEvent::MessageSent(sent) => Some(Touch::Creates(sent.message.0)),
            ChannelEvent::MessageDeleted(deleted) => Some(Touch::Changes(deleted.message.0)),
            ChannelEvent::MessageEdited(edited) => Some(Touch::Changes(edited.message.0)),
            _ => None,
        }
    }

    fn evolve(mut state: BoardState, fact: &Fact<ChannelEvent>) -> BoardState {
        match &fact.event {
            ChannelEvent::MessageSent(sent) => {
                state.posts = sent.seq;
                if sent.message.0.get_version_num() == 8 {
                    state.once.insert(sent.message);
                }
            }
            ChannelEvent::ChannelPasswordFailed(_) => state.wrong_guesses += 1,
            ChannelEvent::MemberLeft(_) => state.version += 1,
            _ => {}
        }
        state
    }

    fn evolve_item(item: Option<Post>, fact: &Fact<ChannelEvent>) -> Option<Post> {
        match &fact.event {
            ChannelEvent::MessageSent(sent) => {
                Some(Post { seq: sent.seq, removed: false, rewritten: 0 })
            }
            ChannelEvent::MessageEdited(_) => {
                item.map(|post| Post { rewritten: post.rewritten + 1, ..post })
            }
            ChannelEvent::MessageDeleted(_) => item.map(|post| Post { removed: true, ..post }),
            _ => item,
        }
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &BoardCommand,
    ) -> Decision<ChannelEvent> {
        let by = user(context.actor);
        match command {
            BoardCommand::Nod => Decision::Accept(Vec::new()),
            BoardCommand::Post { posts } => Decision::Accept(write(view.state, context, *posts)),
            BoardCommand::Once if view.state.once.contains(&MessageId(context.id.0)) => {
                Decision::Accept(Vec::new())
            }
            BoardCommand::Remove { post: message } => {
                change(view, *message, |seq| MessageDeleted { message: *message, seq, by }.into())
            }
            BoardCommand::Rewrite { post: message } => change(view, *message, |seq| {
                MessageEdited { message: *message, seq, text: TEXT.to_owned() }.into()
            }),
            BoardCommand::Hurry { until, for_good } if context.now > *until => {
                refuse(too_late(*for_good))
            }
            BoardCommand::Guess { version, .. } if *version != view.state.version => {
                Decision::Stale
            }
            BoardCommand::Guess { .. } if view.state.wrong_guesses >= GUESSES_MAX => {
                refuse(Code::RateLimited)
            }
            BoardCommand::Once
            | BoardCommand::Hurry { .. }
            | BoardCommand::Guess { right: true, .. } => {
                Decision::Accept(write(view.state, context, 1))
            }
            BoardCommand::Guess { right: false, .. } => {
                let rejection = Rejection::new(Code::WrongChannelPassword, "wrong");
                Decision::CountAndRefuse(ChannelPasswordFailed { user: by }.into(), rejection)
            }
            BoardCommand::Rekey => {
                let message = MessageId::derived(context.id, "rekey");
                let (seq, number) = (view.state.posts, view.state.posts);
                let left = MemberLeft { user: by, removed_by: None, message, seq, number };
                Decision::Accept(vec![left.into()])
            }
        }
    }
}

fn change(
    view: &View<'_, Board>,
    post: MessageId,
    event: impl FnOnce(u32) -> ChannelEvent,
) -> Decision<ChannelEvent> {
    match view.items.get(&post.0) {
        None => refuse(Code::NotFound),
        Some(known) if known.removed => refuse(Code::MessageDeleted),
        Some(known) => Decision::Accept(vec![event(known.seq)]),
    }
}

fn write(state: &BoardState, context: &Context<'_>, posts: u32) -> Vec<ChannelEvent> {
    let post = |ordinal: u32| {
        let message = match ordinal {
            1 => MessageId(context.id.0),
            _ => MessageId::derived(context.id, &ordinal.to_string()),
        };
        let (seq, text) = (state.posts + ordinal, TEXT.to_owned());
        let author = user(context.actor);
        MessageSent { message, seq, number: seq, author, text, reply_to: None }.into()
    };
    (1..=posts).map(post).collect()
}

fn user(actor: &Actor) -> UserId {
    match actor {
        Actor::User(user) => *user,
        _ => UserId(Uuid::nil()),
    }
}

fn refuse(code: Code) -> Decision<ChannelEvent> {
    Decision::Refuse(Rejection::new(code, "refused"))
}
