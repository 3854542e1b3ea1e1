//! Who is writing, within a node and between nodes.

use serde_json::{Value, json};

use crate::follower::{Follower, Told};
use crate::world::{Node, World, code};

const TYPING: &str = "subscription ($channel: ID!) { typing(channelId: $channel) {
    channelId user { username } at } }";
const SET: &str = "mutation ($channel: ID!) { setTyping(channelId: $channel) }";

async fn follow(node: &Node<'_>, viewer: command::Viewer, channel: &str) -> Follower {
    let variables = json!({ "channel": channel });
    Follower(node.subscribe(Some(viewer), TYPING, variables).await.unwrap())
}

#[tokio::test]
async fn typing_is_told_on_every_node_and_once_a_second() {
    let world = World::new().await;
    let (one, two) = (world.node().await, world.node().await);
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    for node in [&one, &two] {
        node.until(world.head().await).await;
    }
    world.listening(2).await;
    let head = world.head().await;
    let mut here = follow(&one, lee, &channel).await;
    let mut there = follow(&two, lee, &channel).await;
    for _ in 0..5 {
        let said = one.data(kim, SET, json!({ "channel": channel })).await;
        assert_eq!(said["setTyping"], true);
    }
    for follower in [&mut here, &mut there] {
        let event = follower.event().await;
        assert_eq!(event["channelId"], channel);
        assert_eq!(event["user"]["username"], "kim");
        assert!(event["at"].is_string());
        follower.nothing().await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    two.data(kim, SET, json!({ "channel": channel })).await;
    for follower in [&mut here, &mut there] {
        assert_eq!(follower.event().await["user"]["username"], "kim");
    }
    assert_eq!(world.head().await, head, "nothing is stored");
}

#[tokio::test]
async fn only_members_say_and_see_who_is_writing() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let stranger = json!({ "channel": channel });
    assert_eq!(code(&node.run(Some(lee), SET, stranger.clone()).await), "FORBIDDEN");
    assert_eq!(code(&node.run(None, SET, stranger.clone()).await), "UNAUTHENTICATED");
    let unknown = json!({ "channel": "no id" });
    assert_eq!(code(&node.run(Some(kim), SET, unknown).await), "NOT_FOUND");
    let refused = node.subscribe(Some(lee), TYPING, stranger).await.unwrap_err();
    let refused: Value = serde_json::to_value(refused).unwrap();
    assert_eq!(refused[0]["extensions"]["code"], "FORBIDDEN");

    world.join(lee, &channel).await;
    node.until(world.head().await).await;
    let mut leaver = follow(&node, lee, &channel).await;
    let mut stayer = follow(&node, kim, &channel).await;
    // What happens in the channel is not told here.
    world.send(kim, &channel, "hello").await;
    world.leave(lee, &channel).await;
    assert_eq!(leaver.next().await, Told::Refused("FORBIDDEN".into()));
    stayer.nothing().await;
    world.leave(kim, &channel).await;
    assert_eq!(stayer.next().await, Told::Complete);
}
