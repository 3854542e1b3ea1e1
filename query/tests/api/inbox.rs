//! Everything of one's channels in one stream.

use std::collections::HashSet;
use std::time::Duration;

use command::Command;
use command::bus::Viewer;
use query::Pushed;
use serde_json::{Value, json};

use crate::follower::{Follower, INBOX, Told, position, short};
use crate::world::{Node, World};

/// The next events in short, until the message with that text is told.
async fn until(follower: &mut Follower, text: &str) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let event = follower.event().await;
        let event = &event["channelEvent"];
        if event["message"]["text"] == text {
            return told;
        }
        let channel = event["message"]["channel"]["name"].as_str().unwrap_or_default();
        told.push(format!("{} {channel}", short(event)).trim_end().to_owned());
    }
}

#[tokio::test]
async fn every_stay_is_told_from_the_own_coming_to_the_own_leaving() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let (a, b) = (world.channel_of(kim, "a").await, world.channel_of(kim, "b").await);
    let mine = world.channel_of(lee, "mine").await;
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    let mut live = Follower::inbox(&node, lee, None).await;

    world.send(kim, &a, "not for lee").await;
    world.send(lee, &mine, "one").await;
    world.join(lee, &a).await;
    world.send(kim, &b, "not for lee").await;
    world.send(kim, &a, "two").await;
    world.leave(lee, &a).await;
    world.send(kim, &a, "not for lee").await;
    world.join(lee, &b).await;
    world.join(lee, &a).await;
    world.send(kim, &a, "three").await;
    // One that is made while connected is followed, too.
    let new = world.channel_of(lee, "new").await;
    world.send(lee, &new, "four").await;
    world.leave(lee, &new).await;
    world.send(kim, &b, "five").await;
    world.done(kim, Command::DeleteChannel { channel: b.clone() }).await;
    world.send(lee, &mine, "end").await;

    let expected = [
        "MessageSent 1 mine",
        "MemberJoined lee",
        "MessageSent 2 a",
        "MessageSent 3 a",
        "MemberLeft lee",
        "MemberJoined lee",
        "MessageSent 2 b",
        "MemberJoined lee",
        "MessageSent 6 a",
        "MessageSent 7 a",
        "MessageSent 1 new",
        "MemberLeft lee",
        "MessageSent 3 b",
        "ChannelDeleted",
    ];
    let told = until(&mut live, "end").await;
    assert_eq!(told, expected, "live");
    // The same from the feed, on another node that knew nothing of it.
    let other = world.node().await;
    let mut resumed = Follower::inbox(&other, lee, Some(&before)).await;
    assert_eq!(until(&mut resumed, "end").await, expected, "resumed");

    // Behind each of them.
    let mut again = Follower::inbox(&other, lee, Some(&before)).await;
    for index in 0..expected.len() {
        let after = position(&again.event().await);
        let mut resumed = Follower::inbox(&node, lee, Some(&after)).await;
        assert_eq!(until(&mut resumed, "end").await, expected[index + 1..], "after {index}");
    }
}

#[tokio::test]
async fn an_inbox_takes_positions_of_any_channel_and_refuses_others() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    node.until(world.head().await).await;
    let refused = async |viewer, after: Value| {
        let errors = node.subscribe(viewer, INBOX, json!({ "after": after })).await.unwrap_err();
        let errors = serde_json::to_value(errors).unwrap();
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(None, json!(null)).await, "UNAUTHENTICATED");
    assert_eq!(refused(Some(kim), json!("nonsense")).await, "INVALID_CURSOR");
    let here = world.here().await;
    let ahead = events::Position { at: here.at + 1, ..here }.to_string();
    assert_eq!(refused(Some(kim), json!(ahead)).await, "CURSOR_UNKNOWN");

    let channel = world.channel_of(kim, "모임").await;
    world.send(kim, &channel, "one").await;
    world.send(kim, &channel, "two").await;
    node.until(world.head().await).await;
    let mut of_channel = Follower::start(&node, kim, &channel, Some(&here.to_string())).await;
    let after = position(&of_channel.event().await);
    let mut inbox = Follower::inbox(&node, kim, Some(&after)).await;
    assert_eq!(inbox.short_in_inbox().await, "MessageSent 2");
}

#[tokio::test]
async fn equal_inboxes_share_one_execution_and_its_bytes() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    let mut followers = Vec::new();
    for number in 0..10 {
        let viewer = world.sign_up(&format!("user{number}")).await;
        world.join(viewer, &channel).await;
        node.until(world.head().await).await;
        followers.push((viewer, Follower::inbox(&node, viewer, None).await));
    }
    let own = "subscription { inbox { channelEvent {
        ... on MessageSent { message { text channel { unreadCount } } } } } }";
    let apart = node.subscribe(Some(followers[0].0), own, json!({})).await.unwrap();
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
        if event["channelEvent"]["message"]["text"] == "to all" {
            break event;
        }
    };
    assert_eq!(event["channelEvent"]["message"]["channel"]["unreadCount"], 1);
}

#[tokio::test]
async fn what_only_members_may_see_is_not_told_of_a_channel_that_was_left() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    world.send(kim, &channel, "while lee was there").await;
    world.leave(lee, &channel).await;
    world.send(kim, &channel, "secret").await;
    node.until(world.head().await).await;
    let text = "subscription ($after: Position) { inbox(after: $after) { channelEvent {
        ... on MessageSent { message { text channel { name lastMessage { text } } } } } } }";
    for viewer in [kim, lee] {
        let variables = json!({ "after": before });
        let subscription = node.subscribe(Some(viewer), text, variables).await.unwrap();
        let event = Follower(subscription).event().await;
        let message = &event["channelEvent"]["message"];
        assert_eq!(message["text"], "while lee was there");
        let last = if viewer == kim { json!({ "text": "secret" }) } else { json!(null) };
        assert_eq!(message["channel"]["lastMessage"], last);
    }
}

/// Follows until the last message of each channel, now on one node, now on another.
async fn wander(nodes: [&Node<'_>; 2], viewer: Viewer, total: usize, seed: u64) -> Vec<String> {
    let (mut after, mut told) = (Some(nodes[0].world.here().await.to_string()), Vec::new());
    let mut round = seed;
    while told.len() < total {
        round =
            round.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let node = nodes[(round >> 33) as usize % 2];
        let mut follower = Follower::inbox(node, viewer, after.as_deref()).await;
        for _ in 0..(round >> 40) % 30 {
            let event = follower.event().await;
            after = Some(position(&event));
            told.push(event["channelEvent"]["message"]["text"].as_str().unwrap().to_owned());
            if told.len() == total {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis((round >> 50) % 5)).await;
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inboxes_that_come_and_go_miss_nothing_and_see_nothing_twice() {
    let world = World::new().await;
    let (one, two) = (world.node().await, world.node().await);
    let kim = world.sign_up("kim").await;
    let mut channels = Vec::new();
    for number in 0..4 {
        channels.push(world.channel_of(kim, &format!("channel {number}")).await);
    }
    for node in [&one, &two] {
        node.until(world.head().await).await;
    }
    let writer = |channel: usize| {
        let (world, id) = (&world, channels[channel].as_str());
        async move {
            for number in 0..80 {
                world.send(kim, id, &format!("{channel} {number}")).await;
            }
        }
    };
    let nodes = [&one, &two];
    let (first, second, third, ..) = tokio::join!(
        wander(nodes, kim, 320, 3),
        wander(nodes, kim, 320, 7),
        wander(nodes, kim, 320, 9),
        writer(0),
        writer(1),
        writer(2),
        writer(3),
    );
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 320);
    assert_eq!(first, second, "one order for all");
    assert_eq!(first, third, "one order for all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_of_inboxes_that_falls_behind_catches_up() {
    let world = World::new().await;
    let mut node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut follower = Follower::inbox(&node, kim, None).await;
    world.send(kim, &channel, "first").await;
    assert_eq!(follower.short_in_inbox().await, "MessageSent 1");
    // More than a group keeps with its rows comes at once.
    node.stop().await;
    for number in 0..2_500 {
        world.send(kim, &channel, &format!("message {number}")).await;
    }
    node.start();
    for seq in 2..=2_501 {
        assert_eq!(follower.short_in_inbox().await, format!("MessageSent {seq}"));
    }
}

#[tokio::test]
async fn an_inbox_whose_reader_takes_nothing_is_let_go() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut stalled = Follower::inbox(&node, kim, None).await;
    let mut lively = Follower::inbox(&node, kim, None).await;
    let writing = async {
        for number in 0..1_200 {
            world.send(kim, &channel, &format!("message {number}")).await;
        }
    };
    let reading = async {
        for seq in 1..=1_200 {
            assert_eq!(lively.short_in_inbox().await, format!("MessageSent {seq}"));
        }
    };
    tokio::join!(writing, reading);
    assert_eq!(stalled.next().await, Told::Slow);
}
