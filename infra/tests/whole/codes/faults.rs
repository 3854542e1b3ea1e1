//! What goes wrong without anybody's fault: races, full queues, stores that are away.

use std::time::Duration;

use events::settled::CommandSettled;
use events::{
    Actor, Append, ChannelEvent, ChannelId, CommandId, EventLog, Expected, Metadata, StreamName,
    Timestamp, codec, envelope,
};
use infra::postgres::{PostgresLog, connect};
use serde_json::{Value, json};

use crate::moim::Moim;
use crate::server::{Reply, Server, User, fresh_id};

/// Messages sent against somebody who writes all the time.
const RACES_MAX: u32 = 40;
/// A node that waits for its database listens by then.
const LISTENS_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn provoke(server: &Server) -> Vec<&'static str> {
    let minji = server.sign_up("민지").await;
    let channel = server.channel(&minji).await;
    vec![
        in_progress(server, &minji, &channel).await,
        conflict(server, &minji, &channel).await,
        unavailable().await,
        internal(server, &minji).await,
    ]
}

async fn sql(server: &Server, statement: &'static str) {
    sqlx::raw_sql(statement).execute(server.database.pool()).await.unwrap();
}

fn retryable(reply: &Reply, code: &'static str, status: u16) -> &'static str {
    assert_eq!(reply.problem().0, code, "{reply:?}");
    assert_eq!(reply.status.as_u16(), status);
    assert_eq!(reply.body["retryable"], Value::Bool(true));
    code
}

/// Somebody else has taken the command up and is not done.
async fn in_progress(server: &Server, minji: &User, channel: &str) -> &'static str {
    let command =
        json!({ "type": "joinChannel", "id": fresh_id(), "data": { "channelId": channel } });
    let first = server.put(Some(&minji.token), &command).await;
    assert_eq!(first.problem().0, "ALREADY_MEMBER");
    sql(
        server,
        "UPDATE command.claims SET answer = NULL WHERE answer IS NOT NULL;
        CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER taken BEFORE UPDATE ON command.claims
            FOR EACH ROW EXECUTE FUNCTION taken()",
    )
    .await;
    let reply = server.put(Some(&minji.token), &command).await;
    sql(server, "DROP TRIGGER taken ON command.claims; DROP FUNCTION taken").await;
    retryable(&reply, "IN_PROGRESS", 409)
}

/// Another node writes to the channel all the time, and is always first.
async fn conflict(server: &Server, minji: &User, channel: &str) -> &'static str {
    let pool = connect(server.database.url(), 4).await.unwrap();
    let log = PostgresLog::open(pool).await.unwrap();
    let stream = StreamName::channel(channel.parse::<ChannelId>().unwrap());
    let rival = tokio::spawn(write_on(log, stream));
    let mut lost = None;
    for _ in 0..RACES_MAX {
        let say = json!({ "channelId": channel, "text": "may I?" });
        let reply = server.run(minji, "sendMessage", say).await;
        if !reply.status.is_success() {
            lost = Some(retryable(&reply, "CONFLICT", 409));
            break;
        }
    }
    rival.abort();
    lost.unwrap_or_else(|| panic!("{RACES_MAX} races were won"))
}

async fn write_on(log: PostgresLog, stream: StreamName) {
    loop {
        let last = log.last_revision(&stream).await.unwrap();
        let mut expected = Expected::after(last);
        // As long as nobody comes in between.
        while let Ok(appended) = log.append(settled(&stream, expected)).await {
            expected = Expected::Exact(appended.revision);
        }
    }
}

fn settled(stream: &StreamName, expected: Expected) -> Append {
    let (actor, command) = (Actor::System, CommandId::generate());
    let metadata = Metadata {
        event_id: envelope::event_id(stream, &actor, command, 0),
        correlation: command,
        causation: command,
        input_hash: None,
        actor,
        recorded_at: Timestamp::now(),
        version: 0,
        trace_parent: None,
    };
    let mut event = ChannelEvent::from(CommandSettled { answer: Value::Null });
    let event = codec::encode(&mut event, stream, metadata, &events::personal::KeyRing::new());
    Append { stream: stream.clone(), expected, events: vec![event.unwrap()] }
}

/// A node without its database.
async fn unavailable() -> &'static str {
    let node = Moim::start("postgres://moim@127.0.0.1:1/moim");
    let url = format!("http://{}/v1/commands", node.api);
    let asked = async {
        loop {
            if let Ok(response) = reqwest::Client::new().post(&url).send().await {
                return Reply::of(response).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let reply = tokio::time::timeout(LISTENS_WITHIN, asked).await.unwrap();
    retryable(&reply, "UNAVAILABLE", 503)
}

/// A table is gone, which can't be.
async fn internal(server: &Server, minji: &User) -> &'static str {
    sql(server, "ALTER TABLE read_messenger.stays RENAME TO gone").await;
    sql(server, "ALTER TABLE read_messenger.members RENAME TO members_gone").await;
    let query = "{ channels(first: 1) { nodes { id } } }";
    let answer = server.ask(Some(&minji.token), None, query, json!({})).await;
    sql(server, "ALTER TABLE read_messenger.gone RENAME TO stays").await;
    sql(server, "ALTER TABLE read_messenger.members_gone RENAME TO members").await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "INTERNAL", "{answer}");
    assert_eq!(error["extensions"]["traceId"].as_str().map(str::len), Some(32), "{answer}");
    assert!(!error["message"].to_string().contains("members"), "{answer}");
    "INTERNAL"
}
