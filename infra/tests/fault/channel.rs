//! A channel as its members see it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{User, insist};

const CREATE: &str =
    "mutation($i: CreateChannelInput!) { createChannel(input: $i) { channel { id } position } }";
const JOIN: &str = "mutation($i: JoinChannelInput!) { joinChannel(input: $i) { position } }";
const HISTORY: &str = "query($id: ID!, $after: String) { channel(id: $id) {
    messages(first: 100, after: $after) {
        nodes { id seq kind text } pageInfo { hasNextPage endCursor }
    } } }";

/// A message as the history shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) seq: i64,
    /// Empty for ENTER and LEAVE.
    pub(crate) text: String,
}

impl Message {
    /// From its fields `id`, `seq` and `text`.
    pub(crate) fn read(json: &Value) -> Self {
        let text = json["text"].as_str().unwrap_or_default().to_owned();
        let id = json["id"].as_str().unwrap().to_owned();
        Self { id, seq: json["seq"].as_i64().unwrap(), text }
    }
}

/// A channel, and the place in the log where all its members were in.
#[derive(Clone)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) start: String,
}

/// Makes a channel of `members`, the first of whom creates it.
pub(crate) async fn create(members: &[User]) -> Channel {
    let id = Uuid::now_v7().to_string();
    let input = json!({ "i": { "commandId": id, "name": "Under fire" } });
    let made = insist(|| members[0].ask(CREATE, input.clone())).await;
    let mut start = made["createChannel"]["position"].clone();
    for member in &members[1..] {
        let input = json!({ "i": { "commandId": Uuid::now_v7(), "channelId": id } });
        start = insist(|| member.ask(JOIN, input.clone())).await["joinChannel"]["position"].take();
    }
    Channel { id, start: start.as_str().unwrap().to_owned() }
}

/// All messages of a channel, oldest first.
pub(crate) async fn history(member: &User, channel: &Channel) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "id": channel.id, "after": after });
        let data = insist(|| member.ask(HISTORY, variables.clone())).await;
        let page = &data["channel"]["messages"];
        messages.extend(page["nodes"].as_array().unwrap().iter().map(Message::read));
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return messages;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
