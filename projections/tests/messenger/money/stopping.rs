//! An event that can't be projected stops all of it, visibly, until it can.

use std::time::Duration;

use super::*;
use events::NewEvent;
use events::wallet::{Origin, TransferDeclined};
use projections::unpark::UnparkError;

/// What this version doesn't know.
pub(super) fn unknown(world: &World, wallet: WalletId) -> LogPosition {
    let metadata = world.metadata();
    let event = NewEvent { kind: "WalletPainted".into(), data: "{}".into(), metadata };
    world.append_stored(&StreamName::wallet(wallet), event)
}

/// Waits until an event is told of that stops everything.
async fn told(world: &World) {
    let tell = async {
        while count(world, "parked").await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tell).await.expect("nothing is told");
}

#[tokio::test]
async fn all_before_an_unknown_event_is_projected_and_nothing_behind_it() {
    let purses = Purses::new().await;
    let world = &purses.world;
    let terms = purses.terms(3_000);
    purses.debit(&terms, 7_000);
    let at = unknown(world, WalletId::generate());
    // Of other wallets.
    purses.credit(&terms, 3_000);
    let running = start(world);
    told(world).await;
    assert!(!running.task.is_finished(), "it waits for better times");
    assert_eq!(checkpoint(world).await, at - 1);
    assert_eq!(count(world, "entries").await, 2);
    let status = projections::status(&world.pool, &world.log).await.unwrap();
    let money = status.iter().find(|one| one.projection == Projection::Money).unwrap();
    assert!(money.projection.stops());
    assert_eq!((money.lag, money.parked.len()), (2, 1));
    assert_eq!((money.parked[0].position, money.parked[0].kind.as_str()), (at, "WalletPainted"));
    assert_eq!(money.parked[0].error, "unknown event WalletPainted version 1");
    running.stop().await.unwrap();

    // The others are not held up.
    world.project().await;
    assert_eq!(world.checkpoint().await, world.head());
    // It is tried again by whoever comes next, and not left out.
    let running = start(world);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((checkpoint(world).await, count(world, "parked").await), (at - 1, 1));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn it_goes_on_by_itself_once_what_was_at_fault_is_mended() {
    let purses = Purses::new().await;
    let Purses { world, from, .. } = &purses;
    let terms = purses.terms(3_000);
    purses.request(&terms);
    project(world).await;
    world.sql("DELETE FROM read_money.transfers").await;
    let (transfer, origin) = (terms.transfer, Origin::Manual);
    let at = append(world, *from, TransferDeclined { transfer, by: None, origin, channel: None });
    let running = start(world);
    told(world).await;
    let stopped = row(world, "parked", "true").await;
    assert_eq!(stopped["error"], "0 of 1 rows of transfers are there to be changed");
    let mend = format!(
        "INSERT INTO read_money.transfers (id, from_id, expires_us)
         VALUES ('{transfer}', '{from}', 1)"
    );
    world.sql(&mend).await;
    running.reach(at).await;
    running.stop().await.unwrap();
    assert_eq!(count(world, "parked").await, 0);
}

#[tokio::test]
async fn there_is_no_stream_to_be_taken_up_again() {
    let purses = Purses::new().await;
    let world = &purses.world;
    unknown(world, purses.from);
    let running = start(world);
    told(world).await;
    running.stop().await.unwrap();
    let (log, stream) = (world.log.clone(), StreamName::wallet(purses.from));
    let (options, keys) = (&world.options, world.vault.as_ref());
    let refused = projections::unpark(Projection::Money, options, &log, keys, &stream).await;
    assert!(matches!(refused, Err(UnparkError::NotParked(_))), "{refused:?}");
}
