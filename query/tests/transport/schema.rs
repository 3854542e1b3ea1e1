//! A small schema that shows what was executed, and how often.

#![expect(clippy::unused_async, reason = "resolvers are asynchronous")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use async_graphql::{Context, ErrorExtensions, Object, Result, Schema, SimpleObject, Subscription};
use futures::Stream;
use query::Caller;
use tokio::sync::mpsc;

pub(crate) type Api = Schema<Query, Mutation, Events>;

/// What the schema's fields work on.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) bumps: AtomicI32,
    pub(crate) floods: AtomicI32,
    channels: Mutex<HashMap<String, Vec<mpsc::UnboundedSender<i32>>>>,
}

impl World {
    pub(crate) fn tell(&self, channel: &str, number: i32) {
        let channels = self.channels.lock().unwrap();
        for to in channels.get(channel).into_iter().flatten() {
            let _ = to.send(number);
        }
    }

    /// How many listen to it.
    pub(crate) fn listeners(&self, channel: &str) -> usize {
        let channels = self.channels.lock().unwrap();
        channels.get(channel).map_or(0, |all| all.iter().filter(|it| !it.is_closed()).count())
    }
}

pub(crate) struct Query;

fn two() -> usize {
    2
}

#[Object]
impl Query {
    /// Fails without a viewer.
    async fn me(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        Some(match ctx.data_unchecked::<Caller>().viewer {
            Some(viewer) => Ok(User { id: viewer.user.0.to_string() }),
            None => Err(async_graphql::Error::new("who?")
                .extend_with(|_, e| e.set("code", "UNAUTHENTICATED"))),
        })
    }

    /// Always fails, and may not be null.
    async fn fails(&self) -> Result<User> {
        Err(async_graphql::Error::new("no").extend_with(|_, e| e.set("code", "NOT_FOUND")))
    }

    async fn echo(&self, text: String) -> String {
        text
    }

    async fn pages(&self, first: Option<i32>) -> Vec<Page> {
        vec![Page { id: first.unwrap_or(50) }]
    }

    async fn caller(&self, ctx: &Context<'_>) -> String {
        format!("{:?}", ctx.data_unchecked::<Caller>())
    }

    async fn panics(&self) -> i32 {
        [1, 2][two()]
    }
}

#[derive(SimpleObject)]
pub(crate) struct User {
    id: String,
}

pub(crate) struct Page {
    id: i32,
}

#[Object]
impl Page {
    async fn id(&self) -> i32 {
        self.id
    }

    async fn pages(&self, #[graphql(default = 50)] first: i32) -> Vec<Page> {
        vec![Page { id: first }]
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Counts how often it ran; after a while, if asked.
    async fn bump(&self, ctx: &Context<'_>, after_ms: Option<u64>) -> i32 {
        tokio::time::sleep(Duration::from_millis(after_ms.unwrap_or(0))).await;
        ctx.data_unchecked::<std::sync::Arc<World>>().bumps.fetch_add(1, Ordering::SeqCst) + 1
    }

    async fn log_in(&self) -> &'static str {
        "in"
    }
}

pub(crate) struct Events;

#[Subscription(name = "Subscription")]
impl Events {
    async fn ticks(&self, n: i32) -> impl Stream<Item = i32> {
        futures::stream::iter(0..n)
    }

    /// Numbers told to a channel.
    async fn live(&self, ctx: &Context<'_>, channel: String) -> impl Stream<Item = i32> {
        let (to, from) = mpsc::unbounded_channel();
        let world = ctx.data_unchecked::<std::sync::Arc<World>>();
        world.channels.lock().unwrap().entry(channel).or_default().push(to);
        futures::stream::unfold(from, |mut from| async { from.recv().await.map(|it| (it, from)) })
    }

    /// Kilobytes without end, as fast as they are taken.
    async fn flood(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let world = ctx.data_unchecked::<std::sync::Arc<World>>().clone();
        futures::stream::repeat_with(move || {
            world.floods.fetch_add(1, Ordering::SeqCst);
            "x".repeat(10_000)
        })
    }

    async fn refused(&self) -> Result<futures::stream::Empty<i32>> {
        Err(async_graphql::Error::new("no").extend_with(|_, e| e.set("code", "FORBIDDEN")))
    }
}
