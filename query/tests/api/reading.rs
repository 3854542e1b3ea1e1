//! How far members have read.

use command::Command;
use serde_json::{Value, json};

use crate::follower::Follower;
use crate::world::{Node, World, code};

const MARK: &str = "mutation ($id: ID!, $seq: Int!) {
    markRead(input: { channelId: $id, upToSeq: $seq }) { position } }";

const LOOK: &str = "query ($id: ID!) { channel(id: $id) { unreadCount
    members { nodes { readUpTo user { username } } }
    messages { nodes { seq unreadCount } } } }";

async fn look(node: &Node<'_>, viewer: command::Viewer, channel: &str) -> Value {
    node.data(viewer, LOOK, json!({ "id": channel })).await["channel"].take()
}

fn unread(seen: &Value) -> Vec<i64> {
    let nodes = seen["messages"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["unreadCount"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_marker_moves_forward_and_takes_its_messages_with_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    for _ in 0..4 {
        world.send(kim, &channel, "hello").await;
    }
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, kim, &channel, None).await;
    assert_eq!(unread(&look(&node, kim, &channel).await), [0, 1, 1, 1, 1]);

    let mark = |seq: i64| json!({ "id": channel, "seq": seq });
    let done = node.data(lee, MARK, mark(3)).await;
    assert!(done["markRead"]["position"].is_string());
    let seen = look(&node, lee, &channel).await;
    assert_eq!(seen["unreadCount"], 2);
    assert_eq!(unread(&seen), [0, 0, 0, 1, 1]);
    let lee_now = json!({ "readUpTo": 3, "user": { "username": "lee" } });
    assert_eq!(seen["members"]["nodes"][1], lee_now);
    let event = follower.event().await;
    assert_eq!(event["__typename"], "ReadMarkerMoved");
    assert_eq!((&event["user"]["username"], &event["upToSeq"]), (&json!("lee"), &json!(3)));

    // Backwards changes nothing; beyond the end is the end.
    node.data(lee, MARK, mark(1)).await;
    assert_eq!(look(&node, lee, &channel).await["unreadCount"], 2);
    node.data(lee, MARK, mark(1_000)).await;
    let seen = look(&node, lee, &channel).await;
    assert_eq!(seen["unreadCount"], 0);
    assert_eq!(seen["members"]["nodes"][1]["readUpTo"], 5);
    assert_eq!(unread(&seen), [0, 0, 0, 0, 0]);
    assert_eq!(follower.event().await["upToSeq"], 5);

    // Sending is reading, and pushes no marker.
    world.send(kim, &channel, "six").await;
    world.send(lee, &channel, "seven").await;
    for expected in ["MessageSent 6", "MessageSent 7"] {
        assert_eq!(follower.short().await, expected);
    }
    let seen = look(&node, kim, &channel).await;
    assert_eq!(seen["unreadCount"], 1);
    assert_eq!(unread(&seen), [0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(seen["members"]["nodes"][1]["readUpTo"], 7);
    let stranger = world.sign_up("stranger").await;
    assert_eq!(code(&node.run(Some(stranger), MARK, mark(1)).await), "FORBIDDEN");
}

#[tokio::test]
async fn who_comes_back_counts_from_the_latest_coming() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    world.send(kim, &channel, "two").await;
    node.until(world.head().await).await;
    node.data(lee, MARK, json!({ "id": channel, "seq": 2 })).await;
    world.leave(lee, &channel).await;
    world.send(kim, &channel, "four").await;
    world.join(lee, &channel).await;
    world.send(kim, &channel, "six").await;
    node.until(world.head().await).await;
    let seen = look(&node, lee, &channel).await;
    assert_eq!(seen["unreadCount"], 1);
    assert_eq!(seen["members"]["nodes"][1]["readUpTo"], 5);
    assert_eq!(unread(&seen), [0, 0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn deletion_keeps_counts() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let message = world.send(kim, &channel, "two").await;
    world.done(kim, Command::DeleteMessage { message }).await;
    node.until(world.head().await).await;
    assert_eq!(look(&node, lee, &channel).await["unreadCount"], 1);
}
