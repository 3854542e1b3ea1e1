//! A user who does nothing wrong, and is to notice nothing.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::client::{Client, User, insist};
use crate::socket::Socket;

/// Five times the promise: who asks is answered within 2 s, or told to ask again.
const SERVED_WITHIN: Duration = Duration::from_secs(10);
/// The subscription of one who just moved in runs by then.
const SETTLED_AFTER: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);
const EVENTS: &str = "subscription($id: ID!) { channelEvents(channelId: $id) {
    ... on MessageSent { message { id text } } } }";
const SEND: &str = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { position } }";
const NEWEST: &str = "query($id: ID!) { channel(id: $id) { messages(last: 1) { nodes { id } } } }";

pub(crate) struct Neighbour {
    user: User,
    channel: String,
    socket: Socket,
}

impl Neighbour {
    pub(crate) async fn move_in(address: &str) -> Self {
        let user = Client::new(address.to_owned()).sign_up().await;
        let channel = create_channel(&user).await;
        let mut socket = Socket::ready(address, &user.token).await;
        socket.subscribe("live", EVENTS, json!({ "id": channel })).await;
        // Behind its answer the subscription runs.
        socket.subscribe("me", "{ me { id } }", json!({})).await;
        while socket.hear().await["type"] != "complete" {}
        sleep(SETTLED_AFTER).await;
        Self { user, channel, socket }
    }

    /// Sends, hears it arrive, and finds it; gives how long that took.
    pub(crate) async fn live_a_little(&mut self) -> Duration {
        sleep(PAUSE).await;
        let (id, since) = (Uuid::now_v7().to_string(), Instant::now());
        let input = json!({ "commandId": id, "channelId": self.channel, "text": "good day" });
        insist(|| self.user.ask(SEND, json!({ "i": input }))).await;
        let event = self.socket.hear().await;
        assert_eq!(event["payload"]["data"]["channelEvents"]["message"]["id"], json!(id));
        let found: Value = insist(|| self.user.ask(NEWEST, json!({ "id": self.channel }))).await;
        assert_eq!(found["channel"]["messages"]["nodes"][0]["id"], json!(id));
        let took = since.elapsed();
        assert!(took < SERVED_WITHIN, "served only after {took:?}");
        took
    }
}

/// A channel of this user's alone.
pub(crate) async fn create_channel(user: &User) -> String {
    let id = Uuid::now_v7();
    let input = json!({ "commandId": id, "name": "hostile" });
    let query = "mutation($i: CreateChannelInput!) { createChannel(input: $i) { position } }";
    insist(|| user.ask(query, json!({ "i": input }))).await;
    id.to_string()
}
