//! Rows of accounts, contacts and sessions.

use super::{at_us, feed, feed_row};
use crate::world::World;
use events::feed::FeedKind;
use events::personal::Personal;
use events::user::{
    ContactAdded, ContactRemoved, ProfileChanged, SessionEnd, SessionEnded, UserDeleted,
};
use events::{LogPosition, SessionId, StreamName, UserEvent, UserId};
use serde_json::{Value, json};

fn append(world: &World, user: UserId, event: impl Into<UserEvent>) -> LogPosition {
    world.append(&StreamName::user(user), event.into())
}

fn profile(user: UserId, email: Option<&str>, username: Option<&str>) -> ProfileChanged {
    let plain = |text| Personal::plain(user, text);
    ProfileChanged { email: email.map(plain), username: username.map(plain) }
}

async fn assert_changed(world: &World, user: UserId, at: LogPosition) {
    assert_eq!(feed(world, at).await, feed_row(user.0, at, FeedKind::Changed, None));
}

#[tokio::test]
async fn a_registration_is_a_user_with_names_in_clear() {
    let world = World::new().await;
    let user = world.register("김민지");
    world.project().await;
    let expected = json!({
        "id": user, "username": "김민지", "email": "김민지@example.org",
        "email_key": "김민지@example.org",
        "created_us": at_us(1), "active": true,
    });
    assert_eq!(world.row("users", "true").await, expected);
    assert_eq!(feed(&world, 1).await, feed_row(user.0, 1, FeedKind::Changed, None));
}

#[tokio::test]
async fn an_ended_session_is_kept_as_it_ended_first() {
    let world = World::new().await;
    let (user, session) = (world.register("Sam"), SessionId::generate());
    let stream = StreamName::user(user);
    for reason in [SessionEnd::LoggedOut, SessionEnd::RefreshReused] {
        world.append(&stream, UserEvent::from(SessionEnded { session, reason }));
        world.project().await;
    }
    let expected = json!({ "session_id": session, "user_id": user, "ended_us": at_us(2) });
    assert_eq!(world.row("ended_sessions", "true").await, expected);
    let ended = feed_row(user.0, 2, FeedKind::SessionEnded, Some(session.0));
    assert_eq!(feed(&world, 2).await, ended);
}

#[tokio::test]
async fn a_changed_profile_replaces_what_it_names() {
    let world = World::new().await;
    let user = world.register("Sam");
    world.project().await;
    let at = append(&world, user, profile(user, Some("Samuel@한국.kr"), None));
    world.project().await;
    let row = world.row("users", "true").await;
    assert_eq!((&row["username"], &row["email"]), (&json!("Sam"), &json!("Samuel@한국.kr")));
    assert_eq!(row["email_key"], "samuel@xn--3e0b707e.kr");
    assert_changed(&world, user, at).await;
    // Two in one batch: each adds its part.
    append(&world, user, profile(user, Some("sam@example.net"), None));
    append(&world, user, profile(user, None, Some("Samuel")));
    world.project().await;
    let row = world.row("users", "true").await;
    assert_eq!((&row["username"], &row["email"]), (&json!("Samuel"), &json!("sam@example.net")));
    assert_eq!(row["email_key"], "sam@example.net");
}

#[tokio::test]
async fn who_is_deleted_has_no_names_and_no_contacts_for_good() {
    let world = World::new().await;
    let (gone, here) = (world.register("gone"), world.register("here"));
    append(&world, gone, ContactAdded { contact: here });
    append(&world, here, ContactAdded { contact: gone });
    world.project().await;
    let at = append(&world, gone, UserDeleted {});
    world.vault.destroy(gone);
    world.project().await;
    let row = world.row("users", &format!("id = '{gone}'")).await;
    for name in ["username", "email", "email_key"] {
        assert_eq!(row[name], Value::Null, "{name}");
    }
    assert_eq!(row["active"], false);
    assert_changed(&world, gone, at).await;
    assert_eq!(world.row("contacts", "true").await["user_id"], json!(here));
    assert_eq!(world.row("users", &format!("id = '{here}'")).await["username"], "here");
}

#[tokio::test]
async fn contacts_come_and_go() {
    let world = World::new().await;
    let (user, contact) = (world.register("Sam"), world.register("Ann"));
    let at = append(&world, user, ContactAdded { contact });
    world.project().await;
    let row = |at| {
        json!({
            "user_id": user, "contact_id": contact, "added_us": at_us(at), "added_position": at,
        })
    };
    assert_eq!(world.row("contacts", "true").await, row(at));
    assert_changed(&world, user, at).await;
    // Removed and added again within a batch: the later one is there.
    append(&world, user, ContactRemoved { contact });
    let again = append(&world, user, ContactAdded { contact });
    world.project().await;
    assert_eq!(world.row("contacts", "true").await, row(again));
    let removed = append(&world, user, ContactRemoved { contact });
    world.project().await;
    assert_eq!(world.scalar("SELECT count(*) FROM contacts").await, 0);
    assert_changed(&world, user, removed).await;
}
