//! The commands of a mailbox, by arrival, by id, and by what they wait for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::{CommandId, Timestamp};

use super::effect::{Serial, Token};
use super::op::{Hold, Op, Rival, Stage};
use crate::execution::aggregate::Aggregate;
use crate::execution::ask::Ask;

/// A set of operations at the same stage, oldest first.
pub(super) type Serials = BTreeSet<Serial>;

/// All commands that are not answered yet.
pub(super) struct Queue<A: Aggregate> {
    ops: BTreeMap<Serial, Op<A>>,
    by_id: HashMap<CommandId, Serial>,
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
        let (ops, by_id) = (BTreeMap::new(), HashMap::new());
        let [new, seeking, ready, watching] = [const { Serials::new() }; 4];
        Self { ops, by_id, next: 0, waiting: 0, new, seeking, ready, watching }
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

    /// The oldest operation.
    pub(super) fn first(&self) -> Option<&Op<A>> {
        self.ops.values().next()
    }

    /// An operation.
    pub(super) fn get(&self, serial: Serial) -> Option<&Op<A>> {
        self.ops.get(&serial)
    }

    /// An operation, to be changed; its stage changes by [`Queue::set_stage`] only.
    pub(super) fn get_mut(&mut self, serial: Serial) -> Option<&mut Op<A>> {
        self.ops.get_mut(&serial)
    }

    /// Takes a command in: it joins the same one under way, waits behind another one under its
    /// id, or becomes an operation of its own.
    pub(super) fn admit(
        &mut self,
        token: Token,
        ask: Box<Ask<A>>,
        deadline: Timestamp,
        fresh_from: u64,
    ) {
        self.waiting += 1;
        if let Some(op) = self.by_id.get(&ask.id).and_then(|serial| self.ops.get_mut(serial)) {
            if op.is_same(&ask) {
                op.tokens.push(token);
            } else {
                op.rivals.push(Rival { token, ask, deadline });
            }
            return;
        }
        let serial = self.next;
        self.next += 1;
        self.by_id.insert(ask.id, serial);
        self.new.insert(serial);
        let op = Op {
            serial,
            ask,
            tokens: vec![token],
            rivals: Vec::new(),
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

    /// Takes an operation out; its rivals are in the queue afterwards.
    pub(super) fn remove(&mut self, serial: Serial, fresh_from: u64) -> Option<Op<A>> {
        let mut op = self.ops.remove(&serial)?;
        self.by_id.remove(&op.ask.id);
        for set in [&mut self.new, &mut self.seeking, &mut self.ready, &mut self.watching] {
            set.remove(&serial);
        }
        self.waiting -= op.tokens.len() + op.rivals.len();
        for Rival { token, ask, deadline } in std::mem::take(&mut op.rivals) {
            self.admit(token, ask, deadline, fresh_from);
        }
        Some(op)
    }
}
