//! How many statements a page costs: as many as it has kinds of things, however long it is.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use command::Command;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::follower::Follower;
use crate::world::World;

/// Counts what is asked of the read model, as the database's client logs it.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if matches!(field.name(), "summary" | "db.statement") {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut text = Text::default();
        event.record(&mut text);
        // The feed's reader looks all the time.
        if text.0.contains("SELECT") && !text.0.contains("checkpoint") {
            self.0.lock().unwrap().push(text.0);
        }
    }
}

const PAGE: &str = "query ($id: ID!, $last: Int!) { channel(id: $id) {
    name unreadCount viewerRole createdBy { username email } lastMessage { text }
    members(first: 50) { totalCount nodes { role readUpTo user { username email active } } }
    messages(last: $last) { nodes {
        seq text editedAt unreadCount author { username email }
        reactions { emoji count viewerReacted }
        replyTo { text unreadCount author { username email } reactions { emoji viewerReacted } }
        channel { name unreadCount viewerRole memberCount }
    } } } }";

impl Statements {
    /// Counts from here on, on this thread.
    fn watched() -> (Self, tracing::subscriber::DefaultGuard) {
        let statements = Self::default();
        let subscriber = tracing_subscriber::registry().with(statements.clone());
        (statements, tracing::subscriber::set_default(subscriber))
    }

    /// What was asked since the last time.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn a_page_costs_as_many_statements_however_long_it_is() {
    let (statements, _guard) = Statements::watched();
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let channel = world.channel_of(kim, "모임").await;
    let mut last = None;
    for number in 0..10 {
        let viewer = world.sign_up(&format!("user{number}")).await;
        world.join(viewer, &channel).await;
        for _ in 0..5 {
            let (channel, text) = (channel.clone(), "hello".to_owned());
            let command = Command::SendMessage { channel, text, reply_to: last.take() };
            let command::Outcome::Message(id) = world.done(viewer, command).await.outcome else {
                panic!("sending a message names it")
            };
            let message = id.to_string();
            let emoji = "👍".to_owned();
            world.done(kim, Command::AddReaction { message: message.clone(), emoji }).await;
            last = Some(message);
        }
    }
    // A node that has cached nothing.
    let fresh = world.node().await;
    node.until(world.head().await).await;
    fresh.until(world.head().await).await;
    let mut costs = Vec::new();
    for len in [5, 50] {
        statements.take();
        let seen = fresh.data(kim, PAGE, json!({ "id": channel, "last": len })).await;
        costs.push(statements.take());
        let messages = seen["channel"]["messages"]["nodes"].as_array().unwrap();
        assert_eq!(messages.len(), len);
    }
    let [few, many] = [costs[0].len(), costs[1].len()];
    assert!(many > 5, "statements are not counted");
    // A few more than kinds of things, for what is asked for in steps.
    assert!(many <= few + 3 && many < 25, "{few}, then {many}: {:#?}", costs[1]);
}

#[tokio::test]
async fn pushes_cost_as_many_statements_however_many_they_are() {
    let (statements, _guard) = Statements::watched();
    let world = World::new().await;
    let mut node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let mut channels = Vec::new();
    for name in ["one", "two", "three"] {
        let channel = world.channel_of(kim, name).await;
        world.join(lee, &channel).await;
        channels.push(channel);
    }
    node.until(world.head().await).await;
    let message = "message { seq text unreadCount author { username } channel { name memberCount }
        replyTo { text author { username } } reactions { emoji count } }";
    let text = format!(
        "subscription {{ inbox {{ channelEvent {{
        ... on MessageSent {{ {message} }} ... on ReactionsChanged {{ {message} }} }} }} }}"
    );
    let mut inboxes = Vec::new();
    for viewer in [kim, lee] {
        let subscription = node.subscribe(Some(viewer), &text, json!({})).await.unwrap();
        inboxes.push(Follower(subscription));
    }
    // Until their seats are taken.
    world.send(kim, &channels[0], "first").await;
    for inbox in &mut inboxes {
        inbox.event().await;
    }
    node.stop().await;
    let mut last = HashMap::new();
    for number in 0..90 {
        let (channel, text) = (channels[number % 3].clone(), format!("{number}"));
        let reply_to = last.get(&channel).cloned();
        let command = Command::SendMessage { channel: channel.clone(), text, reply_to };
        let command::Outcome::Message(id) = world.done(kim, command).await.outcome else {
            panic!("sending a message names it")
        };
        let emoji = "👍".to_owned();
        world.done(lee, Command::AddReaction { message: id.to_string(), emoji }).await;
        last.insert(channel, id.to_string());
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    statements.take();
    node.start();
    for inbox in &mut inboxes {
        for _ in 0..180 {
            inbox.event().await;
        }
    }
    let cost = statements.take();
    assert!((1..40).contains(&cost.len()), "for 180 pushes to two: {cost:#?}");
}
