//! Following a channel: live, and from where one was.

use std::time::Duration;

use events::{LogId, Position};
use query::Pushed;
use serde_json::json;
use uuid::Uuid;

use crate::follower::{FOLLOW, Follower, Told, position};
use crate::world::World;

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn what_happens_is_pushed_in_order_and_can_be_resumed_behind_any_push() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut live = Follower::start(&node, kim, &channel, None).await;
    world.send(kim, &channel, "one").await;
    world.join(lee, &channel).await;
    let two = world.send(lee, &channel, "two").await;
    world.done(lee, command::Command::DeleteMessage { message: two }).await;
    world.leave(lee, &channel).await;

    let expected = [
        "MessageSent 1",
        "MemberJoined lee",
        "MessageSent 2",
        "MessageSent 3",
        "MessageDeleted 3",
        "MemberLeft lee",
        "MessageSent 4",
    ];
    let mut positions = Vec::new();
    for short in expected {
        let event = live.event().await;
        assert_eq!(crate::follower::short(&event), short);
        assert_eq!(event["channelId"], channel);
        positions.push(position(&event));
    }
    // Behind each push, on another node.
    let other = world.node().await;
    for (index, after) in positions.iter().enumerate() {
        let mut resumed = Follower::start(&other, kim, &channel, Some(after)).await;
        for short in &expected[index + 1..] {
            assert_eq!(resumed.short().await, *short, "after {index}");
        }
    }
    // Shown as it is now.
    let mut resumed = Follower::start(&other, kim, &channel, Some(&positions[2])).await;
    assert_eq!(resumed.event().await["message"]["text"], json!(null));
}

#[tokio::test]
async fn who_may_not_follow_is_told_why() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let here = world.here().await;
    let other_log = Position { log: LogId(Uuid::from_u128(1)), ..here }.to_string();
    let ahead = Position { at: here.at + 1, ..here }.to_string();
    let here = here.to_string();
    for (viewer, id, after, expected) in [
        (None, channel.as_str(), None, "UNAUTHENTICATED"),
        (Some(lee), channel.as_str(), None, "FORBIDDEN"),
        (Some(lee), channel.as_str(), Some(here.as_str()), "FORBIDDEN"),
        (Some(kim), NOWHERE, None, "NOT_FOUND"),
        (Some(kim), "no id", None, "NOT_FOUND"),
        (Some(kim), channel.as_str(), Some("nonsense"), "INVALID_CURSOR"),
        (Some(kim), channel.as_str(), Some(other_log.as_str()), "CURSOR_UNKNOWN"),
        (Some(kim), channel.as_str(), Some(ahead.as_str()), "CURSOR_UNKNOWN"),
    ] {
        assert_eq!(Follower::refused(&node, viewer, id, after).await, expected, "{id} {after:?}");
    }
    let bad = "subscription { channelEvents(channelId: \"x\") { nothing } }";
    let errors = node.subscribe(Some(kim), bad, json!({})).await.unwrap_err();
    let errors = serde_json::to_value(errors).unwrap();
    assert_eq!(errors[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn equal_subscribers_share_one_execution_and_its_bytes() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    let here = world.here().await.to_string();
    let mut followers = Vec::new();
    for number in 0..20 {
        let viewer = world.sign_up(&format!("user{number}")).await;
        world.join(viewer, &channel).await;
        node.until(world.head().await).await;
        // Who resumes is equal to who doesn't, once caught up.
        let after = (number % 2 == 0).then_some(here.as_str());
        followers.push((viewer, Follower::start(&node, viewer, &channel, after).await));
    }
    let own = FOLLOW.replace("seq text", "seq channel { unreadCount } text");
    let variables = json!({ "channel": channel });
    let apart = node.subscribe(Some(followers[0].0), &own, variables).await.unwrap();
    let mut apart = Follower(apart);
    world.send(kim, &channel, "to all").await;

    let mut shared = Vec::new();
    for (_, follower) in &mut followers {
        loop {
            let Pushed::Next(bytes) = follower.raw().await else { panic!("no push") };
            if bytes.windows(6).any(|window| window == b"to all") {
                shared.push(bytes);
                break;
            }
        }
    }
    assert!(shared.iter().all(|bytes| bytes.as_ptr() == shared[0].as_ptr()));
    let event = loop {
        let event = apart.event().await;
        if event["message"]["text"] == "to all" {
            break event;
        }
    };
    assert_eq!(event["message"]["channel"]["unreadCount"], 1, "the viewer's own count");
}

#[tokio::test]
async fn a_reader_who_takes_nothing_is_let_go() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut stalled = Follower::start(&node, kim, &channel, None).await;
    let mut lively = Follower::start(&node, kim, &channel, None).await;
    let writing = async {
        for number in 0..1_200 {
            world.send(kim, &channel, &format!("message {number}")).await;
        }
    };
    let reading = async {
        for seq in 1..=1_200 {
            assert_eq!(lively.short().await, format!("MessageSent {seq}"));
        }
    };
    tokio::join!(writing, reading);
    assert_eq!(stalled.next().await, Told::Slow);
}

#[tokio::test]
async fn what_was_dropped_is_no_longer_served() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    for _ in 0..50 {
        let follower = Follower::start(&node, kim, &channel, None).await;
        world.send(kim, &channel, "hello").await;
        drop(follower);
    }
    let mut last = Follower::start(&node, kim, &channel, None).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let head = world.send(kim, &channel, "last").await;
    loop {
        if last.event().await["message"]["text"] == "last" {
            break;
        }
    }
    assert!(!head.is_empty());
}
