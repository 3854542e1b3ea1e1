//! Nothing is lost and nothing comes twice: under writes, reconnects, changes of server and lag.

use command::bus::Viewer;
use projections::Projection;

use crate::follower::{Follower, position};
use crate::world::{Node, World};

const MESSAGES: i64 = 400;

/// A small generator, so that a failure can be repeated by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Follows until the last message, now on one node, now on another, from where it was.
async fn wander(nodes: [&Node<'_>; 2], viewer: Viewer, channel: &str, seed: u64) {
    let mut random = Random(seed);
    let mut after = Some(nodes[0].world.here().await.to_string());
    let mut seq = 0;
    while seq < MESSAGES {
        let node = nodes[random.below(2) as usize];
        let mut follower = Follower::start(node, viewer, channel, after.as_deref()).await;
        for _ in 0..random.below(40) {
            let event = follower.event().await;
            after = Some(position(&event));
            seq += 1;
            assert_eq!(event["message"]["seq"], seq, "seed {seed}");
            if seq == MESSAGES {
                break;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(random.below(5))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_who_come_and_go_miss_nothing_and_see_nothing_twice() {
    let world = World::new().await;
    let (one, two) = (world.node().await, world.node().await);
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    for node in [&one, &two] {
        node.until(world.head().await).await;
    }
    let writer = |count: i64| {
        let (world, channel) = (&world, channel.as_str());
        async move {
            for number in 0..count {
                world.send(kim, channel, &format!("message {number}")).await;
            }
        }
    };
    let nodes = [&one, &two];
    tokio::join!(
        wander(nodes, kim, &channel, 11),
        wander(nodes, kim, &channel, 23),
        wander(nodes, kim, &channel, 47),
        wander(nodes, kim, &channel, 101),
        writer(MESSAGES / 4),
        writer(MESSAGES / 4),
        writer(MESSAGES / 4),
        writer(MESSAGES / 4),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_falls_behind_goes_back_to_the_feed() {
    let world = World::new().await;
    let mut node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, kim, &channel, None).await;
    // More than a group's inbox holds comes at once.
    node.stop().await;
    for number in 0..2_500 {
        world.send(kim, &channel, &format!("message {number}")).await;
    }
    node.start();
    for seq in 1..=2_500 {
        assert_eq!(follower.short().await, format!("MessageSent {seq}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuilt_read_model_takes_over_unnoticed() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, kim, &channel, None).await;
    let log = std::sync::Arc::new(world.log.clone());
    let rebuilding = async {
        for _ in 0..3 {
            let keys = world.keys.clone();
            projections::rebuild(Projection::Messenger, &world.options, log.clone(), keys, |_| {})
                .await
                .unwrap();
        }
    };
    let writing = async {
        for number in 0..300 {
            world.send(kim, &channel, &format!("message {number}")).await;
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        }
    };
    let reading = async {
        for seq in 1..=300 {
            assert_eq!(follower.short().await, format!("MessageSent {seq}"));
        }
    };
    tokio::join!(rebuilding, writing, reading);
}
