//! Subscribers over graphql-transport-ws who come again with `after` whenever they are cut off.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

use crate::channel::{Channel, Message};
use crate::client::{User, retry_wait};

const SUBSCRIBE: &str = "subscription($id: ID!, $after: Position) {
    channelEvents(channelId: $id, after: $after) { __typename position
        ... on MessageSent { message { id seq text } } } }";
/// A connection that stays silent for longer is given up; it is told something all the time.
const SILENCE_MAX: Duration = Duration::from_secs(15);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a subscriber was told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Messages in the order told.
    pub(crate) messages: Vec<Message>,
    /// Positions of all events in the order told.
    pub(crate) positions: Vec<String>,
    /// How often a connection ended that had told something.
    pub(crate) cut_off: usize,
}

/// Follows a channel from its start until `stop`.
pub(crate) async fn follow(
    user: User,
    channel: Channel,
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
) {
    let mut tries = 0;
    loop {
        let before = seen.lock().unwrap().positions.len();
        tokio::select! {
            () = stop.cancelled() => return,
            ended = listen(&user, &channel, &seen) => {
                let Err(error) = ended;
                println!("subscriber cut off: {error}");
            }
        }
        let told_something = seen.lock().unwrap().positions.len() > before;
        tries = if told_something { 0 } else { tries + 1 };
        if told_something {
            seen.lock().unwrap().cut_off += 1;
        }
        tokio::time::sleep(retry_wait(tries)).await;
    }
}

/// One connection, from where the last one ended.
async fn listen(
    user: &User,
    channel: &Channel,
    seen: &Mutex<Seen>,
) -> Result<std::convert::Infallible, Box<dyn std::error::Error + Send + Sync>> {
    let mut socket = connect(user).await?;
    let init = json!({ "Authorization": format!("Bearer {}", user.token) });
    send(&mut socket, &json!({ "type": "connection_init", "payload": init })).await?;
    let ack = receive(&mut socket).await?;
    if ack["type"] != "connection_ack" {
        return Err(format!("no acknowledgement but {ack}").into());
    }
    let last = seen.lock().unwrap().positions.last().cloned();
    let after = last.unwrap_or_else(|| channel.start.clone());
    let variables = json!({ "id": channel.id, "after": after });
    let payload = json!({ "query": SUBSCRIBE, "variables": variables });
    send(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
    loop {
        let mut told = receive(&mut socket).await?;
        match told["type"].as_str() {
            Some("next") => {
                let event = told["payload"]["data"]["channelEvents"].take();
                if event.is_null() {
                    return Err(format!("an event without data: {told}").into());
                }
                note(&event, &mut seen.lock().unwrap());
            }
            Some("ping") => send(&mut socket, &json!({ "type": "pong" })).await?,
            _ => return Err(format!("ended by {told}").into()),
        }
    }
}

fn note(event: &Value, seen: &mut Seen) {
    seen.positions.push(event["position"].as_str().unwrap().to_owned());
    if event["__typename"] == "MessageSent" {
        seen.messages.push(Message::read(&event["message"]));
    }
}

async fn connect(user: &User) -> Result<Socket, tungstenite::Error> {
    let address = format!("ws://{}/graphql/ws", user.client.address);
    let mut request = address.into_client_request()?;
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

async fn send(socket: &mut Socket, message: &Value) -> Result<(), tungstenite::Error> {
    socket.send(Frame::text(message.to_string())).await
}

async fn receive(socket: &mut Socket) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    loop {
        let frame = tokio::time::timeout(SILENCE_MAX, socket.next()).await?;
        match frame.ok_or("the connection ended")?? {
            Frame::Text(text) => return Ok(serde_json::from_str(&text)?),
            Frame::Close(reason) => return Err(format!("closed: {reason:?}").into()),
            _ => {}
        }
    }
}
