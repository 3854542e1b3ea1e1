//! Sockets as an attacker has them.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::raw::Raw;

const PATIENCE: Duration = Duration::from_secs(30);
const PROTOCOL: &str = "graphql-transport-ws";

pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Socket {
    /// Opens one that offers this subprotocol.
    pub(crate) async fn open(address: &str, protocol: &str) -> Result<Self, tungstenite::Error> {
        Self::over(Raw::connect(address).await, address, protocol).await
    }

    async fn over(raw: Raw, address: &str, protocol: &str) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol.parse().unwrap());
        Ok(Self(tokio_tungstenite::client_async(request, raw.0).await?.0))
    }

    /// One that was acknowledged, with hardly any room for what is not read.
    pub(crate) async fn narrow(address: &str, token: &str) -> Self {
        let raw = Raw::narrow(address).await;
        let mut socket = Self::over(raw, address, PROTOCOL).await.unwrap();
        socket.acknowledged(token).await;
        socket
    }

    pub(crate) async fn connect(address: &str) -> Self {
        Self::open(address, PROTOCOL).await.unwrap()
    }

    /// One that was acknowledged.
    pub(crate) async fn ready(address: &str, token: &str) -> Self {
        let mut socket = Self::connect(address).await;
        socket.acknowledged(token).await;
        socket
    }

    async fn acknowledged(&mut self, token: &str) {
        self.init(token).await;
        assert_eq!(self.hear().await["type"], "connection_ack");
    }

    pub(crate) async fn init(&mut self, token: &str) {
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        self.say(&json!({ "type": "connection_init", "payload": payload })).await;
    }

    /// It may have been closed already, which is what is heard next.
    pub(crate) async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("nothing was heard");
            match message {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The close code, after whatever else comes; 0 if it was cut off without one.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("it is not closed") {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return 0,
            }
        }
    }
}
