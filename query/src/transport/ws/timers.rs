//! When a socket has to be looked at though nothing happens on it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use events::Timestamp;
use tokio::time::{Instant, Sleep, sleep_until};

use super::close::Close;
use crate::transport::SocketLimits;

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// See whether the client is still there.
    Ping,
    /// The socket's time is over.
    Close(Close),
}

/// A socket's deadlines, on one timer.
#[derive(Debug)]
pub(super) struct Timers {
    init_by: Option<Instant>,
    expires: Option<Instant>,
    heard: Instant,
    pinged: bool,
    blocked: Option<Instant>,
    ping_after: Duration,
    silence_max: Duration,
    stall_max: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Timers {
    pub(super) fn new(limits: &SocketLimits) -> Self {
        let now = Instant::now();
        let init_by = now + limits.init_within;
        Self {
            init_by: Some(init_by),
            expires: None,
            heard: now,
            pinged: false,
            blocked: None,
            ping_after: limits.ping_after,
            silence_max: limits.silence_max,
            stall_max: limits.stall_max,
            sleep: Box::pin(sleep_until(init_by)),
        }
    }

    /// `connection_init` came.
    pub(super) fn initialised(&mut self) {
        self.init_by = None;
    }

    /// The token is good until then.
    pub(super) fn expires(&mut self, at: Timestamp) {
        self.expires = Some(Instant::now() + at.since(Timestamp::now()));
    }

    /// Something came from the client.
    pub(super) fn heard(&mut self) {
        self.heard = Instant::now();
        self.pinged = false;
    }

    /// The client was pinged.
    pub(super) fn pinged(&mut self) {
        self.pinged = true;
    }

    /// The client takes nothing at the moment.
    pub(super) fn blocked(&mut self) {
        self.blocked.get_or_insert_with(Instant::now);
    }

    /// The client has taken all there was.
    pub(super) fn flushed(&mut self) {
        self.blocked = None;
    }

    /// The next thing that is due.
    pub(super) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            // Deadlines mostly move back, so the timer is set anew only when it fires, or when
            // one comes before it.
            let next = self.next();
            if next < self.sleep.deadline() {
                self.sleep.as_mut().reset(next);
            }
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            if let Some(due) = self.due(now) {
                return Poll::Ready(due);
            }
            self.sleep.as_mut().reset(next.max(now + Duration::from_millis(1)));
        }
    }

    fn next(&self) -> Instant {
        let silence = if self.pinged { self.silence_max } else { self.ping_after };
        let stalled = self.blocked.map(|since| since + self.stall_max);
        let deadlines = [self.init_by, self.expires, stalled];
        deadlines.into_iter().flatten().fold(self.heard + silence, Instant::min)
    }

    fn due(&self, now: Instant) -> Option<Due> {
        let past = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if past(self.expires) {
            Some(Due::Close(Close::FORBIDDEN))
        } else if past(self.init_by) {
            Some(Due::Close(Close::INIT_TIMEOUT))
        } else if past(self.blocked.map(|since| since + self.stall_max)) {
            Some(Due::Close(Close::SLOW))
        } else if past(Some(self.heard + self.silence_max)) {
            Some(Due::Close(Close::SILENT))
        } else if !self.pinged && past(Some(self.heard + self.ping_after)) {
            Some(Due::Ping)
        } else {
            None
        }
    }
}
