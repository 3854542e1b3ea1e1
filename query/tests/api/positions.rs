//! Reading what was written.

use events::{LogId, Position};
use query::Caller;
use serde_json::json;
use uuid::Uuid;

use crate::world::{Node, World, code};

async fn with_minimum(node: &Node<'_>, caller: &Caller, minimum: &str) -> serde_json::Value {
    let caller = Caller { min_position: Some(minimum.into()), ..caller.clone() };
    node.run_as(&caller, "{ channels { totalCount } }", json!({})).await
}

#[tokio::test]
async fn a_query_waits_for_the_position_that_the_caller_knows() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let caller = Caller { viewer: Some(kim), ..Caller::default() };
    for count in 1..=20 {
        world.channel_of(kim, "모임").await;
        let minimum = world.here().await.to_string();
        let answer = with_minimum(&node, &caller, &minimum).await;
        assert_eq!(answer["data"]["channels"]["totalCount"], count, "{answer:#}");
    }
    let here = world.here().await;
    let other_log = Position { log: LogId(Uuid::from_u128(1)), ..here };
    let ahead = Position { at: here.at + 1, ..here };
    for (minimum, expected) in [
        ("nonsense".to_owned(), "INVALID_CURSOR"),
        (other_log.to_string(), "CURSOR_UNKNOWN"),
        (ahead.to_string(), "NOT_YET"),
    ] {
        let answer = with_minimum(&node, &caller, &minimum).await;
        assert_eq!(code(&answer), expected);
    }
}

#[tokio::test]
async fn a_mutation_that_can_not_be_read_yet_says_that_it_is_done() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    node.until(world.head().await).await;
    world.stop_projecting();
    let create = "mutation { createChannel(input: { name: \"모임\" }) { channel { id } } }";
    let answer = node.run(Some(kim), create, json!({})).await;
    assert_eq!(code(&answer), "NOT_YET");
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["committed"], true);
    assert_eq!(extensions["retryable"], true);
    assert_eq!(extensions["position"], world.here().await.to_string());
}
