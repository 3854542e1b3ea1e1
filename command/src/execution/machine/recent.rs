//! Which commands the newest events of a stream came from.

use std::collections::{HashMap, VecDeque};

use events::hashing::InputHash;
use events::{Actor, CommandId, LogPosition, NewEvent, Recorded, Revision};

use super::answer::{self, Answer};
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::{Ask, Refused, Settled};

/// A command's last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its revision.
    pub(super) revision: Revision,
    /// Its position.
    pub(super) position: LogPosition,
    /// The answer that it holds, if it is a `CommandSettled`.
    pub(super) answer: Option<Answer>,
    actor: Actor,
    input_hash: Option<InputHash>,
}

impl Found {
    /// Of an event that was read.
    pub(super) fn of(recorded: &Recorded) -> Self {
        Self::at(recorded.revision, recorded.position, &recorded.event)
    }

    /// Of an event that was appended there.
    pub(super) fn at(revision: Revision, position: LogPosition, event: &NewEvent) -> Self {
        let answer = Answer::in_event(event);
        let (actor, input_hash) = (event.metadata.actor.clone(), event.metadata.input_hash.clone());
        Self { revision, position, answer, actor, input_hash }
    }

    /// What a command with the same id is told: the first answer if it is this very command. It
    /// need not be: between reading its claim and finding this the id may have changed hands.
    pub(super) fn tell<A: Aggregate>(&self, ask: &Ask<A>) -> Result<Settled, Refused> {
        if self.actor != ask.actor {
            return Err(answer::taken().into());
        }
        if self.input_hash.as_ref() != ask.policy.input_hash() {
            return Err(answer::other_input());
        }
        let answer = self.answer.clone().unwrap_or(Answer::Done { position: None });
        answer.repeat(self.position)
    }
}

/// A bounded memory of the events in (`after`, state revision], all of them.
#[derive(Debug)]
pub(super) struct Recent {
    after: Option<Revision>,
    order: VecDeque<(Revision, CommandId)>,
    by_command: HashMap<CommandId, Found>,
    /// Commands whose events are kept however many follow: those of the mailbox's own that may
    /// turn up.
    awaited: HashMap<CommandId, Option<Found>>,
    len_max: usize,
}

impl Recent {
    /// Knows no event yet; the next one follows `after`.
    pub(super) fn starting(after: Option<Revision>, len_max: usize) -> Self {
        let (by_command, awaited) = (HashMap::new(), HashMap::new());
        Self { after, order: VecDeque::new(), by_command, awaited, len_max }
    }

    /// From now on an event of this command is kept until it is let go.
    pub(super) fn await_event(&mut self, command: CommandId) {
        self.awaited.entry(command).or_insert(None);
    }

    /// Nobody waits for this command's event any more.
    pub(super) fn let_go(&mut self, command: CommandId) {
        self.awaited.remove(&command);
    }

    /// The event of a command that was awaited before it came.
    pub(super) fn awaited(&self, command: CommandId) -> Option<&Found> {
        self.awaited.get(&command)?.as_ref()
    }

    /// Whether all events after `revision` are in it.
    pub(super) fn covers(&self, revision: Option<Revision>) -> bool {
        revision >= self.after
    }

    /// Takes in the stream's next event.
    pub(super) fn record(&mut self, command: CommandId, found: Found) {
        if let Some(awaited) = self.awaited.get_mut(&command) {
            *awaited = Some(found.clone());
        }
        self.order.push_back((found.revision, command));
        self.by_command.insert(command, found);
        while self.order.len() > self.len_max {
            let Some((revision, oldest)) = self.order.pop_front() else { break };
            self.after = Some(revision);
            if self.by_command.get(&oldest).is_some_and(|found| found.revision == revision) {
                self.by_command.remove(&oldest);
            }
        }
    }

    /// The last event after `after` that the command brought about.
    pub(super) fn find(&self, command: CommandId, after: Option<Revision>) -> Option<&Found> {
        self.by_command.get(&command).filter(|found| Some(found.revision) > after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(revision: Revision, position: LogPosition) -> Found {
        Found { revision, position, answer: None, actor: Actor::System, input_hash: None }
    }

    #[test]
    fn old_events_are_forgotten_and_it_says_so() {
        let mut recent = Recent::starting(None, 2);
        let ids: Vec<_> = (0..3).map(|_| CommandId::generate()).collect();
        for (id, revision) in ids.iter().zip(0..) {
            recent.record(*id, found(revision, revision + 10));
        }
        assert!(recent.covers(Some(0)) && !recent.covers(None));
        assert_eq!(recent.find(ids[0], None), None);
        assert_eq!(recent.find(ids[2], None).map(|found| found.position), Some(12));
        assert_eq!(recent.find(ids[2], Some(2)), None);
    }

    #[test]
    fn the_last_event_of_a_command_counts() {
        let mut recent = Recent::starting(Some(6), 2);
        let id = CommandId::generate();
        for revision in 7..10 {
            recent.record(id, found(revision, revision));
        }
        assert_eq!(recent.find(id, Some(6)).map(|found| found.revision), Some(9));
        assert!(recent.covers(Some(7)) && !recent.covers(Some(6)));
    }
}
