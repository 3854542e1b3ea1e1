//! Nodes with their mailboxes, driven in one thread: which request is served when, which answer
//! arrives, who crashes, what time it is, all of it is drawn from the seed.

mod traffic;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write;

use command::Code;
use command::execution::Limits;
use command::execution::machine::Mailbox;
use command::execution::machine::effect::{Input, Reply, Request, Ticket, Token};
use events::{ChannelId, CommandId, LogPosition, StreamName, Timestamp};

use super::book::{Book, Since, Try};
use super::dice::Dice;
use super::history::History;
use super::stores::Stores;
use super::subject::Subject;

pub(crate) const NODES: usize = 2;
pub(crate) const STREAMS: usize = 2;
/// No node's clock is further off.
pub(crate) const SKEW_US_MAX: i64 = 1_000_000;
const TRACE_LINES_MAX: usize = 2000;

/// So small that whatever is rare happens, and not the same in every run.
fn limits(dice: &mut Dice) -> Limits {
    Limits {
        queue_len: 12,
        page_events: 2 + dice.below(2),
        claim_revisions: [3, 5, 10][dice.below(3)],
        recent_events: 2 + dice.below(4),
        items_len: 2,
        snapshot_every_events: 4,
        unsaved_events: 12,
        idle_ms: 0,
    }
}

struct Node<S: Subject> {
    mailboxes: Vec<Mailbox<S::Aggregate>>,
    /// Requests of an earlier life are answered to nobody.
    life: u64,
    skew_us: i64,
}

struct Flight {
    node: usize,
    life: u64,
    stream: usize,
    ticket: Ticket,
    cargo: Cargo,
}

enum Cargo {
    Request(Request),
    Reply(Reply),
}

/// Who waits for the state, so many events of the stream having been acknowledged.
pub(crate) struct Look {
    pub(crate) seen: usize,
    pub(crate) items: Vec<uuid::Uuid>,
}

pub(crate) struct World<S: Subject> {
    pub(crate) dice: Dice,
    pub(crate) stores: Stores,
    pub(crate) streams: Vec<StreamName>,
    /// The entities of the streams.
    pub(crate) entities: Vec<uuid::Uuid>,
    pub(crate) histories: Vec<History<S>>,
    /// Of each stream, how many events somebody was told of.
    acknowledged: Vec<usize>,
    pub(crate) book: Book<S::Wish>,
    nodes: Vec<Node<S>>,
    flights: Vec<Flight>,
    tries: HashMap<(usize, Token), Try<S::Wish>>,
    looks: HashMap<(usize, Token), Look>,
    now_us: i64,
    last_token: Token,
    fault_percent: usize,
    limits: Limits,
    telling: Telling,
    trace: VecDeque<String>,
    /// Which refusals were given.
    pub(crate) refusals: Refusals,
    pub(crate) digest: u64,
}

pub(crate) type Refusals = HashSet<Code>;

/// Whether a run keeps what happens in it: a failing one is run again to tell its story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    Nothing,
    All,
}

impl<S: Subject> World<S> {
    pub(crate) fn new(seed: u64, telling: Telling) -> Self {
        let mut dice = Dice::new(seed);
        let entities: Vec<_> = (0..STREAMS).map(|_| dice.uuid()).collect();
        let stream = |entity: &uuid::Uuid| StreamName::channel(ChannelId(*entity));
        let streams: Vec<_> = entities.iter().map(stream).collect();
        let histories = streams.iter().cloned().map(History::of).collect();
        let stores = Stores::new(&mut dice);
        let limits = limits(&mut dice);
        let fault_percent = [0, 5, 20][dice.below(3)];
        let mut world = Self {
            dice,
            stores,
            streams,
            entities,
            histories,
            acknowledged: vec![0; STREAMS],
            book: Book::new(),
            nodes: Vec::new(),
            flights: Vec::new(),
            tries: HashMap::new(),
            looks: HashMap::new(),
            now_us: 1_700_000_000_000_000,
            last_token: 0,
            fault_percent,
            limits,
            telling,
            trace: VecDeque::new(),
            refusals: Refusals::new(),
            digest: seed,
        };
        world.nodes = (0..NODES).map(|_| world.boot(0)).collect();
        world
    }

    fn boot(&self, life: u64) -> Node<S> {
        let mailbox = |stream: &StreamName| Mailbox::new(stream.clone(), self.limits);
        let skew_us = 0;
        Node { mailboxes: self.streams.iter().map(mailbox).collect(), life, skew_us }
    }

    pub(crate) fn heal(&mut self) {
        self.fault_percent = 0;
        self.note(|line| write!(line, "healed"));
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.tries.is_empty() && self.looks.is_empty() && self.flights.is_empty()
    }

    pub(crate) fn has_flights(&self) -> bool {
        !self.flights.is_empty()
    }

    pub(crate) fn trace(&self) -> String {
        self.trace.iter().cloned().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn crash(&mut self) {
        let node = self.dice.below(NODES);
        self.note(|line| write!(line, "n{node} crashes"));
        let mut gone: Vec<_> = self.tries.keys().copied().filter(|key| key.0 == node).collect();
        gone.sort_unstable();
        for key in gone {
            if let Some(of) = self.tries.remove(&key) {
                self.book.lost(&of);
            }
        }
        self.looks.retain(|(of, _), _| *of != node);
        self.nodes[node] = self.boot(self.nodes[node].life + 1);
    }

    /// Drops a mailbox that is idle, as the shell does.
    pub(crate) fn retire(&mut self) {
        let (node, stream) = (self.dice.below(NODES), self.dice.below(STREAMS));
        if self.nodes[node].mailboxes[stream].is_idle() {
            if self.dice.percent(50) {
                self.step(node, stream, vec![Input::Retire]);
            } else {
                self.note(|line| write!(line, "n{node} s{stream} dropped"));
                let fresh = Mailbox::new(self.streams[stream].clone(), self.limits);
                self.nodes[node].mailboxes[stream] = fresh;
                self.drop_calls(node, stream);
            }
        }
    }

    /// What was under way for those who no longer wait may still come to pass.
    fn drop_calls(&mut self, node: usize, stream: usize) {
        let of = |flight: &mut Flight| flight.node == node && flight.stream == stream;
        for flight in self.flights.extract_if(.., of) {
            if let Cargo::Request(request) = flight.cargo {
                self.stores.late.push((self.streams[stream].clone(), request));
            }
        }
    }

    pub(crate) fn pass(&mut self, micros: i64) {
        self.now_us += micros;
    }

    pub(crate) fn skew(&mut self) {
        let node = self.dice.below(NODES);
        let skew = self.dice.below(2 * usize::try_from(SKEW_US_MAX).unwrap());
        self.nodes[node].skew_us = i64::try_from(skew).unwrap() - SKEW_US_MAX;
    }

    /// Wakes the mailboxes whose time has come.
    pub(crate) fn wake(&mut self) {
        for node in 0..NODES {
            for stream in 0..STREAMS {
                let due = self.nodes[node].mailboxes[stream].wake_at();
                if due.is_some_and(|at| at <= self.now(node)) {
                    self.step(node, stream, vec![Input::Wake]);
                }
            }
        }
    }

    pub(crate) fn now(&self, node: usize) -> Timestamp {
        Timestamp::from_micros(self.now_us + self.nodes[node].skew_us)
    }

    /// By no node's clock.
    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_micros(self.now_us)
    }

    /// What has been told of a stream by now.
    pub(crate) fn since(&self, stream: usize) -> Since {
        Since { events: self.acknowledged[stream], at: self.time() }
    }

    /// Takes in what stands in the log by now.
    pub(crate) fn catch_up(&mut self) {
        let log = &self.stores.log;
        let wrong = self.histories.iter_mut().find_map(|history| history.catch_up(log).err());
        if let Some(wrong) = wrong {
            self.fail(&wrong);
        }
    }

    /// The log's newest position, once all is caught up.
    pub(crate) fn head(&self) -> LogPosition {
        self.histories.iter().map(|history| history.position(history.len())).max().unwrap_or(0)
    }

    pub(crate) fn ids_of(&self, stream: usize) -> Vec<CommandId> {
        let entries = self.book.entries.iter().filter(|entry| entry.stream == stream);
        entries.map(|entry| entry.id).collect()
    }

    pub(crate) fn token(&mut self) -> Token {
        self.last_token += 1;
        self.last_token
    }

    pub(crate) fn await_answer(&mut self, node: usize, token: Token, of: Try<S::Wish>) {
        self.tries.insert((node, token), of);
    }

    pub(crate) fn await_look(&mut self, node: usize, token: Token, look: Look) {
        self.looks.insert((node, token), look);
    }

    pub(crate) fn note(&mut self, write: impl FnOnce(&mut String) -> std::fmt::Result) {
        if self.telling == Telling::Nothing {
            return;
        }
        let mut line = String::new();
        write(&mut line).unwrap();
        for byte in line.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if self.trace.len() == TRACE_LINES_MAX {
            self.trace.pop_front();
        }
        self.trace.push_back(line);
    }

    pub(crate) fn fail(&self, wrong: &str) -> ! {
        panic!("{}\n{wrong}", self.trace());
    }
}
