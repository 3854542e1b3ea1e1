//! What may happen in a run, and how it comes to an end.

use std::fmt::Write;
use std::time::Duration;

use command::execution::machine::effect::Input;
use command::execution::{Ask, Policy};
use events::hashing::InputHash;
use events::personal::KeyRing;
use events::{Actor, UserId};
use uuid::Uuid;

use super::book::{Entry, Variant};
use super::checks;
use super::subject::{Id, Invented, Scene, Subject};
use super::world::{Look, NODES, STREAMS, World};

const ROUNDS_MAX: usize = 40;
const ACTORS: u128 = 4;
/// Commands under one id, beside the first.
const VARIANTS_MAX: usize = 2;
const LATER: Duration = Duration::from_mins(10);

impl<S: Subject> World<S> {
    /// One thing that may happen at any time.
    pub(crate) fn happen(&mut self) {
        match self.dice.below(100) {
            0..55 => self.fly(),
            55..70 => self.new_command(),
            70..80 => self.repeat(),
            80..83 => self.rival(),
            83..85 => self.peek(),
            85..92 => {
                let micros = self.dice.below(60_000);
                self.pass(i64::try_from(micros).unwrap());
            }
            92..93 => self.jump(),
            93..94 => self.skew(),
            94..96 => self.arrive_late(),
            96..99 => self.retire(),
            _ => self.crash(),
        }
        self.wake();
    }

    fn jump(&mut self) {
        let seconds = [1, 3, 10, 7_200][self.dice.below(4)];
        self.pass(seconds * 1_000_000);
    }

    fn actor(&mut self) -> Actor {
        let actor = self.dice.below(usize::try_from(ACTORS).unwrap()) as u128;
        Actor::User(UserId(Uuid::from_u128(actor)))
    }

    fn invent(&mut self, stream: usize) -> Invented<S::Wish> {
        self.catch_up();
        let ids = self.ids_of(stream);
        let (entity, told) = (self.entities[stream], self.histories[stream].now());
        let now = self.time();
        S::invent(&mut self.dice, &Scene { entity, told, now, ids: &ids })
    }

    fn new_command(&mut self) {
        let stream = self.dice.below(STREAMS);
        let Invented { wish, id } = self.invent(stream);
        let natural = id == Id::Natural;
        let id = match id {
            Id::Fresh => self.dice.id(),
            Id::Given(id) => id,
            Id::Natural => self.dice.derived_id(),
        };
        if let Some(entry) = self.book.entries.iter().position(|entry| entry.id == id) {
            return self.add_rival(entry, self.actor_of(entry), wish);
        }
        let cause_at = self.dice.percent(10).then(|| self.now(0).plus(LATER));
        let first = Variant::new(self.actor(), wish, cause_at);
        self.book.entries.push(Entry::new(id, stream, natural, first));
        self.send(self.book.entries.len() - 1, 0);
    }

    fn actor_of(&self, entry: usize) -> Actor {
        self.book.entries[entry].variants[0].actor.clone()
    }

    fn repeat(&mut self) {
        if self.book.entries.is_empty() {
            return;
        }
        // Mostly of late, where things are still under way.
        let len = self.book.entries.len();
        let back =
            if self.dice.percent(80) { self.dice.below(len.min(6)) } else { self.dice.below(len) };
        let entry = len - 1 - back;
        let variant = self.dice.below(self.book.entries[entry].variants.len());
        self.send(entry, variant);
    }

    /// Somebody else's command, or another one of the same client, under an id that is in use.
    fn rival(&mut self) {
        let len = self.book.entries.len();
        let Some(entry) = len.checked_sub(1 + self.dice.below(6)) else { return };
        let first = self.actor_of(entry);
        if self.dice.percent(50) {
            let invented = self.invent(self.book.entries[entry].stream);
            if invented.id == Id::Fresh {
                self.add_rival(entry, first, invented.wish);
            }
        } else {
            let wish = self.book.entries[entry].variants[0].wish.clone();
            let actor = self.actor();
            self.add_rival(entry, actor, wish);
        }
    }

    fn add_rival(&mut self, entry: usize, actor: Actor, wish: S::Wish) {
        let Entry { natural, variants, .. } = &mut self.book.entries[entry];
        let is_same = |known: &Variant<S::Wish>| {
            known.actor == actor && S::input(&known.wish) == S::input(&wish)
        };
        if !*natural && variants.len() <= VARIANTS_MAX && !variants.iter().any(is_same) {
            variants.push(Variant::new(actor, wish, None));
            let variant = variants.len() - 1;
            self.send(entry, variant);
        }
    }

    fn send(&mut self, entry: usize, variant: usize) {
        let node = self.dice.below(NODES);
        self.catch_up();
        self.check_quiet(entry);
        self.try_another_secret(entry, variant);
        let fresh_id = self.dice.id();
        let Entry { id, stream, natural, .. } = self.book.entries[entry];
        let of = self.book.send(entry, variant, fresh_id, self.since(stream));
        let Variant { actor, wish, cause_at, .. } = self.book.variant(&of);
        let input_hash = InputHash(S::input(wish));
        let claimed = Policy::Claimed { input_hash, things: Vec::new() };
        let policy = if natural { Policy::Natural } else { claimed };
        let ask = Ask {
            id,
            correlation: id,
            actor: actor.clone(),
            policy,
            ring: KeyRing::new(),
            cause_at: *cause_at,
            trace_parent: None,
            fresh_id,
            command: S::command(actor, wish),
        };
        let (by, wish) = (ask.actor.clone(), of.wish.clone());
        self.note(|line| write!(line, "n{node} s{stream} {id} by {by} asks {wish:?}"));
        let token = self.token();
        self.await_answer(node, token, of);
        self.step(node, stream, vec![Input::Ask(token, Box::new(ask))]);
    }

    /// A secret is no part of the input: a repeat may come with another one.
    fn try_another_secret(&mut self, entry: usize, variant: usize) {
        if self.dice.percent(30) && !self.book.healed {
            let Entry { stream, variants, .. } = &mut self.book.entries[entry];
            let told = self.histories[*stream].now();
            S::try_another_secret(&mut self.dice, told, &mut variants[variant].wish);
        }
    }

    /// After a refusal with nothing under way nothing may have come of the command.
    fn check_quiet(&self, entry: usize) {
        let Entry { id, stream, quiet, .. } = self.book.entries[entry];
        if quiet && !self.histories[stream].caused_by(id).is_empty() {
            self.fail(&format!("{id}: done after it was refused"));
        }
    }

    fn peek(&mut self) {
        let (node, stream) = (self.dice.below(NODES), self.dice.below(STREAMS));
        let seen = self.since(stream).events;
        let ids: Vec<_> = self.ids_of(stream).iter().map(|id| id.0).collect();
        let items: Vec<_> = self.dice.pick(&ids).into_iter().collect();
        let token = self.token();
        self.await_look(node, token, Look { seen, items: items.clone() });
        self.step(node, stream, vec![Input::Peek(token, items)]);
    }

    /// Lets all that is under way come to its end.
    fn settle(&mut self) {
        for _ in 0..20_000 {
            if self.is_quiet() {
                return;
            }
            if self.has_flights() {
                self.fly();
            } else {
                self.pass(50_000);
            }
            self.wake();
        }
        self.fail("it doesn't come to rest");
    }

    /// Once nothing goes wrong any more, every command gets its answer.
    pub(crate) fn finish(&mut self) {
        self.heal();
        for _ in 0..ROUNDS_MAX {
            self.settle();
            self.book.healed = true;
            let entries = self.book.entries.iter().enumerate();
            let open: Vec<_> = entries
                .flat_map(|(entry, at)| {
                    let variants = at.variants.iter().enumerate();
                    let open = variants.filter(|(_, variant)| !variant.rests);
                    open.map(move |(variant, _)| (entry, variant)).collect::<Vec<_>>()
                })
                .collect();
            if open.is_empty() {
                break;
            }
            for (entry, variant) in open {
                self.verify_anew(entry, variant);
                self.send(entry, variant);
                self.fly();
            }
            self.arrive_late();
        }
        self.settle();
        let open = |entry: &Entry<S::Wish>| entry.variants.iter().any(|variant| !variant.rests);
        if self.book.entries.iter().any(open) {
            self.fail("a command gets no answer");
        }
        while !self.stores.late.is_empty() {
            self.arrive_late();
        }
        self.catch_up();
        if let Err(wrong) = checks::log(self) {
            self.fail(&wrong);
        }
    }

    /// A secret that was verified against an old hash is verified again.
    fn verify_anew(&mut self, entry: usize, variant: usize) {
        self.catch_up();
        let Entry { stream, variants, .. } = &mut self.book.entries[entry];
        S::verify_anew(self.histories[*stream].now(), &mut variants[variant].wish);
    }
}
