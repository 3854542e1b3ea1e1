//! Messages by what they say.

use command::{Command, Viewer};
use events::channel::{ChannelCreated, MessageSent, Visibility};
use events::codec;
use events::personal::KeyRing;
use events::{
    Actor, Append, ChannelEvent, ChannelId, CommandId, EventId, Expected, MessageId, Metadata,
    StreamName, Timestamp,
};
use projections::Projection;
use serde_json::{Value, json};

use crate::world::{Node, World, code};

const SEARCH: &str = "
    query ($text: String!, $channel: ID, $first: Int, $after: String) {
        searchMessages(text: $text, channelId: $channel, first: $first, after: $after) {
            nodes { id text } edges { cursor node { seq } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

impl World {
    /// Brings `search` to where `messenger` is.
    pub(crate) async fn index(&self) {
        let (log, keys) = (std::sync::Arc::new(self.log.clone()), self.keys.clone());
        projections::rebuild(Projection::Search, &self.options, log, keys, |_| {}).await.unwrap();
    }
}

async fn page(node: &Node<'_>, viewer: Viewer, variables: Value) -> Value {
    node.data(viewer, SEARCH, variables).await["searchMessages"].take()
}

/// What is found by pages of that length, all of them.
pub(crate) async fn all(
    node: &Node<'_>,
    viewer: Viewer,
    text: &str,
    channel: Option<&str>,
    first: usize,
) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), json!(null));
    loop {
        let variables = json!({ "text": text, "channel": channel, "first": first, "after": after });
        let page = page(node, viewer, variables).await;
        let nodes = page["nodes"].as_array().unwrap();
        found.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        assert_eq!(nodes.len(), first, "{page:#}");
    }
}

fn texts(page: &Value) -> Vec<&str> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn messages_are_found_in_any_script_indexed_or_not() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    for text in
        ["일요일에 산에 가요", "100% sure", "a_b", "axb", "back\\slash", "CAFÉ au lait", "👍👍"]
    {
        world.send(kim, &channel, text).await;
    }
    node.until(world.head().await).await;
    for indexed in [false, true] {
        if indexed {
            world.index().await;
        }
        for (text, expected) in [
            ("산", vec!["일요일에 산에 가요"]),
            ("\u{1109}\u{1161}\u{11ab}에", vec!["일요일에 산에 가요"]),
            ("에 산", vec!["일요일에 산에 가요"]),
            ("%", vec!["100% sure"]),
            ("_", vec!["a_b"]),
            ("a_b", vec!["a_b"]),
            ("\\", vec!["back\\slash"]),
            ("cafe\u{301} AU", vec!["CAFÉ au lait"]),
            ("👍", vec!["👍👍"]),
            ("A", vec!["CAFÉ au lait", "back\\slash", "axb", "a_b"]),
            (" ", vec!["CAFÉ au lait", "100% sure", "일요일에 산에 가요"]),
            ("\n", vec![]),
            ("없다", vec![]),
        ] {
            for channel in [json!(null), json!(channel)] {
                let variables = json!({ "text": text, "channel": channel });
                let seen = page(&node, kim, variables).await;
                assert_eq!(texts(&seen), expected, "{text:?}, indexed: {indexed}");
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let channel = world.channel_of(kim, "모임").await;
    let over = world.channel_of(kim, "over").await;
    world.done(kim, Command::DeleteChannel { channel: over.clone() }).await;
    for text in ["hello", "hello again"] {
        world.send(kim, &channel, text).await;
    }
    node.until(world.head().await).await;
    for (variables, expected, field) in [
        (json!({ "text": "" }), "INVALID_INPUT", json!("text")),
        (json!({ "text": "x".repeat(201) }), "INVALID_INPUT", json!("text")),
        (json!({ "text": "a\0" }), "INVALID_INPUT", json!("text")),
        (json!({ "text": "a", "first": 0 }), "INVALID_INPUT", json!("first")),
        (json!({ "text": "a", "first": 101 }), "INVALID_INPUT", json!("first")),
        (json!({ "text": "a", "after": "nonsense" }), "INVALID_CURSOR", json!("after")),
        (json!({ "text": "a", "channel": "no id" }), "NOT_FOUND", json!(null)),
        (json!({ "text": "a", "channel": over }), "NOT_FOUND", json!(null)),
        (json!({ "text": "a", "channel": CommandId::generate() }), "NOT_FOUND", json!(null)),
        (json!({ "text": "a", "channel": channel }), "FORBIDDEN", json!(null)),
    ] {
        let answer = node.run(Some(lee), SEARCH, variables.clone()).await;
        assert_eq!(code(&answer), expected, "{variables}");
        assert_eq!(answer["errors"][0]["extensions"]["field"], field, "{variables}");
        assert_eq!(answer["data"], json!(null));
    }
    let answer = node.run(None, SEARCH, json!({ "text": "" })).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    let longest = page(&node, kim, json!({ "text": "가".repeat(200) })).await;
    assert_eq!(texts(&longest), [""; 0]);

    // A cursor is good for its own text and channel, however they are written.
    let seen = page(&node, kim, json!({ "text": "hello", "first": 1 })).await;
    let after = seen["pageInfo"]["endCursor"].clone();
    let next = page(&node, kim, json!({ "text": "HELLO", "first": 1, "after": after })).await;
    assert_eq!(texts(&next), ["hello"]);
    assert_eq!(next["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(next["pageInfo"]["hasNextPage"], false);
    for variables in [
        json!({ "text": "hell", "after": after }),
        json!({ "text": "hello", "channel": channel, "after": after }),
    ] {
        let answer = node.run(Some(kim), SEARCH, variables).await;
        assert_eq!(code(&answer), "INVALID_CURSOR");
    }
}

#[tokio::test]
async fn pages_miss_and_repeat_nothing_while_others_write_and_search_catches_up() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channels = [world.channel_of(kim, "one").await, world.channel_of(kim, "two").await];
    let mut sent = Vec::new();
    for number in 0..40 {
        let text = format!("message {number}");
        sent.insert(0, world.send(kim, &channels[number % 2], &text).await);
    }
    node.until(world.head().await).await;
    let (mut found, mut after) = (Vec::new(), json!(null));
    for step in 0.. {
        let variables = json!({ "text": "SAGE", "first": 7, "after": after });
        let page = page(&node, kim, variables).await;
        let nodes = page["nodes"].as_array().unwrap();
        found.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        world.send(kim, &channels[step % 2], "message of meanwhile").await;
        node.until(world.head().await).await;
        if step == 2 {
            world.index().await;
        }
    }
    assert_eq!(found, sent);
}

fn metadata() -> Metadata {
    Metadata {
        event_id: EventId::generate(),
        correlation: CommandId::generate(),
        causation: CommandId::generate(),
        input_hash: None,
        actor: Actor::System,
        recorded_at: Timestamp::now(),
        version: 1,
        trace_parent: None,
    }
}

/// Appends a channel with messages as the log has them, many at once.
fn append(world: &World, stream: &StreamName, after: Option<u64>, events: Vec<ChannelEvent>) {
    let encode = |mut event: ChannelEvent| {
        codec::encode(&mut event, stream, metadata(), &KeyRing::new()).unwrap()
    };
    let events = events.into_iter().map(encode).collect();
    let append = Append { stream: stream.clone(), expected: Expected::after(after), events };
    world.log.append_now(&append).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_searched_to_its_beginning() {
    const MESSAGES: u32 = 24_000;
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = ChannelId::generate();
    let stream = StreamName::channel(channel);
    let created = ChannelCreated {
        name: "long".into(),
        description: String::new(),
        visibility: Visibility::Public,
        password: None,
        creator: kim.user,
    };
    append(&world, &stream, None, vec![created.into()]);
    let text = |seq: u32| match seq {
        2 | 9_000 => format!("바늘 {seq}"),
        _ if seq.is_multiple_of(700) => format!("드문 일 {seq}"),
        _ => format!("흔한 일 {seq}"),
    };
    for batch in 0..MESSAGES / 500 {
        let seqs = batch * 500 + 1..=batch * 500 + 500;
        let events = seqs.map(|seq| {
            let (message, text) = (MessageId::generate(), text(seq));
            let sent =
                MessageSent { message, seq, number: seq, author: kim.user, text, reply_to: None };
            sent.into()
        });
        append(&world, &stream, Some(u64::from(batch) * 500), events.collect());
        if batch == 32 {
            node.until(world.head().await).await;
            world.index().await;
        }
    }
    node.until(world.head().await).await;
    let channel = channel.to_string();
    for indexed in [false, true] {
        if indexed {
            world.index().await;
        }
        for channel in [None, Some(channel.as_str())] {
            let found = async |text, first| all(&node, kim, text, channel, first).await.len();
            assert_eq!(found("바늘", 50).await, 2);
            assert_eq!(found("드문", 5).await, MESSAGES as usize / 700);
            assert_eq!(found("드문 일 70", 100).await, 2, "700 and 7000");
            assert_eq!(found("늘바", 50).await, 0);
            assert_eq!(found("일 드문", 50).await, 0);
            let newest = page(&node, kim, json!({ "text": "한", "channel": channel })).await;
            assert_eq!(texts(&newest)[..2], ["흔한 일 24000", "흔한 일 23999"]);
            assert_eq!(newest["pageInfo"]["hasNextPage"], true);
        }
    }
}
