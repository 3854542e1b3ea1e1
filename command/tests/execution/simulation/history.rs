//! What a stream has told so far, folded by the model and without the machines.

use std::collections::HashMap;

use events::codec::decode;
use events::log::Direction;
use events::memory::MemoryLog;
use events::{ChannelEvent, CommandId, LogPosition, Recorded, StreamName, Timestamp};

use super::subject::{Subject, Verdict, ensure};

pub(crate) struct History<S: Subject> {
    stream: StreamName,
    events: Vec<(Recorded, ChannelEvent)>,
    /// How it stood before each event, and how it stands after the last.
    told: Vec<S::Told>,
    by_cause: HashMap<CommandId, Vec<usize>>,
}

impl<S: Subject> History<S> {
    pub(crate) fn of(stream: StreamName) -> Self {
        let (events, told) = (Vec::new(), vec![S::Told::default()]);
        Self { stream, events, told, by_cause: HashMap::new() }
    }

    /// Takes in what was appended since.
    pub(crate) fn catch_up(&mut self, log: &MemoryLog) -> Verdict {
        let from = self.len() as u64;
        for recorded in log.read_now(&self.stream, from, Direction::Forwards, usize::MAX) {
            self.take(recorded).map_err(|wrong| format!("{}: {wrong}", self.stream))?;
        }
        Ok(())
    }

    fn take(&mut self, recorded: Recorded) -> Verdict {
        ensure(recorded.revision == self.len() as u64, "the stream has a gap")?;
        let fact = decode(&recorded).map_err(|error| error.to_string())?;
        ensure(fact.at >= self.at(self.len()), "recorded_at fell")?;
        let mut told = self.now().clone();
        S::fold(&mut told, &fact)?;
        let place = self.len();
        self.by_cause.entry(recorded.event.metadata.causation).or_default().push(place);
        self.events.push((recorded, fact.event));
        self.told.push(told);
        Ok(())
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// How it stood after so many events.
    pub(crate) fn after(&self, events: usize) -> &S::Told {
        &self.told[events]
    }

    /// How it stands.
    pub(crate) fn now(&self) -> &S::Told {
        self.after(self.len())
    }

    /// When the last of so many events was recorded.
    pub(crate) fn at(&self, events: usize) -> Timestamp {
        let last = events.checked_sub(1).map(|last| &self.events[last].0);
        last.map(|event| event.event.metadata.recorded_at).unwrap_or_default()
    }

    /// The position of the last of so many events.
    pub(crate) fn position(&self, events: usize) -> LogPosition {
        events.checked_sub(1).map_or(0, |last| self.events[last].0.position)
    }

    /// How many events there are up to a position.
    pub(crate) fn len_at(&self, position: LogPosition) -> usize {
        self.events.partition_point(|(event, _)| event.position <= position)
    }

    /// A command's events with their places.
    pub(crate) fn caused_by(&self, id: CommandId) -> Vec<(usize, &Recorded, &ChannelEvent)> {
        let places = self.by_cause.get(&id).map_or(&[][..], Vec::as_slice);
        let event = |place: &usize| {
            let (recorded, event) = &self.events[*place];
            (*place, recorded, event)
        };
        places.iter().map(event).collect()
    }

    /// All commands that have events.
    pub(crate) fn causes(&self) -> impl Iterator<Item = CommandId> {
        self.by_cause.keys().copied()
    }
}
