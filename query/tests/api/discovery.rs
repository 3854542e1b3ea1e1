//! Channels by their names.

use command::Command;
use serde_json::{Value, json};

use crate::world::{Node, World, code};

const DISCOVER: &str = "query ($keyword: String!, $first: Int, $after: String) {
    discoverChannels(keyword: $keyword, first: $first, after: $after) {
        totalCount nodes { id name viewerRole unreadCount lastMessage { id } }
        edges { cursor } pageInfo { hasNextPage endCursor } } }";

fn names(found: &Value) -> Vec<&str> {
    let nodes = found["discoverChannels"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["name"].as_str().unwrap()).collect()
}

async fn found(node: &Node<'_>, viewer: command::Viewer, keyword: &str) -> Value {
    node.data(viewer, DISCOVER, json!({ "keyword": keyword })).await
}

#[tokio::test]
async fn a_channel_is_found_by_any_part_of_its_name_in_any_script() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    for name in ["서울 등산회", "Hiking CLUB", "100% 북클럽", "a_b", "axb", "back\\slash", "Ärger"]
    {
        world.channel_of(kim, name).await;
    }
    node.until(world.head().await).await;
    let decomposed = "\u{1103}\u{1173}\u{11bc}산"; // 등산
    for (keyword, expected) in [
        ("등산", vec!["서울 등산회"]),
        (decomposed, vec!["서울 등산회"]),
        ("회", vec!["서울 등산회"]),
        ("울 등", vec!["서울 등산회"]),
        ("클럽", vec!["100% 북클럽"]),
        ("club", vec!["Hiking CLUB"]),
        ("HIKING c", vec!["Hiking CLUB"]),
        ("%", vec!["100% 북클럽"]),
        ("0% 북", vec!["100% 북클럽"]),
        ("_", vec!["a_b"]),
        ("a_b", vec!["a_b"]),
        ("\\", vec!["back\\slash"]),
        ("k\\s", vec!["back\\slash"]),
        ("ÄRG", vec!["Ärger"]),
        ("A\u{308}rger", vec!["Ärger"]),
        ("nothing like it", vec![]),
        ("gnikih", vec![]),
    ] {
        let seen = found(&node, lee, keyword).await;
        assert_eq!(names(&seen), expected, "{keyword:?}");
        assert_eq!(seen["discoverChannels"]["totalCount"], expected.len(), "{keyword:?}");
    }
    let seen = found(&node, lee, "등산").await;
    let stranger = &seen["discoverChannels"]["nodes"][0];
    assert_eq!(stranger["viewerRole"], json!(null));
    assert_eq!(stranger["lastMessage"], json!(null));
    for keyword in [String::new(), "  ".into(), "x".repeat(201), "a\nb".into(), "\0".into()] {
        let refused = node.run(Some(lee), DISCOVER, json!({ "keyword": keyword })).await;
        assert_eq!(code(&refused), "INVALID_INPUT", "{keyword:?}");
        assert_eq!(refused["errors"][0]["extensions"]["field"], "keyword");
    }
    let longest = json!({ "keyword": "가".repeat(200) });
    assert_eq!(names(&node.data(lee, DISCOVER, longest).await), [""; 0]);
}

#[tokio::test]
async fn pages_miss_and_repeat_nothing_while_channels_come_and_are_talked_in() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let mut ids = Vec::new();
    for number in (10..22).rev() {
        ids.push(world.channel_of(kim, &format!("room {number}")).await);
    }
    // Two of one name are told apart.
    world.channel_of(kim, "room 15").await;
    node.until(world.head().await).await;
    let (mut seen, mut after) = (Vec::new(), json!(null));
    for (round, busy) in ids.iter().enumerate() {
        let variables = json!({ "keyword": "ROOM", "first": 3, "after": after });
        let page = node.data(kim, DISCOVER, variables).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let page = &page["discoverChannels"]["pageInfo"];
        after = page["endCursor"].clone();
        if page["hasNextPage"] == false {
            break;
        }
        world.send(kim, busy, "hello").await;
        world.channel_of(kim, &format!("room 0{round}")).await;
        node.until(world.head().await).await;
    }
    let mut expected: Vec<_> = (10..22).map(|number| format!("room {number}")).collect();
    expected.insert(6, "room 15".into());
    assert_eq!(seen, expected);

    let other = json!({ "keyword": "oom", "after": after });
    let refused = node.run(Some(kim), DISCOVER, other).await;
    assert_eq!(code(&refused), "INVALID_CURSOR", "the list of another keyword is another list");
}

#[tokio::test]
async fn what_was_deleted_is_not_found_and_what_was_renamed_is_by_its_new_name() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let (one, two) =
        (world.channel_of(kim, "old one").await, world.channel_of(kim, "old two").await);
    let name = Some("New Two".into());
    world.done(kim, Command::UpdateChannel { channel: two, name, description: None }).await;
    world.done(kim, Command::DeleteChannel { channel: one }).await;
    node.until(world.head().await).await;
    assert_eq!(names(&found(&node, kim, "old").await), [""; 0]);
    assert_eq!(names(&found(&node, kim, "new t").await), ["New Two"]);
}
