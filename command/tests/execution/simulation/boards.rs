//! The small board under simulation: an aggregate that has one of everything.

use std::collections::HashMap;
use std::time::Duration;

use command::Code;
use command::execution::Peek;
use events::channel::{
    ChannelPasswordFailed, MemberLeft, MessageDeleted, MessageEdited, MessageSent,
};
use events::{Actor, ChannelEvent, Fact, MessageId};
use uuid::Uuid;

use super::dice::Dice;
use super::subject::{Asked, Expected, Id, Invented, Scene, Subject, Verdict, ensure, user};
use crate::board::{Board, BoardCommand, BoardState, GUESSES_MAX, Post, TEXT, too_late};

pub(crate) enum Boards {}

#[derive(Clone, Default)]
pub(crate) struct Told {
    state: BoardState,
    posts: HashMap<Uuid, Post>,
}

impl Subject for Boards {
    type Aggregate = Board;
    type Wish = BoardCommand;
    type Told = Told;

    const REFUSALS: &[Code] = &[
        Code::NotFound,
        Code::Forbidden,
        Code::LastAdmin,
        Code::WrongChannelPassword,
        Code::RateLimited,
        Code::MessageDeleted,
        Code::IdTaken,
        Code::IdempotencyConflict,
        Code::InProgress,
        Code::Overloaded,
        Code::Unavailable,
    ];

    fn invent(dice: &mut Dice, scene: &Scene<'_, Told>) -> Invented<BoardCommand> {
        if dice.percent(10) {
            return Invented { wish: BoardCommand::Once, id: Id::Natural };
        }
        let wish = match dice.below(12) {
            0..4 => BoardCommand::Post { posts: 1 + u32::try_from(dice.below(3)).unwrap() },
            4..8 => {
                let post = MessageId(dice.pick(scene.ids).map_or(Uuid::nil(), |id| id.0));
                if dice.percent(60) {
                    BoardCommand::Remove { post }
                } else {
                    BoardCommand::Rewrite { post }
                }
            }
            8 => {
                let rest = Duration::from_millis(u64::try_from(dice.below(4_000)).unwrap());
                let (until, for_good) = (scene.now.plus(rest), dice.percent(50));
                BoardCommand::Hurry { until, for_good }
            }
            9 => BoardCommand::Nod,
            10 if dice.percent(20) => BoardCommand::Rekey,
            _ => {
                let version = u32::try_from(dice.below(2)).unwrap();
                BoardCommand::Guess { right: dice.percent(60), version }
            }
        };
        Invented { wish, id: Id::Fresh }
    }

    fn command(_: &Actor, wish: &BoardCommand) -> BoardCommand {
        wish.clone()
    }

    fn input(wish: &BoardCommand) -> String {
        match wish {
            BoardCommand::Guess { .. } => "guess".into(),
            other => format!("{other:?}"),
        }
    }

    fn try_another_secret(dice: &mut Dice, _: &Told, wish: &mut BoardCommand) {
        if let BoardCommand::Guess { right, .. } = wish {
            *right = dice.percent(60);
        }
    }

    fn verify_anew(told: &Told, wish: &mut BoardCommand) {
        if let BoardCommand::Guess { version, .. } = wish {
            *version = told.state.version;
        }
    }

    fn fold(told: &mut Told, fact: &Fact<ChannelEvent>) -> Verdict {
        let Told { state, posts } = told;
        match &fact.event {
            ChannelEvent::MessageSent(sent) => {
                ensure(sent.seq == state.posts + 1, "seq has a gap")?;
                state.posts = sent.seq;
                if sent.message.0.get_version_num() == 8 {
                    state.once.insert(sent.message);
                }
                let post = Post { seq: sent.seq, removed: false, rewritten: 0 };
                ensure(posts.insert(sent.message.0, post).is_none(), "a post stands there twice")
            }
            ChannelEvent::MessageEdited(edited) => match posts.get_mut(&edited.message.0) {
                Some(post) if !post.removed => {
                    post.rewritten += 1;
                    ensure(post.seq == edited.seq, "another post's seq")
                }
                _ => Err("a post was written anew that was not there".into()),
            },
            ChannelEvent::MessageDeleted(deleted) => match posts.get_mut(&deleted.message.0) {
                Some(post) if !post.removed => {
                    post.removed = true;
                    ensure(post.seq == deleted.seq, "another post's seq")
                }
                _ => Err("a post was removed that was not there".into()),
            },
            ChannelEvent::ChannelPasswordFailed(_) => {
                state.wrong_guesses += 1;
                ensure(state.wrong_guesses <= GUESSES_MAX, "a wrong guess too many")
            }
            ChannelEvent::MemberLeft(_) => {
                state.version += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn expect(told: &Told, asked: &Asked<'_>, wish: &BoardCommand) -> Expected {
        let state = &told.state;
        let by = user(asked.actor);
        match wish {
            BoardCommand::Nod => Expected::Nothing,
            BoardCommand::Post { posts } => written(told, asked, *posts),
            BoardCommand::Once if state.once.contains(&MessageId(asked.id.0)) => Expected::Nothing,
            BoardCommand::Remove { post: message } => {
                changed(told, *message, |seq| MessageDeleted { message: *message, seq, by }.into())
            }
            BoardCommand::Rewrite { post: message } => changed(told, *message, |seq| {
                MessageEdited { message: *message, seq, text: TEXT.to_owned() }.into()
            }),
            BoardCommand::Hurry { until, for_good } if asked.at > *until => {
                Expected::Refused(too_late(*for_good))
            }
            BoardCommand::Guess { version, .. } if *version != state.version => Expected::Stale,
            BoardCommand::Guess { .. } if state.wrong_guesses >= GUESSES_MAX => {
                Expected::Refused(Code::RateLimited)
            }
            BoardCommand::Once
            | BoardCommand::Hurry { .. }
            | BoardCommand::Guess { right: true, .. } => written(told, asked, 1),
            BoardCommand::Guess { right: false, .. } => {
                let failed = ChannelPasswordFailed { user: by };
                Expected::Counted(failed.into(), Code::WrongChannelPassword)
            }
            BoardCommand::Rekey => {
                let message = MessageId::derived(asked.id, "rekey");
                let (seq, number) = (state.posts, state.posts);
                let left = MemberLeft { user: by, removed_by: None, message, seq, number };
                Expected::Events(vec![left.into()])
            }
        }
    }

    fn shows(told: &Told, keys: &[Uuid], peek: &Peek<Board>) -> Verdict {
        ensure(told.state == peek.state, "its core differs")?;
        let same = |key: &Uuid| told.posts.get(key) == peek.items.get(key);
        ensure(keys.iter().all(same), "an item differs")
    }
}

fn changed(told: &Told, post: MessageId, event: impl FnOnce(u32) -> ChannelEvent) -> Expected {
    match told.posts.get(&post.0) {
        None => Expected::Refused(Code::NotFound),
        Some(known) if known.removed => Expected::Refused(Code::MessageDeleted),
        Some(known) => Expected::Events(vec![event(known.seq)]),
    }
}

fn written(told: &Told, asked: &Asked<'_>, posts: u32) -> Expected {
    let post = |ordinal: u32| {
        let message = match ordinal {
            1 => MessageId(asked.id.0),
            _ => MessageId::derived(asked.id, &ordinal.to_string()),
        };
        let (seq, author) = (told.state.posts + ordinal, user(asked.actor));
        let text = TEXT.to_owned();
        MessageSent { message, seq, number: seq, author, text, reply_to: None }.into()
    };
    Expected::Events((1..=posts).map(post).collect())
}
