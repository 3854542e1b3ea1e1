//! The shell on stores in memory: answers come back, repeats are told, draining waits.

use std::sync::Arc;

use command::execution::{Ask, Execution, Limits, Policy, Refused, Settled};
use command::memory::{MemoryClaims, MemorySnapshots};
use command::{Code, Rejection};
use events::hashing::InputHash;
use events::log::Direction;
use events::memory::MemoryLog;
use events::personal::KeyRing;
use events::{Actor, ChannelId, CommandId, EventLog, MessageId, StreamName, UserId};

use crate::board::{Board, BoardCommand};

struct Node {
    log: MemoryLog,
    execution: Execution,
    stream: StreamName,
    actor: Actor,
}

impl Node {
    fn new(limits: Limits) -> Self {
        let (log, claims) = (MemoryLog::default(), MemoryClaims::default());
        let snapshots = Arc::new(MemorySnapshots::default());
        let execution = Execution::new(Arc::new(log.clone()), Arc::new(claims), snapshots, limits);
        let stream = StreamName::channel(ChannelId::generate());
        Self { log, execution, stream, actor: Actor::User(UserId::generate()) }
    }

    async fn run(&self, id: CommandId, command: BoardCommand) -> Result<Settled, Refused> {
        let input_hash = InputHash(format!("{command:?}"));
        let ask = Ask {
            id,
            correlation: id,
            actor: self.actor.clone(),
            policy: Policy::Claimed { input_hash, things: Vec::new() },
            ring: KeyRing::new(),
            cause_at: None,
            trace_parent: None,
            fresh_id: CommandId::generate(),
            command,
        };
        self.execution.run::<Board>(&self.stream, ask).await
    }
}

fn code(refused: &Refused) -> Code {
    match refused {
        Refused::Rejection(Rejection { code, .. }) => *code,
        Refused::Stale => panic!("stale"),
    }
}

#[tokio::test]
async fn a_repeat_is_given_the_first_answer_and_other_input_a_conflict() {
    let node = Node::new(Limits::default());
    let id = CommandId::generate();
    let first = node.run(id, BoardCommand::Post { posts: 2 }).await.unwrap();
    let again = node.run(id, BoardCommand::Post { posts: 2 }).await.unwrap();
    assert_eq!((first.position, first.repeated), (2, false));
    assert_eq!(again, Settled { position: 2, repeated: true, event: None });
    let event = first.event.unwrap();
    assert_eq!((event.position, event.revision), (2, 1));
    let read = node.log.read(&node.stream, 1, events::log::Direction::Forwards, 1).await.unwrap();
    assert_eq!(read, [(*event).clone()]);
    let other = node.run(id, BoardCommand::Nod).await.unwrap_err();
    assert_eq!(code(&other), Code::IdempotencyConflict);
    assert_eq!(node.log.head().await.unwrap(), 2);
}

#[tokio::test]
async fn an_answer_without_events_is_kept_and_a_free_refusal_is_not() {
    let node = Node::new(Limits::default());
    let post = CommandId::generate();
    let remove = BoardCommand::Remove { post: MessageId(post.0) };
    let early = CommandId::generate();
    let refused = node.run(early, remove.clone()).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotFound);
    node.run(post, BoardCommand::Post { posts: 1 }).await.unwrap();
    node.run(early, remove.clone()).await.unwrap();
    let late = CommandId::generate();
    let first = node.run(late, remove.clone()).await.unwrap_err();
    assert_eq!(node.run(late, remove).await.unwrap_err(), first);
    assert_eq!(code(&first), Code::MessageDeleted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_in_batches_and_a_peek_sees_all_of_it() {
    let node = Arc::new(Node::new(Limits::default()));
    let tasks: Vec<_> = (0..1_000)
        .map(|_| {
            let node = Arc::clone(&node);
            let post = BoardCommand::Post { posts: 1 };
            tokio::spawn(async move { node.run(CommandId::generate(), post).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let peek = node.execution.peek::<Board>(&node.stream, &[]).await.unwrap();
    assert_eq!((peek.state.posts, peek.revision, peek.position), (1_000, Some(999), 1_000));
}

#[tokio::test]
async fn an_idle_mailbox_is_dropped_and_its_successor_starts_from_its_snapshot() {
    let limits = Limits { idle_ms: 20, ..Limits::default() };
    let node = Node::new(limits);
    let post = CommandId::generate();
    node.run(post, BoardCommand::Post { posts: 1 }).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let peek = node.execution.peek::<Board>(&node.stream, &[post.0]).await.unwrap();
    assert_eq!(peek.state.posts, 1);
    assert!(peek.items.contains_key(&post.0));
}

#[tokio::test]
async fn draining_answers_what_was_taken_and_takes_no_more() {
    let node = Arc::new(Node::new(Limits::default()));
    let taken = {
        let node = Arc::clone(&node);
        let post = BoardCommand::Post { posts: 1 };
        tokio::spawn(async move { node.run(CommandId::generate(), post).await })
    };
    tokio::task::yield_now().await;
    node.execution.drain().await;
    taken.await.unwrap().unwrap();
    let late = node.run(CommandId::generate(), BoardCommand::Nod).await.unwrap_err();
    assert_eq!(code(&late), Code::Unavailable);
    let events = node.log.read(&node.stream, 0, Direction::Forwards, 10).await.unwrap();
    assert_eq!(events.len(), 1);
}
