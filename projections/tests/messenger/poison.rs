//! Events that can't be projected park their stream, visibly, and nothing else.

use crate::world::World;
use events::channel::{ChannelCreated, MessageSent, Visibility};
use events::personal::{KeyRing, KeyState, Personal, UserKey};
use events::user::UserRegistered;
use events::{
    ChannelEvent, ChannelId, LogPosition, MessageId, NewEvent, StreamName, UserEvent, UserId, codec,
};
use projections::ProjectorError;

pub(crate) fn create(world: &World, creator: UserId) -> ChannelId {
    let id = ChannelId::generate();
    let event = ChannelCreated {
        name: "a".into(),
        description: String::new(),
        visibility: Visibility::Public,
        password: None,
        creator,
    };
    world.append(&StreamName::channel(id), ChannelEvent::from(event));
    id
}

pub(crate) fn say(
    world: &World,
    id: ChannelId,
    author: UserId,
    seq: u32,
    text: &str,
) -> LogPosition {
    let message = MessageId::generate();
    let (number, text) = (seq, text.to_owned());
    let event = MessageSent { message, seq, number, author, text, reply_to: None };
    world.append(&StreamName::channel(id), ChannelEvent::from(event))
}

/// Two channels with 50 messages each, in turn; the `bad`-th of the first is `poison`.
async fn poisoned(poison: impl Fn(&World, ChannelId, UserId, u32) -> LogPosition) -> World {
    let world = World::new().await;
    let user = world.register("Sam");
    let (sick, well) = (create(&world, user), create(&world, user));
    let mut at = 0;
    for seq in 1..=50 {
        match seq {
            20 => at = poison(&world, sick, user, seq),
            _ => _ = say(&world, sick, user, seq, "sick"),
        }
        say(&world, well, user, seq, "well");
    }
    world.project().await;
    assert_eq!(world.checkpoint().await, world.head());
    let count = |text| format!("SELECT count(*) FROM messages WHERE text = '{text}'");
    assert_eq!(world.scalar(&count("well")).await, 50);
    assert_eq!(world.scalar(&count("sick")).await, 19);
    let parked = world.row("parked", "true").await;
    assert_eq!(parked["stream"], format!("channel-{sick}"));
    assert_eq!(parked["position"], at);
    assert_eq!(parked["events"], 31);

    // It stays so, over restarts, and is told.
    say(&world, sick, user, 51, "sick");
    say(&world, well, user, 51, "well");
    world.project().await;
    assert_eq!(world.scalar(&count("well")).await, 51);
    assert_eq!(world.scalar(&count("sick")).await, 19);
    let status = projections::status(&world.pool, &world.log).await.unwrap();
    assert_eq!((status.len(), status[0].lag, status[0].parked.len()), (1, 0, 1));
    assert_eq!(status[0].parked[0].events, 32);
    world
}

/// What this version doesn't know.
fn unknown(world: &World, id: ChannelId, _: UserId, _: u32) -> LogPosition {
    let metadata = world.metadata();
    let event = NewEvent { kind: "ChannelPainted".into(), data: "{}".into(), metadata };
    world.append_stored(&StreamName::channel(id), event)
}

#[tokio::test]
async fn an_unknown_event_parks_its_stream() {
    let world = poisoned(unknown).await;
    let parked = world.row("parked", "true").await;
    assert_eq!(parked["kind"], "ChannelPainted");
    assert_eq!(parked["error"], "unknown event ChannelPainted version 1");
}

#[tokio::test]
async fn what_the_database_refuses_parks_its_stream() {
    let world = poisoned(|world, id, user, seq| say(world, id, user, seq, "a\0b")).await;
    let error = world.row("parked", "true").await["error"].to_string();
    assert!(error.contains("UTF8"), "{error}");
}

#[tokio::test]
async fn what_contradicts_the_rows_parks_its_stream() {
    let stranger = UserId::generate();
    let world = poisoned(|world, id, _, seq| say(world, id, stranger, seq, "who?")).await;
    let error = world.row("parked", "true").await["error"].to_string();
    assert!(error.contains("0 of 1 rows of members"), "{error}");
}

#[tokio::test]
async fn a_number_beyond_the_api_parks_its_stream() {
    poisoned(|world, id, user, _| say(world, id, user, u32::MAX, "far")).await;
}

#[tokio::test]
async fn a_name_sealed_for_another_event_parks_its_stream() {
    let world = World::new().await;
    let user = UserId::generate();
    world.vault.create(user);
    let other = KeyRing::from([(user, KeyState::Live(UserKey::new([9; 32])))]);
    let mut event = registration(user);
    let stream = StreamName::user(user);
    let stored = codec::encode(&mut event, &stream, world.metadata(), &other).unwrap();
    world.append_stored(&stream, stored);
    world.register("Sam");
    world.project().await;
    assert_eq!(world.row("users", "true").await["username"], "Sam");
    assert_eq!(world.row("parked", "true").await["stream"], stream.as_str());
}

fn registration(user: UserId) -> UserEvent {
    UserEvent::from(UserRegistered {
        email: Personal::plain(user, "gone@example.org"),
        username: Personal::plain(user, "gone"),
        password: Personal::plain(user, "x"),
    })
}

#[tokio::test]
async fn who_was_erased_has_no_name() {
    let world = World::new().await;
    let (gone, here) = (world.register("gone"), world.register("here"));
    world.vault.destroy(gone);
    world.project().await;
    let row = world.row("users", &format!("id = '{gone}'")).await;
    assert!(row["username"].is_null() && row["email"].is_null(), "{row}");
    assert_eq!(row["active"], false);
    assert_eq!(world.row("users", &format!("id = '{here}'")).await["active"], true);
}

#[tokio::test]
async fn a_key_that_is_missing_stops_the_projector() {
    let world = World::new().await;
    world.register("here");
    world.project().await;
    let before = (world.checkpoint().await, world.dump().await);
    let lost = world.register("lost");
    let position = world.head();
    world.vault.lose(lost);
    let error = world.start().fails().await;
    let stream = StreamName::user(lost);
    assert_eq!(error, ProjectorError::KeyMissing { user: lost, stream, position });
    assert_eq!((world.checkpoint().await, world.dump().await), before);
    world.vault.create(lost);
    world.project().await;
    assert_eq!(world.scalar("SELECT count(*) FROM users").await, 2);
}

#[tokio::test]
async fn too_many_parked_streams_stop_the_projector() {
    let world = World::new().await;
    for _ in 0..1_100 {
        unknown(&world, ChannelId::generate(), UserId::generate(), 1);
    }
    let error = world.start().fails().await;
    assert!(matches!(error, ProjectorError::TooManyParked { max: 1_000, .. }), "{error}");
}
