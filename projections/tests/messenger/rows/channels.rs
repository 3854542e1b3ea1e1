//! Rows of channels, members and stays.

use super::{Group, at_us, feed, feed_row};
use events::channel::{
    ChannelDeleted, ChannelPasswordFailed, ChannelUpdated, MemberJoined, MemberLeft, Role,
    RoleChanged,
};
use events::feed::FeedKind;
use events::settled::CommandSettled;
use events::user::LogInFailed;
use events::{MessageId, StreamName, UserEvent};
use serde_json::{Value, json};

#[tokio::test]
async fn a_channel_is_there_with_its_creator_as_admin() {
    let group = Group::new().await;
    group.world.project().await;
    let (id, admin) = (group.id, group.admin);
    let expected = json!({
        "id": id, "name": "등산", "name_key": "등산", "name_grams": ["등", "등산", "산"],
        "description": "Sundays", "visibility": 2,
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
        "text": null, "reply_to": null, "number": 1, "sent_us": joined_us,
        "edited_us": null, "deleted_us": null,
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

#[tokio::test]
async fn an_updated_channel_is_found_by_its_new_name() {
    let group = Group::new().await;
    let by = group.admin;
    let update = |name: Option<&str>, description: Option<&str>| {
        let (name, description) = (name.map(str::to_owned), description.map(str::to_owned));
        group.append(ChannelUpdated { name, description, by })
    };
    // In the batch of the creation itself.
    let at = update(Some("Hike"), None);
    group.world.project().await;
    let channel = group.channel().await;
    assert_eq!((&channel["name"], &channel["name_key"]), (&json!("Hike"), &json!("hike")));
    assert_eq!(channel["name_grams"], json!(["e", "h", "hi", "i", "ik", "k", "ke"]));
    assert_eq!(channel["description"], "Sundays");
    let updated = feed_row(group.id.0, at, FeedKind::ChannelUpdated, None);
    assert_eq!(feed(&group.world, at).await, updated);
    // Later, by two that name a part each.
    update(Some("산"), None);
    update(None, Some(""));
    group.world.project().await;
    let channel = group.channel().await;
    assert_eq!((&channel["name"], &channel["name_key"]), (&json!("산"), &json!("산")));
    assert_eq!((&channel["name_grams"], &channel["description"]), (&json!(["산"]), &json!("")));
}

#[tokio::test]
async fn a_role_is_the_one_given_last() {
    let group = Group::new().await;
    let (user, by) = (group.member, Some(group.admin));
    let change = |role| group.append(RoleChanged { user, role, by });
    // In the batch of the joining itself.
    let at = change(Role::Admin);
    group.world.project().await;
    assert_eq!(group.member(user).await["role"], 1);
    let updated = feed_row(group.id.0, at, FeedKind::ChannelUpdated, None);
    assert_eq!(feed(&group.world, at).await, updated);
    change(Role::Member);
    change(Role::Admin);
    change(Role::Member);
    group.world.project().await;
    assert_eq!(group.member(user).await["role"], 2);
    // Who comes again is a member, whatever one was before.
    change(Role::Admin);
    let message = MessageId::generate();
    group.append(MemberLeft { user, removed_by: None, message, seq: 2, number: 0 });
    let message = MessageId::generate();
    group.append(MemberJoined { user, added_by: None, message, seq: 3, number: 0 });
    group.world.project().await;
    assert_eq!(group.member(user).await["role"], 2);
}
