//! What has to hold of answers, peeks, and the log, judged by the log alone.

use std::collections::{HashMap, HashSet};

use command::Code;
use command::execution::{Peek, Refused, Settled};
use events::codec::decode;
use events::log::Direction;
use events::memory::MemoryLog;
use events::{ChannelEvent, CommandId, Recorded, StreamName, Timestamp};
use uuid::Uuid;

use super::book::{Entry, Standing, Try, Variant};
use super::world::{Look, World};
use crate::board::{Board, BoardCommand, BoardState, GUESSES_MAX, Post};

pub(crate) type Verdict = Result<(), String>;

pub(crate) fn events_of(log: &MemoryLog, stream: &StreamName) -> Vec<Recorded> {
    log.read_now(stream, 0, Direction::Forwards, usize::MAX)
}

fn caused_by(events: &[Recorded], id: CommandId) -> Vec<&Recorded> {
    events.iter().filter(|event| event.event.metadata.causation == id).collect()
}

/// An answer against the log as it is at that moment.
pub(crate) fn answer(
    world: &World,
    of: &Try,
    stream: &StreamName,
    answer: &Result<Settled, Refused>,
) -> Verdict {
    let entry = &world.book.entries[of.entry];
    let events = events_of(&world.stores.log, stream);
    let Variant { actor, command, .. } = &entry.variants[of.variant];
    let mut own = caused_by(&events, entry.id);
    own.retain(|event| event.event.metadata.actor == *actor);
    match (answer, command) {
        (Ok(settled), BoardCommand::Nod) => {
            let head = world.stores.log.read_all_now(0, usize::MAX).len() as u64;
            ensure(settled.position <= head, "a position ahead of the log")
        }
        (Ok(_), BoardCommand::Once) => ensure(own.len() == 1, "done, but not there once"),
        (Ok(settled), _) => {
            let last = own.last().map(|event| event.position);
            ensure(last == Some(settled.position), "not the position of its last event")
        }
        (Err(Refused::Rejection(rejection)), BoardCommand::Remove { post })
            if rejection.code == Code::MessageDeleted =>
        {
            let told = Told::of(&events)?;
            let removed = told.posts.get(&post.0).is_some_and(|post| post.removed);
            ensure(removed, "refused as deleted, but it is not")
        }
        (Err(Refused::Rejection(rejection)), _) if world.book.was_alone(of) => {
            let transient = rejection.code.retryable() && rejection.code != Code::RateLimited;
            let others = matches!(rejection.code, Code::IdTaken | Code::IdempotencyConflict);
            ensure(transient || others || own.is_empty(), "refused, but it is in the log")
        }
        _ => Ok(()),
    }
}

/// A state that was shown against the log.
pub(crate) fn peek(
    log: &MemoryLog,
    stream: &StreamName,
    look: &Look,
    peek: &Peek<Board>,
) -> Verdict {
    ensure(peek.position >= look.acknowledged, "it is older than what was acknowledged")?;
    let mut events = events_of(log, stream);
    events.retain(|event| Some(event.revision) <= peek.revision);
    let told = Told::of(&events)?;
    ensure(told.state == peek.state, "its core differs")?;
    for key in &look.items {
        ensure(told.posts.get(key) == peek.items.get(key), "an item differs")?;
    }
    Ok(())
}

/// The whole log against all that was answered, at the end.
pub(crate) fn log(world: &World) -> Verdict {
    for (index, stream) in world.streams.iter().enumerate() {
        let events = events_of(&world.stores.log, stream);
        Told::of(&events)?;
        let mut before = Timestamp::default();
        for event in &events {
            let at = event.event.metadata.recorded_at;
            ensure(at >= before, &format!("recorded_at fell at {} of {stream}", event.revision))?;
            before = at;
        }
        let entries = || world.book.entries.iter().filter(|entry| entry.stream == index);
        for entry in entries() {
            command(entry, &caused_by(&events, entry.id))
                .map_err(|why| format!("{}: {why}", entry.id))?;
        }
        let known: HashSet<_> = entries().map(|entry| entry.id).collect();
        fresh_ids(&events, &known)?;
    }
    Ok(())
}

/// What stands under an id against its events.
fn command(entry: &Entry, own: &[&Recorded]) -> Verdict {
    let settled_only = own.len() == 1 && own[0].event.kind == "CommandSettled";
    let standing = entry.variants.iter().find(|variant| variant.standing.is_some());
    let Some(Variant { actor, command, cause_at, standing: Some(standing), .. }) = standing else {
        return ensure(own.is_empty(), "nobody was told of its events");
    };
    for event in own {
        let metadata = &event.event.metadata;
        ensure(metadata.actor == *actor, "its event is another actor's")?;
        ensure(Some(metadata.recorded_at) >= *cause_at, "recorded before its cause")?;
    }
    let expected = match (standing, command) {
        (Standing::Refused(_), _) | (_, BoardCommand::Nod) => {
            return ensure(own.is_empty() || settled_only, "it has events");
        }
        (Standing::Done(_), BoardCommand::Post { posts }) => usize::try_from(*posts).unwrap(),
        (Standing::Done(_), _) => 1,
    };
    ensure(own.len() == expected && !settled_only, "it does not stand there once")?;
    let together = own.windows(2).all(|pair| pair[0].revision + 1 == pair[1].revision);
    ensure(together, "its events lie apart")
}

/// A wrong guess is counted once.
fn fresh_ids(events: &[Recorded], known: &HashSet<CommandId>) -> Verdict {
    let mut seen = HashSet::new();
    for event in events {
        let id = event.event.metadata.causation;
        ensure(known.contains(&id) || seen.insert(id), &format!("{id} was used twice"))?;
    }
    Ok(())
}

/// What a stream tells, folded without the machines.
struct Told {
    state: BoardState,
    posts: HashMap<Uuid, Post>,
}

impl Told {
    fn of(events: &[Recorded]) -> Result<Self, String> {
        let mut told = Self { state: BoardState::default(), posts: HashMap::new() };
        for (event, revision) in events.iter().zip(0..) {
            ensure(event.revision == revision, "the stream has a gap")?;
            told.fold(decode(event).map_err(|error| error.to_string())?.event)?;
        }
        Ok(told)
    }

    fn fold(&mut self, event: ChannelEvent) -> Verdict {
        let Self { state, posts } = self;
        match event {
            ChannelEvent::MessageSent(sent) => {
                ensure(sent.seq == state.posts + 1, "seq has a gap")?;
                state.posts = sent.seq;
                if sent.message.0.get_version_num() == 8 {
                    state.once.insert(sent.message);
                }
                let post = Post { seq: sent.seq, removed: false };
                ensure(posts.insert(sent.message.0, post).is_none(), "a post stands there twice")
            }
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
}

pub(crate) fn ensure(holds: bool, otherwise: &str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
