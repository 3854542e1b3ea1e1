//! When to look at the feed: as soon as somebody says so, and every now and then anyway.

use std::time::Duration;

use events::LogPosition;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

/// A hint may be lost; the feed is looked at as often as this.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Waits for hints.
pub(crate) struct Wake<'a> {
    /// A projector in this process.
    projected: Option<watch::Receiver<LogPosition>>,
    /// A projector anywhere.
    notified: &'a Notify,
}

impl<'a> Wake<'a> {
    pub(crate) fn new(
        projected: Option<watch::Receiver<LogPosition>>,
        notified: &'a Notify,
    ) -> Self {
        Self { projected, notified }
    }

    /// Resolves when there may be something new.
    pub(crate) async fn wait(&mut self) {
        let projected = async {
            match &mut self.projected {
                Some(projected) => projected.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // The nearest source first: it is the fastest, and one hint is enough.
            biased;
            is_open = projected => if !is_open { self.projected = None },
            () = self.notified.notified() => {}
            () = sleep(POLL_INTERVAL) => {}
        }
    }
}
