//! One command on its way through the mailbox.

use events::{Revision, Timestamp};

use super::effect::Token;
use super::recent::Found;
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Policy, Refused};
use crate::ports::Claim;
use crate::rejection::Rejection;

use super::answer::Answer;

/// A command on its way, with those who came after it under its id.
///
/// A repeat that comes meanwhile *joins*: it waits, and shares the answer if that is one that
/// stands for good, being in the log or in the claim. It then is the first answer of a repeat,
/// whatever happened since. A refusal that leaves the id free is no such answer. It tells how
/// the stream stood when the first try was decided, and with which secrets that try came; the
/// repeat may have been sent after something was acknowledged elsewhere that makes it untrue, or
/// with the right password at last. So nobody is told another try's refusal: who joined goes on
/// by oneself, as if the command had come only then, and is decided on a state at least as new as
/// one's own arrival. What says nothing of the command (`UNAVAILABLE`, `IN_PROGRESS`, `INTERNAL`)
/// is shared.
pub(super) struct Op<A: Aggregate> {
    /// What is asked.
    pub(super) ask: Box<Ask<A>>,
    /// Who waits for it.
    pub(super) token: Token,
    /// What came later under its id, in order: the same command again, or a rival by another
    /// actor or with other input. Rivals go on once this one is gone: only then is it certain
    /// whose the id is.
    pub(super) followers: Vec<Follower<A>>,
    /// When it is answered `UNAVAILABLE`.
    pub(super) deadline: Timestamp,
    /// An answer without events is good only if the state was the stream's end as proved by a
    /// request of at least this number.
    pub(super) fresh_from: u64,
    /// How far it is.
    pub(super) stage: Stage,
    /// What its id is to it.
    pub(super) hold: Hold,
    /// How often it was decided in vain.
    pub(super) decisions: u32,
    /// An append of it may still be under way: what ends it without events has to fence that.
    pub(super) uncertain: bool,
    /// The refusal that went with an event under the fresh id whose append is uncertain.
    pub(super) logged: Option<Rejection>,
    /// The answer if its id turns out to be free: it tried to release it.
    pub(super) freed: Option<Refused>,
}

/// A command that waits behind another one under its id.
pub(super) struct Follower<A: Aggregate> {
    /// Who waits.
    pub(super) token: Token,
    /// For what.
    pub(super) ask: Box<Ask<A>>,
    /// Until when.
    pub(super) deadline: Timestamp,
    /// What its own decision would have to rest on; see [`Op::fresh_from`].
    pub(super) fresh_from: u64,
}

/// Who is told an answer besides who asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    /// Whoever joined: it is the command's answer, or it says nothing of the command.
    WithJoined,
    /// Nobody: it is one try's refusal.
    WithNobody,
}

/// What a command's id is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Not claimed yet.
    Unclaimed,
    /// It runs without a claim: its decider recognises the repeat.
    Natural,
    /// The id is another actor's: it may be refused for other reasons first, but never accepted.
    Barred,
    /// Its own.
    Claimed {
        /// Its events have revisions above this.
        from: Option<Revision>,
        /// The attempt that this is.
        attempt: u32,
        /// Up to here none of its events was found.
        checked: Option<Revision>,
    },
}

impl Hold {
    /// The hold of a claim's owner, nothing being looked for yet.
    pub(super) fn of(claim: &Claim) -> Self {
        let (from, attempt) = (claim.from_revision, claim.attempt);
        Self::Claimed { from, attempt, checked: from }
    }
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// To be claimed.
    New,
    /// Its claim is under way.
    Claiming,
    /// The stream is searched for its events.
    Seeking(Seek),
    /// Its claim is being taken up.
    TakingUp,
    /// To be decided.
    Ready,
    /// Its events are being appended.
    Appending,
    /// Its claim is being settled or released; then this is the answer.
    Closing(Closing),
    /// Its claim's `from_revision` is being moved to here.
    Advancing(Revision),
    /// Somebody else has taken it up: look for the result now and then.
    Watching {
        /// Since when it waits.
        since: Timestamp,
        /// When to look next.
        next_at: Timestamp,
    },
    /// Its claim is being read.
    Finding {
        /// Since when it waits.
        since: Timestamp,
    },
}

/// A search of the stream for a command's events.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seek {
    /// It takes a state proved to be the stream's end by a request of at least this number.
    pub(super) fresh_from: u64,
    /// What to do when there are none.
    pub(super) then: Then,
    /// A page is being read.
    pub(super) reading: bool,
    /// Found, but the page ended with it: there may be more of it.
    pub(super) found: Option<Found>,
}

/// What to do when a command has no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Decide it.
    Decide,
    /// Take its claim up, if it still is at this attempt.
    TakeUp(u32),
    /// Go on waiting for who took it up.
    Watch {
        /// Since when.
        since: Timestamp,
    },
}

/// How a claim ends whose command left no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closing {
    /// The answer is stored.
    Settle(Answer),
    /// The id is free again.
    Release(Refused),
}

impl<A: Aggregate> Op<A> {
    /// Which attempt this is.
    pub(super) fn attempt(&self) -> u32 {
        match self.hold {
            Hold::Claimed { attempt, .. } => attempt,
            _ => 1,
        }
    }

    /// Whether an earlier append of this command may still come to be.
    pub(super) fn must_fence(&self) -> bool {
        self.attempt() > 1 || self.uncertain
    }

    /// Whether events with the ids of its own may have been appended before, by this attempt or,
    /// without a claim, by anyone, so that an append of them is answered as a repeat: those that
    /// are in the log then tell another time.
    pub(super) fn may_repeat(&self) -> bool {
        self.uncertain || self.hold == Hold::Natural
    }

    /// Whether `ask` is this very command again.
    pub(super) fn is_same(&self, ask: &Ask<A>) -> bool {
        let same_input = match (&self.ask.policy, &ask.policy) {
            (Policy::Natural, Policy::Natural) => true,
            (mine, other) => mine.input_hash() == other.input_hash(),
        };
        same_input && self.ask.actor == ask.actor
    }

    /// Starts a search of the stream.
    pub(super) fn seek(fresh_from: u64, then: Then) -> Stage {
        Stage::Seeking(Seek { fresh_from, then, reading: false, found: None })
    }
}
