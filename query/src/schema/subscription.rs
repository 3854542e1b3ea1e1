//! What can be followed.
//!
//! The executor is used twice. A subscriber's own operation is executed once, to be validated and
//! to have its arguments read ([`Stage::Admission`]); no event goes through it. A group of equal
//! subscribers then has one long-lived execution of the same operation ([`Stage::Pushes`]): the
//! hub puts events in and takes results out. So the document is validated once a group, not once
//! an event: an event costs its resolvers alone.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID, Subscription};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;

use super::events::ChannelEvent;
use super::scalars::Position;
use super::sight::Look;
use crate::fault::Fault;
use crate::hub::push::Push;

/// What an execution of a subscription is for.
pub(crate) enum Stage {
    /// To validate the operation and to read its arguments.
    Admission(Mutex<Option<Asked>>),
    /// To make results of pushes.
    Pushes(Mutex<Option<mpsc::Receiver<Push>>>),
}

/// The arguments of `channelEvents`.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) channel_id: String,
    pub(crate) after: Option<String>,
}

impl Stage {
    pub(crate) fn admission() -> Arc<Self> {
        Arc::new(Self::Admission(Mutex::new(None)))
    }

    pub(crate) fn pushes(pushes: mpsc::Receiver<Push>) -> Arc<Self> {
        Arc::new(Self::Pushes(Mutex::new(Some(pushes))))
    }

    /// What was asked for, once the operation was found good.
    pub(crate) fn asked(&self) -> Option<Asked> {
        match self {
            Self::Admission(asked) => asked.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Self::Pushes(_) => None,
        }
    }
}

/// The root of subscriptions.
#[derive(Debug, Default)]
pub(crate) struct SubscriptionRoot;

/// What can be followed. With `after`, a subscription first gives all that came after that
/// position, then goes on live: in order, without a gap, without a repeat, over reconnects and
/// over a change of server. Without `after` it starts with what comes next.
#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// What happens in a channel. Members only: membership is checked at the start, and its loss
    /// ends the subscription with FORBIDDEN.
    async fn channel_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
        #[graphql(desc = "Begin with what came after this position.")] after: Option<Position>,
    ) -> BoxStream<'static, Result<ChannelEvent, Fault>> {
        let stage: &Arc<Stage> = ctx.data_unchecked();
        match stage.as_ref() {
            Stage::Admission(asked) => {
                let after = after.map(|position| position.0);
                let arguments = Asked { channel_id: channel_id.0, after };
                *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(arguments);
                stream::empty().boxed()
            }
            Stage::Pushes(pushes) => {
                let pushes = pushes.lock().unwrap_or_else(PoisonError::into_inner).take();
                let (loads, log) = (ctx.loads().clone(), ctx.services().log.id());
                let pushes = stream::unfold(pushes, |mut pushes| async {
                    let push = pushes.as_mut()?.recv().await?;
                    Some((push, pushes))
                });
                let told = pushes.then(move |push| {
                    let loads = loads.clone();
                    async move { ChannelEvent::of(&loads, log, &push).await }
                });
                told.boxed()
            }
        }
    }
}
