//! A parked stream is taken up again.

use crate::poison::{create, say};
use crate::world::{Running, World};
use events::{ChannelId, StreamName, UserId};
use projections::Projection;
use projections::unpark::{UnparkError, unpark};

/// A fault of the read model's, by which a message is refused; and a projector at work.
async fn parked() -> (World, Running, UserId, ChannelId) {
    let world = World::new().await;
    let user = world.register("Sam");
    let (sick, well) = (create(&world, user), create(&world, user));
    world.sql("ALTER TABLE messages ADD CONSTRAINT fault CHECK (text <> 'poison')").await;
    for seq in 1..=30 {
        say(&world, sick, user, seq, if seq == 10 { "poison" } else { "sick" });
        say(&world, well, user, seq, "well");
    }
    let running = world.start();
    running.reach(world.head()).await;
    assert_eq!(world.row("parked", "true").await["events"], 21);
    (world, running, user, sick)
}

async fn try_unpark(world: &World, id: ChannelId) -> Result<usize, UnparkError> {
    let stream = StreamName::channel(id);
    unpark(Projection::Messenger, &world.options, &world.log, world.vault.as_ref(), &stream).await
}

#[tokio::test]
async fn once_the_fault_is_mended_all_that_was_left_out_is_projected() {
    let (world, running, user, sick) = parked().await;
    world.sql("ALTER TABLE messages DROP CONSTRAINT fault").await;
    assert_eq!(try_unpark(&world, sick).await.unwrap(), 21);
    // The projector that ran meanwhile goes on with it.
    say(&world, sick, user, 31, "sick");
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    let live = world.dump().await;
    world.clear().await;
    world.project().await;
    assert_eq!(world.dump().await, live);
    assert!(matches!(try_unpark(&world, sick).await, Err(UnparkError::NotParked(_))));
}

#[tokio::test]
async fn while_the_fault_is_there_it_stays_parked() {
    let (world, running, user, sick) = parked().await;
    let before = world.dump().await;
    let refused = try_unpark(&world, sick).await;
    assert!(matches!(&refused, Err(UnparkError::Refused(why)) if why.contains("fault")));
    assert_eq!(world.dump().await, before);
    say(&world, sick, user, 31, "sick");
    running.reach(world.head()).await;
    running.stop().await.unwrap();
    assert_eq!(world.row("parked", "true").await["events"], 22);
}
