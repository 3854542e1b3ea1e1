//! Who may see what.

use serde_json::json;

use crate::world::{World, code};

#[tokio::test]
async fn strangers_see_a_channel_but_nothing_that_is_said_in_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    let message = world.send(kim, &channel, "secret").await;
    node.until(world.head().await).await;

    let text = "query ($id: ID!) { channel(id: $id) {
        name description visibility memberCount viewerRole unreadCount
        createdBy { username } lastMessage { id }
        members { totalCount } messages { nodes { id } } } }";
    let answer = node.run(Some(lee), text, json!({ "id": channel })).await;
    assert_eq!(
        answer["data"]["channel"],
        json!({
            "name": "모임", "description": "", "visibility": "PUBLIC", "memberCount": 1,
            "viewerRole": null, "unreadCount": 0, "createdBy": { "username": "kim" },
            "lastMessage": null, "members": null, "messages": null,
        })
    );
    let mut errors: Vec<_> = answer["errors"].as_array().unwrap().iter().collect();
    errors.sort_by_key(|error| error["path"].to_string());
    assert_eq!(errors.len(), 2, "{answer:#}");
    for (error, field) in errors.into_iter().zip(["members", "messages"]) {
        assert_eq!(error["path"], json!(["channel", field]));
        assert_eq!(error["extensions"]["code"], "FORBIDDEN");
    }

    let node_text = "query ($id: ID!) { node(id: $id) { __typename id } }";
    for (viewer, id, seen) in [
        (kim, message.as_str(), json!({ "__typename": "Message", "id": message })),
        (lee, message.as_str(), json!(null)),
        (lee, channel.as_str(), json!({ "__typename": "Channel", "id": channel })),
        (lee, "no id", json!(null)),
        (lee, "00000000-0000-4000-8000-000000000000", json!(null)),
    ] {
        assert_eq!(node.data(viewer, node_text, json!({ "id": id })).await["node"], seen, "{id}");
    }
    let unknown = node.data(lee, "{ channel(id: \"nothing\") { id } }", json!({})).await;
    assert_eq!(unknown["channel"], json!(null));
}

#[tokio::test]
async fn unread_messages_are_counted_for_reader_and_writer() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.send(kim, &channel, "before").await;
    world.join(lee, &channel).await;
    for _ in 0..3 {
        world.send(kim, &channel, "hello").await;
    }
    node.until(world.head().await).await;

    let text = "query ($id: ID!) { channel(id: $id) {
        unreadCount viewerRole lastMessage { text }
        messages { nodes { kind unreadCount channel { unreadCount } } } } }";
    let seen = node.data(lee, text, json!({ "id": channel })).await;
    assert_eq!(seen["channel"]["unreadCount"], 3);
    assert_eq!(seen["channel"]["viewerRole"], "MEMBER");
    let unread: Vec<_> = seen["channel"]["messages"]["nodes"].as_array().unwrap().clone();
    let unread: Vec<_> = unread.iter().map(|node| node["unreadCount"].as_i64().unwrap()).collect();
    assert_eq!(unread, [0, 0, 1, 1, 1], "lee has not read the last three");

    // Writing is reading.
    world.send(lee, &channel, "I am here").await;
    node.until(world.head().await).await;
    let seen = node.data(lee, text, json!({ "id": channel })).await;
    assert_eq!(seen["channel"]["unreadCount"], 0);
    let seen = node.data(kim, text, json!({ "id": channel })).await;
    assert_eq!(seen["channel"]["unreadCount"], 1);
}

#[tokio::test]
async fn mutations_answer_with_what_they_made() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let create = "mutation ($input: CreateChannelInput!) {
        createChannel(input: $input) { channel { id name viewerRole } position } }";
    let made = node.data(kim, create, json!({ "input": { "name": "모임" } })).await;
    let channel = made["createChannel"]["channel"]["id"].clone();
    assert_eq!(made["createChannel"]["channel"]["viewerRole"], "ADMIN");

    let join = "mutation ($id: ID!) { joinChannel(input: { channelId: $id }) {
        channel { memberCount viewerRole } } }";
    let joined = node.data(lee, join, json!({ "id": channel })).await;
    assert_eq!(
        joined["joinChannel"]["channel"],
        json!({ "memberCount": 2, "viewerRole": "MEMBER" })
    );

    let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
        message { id seq text kind replyTo { text } author { username } } position } }";
    let first = json!({ "channelId": channel, "text": "안녕" });
    let first = node.data(lee, send, json!({ "input": first })).await;
    let first = first["sendMessage"]["message"].clone();
    let input = json!({ "channelId": channel, "text": "네", "replyToId": first["id"] });
    let second = node.data(kim, send, json!({ "input": input })).await;
    let second = &second["sendMessage"]["message"];
    assert_eq!((&second["seq"], &second["replyTo"]["text"]), (&json!(3), &json!("안녕")));

    let delete = "mutation ($id: ID!) { deleteMessage(messageId: $id) {
        message { text deletedAt } } }";
    let deleted = node.data(lee, delete, json!({ "id": first["id"] })).await;
    assert_eq!(deleted["deleteMessage"]["message"]["text"], json!(null));
    assert!(deleted["deleteMessage"]["message"]["deletedAt"].is_string());
    let refused = node.run(Some(kim), delete, json!({ "id": first["id"] })).await;
    assert_eq!(code(&refused), "MESSAGE_DELETED");

    let leave = "mutation ($id: ID!) { leaveChannel(channelId: $id) { position } }";
    let left = node.data(lee, leave, json!({ "id": channel })).await;
    assert!(left["leaveChannel"]["position"].is_string());
    let refused = node.run(Some(kim), leave, json!({ "id": "nothing" })).await;
    assert_eq!(code(&refused), "NOT_FOUND");
}
