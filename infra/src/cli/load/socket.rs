//! One user's socket: subscribed to the channel, ready to write into it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::api::User;
use super::tally::{Seen, Tally};

/// Messages of one user that wait to be sent; there are more only if the socket takes none.
const WAITING_LEN_MAX: usize = 64;
/// A socket is open, acknowledged and subscribed by then.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
/// Names the subscription.
const EVENTS: &str = "events";

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Who sits where.
pub(super) struct Seat {
    pub(super) user: User,
    pub(super) channel: String,
    /// Behind the last member's coming.
    pub(super) position: String,
    /// Members of the channel. Their coming has taken the places before the first message.
    pub(super) members_len: u32,
}

/// A socket that is open.
pub(super) struct Socket {
    channel: String,
    /// How many get what is written here.
    pub(super) members_len: u32,
    outgoing: mpsc::Sender<String>,
}

impl Socket {
    /// Opens it, and waits until nothing that is written from now on can pass it by.
    pub(super) async fn open(
        url: String,
        seat: Seat,
        tally: watch::Receiver<Arc<Tally>>,
    ) -> anyhow::Result<Self> {
        let opened = tokio::time::timeout(OPEN_TIMEOUT, connect(&url, &seat)).await;
        let stream = opened.context("a socket was not open in time")??;
        let (outgoing, waiting) = mpsc::channel(WAITING_LEN_MAX);
        let (channel, members_len) = (seat.channel.clone(), seat.members_len);
        tokio::spawn(attend(stream, waiting, tally, seat));
        Ok(Self { channel, members_len, outgoing })
    }

    /// Sends message `number` now. False if too many wait already, or the socket is closed.
    pub(super) fn send(&self, number: u32, tally: &Tally) -> bool {
        let text = tally.text(number);
        let query = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { position } }";
        let input = json!({ "channelId": self.channel, "text": text });
        let payload = json!({ "query": query, "variables": { "i": input } });
        let id = tally.answer_id(number);
        let frame = json!({ "id": id, "type": "subscribe", "payload": payload });
        self.outgoing.try_send(frame.to_string()).is_ok()
    }
}

async fn connect(url: &str, seat: &Seat) -> anyhow::Result<Stream> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse()?);
    let (mut stream, _) = tokio_tungstenite::connect_async(request).await?;
    let authorization = format!("Bearer {}", seat.user.token);
    let init = json!({ "type": "connection_init", "payload": { "Authorization": authorization } });
    stream.send(Message::text(init.to_string())).await?;
    expect(&mut stream, "connection_ack").await?;
    stream.send(Message::text(subscribe(&seat.channel, &seat.position))).await?;
    Ok(stream)
}

/// Subscribes to all that comes after a position.
fn subscribe(channel: &str, after: &str) -> String {
    let query = "subscription($id: ID!, $after: Position) {
        channelEvents(channelId: $id, after: $after) {
            position ... on MessageSent { message { id seq text author { username } sentAt } }
        } }";
    let payload = json!({ "query": query, "variables": { "id": channel, "after": after } });
    json!({ "id": EVENTS, "type": "subscribe", "payload": payload }).to_string()
}

/// Reads on until a frame says that.
async fn expect(stream: &mut Stream, what: &str) -> anyhow::Result<()> {
    loop {
        let frame = stream.next().await.context("the socket was closed")??;
        if let Message::Close(why) = &frame {
            bail!("the socket was closed: {why:?}");
        }
        let text = frame.to_text().unwrap_or_default();
        ensure!(!text.contains(r#""error"#), "{text}");
        if text.contains(what) {
            return Ok(());
        }
    }
}

/// Sends what waits and tells what comes, until nobody sends any more.
async fn attend(
    mut stream: Stream,
    mut waiting: mpsc::Receiver<String>,
    tally: watch::Receiver<Arc<Tally>>,
    seat: Seat,
) {
    let mut reader = Reader { next_seq: seat.members_len, seat };
    loop {
        tokio::select! {
            frame = stream.next() => {
                let at = Instant::now();
                match frame {
                    Some(Ok(Message::Text(text))) => {
                        let tally = Arc::clone(&tally.borrow());
                        let Some(reply) = reader.tell(text.as_str(), at, &tally) else { continue };
                        let _ = stream.send(Message::text(reply)).await;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => {
                        return tally.borrow().failed("SOCKET_CLOSED");
                    }
                    // Pings are answered by the library.
                    Some(Ok(_)) => {}
                }
            }
            frame = waiting.recv() => {
                let Some(frame) = frame else {
                    let _ = stream.close(None).await;
                    return;
                };
                if stream.send(Message::text(frame)).await.is_err() {
                    return tally.borrow().failed("SOCKET_CLOSED");
                }
            }
        }
    }
}

/// What a user has seen of the channel.
struct Reader {
    seat: Seat,
    next_seq: u32,
}

impl Reader {
    /// Takes a frame in. Only what must not happen is parsed: parsing everything would cost more
    /// than the server's own work. Gives what has to be answered.
    fn tell(&mut self, frame: &str, at: Instant, tally: &Tally) -> Option<String> {
        if frame.contains(r#""errors""#) || frame.contains(r#""type":"error""#) {
            tally.failed(&code(frame));
            // As clients do: what was missed meanwhile is told again.
            let ended = frame.contains(&format!(r#""id":"{EVENTS}""#));
            return ended.then(|| subscribe(&self.seat.channel, &self.seat.position));
        }
        if frame.contains(r#""type":"ping""#) {
            return Some(r#"{"type":"pong"}"#.to_owned());
        }
        if !frame.contains(r#""type":"next""#) {
            if frame.contains(EVENTS) {
                tally.failed("SUBSCRIPTION_ENDED");
            }
            return None;
        }
        match tally.read(frame) {
            Some(Seen::Answer(number)) => tally.answered(number, at),
            Some(Seen::Message { number, seq, is_whole }) => {
                tally.arrived(number, at);
                if !is_whole {
                    tally.failed("INCOMPLETE");
                }
                if seq != self.next_seq {
                    tally.failed(if seq < self.next_seq { "REPEATED" } else { "OUT_OF_ORDER" });
                }
                self.next_seq = seq + 1;
                tally.stands_at(number, seq);
                self.remember(frame);
            }
            None => tally.failed("STRAY"),
        }
        None
    }

    fn remember(&mut self, frame: &str) {
        let position = frame.split_once(r#""position":""#).and_then(|(_, it)| it.split_once('"'));
        if let Some((position, _)) = position {
            self.seat.position.replace_range(.., position);
        }
    }
}

fn code(frame: &str) -> String {
    let json: Value = serde_json::from_str(frame).unwrap_or_default();
    let paths = ["/payload/errors/0/extensions/code", "/payload/0/extensions/code"];
    let code = paths.iter().find_map(|path| json.pointer(path)).and_then(Value::as_str);
    code.unwrap_or("UNREADABLE").to_owned()
}
