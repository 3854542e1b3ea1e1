//! Users of the public API: sign-up and channels over HTTP, messages over one WebSocket each.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The marker that numbers a message; looked for in raw bytes, because parsing every frame
/// would cost more than the server's own work.
const MARKER: &str = "way-number-";

/// What a socket saw, and when.
pub(crate) enum Seen {
    /// The answer to the sending of that number.
    Answer(u32, Instant),
    /// The message with that number, pushed.
    Message(u32, Instant),
    /// Something that must not happen.
    Failure(String),
}

/// A signed-up user.
pub(crate) struct User {
    token: String,
}

/// The API over HTTP.
pub(crate) struct Api {
    url: String,
    http: reqwest::Client,
}

impl Api {
    pub(crate) fn new(api_url: &str) -> Self {
        Self { url: format!("{api_url}/graphql"), http: reqwest::Client::new() }
    }

    pub(crate) async fn sign_up(&self, index: usize) -> Result<User> {
        let input = json!({
            "email": format!("way-{index}@example.com"),
            "username": format!("User {index}"),
            "password": "a long walk by the Han river",
        });
        let query = "mutation($input: SignUpInput!) { signUp(input: $input) { accessToken } }";
        let data = self.ask(None, query, &json!({ "input": input })).await?;
        let token = data["signUp"]["accessToken"].as_str().context("an access token")?;
        Ok(User { token: token.to_owned() })
    }

    pub(crate) async fn create_channel(&self, user: &User) -> Result<String> {
        let query = "mutation { createChannel(input: {name: \"way\"}) { channel { id } } }";
        let data = self.ask(Some(user), query, &json!({})).await?;
        let id = data["createChannel"]["channel"]["id"].as_str().context("a channel's id")?;
        Ok(id.to_owned())
    }

    pub(crate) async fn join(&self, user: &User, channel: &str) -> Result<()> {
        let query = "mutation($id: ID!) { joinChannel(input: {channelId: $id}) { position } }";
        self.ask(Some(user), query, &json!({ "id": channel })).await.map(|_| ())
    }

    async fn ask(&self, user: Option<&User>, query: &str, variables: &Value) -> Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.http.post(&self.url).json(&body);
        if let Some(user) = user {
            request = request.bearer_auth(&user.token);
        }
        let mut answer: Value = request.send().await?.json().await?;
        if let Some(errors) = answer.get("errors") {
            bail!("{errors}");
        }
        Ok(answer["data"].take())
    }
}

/// One user's socket: subscribed to the channel, ready to send into it.
pub(crate) struct Socket {
    channel: String,
    outgoing: mpsc::UnboundedSender<Message>,
}

impl Socket {
    pub(crate) async fn open(
        api_url: &str,
        user: &User,
        channel: &str,
        seen: mpsc::UnboundedSender<Seen>,
    ) -> Result<Self> {
        let url = format!("{}/graphql/ws", api_url.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        let protocol = "graphql-transport-ws".parse()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let (mut sink, mut source) = socket.split();
        let authorization = format!("Bearer {}", user.token);
        let init = json!({"type": "connection_init", "payload": {"Authorization": authorization}});
        sink.send(Message::text(init.to_string())).await?;
        let ack = source.next().await.context("an answer to connection_init")??;
        anyhow::ensure!(ack.to_text()?.contains("connection_ack"), "not acknowledged: {ack}");
        let query = "subscription($id: ID!) { channelEvents(channelId: $id) {
            position ... on MessageSent { message { id seq text author { username } sentAt } } } }";
        let payload = json!({ "query": query, "variables": { "id": channel } });
        let subscribe = json!({ "id": "events", "type": "subscribe", "payload": payload });
        sink.send(Message::text(subscribe.to_string())).await?;
        let (outgoing, mut queue) = mpsc::unbounded_channel::<Message>();
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            while let Some(Ok(frame)) = source.next().await {
                let at = Instant::now();
                let arrival = frame.to_text().ok().and_then(|text| read(text, at));
                if arrival.is_some_and(|arrival| seen.send(arrival).is_err()) {
                    return;
                }
            }
        });
        // Its place in the feed is fixed once the server has read the frame.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Ok(Self { channel: channel.to_owned(), outgoing })
    }

    /// Sends message `number` now.
    pub(crate) fn send(&self, number: u32) -> Result<()> {
        let query = "mutation($input: SendMessageInput!) {
            sendMessage(input: $input) { position message { id seq } } }";
        let input = json!({ "channelId": self.channel, "text": format!("{MARKER}{number}.") });
        let payload = json!({ "query": query, "variables": { "input": input } });
        let frame =
            json!({ "id": format!("send-{number}."), "type": "subscribe", "payload": payload });
        Ok(self.outgoing.send(Message::text(frame.to_string()))?)
    }
}

fn read(frame: &str, at: Instant) -> Option<Seen> {
    if frame.contains(r#""errors""#) || frame.contains(r#""type":"error""#) {
        return Some(Seen::Failure(frame.to_owned()));
    }
    let number = |mark: &str| {
        let rest = &frame[frame.find(mark)? + mark.len()..];
        rest[..rest.find('.')?].parse().ok()
    };
    if !frame.contains(r#""next""#) {
        return None;
    }
    match number(MARKER) {
        Some(number) => Some(Seen::Message(number, at)),
        None => number("send-").map(|number| Seen::Answer(number, at)),
    }
}
