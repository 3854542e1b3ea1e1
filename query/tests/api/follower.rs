//! Somebody who follows a channel, or everything.

use std::time::Duration;

use command::bus::Viewer;
use futures::StreamExt;
use query::{Pushed, Subscription};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::world::{Node, PATIENCE};

pub(crate) const FOLLOW: &str = "
    subscription ($channel: ID!, $after: Position) {
        channelEvents(channelId: $channel, after: $after) {
            __typename position channelId at
            ... on MessageSent { message { seq text kind author { username } } }
            ... on MessageEdited { message { seq text editedAt } }
            ... on MessageDeleted { message { seq text } }
            ... on ReactionsChanged { message { seq reactions { emoji count } } }
            ... on MemberJoined { user { username } }
            ... on MemberLeft { user { username } }
            ... on ReadMarkerMoved { user { username } upToSeq }
            ... on ChannelUpdated { channel { name } }
        }
    }";

pub(crate) const INBOX: &str = "
    subscription ($after: Position) {
        inbox(after: $after) {
            position at
            channelEvent {
                __typename position channelId at
                ... on MessageSent { message { seq text channel { name } } }
                ... on MessageEdited { message { seq text } }
                ... on MemberJoined { user { username } }
                ... on MemberLeft { user { username } }
                ... on ReadMarkerMoved { user { username } upToSeq }
                ... on ChannelUpdated { channel { name } }
            }
        }
    }";

/// What a follower is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// The event.
    Event(Value),
    /// The code of the error that ended it.
    Refused(String),
    Complete,
    Slow,
}

pub(crate) struct Follower(pub(crate) Subscription);

impl Follower {
    pub(crate) async fn start(
        node: &Node<'_>,
        viewer: Viewer,
        channel: &str,
        after: Option<&str>,
    ) -> Self {
        let variables = json!({ "channel": channel, "after": after });
        Self(node.subscribe(Some(viewer), FOLLOW, variables).await.unwrap())
    }

    /// Follows everything of a viewer's channels.
    pub(crate) async fn inbox(node: &Node<'_>, viewer: Viewer, after: Option<&str>) -> Self {
        let variables = json!({ "after": after });
        Self(node.subscribe(Some(viewer), INBOX, variables).await.unwrap())
    }

    /// The code with which a subscription is refused.
    pub(crate) async fn refused(
        node: &Node<'_>,
        viewer: Option<Viewer>,
        channel: &str,
        after: Option<&str>,
    ) -> String {
        let variables = json!({ "channel": channel, "after": after });
        let errors = node.subscribe(viewer, FOLLOW, variables).await.unwrap_err();
        let errors = serde_json::to_value(errors).unwrap();
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn raw(&mut self) -> Pushed {
        let next = timeout(PATIENCE, self.0.next()).await.expect("nothing was pushed");
        next.expect("the subscription was over already")
    }

    pub(crate) async fn next(&mut self) -> Told {
        match self.raw().await {
            Pushed::Next(bytes) => {
                let mut result: Value = serde_json::from_slice(&bytes).unwrap();
                assert!(result.get("errors").is_none(), "{result:#}");
                let data = result["data"].as_object_mut().unwrap();
                Told::Event(data.values_mut().next().unwrap().take())
            }
            Pushed::Errors(bytes) => {
                let errors: Value = serde_json::from_slice(&bytes).unwrap();
                Told::Refused(errors[0]["extensions"]["code"].as_str().unwrap().to_owned())
            }
            Pushed::Complete => Told::Complete,
            Pushed::Slow => Told::Slow,
        }
    }

    pub(crate) async fn event(&mut self) -> Value {
        match self.next().await {
            Told::Event(event) => event,
            other => panic!("expected an event, not {other:?}"),
        }
    }

    /// The next event in short: its type, and the seq or name that it tells.
    pub(crate) async fn short(&mut self) -> String {
        short(&self.event().await)
    }

    /// The same of an inbox.
    pub(crate) async fn short_in_inbox(&mut self) -> String {
        let event = self.event().await;
        assert_eq!(event["position"], event["channelEvent"]["position"]);
        assert_eq!(event["at"], event["channelEvent"]["at"]);
        short(&event["channelEvent"])
    }

    /// Nothing comes for a while.
    pub(crate) async fn nothing(&mut self) {
        let silence = timeout(Duration::from_millis(300), self.0.next()).await;
        assert!(silence.is_err(), "{silence:?}");
    }
}

pub(crate) fn short(event: &Value) -> String {
    let kind = event["__typename"].as_str().unwrap();
    let seq = event["message"]["seq"].as_i64().map(|seq| seq.to_string());
    let name = event["user"]["username"].as_str().map(str::to_owned);
    format!("{kind} {}", seq.or(name).unwrap_or_default()).trim_end().to_owned()
}

pub(crate) fn position(event: &Value) -> String {
    event["position"].as_str().unwrap().to_owned()
}
