//! Gathers the node's appends into statements: the next batch is made while the last commits.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;

use events::log::APPEND_EVENTS_MAX;
use events::{LogPosition, StreamName};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{mpsc, watch};

use super::batch::Pending;
use super::head::Head;
use super::lane::{Landed, Lane, Outcome};
use super::seen::Seen;

/// Appends that may wait in the batcher; as many again in the queue before it.
pub(super) const WAITING_APPENDS_MAX: usize = 1_024;
/// An append always fits, so a batch may exceed this by one.
const BATCH_EVENTS_MAX: usize = 2 * APPEND_EVENTS_MAX;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Statements under way: one commits while the next is sent and waits for its lock.
const LANES: usize = 2;
/// With less to send it is better to wait for the commit and send more at once.
const SECOND_LANE_EVENTS_MIN: usize = 128;

/// The state of the task that sends.
pub(super) struct Batcher {
    queue: mpsc::Receiver<Pending>,
    waiting: VecDeque<Pending>,
    /// Streams with an append under way: the next one waits for its outcome.
    busy: HashSet<StreamName>,
    idle: Vec<Lane>,
    flights: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send>>>,
    seen: Seen,
    head: Head,
    /// Newest position that this node has written.
    written: watch::Sender<LogPosition>,
}

impl Batcher {
    pub(super) fn new(
        queue: mpsc::Receiver<Pending>,
        options: &PgConnectOptions,
        seen: Seen,
        head: Head,
        written: watch::Sender<LogPosition>,
    ) -> Self {
        let idle = (0..LANES).map(|_| Lane::new(options)).collect();
        let (waiting, busy) = (VecDeque::new(), HashSet::new());
        let flights = FuturesUnordered::new();
        Self { queue, waiting, busy, idle, flights, seen, head, written }
    }

    /// Sends until nobody can append any more and all is answered.
    pub(super) async fn run(mut self) {
        let mut arrived = Vec::new();
        let mut open = true;
        loop {
            let room = WAITING_APPENDS_MAX.saturating_sub(self.waiting.len());
            tokio::select! {
                biased;
                Some(landed) = self.flights.next() => {
                    self.land(landed);
                    // Whoever was answered may have the next append ready: it joins the batch.
                    tokio::task::yield_now().await;
                }
                count = self.queue.recv_many(&mut arrived, room), if open && room > 0 => {
                    open = count > 0;
                    self.waiting.extend(arrived.drain(..));
                }
                else => return,
            }
            while self.waiting.len() < WAITING_APPENDS_MAX
                && let Ok(pending) = self.queue.try_recv()
            {
                self.waiting.push_back(pending);
            }
            self.launch();
        }
    }

    fn launch(&mut self) {
        while !self.idle.is_empty() && self.is_worth_a_lane() {
            let batch = self.take_batch();
            let Some(lane) = (if batch.is_empty() { None } else { self.idle.pop() }) else {
                return;
            };
            let events: usize = batch.iter().map(|pending| pending.append.events.len()).sum();
            let events = u32::try_from(events).unwrap_or(u32::MAX);
            metrics::histogram!("moim_log_batch_events").record(f64::from(events));
            self.flights.push(Box::pin(lane.fly(batch)));
        }
    }

    fn is_worth_a_lane(&self) -> bool {
        if self.flights.is_empty() {
            return !self.waiting.is_empty();
        }
        let events = self.waiting.iter().map(|pending| pending.append.events.len());
        events.sum::<usize>() >= SECOND_LANE_EVENTS_MIN
    }

    /// Takes what can be sent now, in the order it came; gives back what is outdated.
    fn take_batch(&mut self) -> Vec<Pending> {
        let (mut batch, mut kept) = (Vec::new(), VecDeque::new());
        let (mut events, mut bytes) = (0, 0);
        while events < BATCH_EVENTS_MAX
            && bytes < BATCH_BYTES_MAX
            && let Some(pending) = self.waiting.pop_front()
        {
            let append = &pending.append;
            if self.busy.contains(&append.stream) {
                kept.push_back(pending);
                continue;
            }
            let known = self.seen.last(&append.stream).map(|last| last.revision);
            if known > append.expected.last() {
                pending.give_back();
                continue;
            }
            let (stream, len) = (append.stream.clone(), append.events.len());
            let size = pending.bytes.num_permits();
            if let Some(pending) = pending.send() {
                self.busy.insert(stream);
                events += len;
                bytes += size;
                batch.push(pending);
            }
        }
        kept.append(&mut self.waiting);
        self.waiting = kept;
        batch
    }

    fn land(&mut self, landed: Landed) {
        let Landed { lane, batch, outcome } = landed;
        self.idle.push(lane);
        for pending in &batch {
            self.busy.remove(&pending.append.stream);
        }
        match outcome {
            Outcome::Answered(results, position) => {
                for (pending, result) in batch.iter().zip(&results) {
                    match result {
                        Ok(appended) => self.seen.appended(&pending.append, appended.revision),
                        Err(_) => self.seen.forget(&pending.append.stream),
                    }
                }
                if let Some(position) = position {
                    self.head.advance(position);
                    self.written.send_replace(position);
                }
                batch.into_iter().zip(results).for_each(|(pending, result)| pending.answer(result));
            }
            Outcome::Failed(error) => {
                tracing::warn!(%error, appends = batch.len(), "a batch of appends failed");
                // The other connections have most likely lost the same server.
                self.idle.iter_mut().for_each(Lane::distrust);
                for pending in batch {
                    self.seen.forget(&pending.append.stream);
                    pending.answer(Err(error.clone()));
                }
            }
        }
    }
}
