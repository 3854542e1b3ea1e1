//! A client of graphql-transport-ws that does just what it is told.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a client hears next.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Message(Value),
    Closed(u16, String),
    /// The connection ended without a close frame.
    Lost,
}

impl Client {
    /// Opens a socket with these headers.
    pub(crate) async fn open(
        server: &Server,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let url = format!("ws://{}/graphql/ws", server.address);
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Ok(Self(connect_async(request).await?.0))
    }

    pub(crate) async fn connect(server: &Server) -> Self {
        Self::open(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// Connects and initialises; `token` may be empty.
    pub(crate) async fn ready(server: &Server, token: &str) -> Self {
        let mut client = Self::connect(server).await;
        client.init(token).await;
        assert_eq!(client.hear().await, Said::Message(json!({ "type": "connection_ack" })));
        client
    }

    pub(crate) async fn init(&mut self, token: &str) {
        let payload = match token {
            "" => json!({}),
            token => json!({ "authorization": format!("Bearer {token}") }),
        };
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: impl Into<String>) {
        // It may have been closed already, which is what is heard next.
        let _ = self.0.send(Message::text(text.into())).await;
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message, or the end.
    pub(crate) async fn hear(&mut self) -> Said {
        timeout(PATIENCE, self.hear_next()).await.expect("nothing was heard")
    }

    async fn hear_next(&mut self) -> Said {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    Said::Message(serde_json::from_str(&text).unwrap())
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    Said::Closed(frame.code.into(), frame.reason.to_string())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                _ => Said::Lost,
            };
        }
    }

    pub(crate) async fn hear_message(&mut self) -> Value {
        match self.hear().await {
            Said::Message(message) => message,
            other => panic!("{other:?}"),
        }
    }

    /// The close code, after whatever else comes.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.hear().await {
                Said::Message(_) => {}
                Said::Closed(code, _) => return code,
                Said::Lost => panic!("lost without a close frame"),
            }
        }
    }
}
