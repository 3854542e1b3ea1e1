//! What can be followed.
//!
//! The executor is used twice. A subscriber's own operation is executed once, to be validated and
//! to have its arguments read ([`Stage::Admission`]); no event goes through it. A group of equal
//! subscribers then has one long-lived execution of the same operation ([`Stage::Results`]): the
//! hub puts events in and takes results out. So the document is validated once a group, not once
//! an event: an event costs its resolvers alone.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID, Subscription};
use events::LogId;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;

use super::events::{ChannelEvent, InboxEvent, TypingEvent};
use super::scalars::Position;
use super::sight::Look;
use super::wallet_events::WalletEvent;
use crate::fault::Fault;
use crate::hub::runner::Subject;
use crate::loads::Loads;

/// What an execution of a subscription is for.
pub(crate) enum Stage {
    /// To validate the operation and to read its arguments.
    Admission(Mutex<Option<Asked>>),
    /// To make results.
    Results(Mutex<Option<mpsc::Receiver<Subject>>>),
}

/// Which field is subscribed to, with its arguments as they were given.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    ChannelEvents { channel_id: String, after: Option<String> },
    WalletEvents { wallet_id: String, after: Option<String> },
    Inbox { after: Option<String> },
    Typing { channel_id: String },
}

impl Stage {
    pub(crate) fn admission() -> Arc<Self> {
        Arc::new(Self::Admission(Mutex::new(None)))
    }

    pub(crate) fn results(subjects: mpsc::Receiver<Subject>) -> Arc<Self> {
        Arc::new(Self::Results(Mutex::new(Some(subjects))))
    }

    /// What was asked for, once the operation was found good.
    pub(crate) fn asked(&self) -> Option<Asked> {
        match self {
            Self::Admission(asked) => asked.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Self::Results(_) => None,
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
        let asked =
            Asked::ChannelEvents { channel_id: channel_id.0, after: after.map(|after| after.0) };
        told(ctx, asked, |subject, loads, log| async move {
            ChannelEvent::of(&loads, log, subject.push().ok_or_else(foreign)?).await
        })
    }

    /// What happens to a wallet. Members only: membership is checked at the start, and its loss
    /// ends the subscription with FORBIDDEN.
    async fn wallet_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: ID,
        #[graphql(desc = "Begin with what came after this position.")] after: Option<Position>,
    ) -> BoxStream<'static, Result<WalletEvent, Fault>> {
        let asked =
            Asked::WalletEvents { wallet_id: wallet_id.0, after: after.map(|after| after.0) };
        told(ctx, asked, |subject, loads, log| async move {
            WalletEvent::of(&loads, log, subject.push().ok_or_else(foreign)?).await
        })
    }

    /// Everything of the viewer's channels and wallets in one stream, in the order in which it
    /// happened: of each stay what came from the viewer's own coming to the own leaving, that
    /// leaving included. Channels and wallets that one comes into are followed from there on.
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Begin with what came after this position.")] after: Option<Position>,
    ) -> BoxStream<'static, Result<InboxEvent, Fault>> {
        let asked = Asked::Inbox { after: after.map(|after| after.0) };
        told(ctx, asked, |subject, loads, log| async move {
            InboxEvent::of(&loads, log, subject.push().ok_or_else(foreign)?).await
        })
    }

    /// Who is writing in a channel, at most once a second of each. Members only: membership is
    /// checked at the start, and its loss ends the subscription with FORBIDDEN. Nothing of it is
    /// stored, and some may be lost.
    async fn typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] channel_id: ID,
    ) -> BoxStream<'static, Result<TypingEvent, Fault>> {
        let asked = Asked::Typing { channel_id: channel_id.0 };
        told(ctx, asked, |subject, loads, _| async move {
            TypingEvent::of(&loads, subject.typing().ok_or_else(foreign)?).await
        })
    }
}

/// A root field as its stage wants it: nothing at admission, else a result for each subject.
fn told<T, F>(
    ctx: &Context<'_>,
    arguments: Asked,
    tell: impl Fn(Subject, Loads, LogId) -> F + Send + 'static,
) -> BoxStream<'static, Result<T, Fault>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let stage: &Arc<Stage> = ctx.data_unchecked();
    match stage.as_ref() {
        Stage::Admission(asked) => {
            *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(arguments);
            stream::empty().boxed()
        }
        Stage::Results(subjects) => {
            let subjects = subjects.lock().unwrap_or_else(PoisonError::into_inner).take();
            let (loads, log) = (ctx.loads().clone(), ctx.services().log.id());
            let subjects = stream::unfold(subjects, |mut subjects| async {
                let subject = subjects.as_mut()?.recv().await?;
                Some((subject, subjects))
            });
            subjects.then(move |subject| tell(subject, loads.clone(), log)).boxed()
        }
    }
}

/// The hub gives each execution what its root field tells.
fn foreign() -> Fault {
    Fault::Internal("a subscription was given what it doesn't tell".into())
}
