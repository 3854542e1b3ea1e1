//! What goes between mailboxes, stores and those who wait.

use std::fmt::Write;

use command::execution::machine::effect::{Effect, Input, Token};
use command::execution::{Peek, Refused, Settled};

use super::{Cargo, Flight, Look, Telling, World};
use crate::simulation::checks;
use crate::simulation::stores::Fate;
use crate::simulation::subject::Subject;

impl<S: Subject> World<S> {
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

    pub(crate) fn step(&mut self, node: usize, stream: usize, inputs: Vec<Input<S::Aggregate>>) {
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
        self.catch_up();
        if let Err(Refused::Rejection(rejection)) = &answer {
            self.refusals.insert(rejection.code);
        }
        let seen = checks::answer(self, &of, &answer);
        let seen = seen.and_then(|seen| self.book.answered(&of, answer).map(|()| seen));
        match seen {
            Ok(seen) => self.acknowledge(stream, seen),
            Err(wrong) => self.fail(&format!("{id}: {wrong}")),
        }
    }

    fn acknowledge(&mut self, stream: usize, seen: usize) {
        self.acknowledged[stream] = self.acknowledged[stream].max(seen);
    }

    fn shown(&mut self, stream: usize, look: &Look, peek: &Peek<S::Aggregate>) {
        self.catch_up();
        if let Err(wrong) = checks::peek(&self.histories[stream], look, peek) {
            self.fail(&format!("a peek shows another state: {wrong}"));
        }
        let seen = self.histories[stream].len_at(peek.position);
        self.acknowledge(stream, seen);
    }
}
