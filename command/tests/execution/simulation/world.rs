//! Nodes with their mailboxes, driven in one thread: which request is served when, which answer
//! arrives, who crashes, what time it is, all of it is drawn from the seed.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;

use command::execution::machine::Mailbox;
use command::execution::machine::effect::{Effect, Input, Reply, Request, Ticket, Token};
use command::execution::{Limits, Peek, Refused, Settled};
use events::{ChannelId, LogPosition, StreamName, Timestamp};

use super::book::{Book, Try};
use super::checks;
use super::dice::Dice;
use super::stores::{Fate, Stores};
use crate::board::Board;

pub(crate) const NODES: usize = 2;
pub(crate) const STREAMS: usize = 2;
const TRACE_LINES_MAX: usize = 2000;

/// So small that whatever is rare happens.
const LIMITS: Limits = Limits {
    queue_len: 12,
    page_events: 3,
    claim_revisions: 10,
    recent_events: 5,
    items_len: 2,
    snapshot_every_events: 4,
    unsaved_events: 12,
    idle_ms: 0,
};

struct Node {
    mailboxes: Vec<Mailbox<Board>>,
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

/// Who waits for the state, having seen the log acknowledged up to there.
pub(crate) struct Look {
    pub(crate) acknowledged: LogPosition,
    pub(crate) items: Vec<uuid::Uuid>,
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) stores: Stores,
    pub(crate) streams: Vec<StreamName>,
    pub(crate) book: Book,
    nodes: Vec<Node>,
    flights: Vec<Flight>,
    tries: HashMap<(usize, Token), Try>,
    looks: HashMap<(usize, Token), Look>,
    now_us: i64,
    last_token: Token,
    fault_percent: usize,
    telling: Telling,
    trace: VecDeque<String>,
    pub(crate) digest: u64,
}

/// Whether a run keeps what happens in it: a failing one is run again to tell its story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    Nothing,
    All,
}

impl World {
    pub(crate) fn new(seed: u64, telling: Telling) -> Self {
        let mut dice = Dice::new(seed);
        let streams = (0..STREAMS).map(|_| StreamName::channel(ChannelId(dice.uuid()))).collect();
        let stores = Stores::new(&mut dice);
        let fault_percent = [0, 5, 20][dice.below(3)];
        let mut world = Self {
            dice,
            stores,
            streams,
            book: Book::default(),
            nodes: Vec::new(),
            flights: Vec::new(),
            tries: HashMap::new(),
            looks: HashMap::new(),
            now_us: 1_700_000_000_000_000,
            last_token: 0,
            fault_percent,
            telling,
            trace: VecDeque::new(),
            digest: seed,
        };
        world.nodes = (0..NODES).map(|_| world.boot(0)).collect();
        world
    }

    fn boot(&self, life: u64) -> Node {
        let mailbox = |stream: &StreamName| Mailbox::new(stream.clone(), LIMITS);
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

    /// Serves a request or delivers a reply, any of those under way.
    pub(crate) fn fly(&mut self) {
        if self.flights.is_empty() {
            return;
        }
        let index = self.dice.below(self.flights.len());
        let flight = self.flights.swap_remove(index);
        let Flight { node, life, stream, ticket, cargo } = flight;
        match cargo {
            Cargo::Request(request) => {
                let fate = Fate::draw(&mut self.dice, &request, self.fault_percent);
                self.note(|line| write!(line, "n{node} s{stream} {fate:?} {ticket:?} {request:?}"));
                let reply = self.stores.reply(&self.streams[stream], request, fate);
                let cargo = Cargo::Reply(reply);
                self.flights.push(Flight { node, life, stream, ticket, cargo });
            }
            Cargo::Reply(reply) if life == self.nodes[node].life => {
                self.note(|line| write!(line, "n{node} s{stream} {ticket:?} <- {reply:?}"));
                self.step(node, stream, vec![Input::Reply(ticket, reply)]);
            }
            Cargo::Reply(_) => {}
        }
    }

    pub(crate) fn arrive_late(&mut self) {
        if !self.stores.late.is_empty() {
            let index = self.dice.below(self.stores.late.len());
            if self.telling == Telling::All {
                let request = format!("{:?}", self.stores.late[index]);
                self.note(|line| write!(line, "late {request}"));
            }
            self.stores.arrive(index);
        }
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
                let fresh = Mailbox::new(self.streams[stream].clone(), LIMITS);
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
        self.nodes[node].skew_us = i64::try_from(self.dice.below(2_000_000)).unwrap() - 1_000_000;
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

    pub(crate) fn token(&mut self) -> Token {
        self.last_token += 1;
        self.last_token
    }

    pub(crate) fn await_answer(&mut self, node: usize, token: Token, of: Try) {
        self.tries.insert((node, token), of);
    }

    pub(crate) fn await_look(&mut self, node: usize, token: Token, look: Look) {
        self.looks.insert((node, token), look);
    }

    pub(crate) fn step(&mut self, node: usize, stream: usize, inputs: Vec<Input<Board>>) {
        let (now, life) = (self.now(node), self.nodes[node].life);
        for effect in self.nodes[node].mailboxes[stream].step(now, inputs) {
            match effect {
                Effect::Io(ticket, request) => {
                    let cargo = Cargo::Request(request);
                    self.flights.push(Flight { node, life, stream, ticket, cargo });
                }
                Effect::Answer(token, answer) => self.answered(node, stream, token, answer),
                Effect::Show(token, peek) => {
                    if let (Some(look), Ok(peek)) = (self.looks.remove(&(node, token)), peek) {
                        self.shown(stream, &look, &peek);
                    }
                }
            }
        }
    }

    fn answered(
        &mut self,
        node: usize,
        stream: usize,
        token: Token,
        answer: Result<Settled, Refused>,
    ) {
        let Some(of) = self.tries.remove(&(node, token)) else {
            self.fail("a token was answered twice");
        };
        let id = self.book.entries[of.entry].id;
        self.note(|line| write!(line, "n{node} s{stream} {id} is told {answer:?}"));
        let name = self.streams[stream].clone();
        let wrong = checks::answer(self, &of, &name, &answer)
            .and_then(|()| self.book.answered(&of, &name, answer));
        if let Err(wrong) = wrong {
            self.fail(&format!("{id}: {wrong}"));
        }
    }

    fn shown(&mut self, stream: usize, look: &Look, peek: &Peek<Board>) {
        if let Err(wrong) = checks::peek(&self.stores.log, &self.streams[stream], look, peek) {
            self.fail(&format!("a peek shows another state: {wrong}"));
        }
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
