//! What each kind of event makes of the rows and the feed.

mod channels;
mod messages;
mod people;

use crate::world::World;
use events::channel::{ChannelCreated, MemberJoined, MessageSent, Visibility};
use events::feed::FeedKind;
use events::{ChannelEvent, ChannelId, LogPosition, MessageId, StreamName, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

/// A channel with its creator and one more member.
struct Group {
    world: World,
    id: ChannelId,
    admin: UserId,
    member: UserId,
}

impl Group {
    async fn new() -> Self {
        let world = World::new().await;
        let (admin, member) = (world.register("지훈"), world.register("Sam"));
        let group = Self { world, id: ChannelId::generate(), admin, member };
        group.append(ChannelCreated {
            name: "등산".into(),
            description: "Sundays".into(),
            visibility: Visibility::Private,
            password: Some("$argon2id$…".into()),
            creator: admin,
        });
        group.append(MemberJoined {
            user: member,
            added_by: None,
            message: MessageId::generate(),
            seq: 1,
            number: 0,
        });
        group
    }

    fn append(&self, event: impl Into<ChannelEvent>) -> LogPosition {
        self.world.append(&StreamName::channel(self.id), event.into())
    }

    fn send(&self, seq: u32, number: u32, author: UserId) -> MessageId {
        let message = MessageId::generate();
        let text = format!("{number}번째");
        self.append(MessageSent { message, seq, number, author, text, reply_to: None });
        message
    }

    async fn channel(&self) -> Value {
        self.world.row("channels", &format!("id = '{}'", self.id)).await
    }

    async fn member(&self, user: UserId) -> Value {
        let condition = format!("channel_id = '{}' AND user_id = '{user}'", self.id);
        self.world.row("members", &condition).await
    }

    async fn message(&self, seq: u32) -> Value {
        let condition = format!("channel_id = '{}' AND seq = {seq}", self.id);
        self.world.row("messages", &condition).await
    }
}

async fn feed(world: &World, at: LogPosition) -> Value {
    let mut row = world.row("feed", &format!("position = {at}")).await;
    row.as_object_mut().unwrap().remove("at_us");
    row
}

fn feed_row(entity: Uuid, position: LogPosition, kind: FeedKind, reference: Option<Uuid>) -> Value {
    json!({ "entity_id": entity, "position": position, "kind": kind.code(), "ref": reference })
}

/// When the event at a position was recorded.
fn at_us(position: LogPosition) -> u64 {
    1_700_000_000_000_000 + (position - 1) * 1_000_000
}
