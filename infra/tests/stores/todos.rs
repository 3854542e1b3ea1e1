//! What the process role may have to finish.

use command::ports::{Joined, Step, Todo, Todos};
use events::{ChannelId, LogId, StreamName, Timestamp, UserId};
use infra::postgres::PostgresTodos;
use uuid::Uuid;

fn todo(due_us: i64) -> Todo {
    let (key, stream) = (Uuid::now_v7(), StreamName::user(UserId::generate()));
    Todo { key, stream, revision: 3, due_at: Timestamp::from_micros(due_us) }
}

#[tokio::test]
async fn the_list_moves_with_its_checkpoint() {
    let database = crate::database().await;
    let todos = PostgresTodos::new(database.pool().clone());
    let (log, now) = (LogId(Uuid::now_v7()), Timestamp::from_micros(100));
    let (soon, later, future) = (todo(50), todo(60), todo(101));
    assert_eq!(todos.checkpoint(log).await.unwrap(), 0);
    let added = vec![later.clone(), soon.clone(), future.clone()];
    let step = Step { from: 0, to: 10, added, ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.checkpoint(log).await.unwrap(), 10);
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![soon.clone(), later.clone()]);
    assert_eq!(todos.due(now, 1).await.unwrap(), vec![soon.clone()]);
    // Somebody else was there: nothing of it is done.
    let removed = vec![soon.key];
    let step = Step { from: 0, to: 20, added: vec![todo(1)], removed, ..Step::default() };
    assert!(!todos.advance(log, step).await.unwrap());
    let step = Step { from: 5, to: 6, added: vec![todo(1)], ..Step::default() };
    assert!(!todos.advance(LogId(Uuid::now_v7()), step).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap().len(), 2);
    // It was opened anew since.
    todos.postpone(soon.key, soon.revision + 1, Timestamp::from_micros(300)).await.unwrap();
    assert_eq!(todos.due(now, 10).await.unwrap().len(), 2);
    let until = Timestamp::from_micros(200);
    todos.postpone(soon.key, soon.revision, until).await.unwrap();
    let step = Step { from: 10, to: 20, removed: vec![later.key], ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![]);
    let all = todos.due(Timestamp::from_micros(200), 10).await.unwrap();
    let postponed = Todo { due_at: Timestamp::from_micros(200), ..soon };
    assert_eq!(all, vec![future, postponed]);
}

#[tokio::test]
async fn what_was_done_is_struck_off_unless_it_was_opened_anew() {
    let database = crate::database().await;
    let todos = PostgresTodos::new(database.pool().clone());
    let (log, now) = (LogId(Uuid::now_v7()), Timestamp::from_micros(100));
    let first = todo(50);
    let again = Todo { revision: first.revision + 1, ..first.clone() };
    for (at, added) in [(0, first.clone()), (1, again.clone())] {
        let step = Step { from: at, to: at + 1, added: vec![added], ..Step::default() };
        assert!(todos.advance(log, step).await.unwrap());
    }
    todos.remove(first.key, first.revision).await.unwrap();
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![again.clone()]);
    todos.remove(again.key, again.revision).await.unwrap();
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![]);
}

#[tokio::test]
async fn the_index_of_memberships_moves_along() {
    let database = crate::database().await;
    let todos = PostgresTodos::new(database.pool().clone());
    let log = LogId(Uuid::now_v7());
    let (user, other) = (UserId::generate(), UserId::generate());
    let [a, b, c] = [ChannelId::generate(), ChannelId::generate(), ChannelId::generate()];
    let joined = |user, channel| Joined { user, channel, then: todo(1) };
    let all = vec![joined(user, c), joined(user, a), joined(user, b), joined(other, b)];
    let step = Step { from: 0, to: 1, joined: all, ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.channels_of(user, None, 10).await.unwrap(), [a, b, c]);
    assert_eq!(todos.channels_of(user, Some(a), 1).await.unwrap(), [b]);
    let (left, gone) = (vec![(user, a), (other, a)], vec![b]);
    let step = Step { from: 1, to: 2, left, gone, ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.channels_of(user, None, 10).await.unwrap(), [c]);
    assert_eq!(todos.channels_of(other, None, 10).await.unwrap(), []);
    assert_eq!(todos.due(Timestamp::from_micros(100), 10).await.unwrap(), []);
}

#[tokio::test]
async fn who_joins_after_the_accounts_end_is_something_to_be_done() {
    let database = crate::database().await;
    let todos = PostgresTodos::new(database.pool().clone());
    let (log, now) = (LogId(Uuid::now_v7()), Timestamp::from_micros(100));
    let (user, channel) = (UserId::generate(), ChannelId::generate());
    let joined = |user| Joined { user, channel, then: todo(1) };
    let step = Step { from: 0, to: 1, joined: vec![joined(user)], ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap(), [], "it was in time");
    let step = Step { from: 1, to: 2, ended: vec![user], ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    let late = joined(user);
    let all = vec![joined(UserId::generate()), late.clone()];
    let step = Step { from: 2, to: 3, joined: all, ..Step::default() };
    assert!(todos.advance(log, step).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap(), [late.then]);
}
