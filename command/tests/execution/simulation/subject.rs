//! What is put under simulation: an aggregate, what is asked of it, and a model that tells what
//! has to come of it. A model is written from the contract and shares no code with the decider.

use std::fmt::Debug;

use command::Code;
use command::execution::{Aggregate, Peek};
use events::{Actor, ChannelEvent, CommandId, Fact, Timestamp, UserId};
use uuid::Uuid;

use super::dice::Dice;

/// Whether all is as it has to be; else what is not.
pub(crate) type Verdict = Result<(), String>;

pub(crate) fn ensure(holds: bool, otherwise: &str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

pub(crate) trait Subject: Sized {
    type Aggregate: Aggregate<Event = ChannelEvent>;
    /// What may be asked: a command without who asks.
    type Wish: Clone + Debug + PartialEq;
    /// What a stream tells, in plain maps.
    type Told: Clone + Default;

    /// Refusals that a few hundred runs have to get to: what never happens was not tested.
    const REFUSALS: &[Code];

    /// Something to ask next.
    fn invent(dice: &mut Dice, scene: &Scene<'_, Self::Told>) -> Invented<Self::Wish>;

    /// The command that it is to the aggregate.
    fn command(actor: &Actor, wish: &Self::Wish) -> <Self::Aggregate as Aggregate>::Command;

    /// What repeats are compared by: all but secrets.
    fn input(wish: &Self::Wish) -> String;

    /// A repeat may come with another secret, or one verified at another time.
    fn try_another_secret(dice: &mut Dice, told: &Self::Told, wish: &mut Self::Wish);

    /// What a client does that is told that its secret was verified against an old hash.
    fn verify_anew(told: &Self::Told, wish: &mut Self::Wish);

    /// Takes in the next event; an error if it should not stand there.
    fn fold(told: &mut Self::Told, fact: &Fact<ChannelEvent>) -> Verdict;

    /// What comes of a wish on what was told.
    fn expect(told: &Self::Told, asked: &Asked<'_>, wish: &Self::Wish) -> Expected;

    /// Whether what is shown is what was told.
    fn shows(told: &Self::Told, keys: &[Uuid], peek: &Peek<Self::Aggregate>) -> Verdict;
}

/// Where a wish is invented.
pub(crate) struct Scene<'a, T> {
    /// The stream's entity.
    pub(crate) entity: Uuid,
    /// How it stands with it.
    pub(crate) told: &'a T,
    /// What time it is.
    pub(crate) now: Timestamp,
    /// Ids of commands that were sent to it.
    pub(crate) ids: &'a [CommandId],
}

/// A wish, and how its command is recognised.
pub(crate) struct Invented<W> {
    pub(crate) wish: W,
    pub(crate) id: Id,
}

/// Under which id a command is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// A client's new one.
    Fresh,
    /// This one: it names what is made.
    Given(CommandId),
    /// One that we derive, without a claim.
    Natural,
}

/// By whom, under which id, and when something is asked.
pub(crate) struct Asked<'a> {
    pub(crate) id: CommandId,
    pub(crate) actor: &'a Actor,
    pub(crate) at: Timestamp,
}

/// What has to come of a command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// It is done: these events.
    Events(Vec<ChannelEvent>),
    /// It is done, and there was nothing to do.
    Nothing,
    /// It is refused.
    Refused(Code),
    /// It is refused, and counted as a wrong try by this event.
    Counted(ChannelEvent, Code),
    /// Its secret has to be verified anew.
    Stale,
}

impl Expected {
    /// Whether somebody else's id is the only thing that stands against it.
    pub(crate) fn is_owner_only(&self) -> bool {
        match self {
            Self::Events(_) | Self::Nothing => true,
            Self::Refused(code) => !code.leaves_id_free() || *code == Code::IdTaken,
            Self::Counted(..) | Self::Stale => false,
        }
    }
}

pub(crate) fn user(actor: &Actor) -> UserId {
    match actor {
        Actor::User(user) => *user,
        _ => UserId(Uuid::nil()),
    }
}
