//! Messages that are edited and reacted to.

use command::Command;
use serde_json::json;

use crate::follower::Follower;
use crate::world::{World, code};

const REACTIONS: &str = "reactions { emoji count viewerReacted }";

#[tokio::test]
async fn an_edited_message_is_pushed_and_shown_anew() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let message = world.send(kim, &channel, "old").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, lee, &channel, None).await;
    let edit = "mutation ($input: EditMessageInput!) { editMessage(input: $input) {
        message { text editedAt deletedAt } position } }";
    let input = json!({ "messageId": message, "text": "new" });
    let answer = node.data(kim, edit, json!({ "input": input })).await;
    let edited = &answer["editMessage"]["message"];
    assert_eq!((&edited["text"], &edited["deletedAt"]), (&json!("new"), &json!(null)));
    assert!(edited["editedAt"].is_string());
    let event = follower.event().await;
    assert_eq!(event["__typename"], "MessageEdited");
    assert_eq!(event["message"]["text"], "new");
    assert_eq!(event["message"]["editedAt"], edited["editedAt"]);
    let refused = node.run(Some(lee), edit, json!({ "input": input })).await;
    assert_eq!(code(&refused), "FORBIDDEN");
}

#[tokio::test]
async fn reactions_are_counted_by_emoji_in_the_order_of_their_first_use() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let message = world.send(kim, &channel, "hello").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, lee, &channel, None).await;
    let add = format!(
        "mutation ($input: ReactionInput!) {{ addReaction(input: $input) {{
        message {{ {REACTIONS} }} position }} }}"
    );
    let remove = add.replace("addReaction", "removeReaction");
    let with = |emoji: &str| json!({ "input": { "messageId": message, "emoji": emoji } });

    node.data(lee, &add, with("👍")).await;
    node.data(kim, &add, with("❤️")).await;
    let answer = node.data(kim, &add, with("👍")).await;
    let both = json!([
        { "emoji": "👍", "count": 2, "viewerReacted": true },
        { "emoji": "❤️", "count": 1, "viewerReacted": true },
    ]);
    assert_eq!(answer["addReaction"]["message"]["reactions"], both);
    // Twice changes nothing, and is no event.
    assert_eq!(node.data(kim, &add, with("👍")).await["addReaction"]["message"]["reactions"], both);
    let answer = node.data(lee, &remove, with("👍")).await;
    let left = json!([
        { "emoji": "❤️", "count": 1, "viewerReacted": false },
        { "emoji": "👍", "count": 1, "viewerReacted": false },
    ]);
    let got = &answer["removeReaction"]["message"]["reactions"];
    assert!(*got == left, "{got:#}");
    assert_eq!(
        node.data(lee, &remove, with("👍")).await["removeReaction"]["message"]["reactions"],
        left
    );
    for _ in 0..4 {
        assert_eq!(follower.short().await, "ReactionsChanged 1".replace('1', "2"));
    }
    world.send(kim, &channel, "next").await;
    assert_eq!(follower.short().await, "MessageSent 3");
    let bad = node.run(Some(kim), &add, with("two")).await;
    assert_eq!(code(&bad), "INVALID_INPUT");
    assert_eq!(bad["errors"][0]["extensions"]["field"], "input.emoji");
}

#[tokio::test]
async fn whether_the_viewer_reacted_keeps_followers_apart() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    let message = world.send(kim, &channel, "hello").await;
    node.until(world.head().await).await;
    let text = format!(
        "subscription ($channel: ID!) {{ channelEvents(channelId: $channel) {{
        ... on ReactionsChanged {{ message {{ {REACTIONS} }} }} }} }}"
    );
    let variables = json!({ "channel": channel });
    let mut followers = Vec::new();
    for viewer in [kim, lee] {
        let subscription = node.subscribe(Some(viewer), &text, variables.clone()).await.unwrap();
        followers.push(Follower(subscription));
    }
    world.done(lee, Command::AddReaction { message, emoji: "🎉".into() }).await;
    for (follower, own) in followers.iter_mut().zip([false, true]) {
        let event = follower.event().await;
        let expected = json!([{ "emoji": "🎉", "count": 1, "viewerReacted": own }]);
        assert_eq!(event["message"]["reactions"], expected);
    }
}
