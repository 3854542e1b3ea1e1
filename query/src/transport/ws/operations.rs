//! The operations that run on one socket.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_graphql::ServerError;
use futures::future::BoxFuture;
use futures::stream::{
    AbortHandle, Abortable, BoxStream, FuturesUnordered, SelectAll, Stream, StreamExt,
};
use metrics::Gauge;

use super::protocol::OperationId;
use crate::execution::Pushed;
use crate::transport::usage::Permit;
use crate::transport::whole::Whole;

/// What came of an operation's start.
pub(super) enum Started {
    /// A query's or mutation's result.
    Result(Whole),
    /// It was refused before anything of it ran.
    Refused(Vec<ServerError>),
    /// A subscription runs.
    Subscribed(BoxStream<'static, Pushed>),
}

/// Something that an operation has to tell.
pub(super) enum Told {
    Started(Arc<OperationId>, Started),
    Pushed(Arc<OperationId>, Pushed),
}

type Starting = Pin<Box<Abortable<BoxFuture<'static, (Arc<OperationId>, Started)>>>>;

/// The operations that run on one socket. What an event costs doesn't depend on how many there
/// are: only those that have something to tell are looked at.
pub(super) struct Operations {
    running: HashMap<Arc<str>, Running>,
    starting: FuturesUnordered<Starting>,
    feeds: SelectAll<Abortable<Feed>>,
    gauge: Gauge,
}

struct Running {
    abort: AbortHandle,
    _permit: Option<Permit>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

impl Operations {
    pub(super) fn new() -> Self {
        Self {
            running: HashMap::new(),
            starting: FuturesUnordered::new(),
            feeds: SelectAll::new(),
            gauge: metrics::gauge!(crate::transport::measured::WS_OPERATIONS),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn starting(&self) -> usize {
        self.starting.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Runs what starts an operation, until it is ended.
    pub(super) fn start(
        &mut self,
        id: &Arc<OperationId>,
        permit: Option<Permit>,
        start: BoxFuture<'static, (Arc<OperationId>, Started)>,
    ) {
        let (abort, registration) = AbortHandle::new_pair();
        self.starting.push(Box::pin(Abortable::new(start, registration)));
        let running = Running { abort, _permit: permit };
        if self.running.insert(Arc::from(&*id.id), running).is_none() {
            self.gauge.increment(1.0);
        }
    }

    /// Goes on with a subscription that has started.
    pub(super) fn follow(&mut self, id: Arc<OperationId>, pushes: BoxStream<'static, Pushed>) {
        let Some(running) = self.running.get_mut(&*id.id) else { return };
        let (abort, registration) = AbortHandle::new_pair();
        running.abort = abort;
        self.feeds.push(Abortable::new(Feed { id, pushes: Some(pushes) }, registration));
    }

    /// Ends an operation, if it runs.
    pub(super) fn end(&mut self, id: &str) {
        if self.running.remove(id).is_some() {
            self.gauge.decrement(1.0);
        }
    }

    /// The next thing that any has to tell.
    pub(super) fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<Told> {
        while let Poll::Ready(Some(started)) = self.starting.poll_next_unpin(cx) {
            // One that was ended meanwhile has nothing to tell.
            if let Ok((id, started)) = started {
                return Poll::Ready(Told::Started(id, started));
            }
        }
        match self.feeds.poll_next_unpin(cx) {
            Poll::Ready(Some((id, pushed))) => Poll::Ready(Told::Pushed(id, pushed)),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Operations {
    fn drop(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        self.gauge.decrement(self.running.len() as f64);
    }
}

/// A subscription's pushes with its id; it ends after whatever is the last.
struct Feed {
    id: Arc<OperationId>,
    pushes: Option<BoxStream<'static, Pushed>>,
}

impl Stream for Feed {
    type Item = (Arc<OperationId>, Pushed);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(feed) = &mut self.pushes else { return Poll::Ready(None) };
        let pushed = match feed.poll_next_unpin(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(next) => next.unwrap_or(Pushed::Complete),
        };
        if !matches!(pushed, Pushed::Next(_)) {
            self.pushes = None;
        }
        Poll::Ready(Some((self.id.clone(), pushed)))
    }
}
