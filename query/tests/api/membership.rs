//! Membership, while one follows.

use crate::follower::{Follower, Told, position};
use crate::world::World;

#[tokio::test]
async fn who_leaves_is_told_that_and_no_more() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    let mut leaver = Follower::start(&node, lee, &channel, None).await;
    let mut stayer = Follower::start(&node, kim, &channel, None).await;
    world.leave(lee, &channel).await;
    world.send(kim, &channel, "among us").await;

    assert_eq!(leaver.short().await, "MemberLeft lee");
    assert_eq!(leaver.next().await, Told::Refused("FORBIDDEN".into()));
    for expected in ["MemberLeft lee", "MessageSent 2", "MessageSent 3"] {
        assert_eq!(stayer.short().await, expected);
    }
    assert_eq!(Follower::refused(&node, Some(lee), &channel, Some(&before)).await, "FORBIDDEN");

    // Who came back goes on past the end of the earlier stay.
    world.join(lee, &channel).await;
    node.until(world.head().await).await;
    let mut again = Follower::start(&node, lee, &channel, Some(&before)).await;
    let expected =
        ["MemberLeft lee", "MessageSent 2", "MessageSent 3", "MemberJoined lee", "MessageSent 4"];
    for expected in expected {
        assert_eq!(again.short().await, expected);
    }
    world.leave(lee, &channel).await;
    assert_eq!(again.short().await, "MemberLeft lee");
    assert_eq!(again.next().await, Told::Refused("FORBIDDEN".into()));
}

#[tokio::test]
async fn the_end_of_a_channel_ends_its_subscriptions() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    world.send(kim, &channel, "hello").await;
    node.until(world.head().await).await;
    let before = world.here().await.to_string();
    let mut live = Follower::start(&node, kim, &channel, None).await;
    world.leave(kim, &channel).await;

    for expected in ["MemberLeft kim", "MessageSent 2"] {
        assert_eq!(live.short().await, expected);
    }
    let deleted = live.event().await;
    assert_eq!(crate::follower::short(&deleted), "ChannelDeleted");
    assert_eq!(live.next().await, Told::Complete);
    node.until(world.head().await).await;

    // Who was in it to the end may learn of it later.
    let mut late = Follower::start(&node, kim, &channel, Some(&before)).await;
    for expected in ["MemberLeft kim", "MessageSent 2", "ChannelDeleted"] {
        assert_eq!(late.short().await, expected);
    }
    assert_eq!(late.next().await, Told::Complete);
    let after = position(&deleted);
    let mut later = Follower::start(&node, kim, &channel, Some(&after)).await;
    assert_eq!(later.next().await, Told::Complete);
    assert_eq!(Follower::refused(&node, Some(kim), &channel, None).await, "NOT_FOUND");
    assert_eq!(Follower::refused(&node, Some(lee), &channel, Some(&before)).await, "NOT_FOUND");
}
