//! What clients sent, and what they were told: the part of the model that knows of ids. It shares
//! no code with the machines.

use std::collections::HashMap;

use command::execution::{Refused, Settled};
use command::{Code, Rejection};
use events::{Actor, CommandId, LogPosition, Timestamp};

/// An answer that stands for good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    Done(LogPosition),
    Refused(Rejection),
}

/// How far the log was known, and what time it was, when something was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    /// So many of the stream's events had been acknowledged to somebody.
    pub(crate) events: usize,
    /// By the clock that all nodes' clocks are near to.
    pub(crate) at: Timestamp,
}

/// One of the commands that were sent under an id.
#[derive(Debug, Clone)]
pub(crate) struct Variant<W> {
    pub(crate) actor: Actor,
    pub(crate) wish: W,
    pub(crate) cause_at: Option<Timestamp>,
    pub(crate) standing: Option<Standing>,
    /// Its last answer was one that asks for no further try, and no try of it was left without
    /// such an answer since: that one may still have come to something.
    pub(crate) rests: bool,
    /// What was sent, with each try's own secrets.
    pub(crate) sent: Vec<W>,
    /// When it was first sent.
    pub(crate) first: Option<Since>,
}

impl<W> Variant<W> {
    pub(crate) fn new(actor: Actor, wish: W, cause_at: Option<Timestamp>) -> Self {
        let (standing, rests, sent, first) = (None, false, Vec::new(), None);
        Self { actor, wish, cause_at, standing, rests, sent, first }
    }
}

/// All that was sent under one id.
#[derive(Debug)]
pub(crate) struct Entry<W> {
    pub(crate) id: CommandId,
    pub(crate) stream: usize,
    pub(crate) natural: bool,
    pub(crate) variants: Vec<Variant<W>>,
    under_way: usize,
    /// How many tries were sent.
    tries: usize,
    /// It was refused with nothing under way: until it is sent again, nothing may come of it.
    pub(crate) quiet: bool,
}

impl<W> Entry<W> {
    pub(crate) fn new(id: CommandId, stream: usize, natural: bool, first: Variant<W>) -> Self {
        let (variants, under_way, tries, quiet) = (vec![first], 0, 0, false);
        Self { id, stream, natural, variants, under_way, tries, quiet }
    }
}

/// A try that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Try<W> {
    pub(crate) entry: usize,
    pub(crate) variant: usize,
    /// What was sent, with the secrets of this very try.
    pub(crate) wish: W,
    /// Under which id it is counted, should it be a wrong one.
    pub(crate) fresh_id: CommandId,
    pub(crate) since: Since,
    /// Another variant's answer stood when it was sent.
    rival_stood: bool,
    /// Its own answer stood when it was sent.
    stood: bool,
    /// No other try was under way when it was sent.
    alone: bool,
    /// Its number among the tries of its id.
    number: usize,
}

pub(crate) struct Book<W> {
    pub(crate) entries: Vec<Entry<W>>,
    /// Tries by the id under which they are counted.
    pub(crate) fresh: HashMap<CommandId, Try<W>>,
    /// Nothing goes wrong any more: every command is answered for good, and in time.
    pub(crate) healed: bool,
}

impl<W: Clone + PartialEq> Book<W> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), fresh: HashMap::new(), healed: false }
    }

    pub(crate) fn send(
        &mut self,
        entry: usize,
        variant: usize,
        fresh_id: CommandId,
        since: Since,
    ) -> Try<W> {
        let at = &mut self.entries[entry];
        let alone = at.under_way == 0;
        at.under_way += 1;
        at.tries += 1;
        at.quiet = false;
        let number = at.tries;
        let standing = |(_, known): &(usize, &Variant<W>)| known.standing.is_some();
        let rival_stood = at.variants.iter().enumerate().find(standing);
        let rival_stood = rival_stood.is_some_and(|(index, _)| index != variant);
        let mine = &mut at.variants[variant];
        mine.rests = false;
        mine.first.get_or_insert(since);
        let (stood, wish) = (mine.standing.is_some(), mine.wish.clone());
        if !mine.sent.contains(&wish) {
            mine.sent.push(wish.clone());
        }
        let of = Try { entry, variant, wish, fresh_id, since, rival_stood, stood, alone, number };
        self.fresh.insert(fresh_id, of.clone());
        of
    }

    pub(crate) fn variant(&self, of: &Try<W>) -> &Variant<W> {
        &self.entries[of.entry].variants[of.variant]
    }

    /// Whether no other try was under way at any time since it was sent.
    pub(crate) fn was_alone(&self, of: &Try<W>) -> bool {
        of.alone && self.entries[of.entry].tries == of.number
    }

    /// Its node has gone: there will be no answer.
    pub(crate) fn lost(&mut self, of: &Try<W>) {
        self.entries[of.entry].under_way -= 1;
        self.left_open(of);
    }

    fn left_open(&mut self, of: &Try<W>) {
        self.entries[of.entry].variants[of.variant].rests = false;
    }

    /// Takes an answer in, and says what is wrong with it.
    pub(crate) fn answered(
        &mut self,
        of: &Try<W>,
        answer: Result<Settled, Refused>,
    ) -> Result<(), String> {
        self.entries[of.entry].under_way -= 1;
        let rejection = match answer {
            Ok(settled) => return self.stand(of, Standing::Done(settled.position)),
            Err(Refused::Stale) => {
                self.left_open(of);
                return Ok(());
            }
            Err(Refused::Rejection(rejection)) => rejection,
        };
        match rejection.code {
            Code::Unavailable | Code::Conflict if self.healed => {
                Err(format!("not in time: {rejection}"))
            }
            Code::Unavailable | Code::InProgress | Code::Overloaded | Code::Conflict => {
                self.left_open(of);
                Ok(())
            }
            Code::Internal => Err(format!("a fault of ours: {rejection}")),
            Code::IdTaken | Code::IdempotencyConflict => self.barred(of, &rejection),
            code if code.leaves_id_free() => self.free(of, &rejection),
            _ => self.stand(of, Standing::Refused(rejection)),
        }
    }

    fn stand(&mut self, of: &Try<W>, standing: Standing) -> Result<(), String> {
        let entry = &mut self.entries[of.entry];
        if of.rival_stood {
            return Err("done or refused for good, for a rival of what has its answer".into());
        }
        let natural = entry.natural;
        let variant = &mut entry.variants[of.variant];
        variant.rests = true;
        match &variant.standing {
            // A natural repeat that changes nothing is told where the log stands.
            Some(_) if natural => Ok(()),
            Some(first) if *first != standing => {
                Err(format!("first answered {first:?}, then {standing:?}"))
            }
            _ => {
                variant.standing = Some(standing);
                let standing = entry.variants.iter().filter(|other| other.standing.is_some());
                if standing.count() > 1 {
                    return Err("two commands under one id have their answers".into());
                }
                Ok(())
            }
        }
    }

    fn barred(&mut self, of: &Try<W>, rejection: &Rejection) -> Result<(), String> {
        let entry = &mut self.entries[of.entry];
        let me = &entry.variants[of.variant];
        if of.stood || entry.variants.len() == 1 {
            return Err(format!("{} for a command of one's own", rejection.code.as_str()));
        }
        let same_actor = |other: &Variant<W>| other.actor == me.actor && other.wish != me.wish;
        let possible = match rejection.code {
            Code::IdempotencyConflict => entry.variants.iter().any(same_actor),
            _ => entry.variants.iter().any(|other| other.actor != me.actor),
        };
        entry.variants[of.variant].rests = true;
        if possible { Ok(()) } else { Err(format!("{rejection} without such a rival")) }
    }

    fn free(&mut self, of: &Try<W>, rejection: &Rejection) -> Result<(), String> {
        let alone = self.was_alone(of);
        let entry = &mut self.entries[of.entry];
        entry.variants[of.variant].rests = true;
        if of.stood {
            return Err(format!("answered before, now {rejection}"));
        }
        // A rival's refusal says nothing of what the owner's earlier tries may still do.
        entry.quiet = alone && entry.variants.len() == 1;
        Ok(())
    }
}
