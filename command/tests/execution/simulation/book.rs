//! What clients sent, and what they were told: the model that the runs are held to. It shares no
//! code with the machines.

use std::collections::HashMap;

use command::execution::{Refused, Settled};
use command::{Code, Rejection};
use events::{Actor, CommandId, LogPosition, StreamName, Timestamp};

use crate::board::BoardCommand;

/// An answer that stands for good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    Done(LogPosition),
    Refused(Rejection),
}

/// One of the commands that were sent under an id.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) actor: Actor,
    pub(crate) command: BoardCommand,
    pub(crate) cause_at: Option<Timestamp>,
    pub(crate) standing: Option<Standing>,
    /// Its last answer was one that asks for no further try, and no try of it was left without
    /// such an answer since: that one may still have come to something.
    pub(crate) rests: bool,
}

impl Variant {
    pub(crate) fn new(actor: Actor, command: BoardCommand, cause_at: Option<Timestamp>) -> Self {
        Self { actor, command, cause_at, standing: None, rests: false }
    }
}

/// All that was sent under one id.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: CommandId,
    pub(crate) stream: usize,
    pub(crate) natural: bool,
    pub(crate) variants: Vec<Variant>,
    pub(crate) under_way: usize,
    /// How many tries were sent.
    pub(crate) tries: usize,
    /// It was refused with nothing under way: until it is sent again, nothing may come of it.
    pub(crate) quiet: bool,
}

/// A try that waits for its answer.
#[expect(clippy::struct_excessive_bools, reason = "each says of one thing how it stood")]
#[derive(Debug, Clone)]
pub(crate) struct Try {
    pub(crate) entry: usize,
    pub(crate) variant: usize,
    /// What was sent, with the secrets of this very try.
    pub(crate) command: BoardCommand,
    /// Another variant's answer stood when it was sent.
    rival_stood: bool,
    /// Its own answer stood when it was sent.
    stood: bool,
    /// No other try was under way when it was sent.
    alone: bool,
    /// Its number among the tries of its id.
    number: usize,
    /// The post that it removes was acknowledged when it was sent.
    post_was_there: bool,
}

#[derive(Default)]
pub(crate) struct Book {
    /// Nothing goes wrong any more: every command is answered for good, and in time.
    pub(crate) healed: bool,
    pub(crate) entries: Vec<Entry>,
    pub(crate) acknowledged: HashMap<StreamName, LogPosition>,
    posts: Vec<uuid::Uuid>,
}

impl Book {
    pub(crate) fn send(&mut self, entry: usize, variant: usize) -> Try {
        let mut post_was_there = false;
        let command = self.entries[entry].variants[variant].command.clone();
        if let BoardCommand::Remove { post } = &command {
            post_was_there = self.posts.contains(&post.0);
        }
        let at = &mut self.entries[entry];
        let alone = at.under_way == 0;
        at.under_way += 1;
        at.tries += 1;
        at.quiet = false;
        let standing = |(_, known): &(usize, &Variant)| known.standing.is_some();
        let stood = at.variants[variant].standing.is_some();
        let rival_stood = at.variants.iter().enumerate().find(standing);
        let rival_stood = rival_stood.is_some_and(|(index, _)| index != variant);
        let number = at.tries;
        at.variants[variant].rests = false;
        Try { entry, variant, command, rival_stood, stood, alone, number, post_was_there }
    }

    /// Whether no other try was under way at any time since it was sent.
    pub(crate) fn was_alone(&self, of: &Try) -> bool {
        of.alone && self.entries[of.entry].tries == of.number
    }

    /// Its node has gone: there will be no answer.
    pub(crate) fn lost(&mut self, of: &Try) {
        self.entries[of.entry].under_way -= 1;
        self.left_open(of);
    }

    fn left_open(&mut self, of: &Try) {
        self.entries[of.entry].variants[of.variant].rests = false;
    }

    /// Takes an answer in, and says what is wrong with it.
    pub(crate) fn answered(
        &mut self,
        of: &Try,
        stream: &StreamName,
        answer: Result<Settled, Refused>,
    ) -> Result<(), String> {
        self.entries[of.entry].under_way -= 1;
        let rejection = match answer {
            Ok(settled) => {
                self.acknowledge(of, stream, settled.position);
                return self.stand(of, Standing::Done(settled.position));
            }
            Err(Refused::Stale) => {
                self.left_open(of);
                return Ok(());
            }
            Err(Refused::Rejection(rejection)) => rejection,
        };
        match rejection.code {
            Code::Unavailable if self.healed => Err(format!("not in time: {rejection}")),
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

    fn acknowledge(&mut self, of: &Try, stream: &StreamName, position: LogPosition) {
        let acknowledged = self.acknowledged.entry(stream.clone()).or_default();
        *acknowledged = (*acknowledged).max(position);
        let entry = &self.entries[of.entry];
        if let BoardCommand::Post { .. } = entry.variants[of.variant].command {
            self.posts.push(entry.id.0);
        }
    }

    fn stand(&mut self, of: &Try, standing: Standing) -> Result<(), String> {
        let entry = &mut self.entries[of.entry];
        if of.rival_stood {
            return Err(format!("{standing:?} for a rival of a command that has its answer"));
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

    fn barred(&mut self, of: &Try, rejection: &Rejection) -> Result<(), String> {
        let entry = &mut self.entries[of.entry];
        let me = &entry.variants[of.variant];
        if of.stood || entry.variants.len() == 1 {
            return Err(format!("{} for a command of one's own", rejection.code.as_str()));
        }
        let same_actor = |other: &Variant| other.actor == me.actor && other.command != me.command;
        let possible = match rejection.code {
            Code::IdempotencyConflict => entry.variants.iter().any(same_actor),
            _ => entry.variants.iter().any(|other| other.actor != me.actor),
        };
        entry.variants[of.variant].rests = true;
        if possible { Ok(()) } else { Err(format!("{rejection} without such a rival")) }
    }

    fn free(&mut self, of: &Try, rejection: &Rejection) -> Result<(), String> {
        let alone = self.was_alone(of);
        let entry = &mut self.entries[of.entry];
        let variant = &mut entry.variants[of.variant];
        variant.rests = true;
        if of.stood {
            return Err(format!("answered before, now {rejection}"));
        }
        let is_right = matches!(of.command, BoardCommand::Guess { right: true, .. });
        if rejection.code == Code::WrongChannelPassword && is_right {
            return Err("told that its secret was wrong, but it was right".into());
        }
        if rejection.code == Code::NotFound && of.post_was_there {
            return Err("a post that was acknowledged is not found".into());
        }
        // A rival's refusal says nothing of what the owner's earlier tries may still do.
        entry.quiet = alone && entry.variants.len() == 1;
        Ok(())
    }
}
