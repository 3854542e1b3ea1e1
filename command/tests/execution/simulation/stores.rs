//! The stores of all nodes, and what may go wrong between a node and them.

use command::execution::machine::effect::{Reply, Request};
use command::memory::{MemoryClaims, MemorySnapshots};
use command::ports::{Schema, StoreError};
use events::log::Direction;
use events::memory::MemoryLog;
use events::{AppendError, LogError, LogId, StreamName};

use super::dice::Dice;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is carried out and answered.
    Served,
    /// It is carried out twice; the second answer arrives.
    Twice,
    /// It never arrives, and the caller knows.
    Refused,
    /// It is carried out, but its answer is lost.
    AnswerLost,
    /// It never arrives, and the caller doesn't know.
    Lost,
    /// It is carried out some time later; the caller doesn't know.
    Late,
    /// It is carried out and answered, and once more some time later.
    Echoed,
}

impl Fate {
    pub(crate) fn draw(dice: &mut Dice, request: &Request, fault_percent: usize) -> Self {
        if !dice.percent(fault_percent) {
            return Self::Served;
        }
        let faults =
            [Self::Twice, Self::Refused, Self::AnswerLost, Self::Lost, Self::Late, Self::Echoed];
        match faults[dice.below(faults.len())] {
            // Once its answer was given, a release is never sent again: by then the id may be
            // claimed anew.
            Self::Echoed if matches!(request, Request::Release { .. }) => Self::Served,
            fate => fate,
        }
    }
}

pub(crate) struct Stores {
    pub(crate) log: MemoryLog,
    claims: MemoryClaims,
    snapshots: MemorySnapshots,
    /// Requests that arrive some time later.
    pub(crate) late: Vec<(StreamName, Request)>,
    id: LogId,
}

impl Stores {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let id = LogId(dice.uuid());
        let (log, claims) = (MemoryLog::new(id), MemoryClaims::default());
        Self { log, claims, snapshots: MemorySnapshots::default(), late: Vec::new(), id }
    }

    /// The reply that the caller gets.
    pub(crate) fn reply(&mut self, stream: &StreamName, request: Request, fate: Fate) -> Reply {
        match fate {
            Fate::Served => self.serve(stream, request),
            Fate::Twice => {
                self.serve(stream, request.clone());
                self.serve(stream, request)
            }
            Fate::Echoed => {
                self.late.push((stream.clone(), request.clone()));
                self.serve(stream, request)
            }
            Fate::Refused => failed(&request, Failure::Certain),
            Fate::Lost => failed(&request, Failure::InDoubt),
            Fate::AnswerLost => {
                self.serve(stream, request.clone());
                failed(&request, Failure::InDoubt)
            }
            Fate::Late => {
                self.late.push((stream.clone(), request.clone()));
                failed(&request, Failure::InDoubt)
            }
        }
    }

    /// Something arrives at last.
    pub(crate) fn arrive(&mut self, index: usize) {
        let (stream, request) = self.late.swap_remove(index);
        self.serve(&stream, request);
    }

    fn serve(&mut self, stream: &StreamName, request: Request) -> Reply {
        let schema = Schema { log: self.id, version: 1 };
        let (claims, snapshots) = (&self.claims, &self.snapshots);
        match request {
            Request::Core => Reply::Core(Ok(snapshots.core_now(stream, schema))),
            Request::Items(keys) => Reply::Items(Ok(snapshots.items_now(stream, schema, &keys))),
            Request::Save(core, items) => {
                snapshots.save_now(stream, schema, core, items);
                Reply::Save(Ok(()))
            }
            Request::Read { from, limit } => {
                Reply::Read(Ok(self.log.read_now(stream, from, Direction::Forwards, limit)))
            }
            Request::Append(append) => Reply::Append(self.log.append_now(&append)),
            Request::Claim(new) => Reply::Claim(Ok(claims.claim_now(new))),
            Request::TakeUp { id, seen } => Reply::TakeUp(Ok(claims.take_up_now(id, seen))),
            Request::Settle { id, attempt, answer } => {
                Reply::Held(Ok(claims.settle_now(id, attempt, answer)))
            }
            Request::Release { id, attempt } => Reply::Held(Ok(claims.release_now(id, attempt))),
            Request::Advance { id, attempt, revision } => {
                Reply::Held(Ok(claims.advance_now(id, attempt, revision)))
            }
            Request::Find { id } => Reply::Find(Ok(claims.find_now(id))),
        }
    }
}

#[derive(Clone, Copy)]
enum Failure {
    Certain,
    InDoubt,
}

fn failed(request: &Request, failure: Failure) -> Reply {
    let away = || StoreError("away".into());
    match request {
        Request::Core => Reply::Core(Err(away())),
        Request::Items(_) => Reply::Items(Err(away())),
        Request::Save(..) => Reply::Save(Err(away())),
        Request::Read { .. } => Reply::Read(Err(LogError::Unavailable("away".into()))),
        Request::Append(_) => Reply::Append(Err(match failure {
            Failure::Certain => AppendError::Unavailable("away".into()),
            Failure::InDoubt => AppendError::Unknown("no answer".into()),
        })),
        Request::Claim(_) => Reply::Claim(Err(away())),
        Request::TakeUp { .. } => Reply::TakeUp(Err(away())),
        Request::Settle { .. } | Request::Release { .. } | Request::Advance { .. } => {
            Reply::Held(Err(away()))
        }
        Request::Find { .. } => Reply::Find(Err(away())),
    }
}
