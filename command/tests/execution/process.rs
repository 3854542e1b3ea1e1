//! The process manager: what is opened is finished if nobody else does it, once it is due.

use std::collections::HashMap;

use command::memory::MemoryTodos;
use command::ports::Step;
use command::process::machine::{Effect, Input, Machine};
use command::process::{Rules, Work, rules};
use command::{Code, Rejection};
use events::codec::encode;
use events::email::{EmailReserved, Registration};
use events::hashing::HashKey;
use events::log::Direction;
use events::memory::MemoryLog;
use events::personal::{KeyRing, KeyState, Personal, UserKey};
use events::user::UserRegistered;
use events::{
    Actor, Append, CommandId, EmailEvent, EventId, EventLog, Expected, Metadata, StreamName,
    Timestamp, UserEvent, UserId,
};

/// The machine on stores in memory, with a clock that is set by hand.
struct World {
    log: MemoryLog,
    todos: MemoryTodos,
    machine: Machine<Work>,
    waiting: Vec<Effect<Work>>,
    ran: Vec<StreamName>,
    answers: HashMap<StreamName, Rejection>,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let (log, todos) = (MemoryLog::default(), MemoryTodos::default());
        let rules: Rules<Work> = rules();
        let (waiting, ran, answers) = (Vec::new(), Vec::new(), HashMap::new());
        let (machine, now) = (Machine::new(rules), Timestamp::from_micros(1_000_000));
        Self { log, todos, machine, waiting, ran, answers, now }
    }

    fn restart(&mut self) {
        self.machine = Machine::new(rules());
        self.waiting.clear();
    }

    fn at(&mut self, seconds: i64) {
        self.now = Timestamp::from_micros(seconds * 1_000_000);
        self.feed(Input::Wake);
        while let Some(input) = self.next_reply() {
            self.feed(input);
        }
    }

    fn feed(&mut self, input: Input) {
        self.waiting.extend(self.machine.step(self.now, input));
    }

    fn next_reply(&mut self) -> Option<Input> {
        let ready = self.waiting.iter().position(|effect| self.can_reply(effect))?;
        Some(match self.waiting.remove(ready) {
            Effect::Checkpoint => Input::Checkpoint(Ok(self.todos.checkpoint_now(self.log.id()))),
            Effect::Follow { after } => Input::Batch(Ok(self.log.read_all_now(after, 2))),
            Effect::Advance(step) => {
                Input::Advanced(Ok(self.todos.advance_now(self.log.id(), *step)))
            }
            Effect::Due { now, limit } => Input::Due(Ok(self.todos.due_now(now, limit))),
            Effect::Read { key, stream, revision } => {
                let read = self.log.read_now(&stream, revision, Direction::Forwards, 1);
                Input::Event(key, Ok(read.into_iter().next()))
            }
            Effect::Run { key, command } => {
                let Work::Registration(stream) = command else { panic!("not asked for") };
                let answer = self.answers.get(&stream).cloned().map_or(Ok(()), Err);
                self.ran.push(stream);
                Input::Done(key, answer)
            }
            Effect::Postpone { key, revision, until } => {
                self.todos.postpone_now(key, revision, until);
                Input::PutAway(key)
            }
            Effect::Remove { key, revision } => {
                self.todos.remove_now(key, revision);
                Input::PutAway(key)
            }
        })
    }

    fn can_reply(&self, effect: &Effect<Work>) -> bool {
        match effect {
            Effect::Follow { after } => !self.log.read_all_now(*after, 1).is_empty(),
            _ => true,
        }
    }

    fn append<E: events::codec::CategoryEvent>(
        &self,
        stream: &StreamName,
        mut event: E,
        user: UserId,
    ) {
        let ring = KeyRing::from([(user, KeyState::Live(UserKey::new([7; 32])))]);
        let id = CommandId::generate();
        let metadata = Metadata {
            event_id: EventId::generate(),
            correlation: id,
            causation: id,
            input_hash: None,
            actor: Actor::System,
            recorded_at: self.now,
            version: 0,
            trace_parent: None,
        };
        let events = vec![encode(&mut event, stream, metadata, &ring).unwrap()];
        let append = Append { stream: stream.clone(), expected: Expected::NoStream, events };
        self.log.append_now(&append).unwrap();
    }

    fn reserve(&self, user: UserId) -> StreamName {
        let address = HashKey::new([1; 32]).email(&user.to_string());
        let stream = StreamName::email(&address);
        let text = |text| Personal::plain(user, text);
        let registration = Registration {
            email: text("mina@example.org"),
            username: text("mina"),
            password: text("hash"),
        };
        let reserved =
            EmailReserved { user, registration: Some(Box::new(registration)), change: None };
        self.append(&stream, EmailEvent::from(reserved), user);
        stream
    }

    fn register(&self, user: UserId) {
        let text = |text| Personal::plain(user, text);
        let registered =
            UserRegistered { email: text("e"), username: text("n"), password: text("p") };
        self.append(&StreamName::user(user), UserEvent::from(registered), user);
    }
}

#[test]
fn what_its_node_finishes_is_left_alone() {
    let mut world = World::new();
    let user = UserId::generate();
    world.reserve(user);
    world.at(1);
    world.register(user);
    world.at(2);
    world.at(60);
    assert_eq!(world.ran, []);
}

#[test]
fn what_a_crash_left_open_is_finished_once_it_is_due() {
    let mut world = World::new();
    let stream = world.reserve(UserId::generate());
    world.at(1);
    world.at(5);
    assert_eq!(world.ran, []);
    world.restart();
    world.at(7);
    assert_eq!(world.ran, [stream]);
}

#[test]
fn what_is_refused_is_tried_again_later_and_later() {
    let mut world = World::new();
    let stream = world.reserve(UserId::generate());
    let away = Rejection::new(Code::Unavailable, "away");
    world.answers.insert(stream.clone(), away);
    for second in 1..=60 {
        world.at(second);
    }
    // Due at 6, then 5, 10 and 20 seconds later; the list is looked at once a second.
    assert_eq!(world.ran.len(), 4);
    world.answers.clear();
    for second in 61..=100 {
        world.at(second);
    }
    assert_eq!(world.ran.len(), 5);
}

#[test]
fn a_second_manager_follows_from_where_the_first_one_is() {
    let mut world = World::new();
    let user = UserId::generate();
    world.reserve(user);
    world.at(1);
    let checkpoint = world.todos.checkpoint_now(world.log.id());
    assert_eq!(checkpoint, 1);
    // Somebody else moves the checkpoint; this one's next step is refused, and it looks anew.
    let step = Step { from: 1, to: 1, ..Step::default() };
    assert!(world.todos.advance_now(world.log.id(), step));
    world.register(user);
    let step = Step { from: 1, to: 2, removed: vec![user.0], ..Step::default() };
    assert!(world.todos.advance_now(world.log.id(), step));
    let other = UserId::generate();
    let stream = world.reserve(other);
    for second in 2..=20 {
        world.at(second);
    }
    assert_eq!(world.todos.checkpoint_now(world.log.id()), 3);
    assert_eq!(world.ran, [stream]);
}
