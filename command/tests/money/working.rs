//! Process managers at work, each on a node of its own.

use command::process::machine::{Effect, Input, Machine};
use command::process::{Work, rules};
use events::Timestamp;
use events::log::Direction;

use crate::play::{DEAD_AFTER, LOOK_EVERY, Play};
use crate::town::Node;

impl Play {
    /// One look of one or two process managers at log and list.
    pub(crate) async fn work(&mut self, twice: bool) {
        let now = self.town.clock.now().plus(LOOK_EVERY);
        let looks = self.nodes[..if twice { 2 } else { 1 }].iter();
        let looks = looks.map(|node| tokio::time::timeout(DEAD_AFTER * 4, self.look(node, now)));
        futures::future::join_all(looks).await;
    }

    async fn look(&self, node: &Node, now: Timestamp) {
        let mut machine = Machine::new(rules());
        for at in [now, now.plus(LOOK_EVERY)] {
            let mut inputs = vec![Input::Wake];
            while let Some(input) = inputs.pop() {
                for effect in machine.step(at, input) {
                    inputs.extend(self.reply(node, effect).await);
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    async fn reply(&self, node: &Node, effect: Effect<Work>) -> Option<Input> {
        let (log, todos) = (&self.town.log, &self.town.todos);
        let id = events::EventLog::id(log);
        Some(match effect {
            Effect::Checkpoint => Input::Checkpoint(Ok(todos.checkpoint_now(id))),
            Effect::Follow { after } => {
                let batch = log.read_all_now(after, 100);
                return (!batch.is_empty()).then_some(Input::Batch(Ok(batch)));
            }
            Effect::Advance(step) => Input::Advanced(Ok(todos.advance_now(id, *step))),
            Effect::Due { now, limit } => Input::Due(Ok(todos.due_now(now, limit))),
            Effect::Read { key, stream, revision } => {
                let read = log.read_now(&stream, revision, Direction::Forwards, 1);
                Input::Event(key, Ok(read.into_iter().next()))
            }
            Effect::Run { key, command } => Input::Done(key, node.service.finish(command).await),
            Effect::Postpone { key, revision, until } => {
                todos.postpone_now(key, revision, until);
                Input::PutAway(key)
            }
            Effect::Remove { key, revision } => {
                todos.remove_now(key, revision);
                Input::PutAway(key)
            }
        })
    }
}
