//! Claims of command ids, and named things.

use command::ports::{Claim, Claimed, Claims, NewClaim};
use events::hashing::InputHash;
use events::{Actor, ChannelId, CommandId, StreamName, Timestamp, UserId};
use infra::postgres::PostgresClaims;
use serde_json::json;
use std::sync::Arc;
use testkit::Database;
use tokio::task::JoinSet;
use uuid::Uuid;

fn new(id: CommandId) -> NewClaim {
    NewClaim {
        id,
        actor: Actor::User(UserId::generate()),
        input_hash: InputHash("hash".into()),
        stream: StreamName::channel(ChannelId::generate()),
        from_revision: Some(7),
        things: vec![],
        at: Timestamp::from_micros(1_000),
    }
}

fn as_made(claim: &NewClaim) -> Claim {
    let NewClaim { id, actor, input_hash, stream, from_revision, at, .. } = claim.clone();
    Claim { id, actor, input_hash, stream, from_revision, attempt: 1, answer: None, at }
}

async fn claims() -> (Database, Arc<PostgresClaims>) {
    let database = crate::database().await;
    let claims = Arc::new(PostgresClaims::new(database.pool().clone()));
    (database, claims)
}

#[tokio::test]
async fn an_id_is_claimed_once() {
    let (_database, claims) = claims().await;
    let (first, second) = (new(CommandId::generate()), new(CommandId::generate()));
    let again = NewClaim { actor: Actor::System, ..first.clone() };
    let asked = vec![first.clone(), second.clone(), again.clone()];
    let existing = Claimed::Existing(as_made(&first));
    let expected = vec![Claimed::New, Claimed::New, existing.clone()];
    assert_eq!(claims.claim(asked).await.unwrap(), expected);
    let expected = vec![existing, Claimed::Existing(as_made(&second))];
    assert_eq!(claims.claim(vec![again, second]).await.unwrap(), expected);
    assert_eq!(claims.find(first.id).await.unwrap(), Some(as_made(&first)));
    assert_eq!(claims.find(CommandId::generate()).await.unwrap(), None);
    assert_eq!(claims.claim(vec![]).await.unwrap(), vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_claim_the_same_ids_share_them_out() {
    let (database, _) = claims().await;
    let ids: Vec<CommandId> = (0..100).map(|_| CommandId::generate()).collect();
    let mut callers = JoinSet::new();
    for caller in 0..6 {
        let claims = PostgresClaims::new(database.pool().clone());
        let mut ids = ids.clone();
        // Each in another order: none may wait for another in a ring.
        ids.rotate_left(caller * 17);
        callers.spawn(async move {
            let outcomes = claims.claim(ids.into_iter().map(new).collect()).await.unwrap();
            outcomes.iter().filter(|outcome| **outcome == Claimed::New).count()
        });
    }
    assert_eq!(callers.join_all().await.iter().sum::<usize>(), ids.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_one_tick_get_their_own_answers() {
    let (_database, claims) = claims().await;
    let mut callers = JoinSet::new();
    for caller in 0..200u64 {
        let claims = Arc::clone(&claims);
        callers.spawn(async move {
            let claim = NewClaim { from_revision: Some(caller), ..new(CommandId::generate()) };
            assert_eq!(claims.claim(vec![claim.clone()]).await.unwrap(), vec![Claimed::New]);
            let again = claims.claim(vec![claim.clone()]).await.unwrap();
            assert_eq!(again, vec![Claimed::Existing(as_made(&claim))]);
        });
    }
    callers.join_all().await;
}

#[tokio::test]
async fn attempts_fence_one_another() {
    let (_database, claims) = claims().await;
    let claim = new(CommandId::generate());
    let id = claim.id;
    claims.claim(vec![claim.clone()]).await.unwrap();
    let (taken, raised) = claims.take_up(id, 1).await.unwrap().unwrap();
    assert!(raised && taken.attempt == 2);
    // Whoever saw attempt 1 comes too late, with everything.
    let (current, raised) = claims.take_up(id, 1).await.unwrap().unwrap();
    assert_eq!((current.attempt, raised), (2, false));
    assert!(!claims.settle(id, 1, json!({})).await.unwrap());
    assert!(!claims.advance(id, 1, 100).await.unwrap());
    assert!(!claims.release(id, 1).await.unwrap());
    assert!(claims.advance(id, 2, 100).await.unwrap());
    // What was checked stays checked, whoever comes late with less.
    assert!(claims.advance(id, 2, 40).await.unwrap());
    let answer = json!({"refused": "EMAIL_TAKEN", "n": 12_345_678_901_234_567_890_u64});
    assert!(claims.settle(id, 2, answer.clone()).await.unwrap());
    // An answer is final.
    assert!(!claims.settle(id, 2, json!("other")).await.unwrap());
    assert!(!claims.release(id, 2).await.unwrap());
    assert!(!claims.take_up(id, 2).await.unwrap().unwrap().1);
    let expected =
        Claim { from_revision: Some(100), attempt: 2, answer: Some(answer), ..as_made(&claim) };
    assert_eq!(claims.find(id).await.unwrap(), Some(expected));
    assert_eq!(claims.take_up(CommandId::generate(), 1).await.unwrap(), None);
}

#[tokio::test]
async fn a_released_id_is_free() {
    let (_database, claims) = claims().await;
    let claim = new(CommandId::generate());
    claims.claim(vec![claim.clone()]).await.unwrap();
    assert!(claims.release(claim.id, 1).await.unwrap());
    assert_eq!(claims.find(claim.id).await.unwrap(), None);
    assert_eq!(claims.claim(vec![claim]).await.unwrap(), vec![Claimed::New]);
}

#[tokio::test]
async fn things_are_named_with_the_claim_that_makes_them() {
    let (_database, claims) = claims().await;
    let thing = Uuid::now_v7();
    let claim = NewClaim { things: vec![thing], ..new(CommandId::generate()) };
    let late = NewClaim { things: vec![Uuid::now_v7()], ..new(claim.id) };
    claims.claim(vec![claim.clone(), late.clone()]).await.unwrap();
    claims.claim(vec![late.clone()]).await.unwrap();
    assert_eq!(claims.stream_of(thing).await.unwrap(), Some(claim.stream.clone()));
    assert_eq!(claims.stream_of(claim.id.0).await.unwrap(), Some(claim.stream));
    assert_eq!(claims.stream_of(late.things[0]).await.unwrap(), None, "it lost the claim");
}

#[tokio::test]
async fn old_answers_are_pruned_and_nothing_else() {
    let (_database, claims) = claims().await;
    let at = |micros| NewClaim { at: Timestamp::from_micros(micros), ..new(CommandId::generate()) };
    let (old, young, open) = (at(10), at(20), at(5));
    claims.claim(vec![old.clone(), young.clone(), open.clone()]).await.unwrap();
    for claim in [&old, &young] {
        claims.settle(claim.id, 1, json!("no")).await.unwrap();
    }
    assert_eq!(claims.prune(Timestamp::from_micros(20)).await.unwrap(), 1);
    assert_eq!(claims.find(old.id).await.unwrap(), None);
    assert!(claims.find(young.id).await.unwrap().is_some());
    assert!(claims.find(open.id).await.unwrap().is_some());
}
