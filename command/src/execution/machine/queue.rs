//! The commands of a mailbox, by arrival, by id, and by what they wait for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::{CommandId, Timestamp};

use super::effect::Serial;
use super::op::{Follower, Hold, Op, Stage};
use crate::execution::aggregate::Aggregate;

/// A set of operations at the same stage, oldest first.
pub(super) type Serials = BTreeSet<Serial>;

/// All commands that are not answered yet.
pub(super) struct Queue<A: Aggregate> {
    ops: BTreeMap<Serial, Op<A>>,
    by_id: HashMap<CommandId, Serial>,
    deadlines: BTreeSet<(Timestamp, Serial)>,
    next: Serial,
    waiting: usize,
    new: Serials,
    seeking: Serials,
    ready: Serials,
    watching: Serials,
}

impl<A: Aggregate> Queue<A> {
    /// An empty one.
    pub(super) fn new() -> Self {
        let (ops, by_id, deadlines) = (BTreeMap::new(), HashMap::new(), BTreeSet::new());
        let [new, seeking, ready, watching] = [const { Serials::new() }; 4];
        Self { ops, by_id, deadlines, next: 0, waiting: 0, new, seeking, ready, watching }
    }

    /// How many wait for an answer.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Operations to be claimed.
    pub(super) fn new_ones(&self) -> &Serials {
        &self.new
    }

    /// Operations whose events are searched for.
    pub(super) fn seeking(&self) -> &Serials {
        &self.seeking
    }

    /// Operations to be decided.
    pub(super) fn ready(&self) -> &Serials {
        &self.ready
    }

    /// Operations that wait for another node.
    pub(super) fn watching(&self) -> &Serials {
        &self.watching
    }

    /// The operation that is answered `UNAVAILABLE` first, and when. No follower is before it:
    /// each came later than the one that it waits behind.
    pub(super) fn next_due(&self) -> Option<(Timestamp, Serial)> {
        self.deadlines.first().copied()
    }

    /// An operation.
    pub(super) fn get(&self, serial: Serial) -> Option<&Op<A>> {
        self.ops.get(&serial)
    }

    /// An operation, to be changed; its stage changes by [`Queue::set_stage`] only.
    pub(super) fn get_mut(&mut self, serial: Serial) -> Option<&mut Op<A>> {
        self.ops.get_mut(&serial)
    }

    /// Takes a command in: it waits behind the one under way with its id, or becomes an operation
    /// of its own.
    pub(super) fn admit(&mut self, follower: Follower<A>) {
        self.waiting += 1;
        let first = self.by_id.get(&follower.ask.id);
        if let Some(op) = first.and_then(|serial| self.ops.get_mut(serial)) {
            op.followers.push(follower);
            return;
        }
        let Follower { token, ask, deadline, fresh_from } = follower;
        let serial = self.next;
        self.next += 1;
        self.by_id.insert(ask.id, serial);
        self.deadlines.insert((deadline, serial));
        self.new.insert(serial);
        let op = Op {
            ask,
            token,
            followers: Vec::new(),
            deadline,
            fresh_from,
            stage: Stage::New,
            hold: Hold::Unclaimed,
            decisions: 0,
            uncertain: false,
            logged: None,
            freed: None,
        };
        self.ops.insert(serial, op);
    }

    /// Moves an operation to a stage.
    pub(super) fn set_stage(&mut self, serial: Serial, stage: Stage) {
        let Some(op) = self.ops.get_mut(&serial) else { return };
        op.stage = stage;
        for set in [&mut self.new, &mut self.seeking, &mut self.ready, &mut self.watching] {
            set.remove(&serial);
        }
        match &self.ops[&serial].stage {
            Stage::New => self.new.insert(serial),
            Stage::Seeking(_) => self.seeking.insert(serial),
            Stage::Ready => self.ready.insert(serial),
            Stage::Watching { .. } => self.watching.insert(serial),
            _ => false,
        };
    }

    /// Takes an operation out. Its followers are in the queue no longer, either.
    pub(super) fn remove(&mut self, serial: Serial) -> Option<Op<A>> {
        let op = self.ops.remove(&serial)?;
        self.by_id.remove(&op.ask.id);
        self.deadlines.remove(&(op.deadline, serial));
        for set in [&mut self.new, &mut self.seeking, &mut self.ready, &mut self.watching] {
            set.remove(&serial);
        }
        self.waiting -= 1 + op.followers.len();
        Some(op)
    }
}
