//! Channels that are changed: settings, members and roles, over the API and as pushed.

use serde_json::json;

use crate::follower::{Follower, Told};
use crate::world::{World, code};

#[tokio::test]
async fn admins_change_a_channel_and_its_members_see_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, lee, &channel, None).await;

    let update = "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) {
        channel { name description visibility } position } }";
    let input = json!({ "channelId": channel, "name": " 등산회 ", "description": "매주 토요일" });
    let answer = node.data(kim, update, json!({ "input": input })).await;
    let expected =
        json!({ "name": "등산회", "description": "매주 토요일", "visibility": "PUBLIC" });
    assert_eq!(answer["updateChannel"]["channel"], expected);
    let only = json!({ "channelId": channel, "description": "" });
    let answer = node.data(kim, update, json!({ "input": only })).await;
    assert_eq!(answer["updateChannel"]["channel"]["name"], "등산회", "what is left out stays");
    for _ in 0..2 {
        let event = follower.event().await;
        assert_eq!(event["__typename"], "ChannelUpdated");
        assert_eq!(event["channel"]["name"], "등산회");
    }
    let refused = node.run(Some(lee), update, json!({ "input": only })).await;
    assert_eq!(code(&refused), "FORBIDDEN");

    let role = "mutation ($input: SetChannelRoleInput!) { setChannelRole(input: $input) {
        channel { members { nodes { role user { username } } } } position } }";
    let member = json!({ "channelId": channel, "userId": lee.user.to_string(), "role": "ADMIN" });
    let answer = node.data(kim, role, json!({ "input": member })).await;
    let members = json!([
        { "role": "ADMIN", "user": { "username": "kim" } },
        { "role": "ADMIN", "user": { "username": "lee" } },
    ]);
    assert_eq!(answer["setChannelRole"]["channel"]["members"]["nodes"], members);
    assert_eq!(follower.short().await, "ChannelUpdated");
}

#[tokio::test]
async fn members_are_added_and_removed_and_the_removed_are_told_the_end() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    let input = json!({ "channelId": channel, "userId": lee.user.to_string() });
    let add = "mutation ($input: ChannelMemberInput!) { addChannelMember(input: $input) {
        channel { memberCount members { nodes { user { username } readUpTo } } } position } }";
    let added = node.data(kim, add, json!({ "input": input })).await;
    let channel_now = &added["addChannelMember"]["channel"];
    assert_eq!(channel_now["memberCount"], 2);
    assert_eq!(
        channel_now["members"]["nodes"][1],
        json!({ "user": { "username": "lee" }, "readUpTo": 1 })
    );
    let again = node.run(Some(kim), add, json!({ "input": input })).await;
    assert_eq!(code(&again), "ALREADY_MEMBER");

    let mut removed = Follower::start(&node, lee, &channel, None).await;
    let remove = "mutation ($input: ChannelMemberInput!) { removeChannelMember(input: $input) {
        channel { memberCount lastMessage { kind author { username } } } position } }";
    let refused = node
        .run(
            Some(lee),
            remove,
            json!({ "input":
        { "channelId": channel, "userId": kim.user.to_string() } }),
        )
        .await;
    assert_eq!(code(&refused), "FORBIDDEN");
    let answer = node.data(kim, remove, json!({ "input": input })).await;
    let channel_now = &answer["removeChannelMember"]["channel"];
    assert_eq!(channel_now["memberCount"], 1);
    let leave = json!({ "kind": "LEAVE", "author": { "username": "lee" } });
    assert_eq!(channel_now["lastMessage"], leave);
    assert_eq!(removed.short().await, "MemberLeft lee");
    assert_eq!(removed.next().await, Told::Refused("FORBIDDEN".into()));
}

#[tokio::test]
async fn a_deleted_channel_ends_for_all_who_follow_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let message = world.send(kim, &channel, "hello").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, lee, &channel, None).await;
    let delete = "mutation ($id: ID!) { deleteChannel(channelId: $id) { position } }";
    let refused = node.run(Some(lee), delete, json!({ "id": channel })).await;
    assert_eq!(code(&refused), "FORBIDDEN");
    node.data(kim, delete, json!({ "id": channel })).await;
    assert_eq!(follower.short().await, "ChannelDeleted");
    assert_eq!(follower.next().await, Told::Complete);

    let look = "query ($id: ID!, $message: ID!) {
        channel(id: $id) { id } node(id: $message) { id } channels { totalCount } }";
    let seen = node.data(kim, look, json!({ "id": channel, "message": message })).await;
    let nothing = json!({ "channel": null, "node": null, "channels": { "totalCount": 0 } });
    assert_eq!(seen, nothing);
    let again = node.run(Some(kim), delete, json!({ "id": channel })).await;
    assert_eq!(code(&again), "NOT_FOUND");
}
