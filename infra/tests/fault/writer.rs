//! Users who write at a steady pace, each message until it is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::channel::{Channel, Message};
use crate::client::{User, insist};

const SEND: &str =
    "mutation($i: SendMessageInput!) { sendMessage(input: $i) { message { id seq text } } }";
/// Most messages of one writer that wait for their acknowledgement.
const IN_FLIGHT_MAX: usize = 16;

/// Writes a message every `pace` until `stop`; gives all of them as they were acknowledged.
pub(crate) async fn write(
    user: User,
    channel: Channel,
    pace: Duration,
    stop: CancellationToken,
) -> Vec<Message> {
    let room = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let mut sent = JoinSet::new();
    let mut ticks = interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        ticks.tick().await;
        let permit = Arc::clone(&room).acquire_owned().await.unwrap();
        let (user, channel) = (user.clone(), channel.clone());
        sent.spawn(async move {
            let acknowledged = send(&user, &channel).await;
            drop(permit);
            acknowledged
        });
    }
    sent.join_all().await
}

/// One message: every try has the same id, so that it is there once.
async fn send(user: &User, channel: &Channel) -> Message {
    let id = Uuid::now_v7().to_string();
    let text = format!("message {id}");
    let input = json!({ "i": { "commandId": id, "channelId": channel.id, "text": text } });
    let data = insist(|| user.ask(SEND, input.clone())).await;
    let message = Message::read(&data["sendMessage"]["message"]);
    assert_eq!((&message.id, &message.text), (&id, &text), "another message was acknowledged");
    message
}
