//! What each kind of event makes of the rows and the feed.

use crate::world::World;
use events::channel::{
    ChannelCreated, ChannelDeleted, ChannelPasswordFailed, MemberJoined, MemberLeft,
    MessageDeleted, MessageSent, Visibility,
};
use events::feed::FeedKind;
use events::settled::CommandSettled;
use events::user::{LogInFailed, SessionEnd, SessionEnded};
use events::{
    ChannelEvent, ChannelId, LogPosition, MessageId, SessionId, StreamName, UserEvent, UserId,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A channel with its creator and one more member.
struct Group {
    world: World,
    id: ChannelId,
    admin: UserId,
    member: UserId,
}

impl Group {
    async fn new() -> Self {
        let world = World::new().await;
        let (admin, member) = (world.register("지훈"), world.register("Sam"));
        let group = Self { world, id: ChannelId::generate(), admin, member };
        group.append(ChannelCreated {
            name: "등산".into(),
            description: "Sundays".into(),
            visibility: Visibility::Private,
            password: Some("$argon2id$…".into()),
            creator: admin,
        });
        group.append(MemberJoined {
            user: member,
            added_by: None,
            message: MessageId::generate(),
            seq: 1,
            number: 0,
        });
        group
    }

    fn append(&self, event: impl Into<ChannelEvent>) -> LogPosition {
        self.world.append(&StreamName::channel(self.id), event.into())
    }

    fn send(&self, seq: u32, number: u32, author: UserId) -> MessageId {
        let message = MessageId::generate();
        let text = format!("{number}번째");
        self.append(MessageSent { message, seq, number, author, text, reply_to: None });
        message
    }

    async fn channel(&self) -> Value {
        self.world.row("channels", &format!("id = '{}'", self.id)).await
    }

    async fn member(&self, user: UserId) -> Value {
        let condition = format!("channel_id = '{}' AND user_id = '{user}'", self.id);
        self.world.row("members", &condition).await
    }

    async fn message(&self, seq: u32) -> Value {
        let condition = format!("channel_id = '{}' AND seq = {seq}", self.id);
        self.world.row("messages", &condition).await
    }
}

async fn feed(world: &World, at: LogPosition) -> Value {
    let mut row = world.row("feed", &format!("position = {at}")).await;
    row.as_object_mut().unwrap().remove("at_us");
    row
}

fn feed_row(entity: Uuid, position: LogPosition, kind: FeedKind, reference: Option<Uuid>) -> Value {
    json!({ "entity_id": entity, "position": position, "kind": kind.code(), "ref": reference })
}

/// When the event at a position was recorded.
fn at_us(position: LogPosition) -> u64 {
    1_700_000_000_000_000 + (position - 1) * 1_000_000
}

#[tokio::test]
async fn a_registration_is_a_user_with_names_in_clear() {
    let world = World::new().await;
    let user = world.register("김민지");
    world.project().await;
    let expected = json!({
        "id": user, "username": "김민지", "email": "김민지@example.org",
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
async fn a_channel_is_there_with_its_creator_as_admin() {
    let group = Group::new().await;
    group.world.project().await;
    let (id, admin) = (group.id, group.admin);
    let expected = json!({
        "id": id, "name": "등산", "description": "Sundays", "visibility": 2,
        "created_by": admin, "created_us": at_us(3), "deleted_us": null,
        "member_count": 2, "last_seq": 1, "last_number": 0, "last_position": 4,
    });
    assert_eq!(group.channel().await, expected);
    let expected = json!({
        "channel_id": id, "user_id": admin, "role": 1, "joined_us": at_us(3), "joined_seq": 0,
        "left_us": null, "read_up_to": 0, "read_number": 0,
    });
    assert_eq!(group.member(admin).await, expected);
    assert_eq!(feed(&group.world, 3).await, feed_row(id.0, 3, FeedKind::Changed, None));
}

#[tokio::test]
async fn who_joins_enters_and_has_read_up_to_there() {
    let group = Group::new().await;
    group.send(2, 1, group.admin);
    let (user, message) = (group.world.register("Ann"), MessageId::generate());
    let at = group.append(MemberJoined { user, added_by: None, message, seq: 3, number: 1 });
    group.world.project().await;
    let (channel, joined_us) = (group.id, at_us(at));
    let expected = json!({
        "channel_id": channel, "user_id": user, "role": 2, "joined_us": joined_us,
        "joined_seq": 3, "left_us": null, "read_up_to": 3, "read_number": 1,
    });
    assert_eq!(group.member(user).await, expected);
    let expected = json!({
        "channel_id": channel, "seq": 3, "id": message, "kind": 2, "author_id": user,
        "text": null, "reply_to": null, "number": 1, "sent_us": joined_us, "deleted_us": null,
    });
    assert_eq!(group.message(3).await, expected);
    let entered = feed_row(channel.0, at, FeedKind::MemberJoined, Some(message.0));
    assert_eq!(feed(&group.world, at).await, entered);
    assert_eq!(group.channel().await["member_count"], 3);
}

#[tokio::test]
async fn who_leaves_is_no_member_and_may_come_again() {
    let group = Group::new().await;
    let (user, removed_by) = (group.member, Some(group.admin));
    let message = MessageId::generate();
    let left = group.append(MemberLeft { user, removed_by, message, seq: 2, number: 0 });
    group.world.project().await;
    assert_eq!(group.member(user).await["left_us"], at_us(left));
    assert_eq!(group.channel().await["member_count"], 1);
    assert_eq!(group.message(2).await["kind"], 3);
    assert_eq!(group.message(2).await["author_id"], json!(user));
    let row = feed_row(group.id.0, left, FeedKind::MemberLeft, Some(message.0));
    assert_eq!(feed(&group.world, left).await, row);
    let stay = json!({
        "user_id": user, "channel_id": group.id, "joined_position": 4, "left_position": left,
    });
    assert_eq!(group.world.row("stays", &format!("user_id = '{user}'")).await, stay);

    let message = MessageId::generate();
    let again = group.append(MemberJoined { user, added_by: None, message, seq: 3, number: 0 });
    group.world.project().await;
    let member = group.member(user).await;
    assert_eq!((&member["left_us"], &member["joined_seq"]), (&Value::Null, &json!(3)));
    let second = format!("user_id = '{user}' AND joined_position = {again}");
    assert_eq!(group.world.row("stays", &second).await["left_position"], Value::Null);
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
        "deleted_us": null,
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
async fn a_deleted_channel_has_no_members() {
    let group = Group::new().await;
    let at = group.append(ChannelDeleted { by: group.admin });
    group.world.project().await;
    let channel = group.channel().await;
    assert_eq!((&channel["deleted_us"], &channel["member_count"]), (&json!(at_us(at)), &json!(0)));
    for user in [group.admin, group.member] {
        assert_eq!(group.member(user).await["left_us"], at_us(at));
        let stay = group.world.row("stays", &format!("user_id = '{user}'")).await;
        assert_eq!(stay["left_position"], at);
    }
    let deleted = feed_row(group.id.0, at, FeedKind::ChannelDeleted, None);
    assert_eq!(feed(&group.world, at).await, deleted);
}

#[tokio::test]
async fn what_nobody_sees_moves_the_checkpoint_only() {
    let group = Group::new().await;
    group.world.project().await;
    let before = group.world.dump().await;
    group.append(ChannelPasswordFailed { user: group.member });
    group.append(CommandSettled { answer: json!({}) });
    let user = StreamName::user(group.admin);
    group.world.append(&user, UserEvent::from(LogInFailed {}));
    group.world.project().await;
    assert_eq!(group.world.dump().await, before);
    assert_eq!(group.world.checkpoint().await, group.world.head());
}
