//! Rows of messages, reactions and read markers.

use super::{Group, at_us, feed, feed_row};
use events::channel::{
    ChannelDeleted, MessageDeleted, MessageEdited, MessageSent, ReactionAdded, ReactionRemoved,
};
use events::feed::FeedKind;
use events::readers::ReadMarkerMoved;
use events::settled::CommandSettled;
use events::{LogPosition, MessageId, ReadersEvent, StreamName, UserId};
use serde_json::{Value, json};

fn mark(group: &Group, user: UserId, up_to_seq: u32) -> LogPosition {
    let event = ReadersEvent::from(ReadMarkerMoved { user, up_to_seq });
    group.world.append(&StreamName::readers(group.id), event)
}

fn react(group: &Group, message: MessageId, user: UserId, emoji: &str) -> LogPosition {
    group.append(ReactionAdded { message, seq: 2, user, emoji: emoji.into() })
}

fn take_back(group: &Group, message: MessageId, user: UserId, emoji: &str) -> LogPosition {
    group.append(ReactionRemoved { message, seq: 2, user, emoji: emoji.into() })
}

#[tokio::test]
async fn a_message_moves_its_channel_and_its_author() {
    let group = Group::new().await;
    let first = group.send(2, 1, group.member);
    let (message, author) = (MessageId::generate(), group.admin);
    let text = "둘\n2".to_owned();
    let reply_to = Some(first);
    let at = group.append(MessageSent { message, seq: 3, number: 2, author, text, reply_to });
    group.world.project().await;
    let expected = json!({
        "channel_id": group.id, "seq": 3, "id": message, "kind": 1, "author_id": author,
        "text": "둘\n2", "reply_to": first, "number": 2, "sent_us": at_us(at),
        "edited_us": null, "deleted_us": null,
    });
    assert_eq!(group.message(3).await, expected);
    let channel = group.channel().await;
    assert_eq!(channel["last_seq"], 3);
    assert_eq!(channel["last_number"], 2);
    assert_eq!(channel["last_position"], at);
    let (admin, member) = (group.member(group.admin).await, group.member(group.member).await);
    assert_eq!((&admin["read_up_to"], &admin["read_number"]), (&json!(3), &json!(2)));
    assert_eq!((&member["read_up_to"], &member["read_number"]), (&json!(2), &json!(1)));
    let sent = feed_row(group.id.0, at, FeedKind::MessageSent, Some(message.0));
    assert_eq!(feed(&group.world, at).await, sent);
}

#[tokio::test]
async fn a_deleted_message_has_no_text() {
    let group = Group::new().await;
    let (seq, by) = (2, group.admin);
    let message = group.send(seq, 1, group.member);
    group.world.project().await;
    let at = group.append(MessageDeleted { message, seq, by });
    group.world.project().await;
    let row = group.message(2).await;
    assert_eq!((&row["text"], &row["deleted_us"]), (&Value::Null, &json!(at_us(at))));
    let deleted = feed_row(group.id.0, at, FeedKind::MessageDeleted, Some(message.0));
    assert_eq!(feed(&group.world, at).await, deleted);
}

#[tokio::test]
async fn an_edited_message_has_the_newest_text() {
    let group = Group::new().await;
    let message = group.send(2, 1, group.member);
    let edit = |text: &str| group.append(MessageEdited { message, seq: 2, text: text.into() });
    // In the batch of the message itself.
    let at = edit("둘");
    group.world.project().await;
    let row = group.message(2).await;
    assert_eq!((&row["text"], &row["edited_us"]), (&json!("둘"), &json!(at_us(at))));
    let edited = feed_row(group.id.0, at, FeedKind::MessageEdited, Some(message.0));
    assert_eq!(feed(&group.world, at).await, edited);
    // Later, twice.
    edit("셋");
    let at = edit("넷");
    group.world.project().await;
    let row = group.message(2).await;
    assert_eq!((&row["text"], &row["edited_us"]), (&json!("넷"), &json!(at_us(at))));
}

#[tokio::test]
async fn no_edit_brings_back_a_deleted_text() {
    let group = Group::new().await;
    let (by, seq) = (group.admin, 2);
    let message = group.send(2, 1, group.member);
    let edit = || group.append(MessageEdited { message, seq, text: "again".into() });
    let edited = edit();
    let deleted = group.append(MessageDeleted { message, seq, by });
    edit();
    group.world.project().await;
    let row = group.message(2).await;
    assert_eq!((&row["text"], &row["edited_us"]), (&Value::Null, &json!(at_us(edited))));
    edit();
    group.world.project().await;
    assert_eq!(group.message(2).await, row);
    assert_eq!(row["deleted_us"], at_us(deleted));
}

#[tokio::test]
async fn reactions_come_and_go() {
    let group = Group::new().await;
    let message = group.send(2, 1, group.member);
    let at = react(&group, message, group.admin, "👍🏽");
    react(&group, message, group.member, "❤️");
    take_back(&group, message, group.member, "❤️");
    group.world.project().await;
    let row = |emoji: &str, user: UserId, at: LogPosition| {
        json!({
            "channel_id": group.id, "seq": 2, "emoji": emoji, "user_id": user,
            "added_position": at,
        })
    };
    assert_eq!(group.world.row("reactions", "true").await, row("👍🏽", group.admin, at));
    let changed = feed_row(group.id.0, at, FeedKind::ReactionsChanged, Some(message.0));
    assert_eq!(feed(&group.world, at).await, changed);
    // Taken back and given again within a batch: it counts from then.
    take_back(&group, message, group.admin, "👍🏽");
    let again = react(&group, message, group.admin, "👍🏽");
    group.world.project().await;
    assert_eq!(group.world.row("reactions", "true").await, row("👍🏽", group.admin, again));
    let gone = take_back(&group, message, group.admin, "👍🏽");
    group.world.project().await;
    assert_eq!(group.world.scalar("SELECT count(*) FROM reactions").await, 0);
    let changed = feed_row(group.id.0, gone, FeedKind::ReactionsChanged, Some(message.0));
    assert_eq!(feed(&group.world, gone).await, changed);
}

#[tokio::test]
async fn reactions_stay_with_a_deleted_message() {
    let group = Group::new().await;
    let (by, seq) = (group.admin, 2);
    let message = group.send(2, 1, group.member);
    react(&group, message, group.admin, "👍");
    group.append(MessageDeleted { message, seq, by });
    group.world.project().await;
    assert_eq!(group.world.scalar("SELECT count(*) FROM reactions").await, 1);
}

#[tokio::test]
async fn a_read_marker_never_falls() {
    let group = Group::new().await;
    let user = group.member;
    let at = mark(&group, user, 2);
    mark(&group, user, 1);
    group.world.project().await;
    mark(&group, user, 1);
    group.world.project().await;
    let expected = json!({ "channel_id": group.id, "user_id": user, "up_to_seq": 2 });
    assert_eq!(group.world.row("read_markers", "true").await, expected);
    let moved = feed_row(group.id.0, at, FeedKind::ReadMarkerMoved, Some(user.0));
    assert_eq!(feed(&group.world, at).await, moved);
    mark(&group, user, 3);
    group.world.project().await;
    assert_eq!(group.world.row("read_markers", "true").await["up_to_seq"], 3);
}

#[tokio::test]
async fn what_comes_after_the_end_of_a_channel_parks_nothing() {
    let group = Group::new().await;
    group.send(2, 1, group.member);
    group.append(ChannelDeleted { by: group.admin });
    group.append(CommandSettled { answer: json!({}) });
    mark(&group, group.member, 2);
    group.world.project().await;
    group.append(CommandSettled { answer: json!({}) });
    mark(&group, group.admin, 2);
    group.world.project().await;
    assert_eq!(group.world.checkpoint().await, group.world.head());
    assert_eq!(group.world.scalar("SELECT count(*) FROM parked").await, 0);
}
