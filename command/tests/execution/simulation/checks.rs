//! What has to hold of answers, peeks, and the log, judged by the log and the model.
//!
//! An answer without events tells how the stream stood. There has to be a moment between the
//! sending of the command and its answer at which it was true: not before anything that somebody
//! had been told of by then.

use command::Code;
use command::execution::{Peek, Refused, Settled};
use events::{ChannelEvent, CommandId, Recorded, Timestamp};
use serde_json::Value;

use super::book::{Entry, Since, Standing, Try, Variant};
use super::history::History;
use super::subject::{Asked, Expected, Subject, Verdict, ensure};
use super::world::{Look, SKEW_US_MAX, World};

/// An answer against the stream as it is at that moment. Tells the fewest events that it takes to
/// explain it: who was told has seen them.
pub(crate) fn answer<S: Subject>(
    world: &World<S>,
    of: &Try<S::Wish>,
    answer: &Result<Settled, Refused>,
) -> Result<usize, String> {
    let entry = &world.book.entries[of.entry];
    let history = &world.histories[entry.stream];
    let variant = &entry.variants[of.variant];
    let own = std::slice::from_ref(&of.wish);
    match answer {
        Ok(settled) => done(world, of, settled),
        Err(Refused::Stale) => {
            // It is told at once: the secret is verified again, and then it is looked closer.
            let since = Since { events: 0, ..of.since };
            let stale = |expected: &Expected| *expected == Expected::Stale;
            explained(world, of, since, own, stale).map(|_| 0)
        }
        Err(Refused::Rejection(rejection)) => match rejection.code {
            Code::Unavailable
            | Code::InProgress
            | Code::Overloaded
            | Code::Conflict
            | Code::IdempotencyConflict
            | Code::Internal => Ok(0),
            Code::IdTaken => explained(world, of, of.since, own, Expected::is_owner_only),
            _ if variant.standing.is_some() => Ok(0),
            code => {
                let mut events = history.caused_by(entry.id);
                events.retain(|(_, event, _)| event.event.metadata.actor == variant.actor);
                let nothing = events.is_empty() || settled_only(&events);
                ensure(nothing || !world.book.was_alone(of), "refused, but it is in the log")?;
                // A kept refusal is the first one that was decided, whoever asked then.
                let first = (variant.first.unwrap_or(of.since), variant.sent.as_slice());
                let free = code.leaves_id_free() || entry.natural;
                let (since, wishes) = if free { (of.since, own) } else { first };
                let counted = !history.caused_by(of.fresh_id).is_empty();
                let is_told = |expected: &Expected| match expected {
                    Expected::Refused(told) => *told == code,
                    Expected::Counted(_, told) => *told == code && counted,
                    _ => false,
                };
                explained(world, of, since, wishes, is_told)
            }
        },
    }
}

fn done<S: Subject>(
    world: &World<S>,
    of: &Try<S::Wish>,
    settled: &Settled,
) -> Result<usize, String> {
    let entry = &world.book.entries[of.entry];
    let history = &world.histories[entry.stream];
    let variant = &entry.variants[of.variant];
    let mut own = history.caused_by(entry.id);
    own.retain(|(_, event, _)| event.event.metadata.actor == variant.actor);
    let seen = history.len_at(settled.position);
    if let Some((_, last, _)) = own.last() {
        // A natural repeat is told where the log stands.
        let at = last.position == settled.position
            || (entry.natural && last.position < settled.position);
        ensure(at, "not the position of its last event")?;
        return Ok(seen);
    }
    ensure(!entry.natural, "done, but not there")?;
    let since = variant.first.unwrap_or(of.since);
    let nothing = |expected: &Expected| *expected == Expected::Nothing;
    explained(world, of, since, &variant.sent, nothing)?;
    ensure(settled.position <= world.head(), "a position ahead of the log")?;
    ensure(settled.position >= history.position(since.events), "a position of before")?;
    Ok(seen)
}

/// Looks for the moment at which an answer was true: how many events there were then.
fn explained<S: Subject>(
    world: &World<S>,
    of: &Try<S::Wish>,
    since: Since,
    wishes: &[S::Wish],
    is_told: impl Fn(&Expected) -> bool,
) -> Result<usize, String> {
    let entry = &world.book.entries[of.entry];
    let history = &world.histories[entry.stream];
    let variant = &entry.variants[of.variant];
    let early = Timestamp::from_micros(since.at.as_micros() - SKEW_US_MAX);
    let late = Timestamp::from_micros(world.time().as_micros() + SKEW_US_MAX);
    let may_be = |events: usize, wish: &S::Wish| {
        [early, late].into_iter().any(|at| {
            let at = at.max(history.at(events)).max(variant.cause_at.unwrap_or_default());
            let asked = Asked { id: entry.id, actor: &variant.actor, at };
            is_told(&S::expect(history.after(events), &asked, wish))
        })
    };
    let mut moments = since.events..=history.len();
    moments
        .find(|events| wishes.iter().any(|wish| may_be(*events, wish)))
        .ok_or_else(|| "there was no moment at which this was true".to_owned())
}

/// A state that was shown against the stream.
pub(crate) fn peek<S: Subject>(
    history: &History<S>,
    look: &Look,
    peek: &Peek<S::Aggregate>,
) -> Verdict {
    let len = peek.revision.map_or(0, |revision| usize::try_from(revision).unwrap() + 1);
    ensure(peek.position == history.position(len), "its position is another event's")?;
    ensure(len >= look.seen, "it is older than what was acknowledged")?;
    S::shows(history.after(len), &look.items, peek)
}

/// The whole log against all that was answered, at the end.
pub(crate) fn log<S: Subject>(world: &World<S>) -> Verdict {
    for (index, history) in world.histories.iter().enumerate() {
        for id in history.causes() {
            let entry = world.book.entries.iter().find(|entry| entry.id == id);
            let verdict = match entry {
                Some(entry) => ensure(entry.stream == index, "in another stream")
                    .and_then(|()| known(history, entry)),
                None => fresh(world, history, id),
            };
            verdict.map_err(|wrong| format!("{id}: {wrong}"))?;
        }
        for entry in world.book.entries.iter().filter(|entry| entry.stream == index) {
            told(history, entry).map_err(|wrong| format!("{}: {wrong}", entry.id))?;
        }
    }
    Ok(())
}

type Placed<'a> = (usize, &'a Recorded, &'a ChannelEvent);

fn settled_only(own: &[Placed<'_>]) -> bool {
    matches!(own, [(_, _, ChannelEvent::CommandSettled(_))])
}

/// The events of a command that was sent: its owner's, whole, once, and what had to come of it.
fn known<S: Subject>(history: &History<S>, entry: &Entry<S::Wish>) -> Verdict {
    let own = history.caused_by(entry.id);
    let [(place, recorded, _), ..] = own[..] else { return Ok(()) };
    let metadata = &recorded.event.metadata;
    let together = own.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
    ensure(together, "its events lie apart")?;
    let has_standing = |variant: &&Variant<_>| variant.standing.is_some();
    let Some(owner) = entry.variants.iter().find(has_standing) else {
        return Err("nobody was told of its events".into());
    };
    let is_owners = |(_, event, _): &Placed<'_>| event.event.metadata.actor == owner.actor;
    ensure(own.iter().all(is_owners), "its event is another actor's")?;
    ensure(Some(metadata.recorded_at) >= owner.cause_at, "recorded before its cause")?;
    let asked = Asked { id: entry.id, actor: &owner.actor, at: metadata.recorded_at };
    let right = owner.sent.iter().any(|wish| {
        let expected = S::expect(history.after(place), &asked, wish);
        match (&own[..], &expected) {
            ([(_, _, ChannelEvent::CommandSettled(settled))], _) => {
                says(&settled.answer, &expected)
            }
            (_, Expected::Events(events)) => {
                events.iter().eq(own.iter().map(|(_, _, event)| *event))
            }
            _ => false,
        }
    });
    ensure(right, "its events are not what had to come of it")
}

/// Whether a stored answer is the expected one.
fn says(answer: &Value, expected: &Expected) -> bool {
    match expected {
        Expected::Refused(code) => answer["refused"]["code"] == code.as_str(),
        Expected::Nothing => answer.get("done").is_some(),
        _ => false,
    }
}

/// What was told of a command against its events.
fn told<S: Subject>(history: &History<S>, entry: &Entry<S::Wish>) -> Verdict {
    let own = history.caused_by(entry.id);
    let standing = entry.variants.iter().find_map(|variant| variant.standing.as_ref());
    match standing {
        None => ensure(own.is_empty(), "nobody was told of its events"),
        Some(Standing::Refused(_)) => {
            ensure(own.is_empty() || settled_only(&own), "refused, but it has events")
        }
        // That it needed none was seen when it was told.
        Some(Standing::Done(_)) => Ok(()),
    }
}

/// An event under a fresh id: a wrong try that is counted, or the fence of a refusal.
fn fresh<S: Subject>(world: &World<S>, history: &History<S>, id: CommandId) -> Verdict {
    let own = history.caused_by(id);
    let [(place, recorded, event)] = own[..] else { return Err("used twice".into()) };
    let Some(of) = world.book.fresh.get(&id) else { return Err("nobody's".into()) };
    let entry = &world.book.entries[of.entry];
    let actor = &entry.variants[of.variant].actor;
    let asked = Asked { id: entry.id, actor, at: recorded.event.metadata.recorded_at };
    let expected = S::expect(history.after(place), &asked, &of.wish);
    let right = match (event, &expected) {
        (ChannelEvent::CommandSettled(settled), _) => {
            let taken = settled.answer["refused"]["code"] == Code::IdTaken.as_str();
            says(&settled.answer, &expected) || taken
        }
        (_, Expected::Counted(counted, _)) => counted == event,
        _ => false,
    };
    ensure(right, "not what had to come of this try")
}
