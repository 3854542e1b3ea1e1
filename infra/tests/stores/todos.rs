//! What the process role may have to finish.

use command::ports::{Todo, Todos};
use events::{LogId, StreamName, Timestamp, UserId};
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
    assert!(todos.advance(log, 0, 10, added, vec![]).await.unwrap());
    assert_eq!(todos.checkpoint(log).await.unwrap(), 10);
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![soon.clone(), later.clone()]);
    assert_eq!(todos.due(now, 1).await.unwrap(), vec![soon.clone()]);
    // Somebody else was there: nothing of it is done.
    assert!(!todos.advance(log, 0, 20, vec![todo(1)], vec![soon.key]).await.unwrap());
    assert!(!todos.advance(LogId(Uuid::now_v7()), 5, 6, vec![todo(1)], vec![]).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap().len(), 2);
    todos.postpone(soon.key, Timestamp::from_micros(200)).await.unwrap();
    assert!(todos.advance(log, 10, 20, vec![], vec![later.key]).await.unwrap());
    assert_eq!(todos.due(now, 10).await.unwrap(), vec![]);
    let all = todos.due(Timestamp::from_micros(200), 10).await.unwrap();
    let postponed = Todo { due_at: Timestamp::from_micros(200), ..soon };
    assert_eq!(all, vec![future, postponed]);
}
