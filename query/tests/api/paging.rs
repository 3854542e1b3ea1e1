//! Lists.

use std::collections::HashSet;

use command::bus::Viewer;
use serde_json::{Value, json};

use crate::world::{Node, World, code};

const MESSAGES: &str = "
    query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
        channel(id: $id) {
            messages(first: $first, after: $after, last: $last, before: $before) {
                nodes { seq text } edges { cursor node { seq } }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
        }
    }";

async fn messages(node: &Node<'_>, viewer: Viewer, mut variables: Value, channel: &str) -> Value {
    variables["id"] = channel.into();
    node.data(viewer, MESSAGES, variables).await["channel"]["messages"].take()
}

fn seqs(page: &Value) -> Vec<i64> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["seq"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn messages_are_paged_both_ways_while_others_write() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    for number in 1..=120 {
        world.send(kim, &channel, &format!("message {number}")).await;
    }
    node.until(world.head().await).await;

    let newest = messages(&node, kim, json!({}), &channel).await;
    assert_eq!(seqs(&newest), (71..=120).collect::<Vec<_>>(), "the newest 50, oldest first");
    assert_eq!(newest["pageInfo"]["hasNextPage"], false);
    assert_eq!(newest["pageInfo"]["hasPreviousPage"], true);

    let (mut back, mut before) = (Vec::new(), json!(null));
    loop {
        let page = messages(&node, kim, json!({ "last": 7, "before": before }), &channel).await;
        back.splice(0..0, seqs(&page));
        world.send(kim, &channel, "meanwhile").await;
        node.until(world.head().await).await;
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(back, (1..=120).collect::<Vec<_>>());

    let (mut forth, mut after) = (Vec::new(), json!(null));
    loop {
        let page = messages(&node, kim, json!({ "first": 11, "after": after }), &channel).await;
        forth.extend(seqs(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forth, (1..=world_len(&forth)).collect::<Vec<_>>());
    assert!(forth.len() > 120, "what was written meanwhile is there");
}

fn world_len(seqs: &[i64]) -> i64 {
    i64::try_from(seqs.len()).unwrap()
}

#[tokio::test]
async fn both_bounds_hold_at_once() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    for _ in 0..9 {
        world.send(kim, &channel, "hello").await;
    }
    node.until(world.head().await).await;
    let all = messages(&node, kim, json!({}), &channel).await;
    let cursor = |index: usize| all["edges"][index]["cursor"].clone();
    let bounds = json!({ "first": 3, "after": cursor(1), "before": cursor(7) });
    assert_eq!(seqs(&messages(&node, kim, bounds, &channel).await), [3, 4, 5]);
    let bounds = json!({ "last": 3, "after": cursor(1), "before": cursor(7) });
    assert_eq!(seqs(&messages(&node, kim, bounds, &channel).await), [5, 6, 7]);
}

#[tokio::test]
async fn a_cursor_of_another_list_and_a_bad_size_are_refused() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let (one, two) = (world.channel_of(kim, "one").await, world.channel_of(kim, "two").await);
    world.send(kim, &one, "hello").await;
    node.until(world.head().await).await;
    let page = messages(&node, kim, json!({}), &one).await;
    let cursor = page["pageInfo"]["endCursor"].clone();

    for (variables, expected, field) in [
        (json!({ "id": two, "after": cursor }), "INVALID_CURSOR", "after"),
        (json!({ "id": one, "before": "nonsense" }), "INVALID_CURSOR", "before"),
        (json!({ "id": one, "first": 0 }), "INVALID_INPUT", "first"),
        (json!({ "id": one, "last": 101 }), "INVALID_INPUT", "last"),
        (json!({ "id": one, "first": 1, "last": 1 }), "INVALID_INPUT", "last"),
    ] {
        let answer = node.run(Some(kim), MESSAGES, variables.clone()).await;
        assert_eq!(code(&answer), expected, "{variables}");
        assert_eq!(answer["errors"][0]["extensions"]["field"], field, "{variables}");
        assert_eq!(answer["errors"][0]["path"], json!(["channel", "messages"]));
        assert_eq!(answer["data"]["channel"], json!({ "messages": null }));
    }
    let members = "query ($id: ID!, $after: String) {
        channel(id: $id) { members(after: $after) { totalCount } } }";
    let answer = node.run(Some(kim), members, json!({ "id": one, "after": cursor })).await;
    assert_eq!(code(&answer), "INVALID_CURSOR");
}

#[tokio::test]
async fn channels_come_by_activity_and_members_by_joining() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let mut channels = Vec::new();
    for number in 0..5 {
        channels.push(world.channel_of(kim, &format!("channel {number}")).await);
    }
    world.join(lee, &channels[1]).await;
    node.until(world.head().await).await;

    let list = "query ($first: Int, $after: String) { channels(first: $first, after: $after) {
        totalCount nodes { id memberCount lastMessage { kind author { username } } }
        pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), json!(null));
    loop {
        let page = node.data(kim, list, json!({ "first": 2, "after": after })).await;
        let page = &page["channels"];
        assert_eq!(page["totalCount"], 5);
        seen.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let ids: Vec<_> = seen.iter().map(|channel| channel["id"].as_str().unwrap()).collect();
    let expected = [1, 4, 3, 2, 0].map(|index: usize| channels[index].as_str());
    assert_eq!(ids, expected, "the one that somebody came into, then the newest first");
    assert_eq!(seen[0]["memberCount"], 2);
    assert_eq!(seen[0]["lastMessage"], json!({ "kind": "ENTER", "author": { "username": "lee" } }));

    let members = "query ($id: ID!, $after: String) { channel(id: $id) {
        members(first: 1, after: $after) { totalCount nodes { role readUpTo user { username } }
        pageInfo { hasNextPage endCursor } } } }";
    let one = node.data(kim, members, json!({ "id": channels[1] })).await;
    let one = &one["channel"]["members"];
    assert_eq!(one["nodes"][0]["user"]["username"], "kim");
    assert_eq!(one["nodes"][0]["role"], "ADMIN");
    let after = one["pageInfo"]["endCursor"].clone();
    let two = node.data(kim, members, json!({ "id": channels[1], "after": after })).await;
    let two = &two["channel"]["members"];
    assert_eq!(
        two["nodes"],
        json!([
            { "role": "MEMBER", "readUpTo": 1, "user": { "username": "lee" } }
        ])
    );
    assert_eq!(two["pageInfo"]["hasNextPage"], false);
    let names: HashSet<_> = [&one["totalCount"], &two["totalCount"]].into_iter().collect();
    assert_eq!(names, HashSet::from([&json!(2)]));
}
