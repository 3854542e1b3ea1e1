//! A database that goes away and comes back.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::PrivateCluster;

use crate::follower::Follower;
use crate::world::{PATIENCE, World, code};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_costs_no_push() {
    let cluster = PrivateCluster::start().await.unwrap();
    let world = World::at(cluster.url().unwrap().parse().unwrap()).await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    node.until(world.head().await).await;
    let mut follower = Follower::start(&node, kim, &channel, None).await;
    for round in 0..3 {
        for _ in 0..20 {
            world.send(kim, &channel, "hello").await;
        }
        cluster.kill().unwrap();
        for _ in 0..20 {
            world.send(kim, &channel, "while it is away").await;
        }
        let killed = Instant::now();
        // On a busy machine its backends outlive it for a moment, and go on answering.
        let answer = loop {
            let asked = Instant::now();
            let answer = node.run(Some(kim), "{ channels { totalCount } }", json!({})).await;
            assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
            if answer.get("errors").is_some() {
                break answer;
            }
            assert!(killed.elapsed() < PATIENCE, "{answer:#}");
        };
        assert_eq!(code(&answer), "UNAVAILABLE");
        assert_eq!(answer["errors"][0]["extensions"]["retryable"], true);
        cluster.restart().await.unwrap();
        for seq in round * 40 + 1..=round * 40 + 40 {
            assert_eq!(follower.short().await, format!("MessageSent {seq}"));
        }
    }
    // Connections come back when they are asked for, which may take a busy machine a while.
    let asked = Instant::now();
    let answer = loop {
        let answer = node.run(Some(kim), "{ channels { totalCount } }", json!({})).await;
        if answer.get("errors").is_none() {
            break answer;
        }
        assert_eq!(code(&answer), "UNAVAILABLE");
        assert!(asked.elapsed() < PATIENCE, "still away");
    };
    assert_eq!(answer["data"]["channels"]["totalCount"], 1);
}
