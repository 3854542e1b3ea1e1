//! One stage: more users come, write for a while, and wait until everything has arrived.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::watch;

use super::api::Api;
use super::people::gather;
use super::report::{Report, Spread};
use super::socket::Socket;
use super::tally::Tally;
use super::usage::Usage;

/// What is on its way when the last message is sent has this long to arrive.
const LAST_ARRIVAL: Duration = Duration::from_secs(10);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(20);
/// Before the first message, when all are connected.
const CALM: Duration = Duration::from_millis(500);
/// For closing sockets.
const GOODBYE: Duration = Duration::from_secs(1);

/// How many write how much.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) users: usize,
    /// Messages a second.
    pub(super) rate: u32,
    pub(super) duration: Duration,
}

/// Stages over the same users.
pub(super) struct Run {
    url: String,
    channel_size: usize,
    sockets: Vec<Socket>,
    stages: u32,
    tally: Option<watch::Sender<Arc<Tally>>>,
}

impl Run {
    pub(super) fn new(url: &str, channel_size: usize) -> Self {
        Self { url: url.to_owned(), channel_size, sockets: Vec::new(), stages: 0, tally: None }
    }

    /// Runs a stage.
    pub(super) async fn stage(&mut self, stage: &Stage) -> anyhow::Result<Report> {
        let since = Instant::now();
        self.stages += 1;
        self.connect(stage.users).await?;
        let connected = since.elapsed();
        let messages = u64::from(stage.rate) * stage.duration.as_secs();
        let len = u32::try_from(messages).context("fewer than 2^32 messages")?;
        let start = Instant::now() + CALM;
        let tally = Arc::new(Tally::new(self.stages, stage.rate, start, len)?);
        if let Some(current) = &self.tally {
            current.send_replace(Arc::clone(&tally));
        }
        let before = Usage::now()?;
        let late = self.send(&tally).await;
        let sent_by = Instant::now();
        self.wait(&tally).await;
        let used = Usage::now()?.since(&before);
        let seconds = (sent_by - start).as_secs_f64();
        Ok(self.report(stage, &tally, &Took { connected, late, seconds }, used))
    }

    /// Makes up the number of users.
    async fn connect(&mut self, users: usize) -> anyhow::Result<()> {
        let api = Api::new(&self.url)?;
        let nothing = || Tally::new(0, 1, Instant::now(), 0).map(Arc::new);
        let tally = match self.tally.take() {
            Some(tally) => tally,
            None => watch::channel(nothing()?).0,
        };
        let more = users.saturating_sub(self.sockets.len());
        self.sockets.extend(gather(&api, more, self.channel_size, &tally.subscribe()).await?);
        self.tally = Some(tally);
        Ok(())
    }

    /// Sends every message at its time; gives how late the latest was.
    async fn send(&self, tally: &Tally) -> Duration {
        let mut late = Duration::ZERO;
        for number in 0..tally.len() {
            let due = tally.due(number);
            if due > Instant::now() {
                tokio::time::sleep_until(due.into()).await;
            }
            late = late.max(due.elapsed());
            if !self.sender(number).send(number, tally) {
                tally.failed("NOT_SENT");
            }
        }
        late
    }

    fn sender(&self, number: u32) -> &Socket {
        &self.sockets[number as usize % self.sockets.len()]
    }

    /// Waits until every message has arrived everywhere, or its time is up.
    async fn wait(&self, tally: &Tally) {
        let until = Instant::now() + LAST_ARRIVAL;
        let mut settled = 0;
        while settled < tally.len() && Instant::now() < until {
            while settled < tally.len()
                && tally.is_settled(settled, self.sender(settled).members_len)
            {
                settled += 1;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn report(&self, stage: &Stage, tally: &Tally, took: &Took, used: Usage) -> Report {
        let expected = |number| u64::from(self.sender(number).members_len);
        let arrived = |number| u64::from(tally.members(number));
        let all = 0..tally.len();
        let lost = all.clone().map(|it| expected(it).saturating_sub(arrived(it))).sum();
        let delivered: u64 = all.clone().map(arrived).sum();
        let answers = tally.answers();
        #[expect(clippy::cast_precision_loss, reason = "a rate, to be read")]
        let achieved = answers.len() as f64 / took.seconds.max(f64::EPSILON);
        Report {
            users: self.sockets.len(),
            channel_size: self.channel_size,
            rate: stage.rate,
            duration_s: stage.duration.as_secs(),
            connect_s: took.connected.as_secs_f64(),
            sent: u64::from(tally.len()),
            answered: answers.len(),
            delivered,
            lost,
            errors: tally.errors(),
            achieved_rate: achieved,
            schedule_lag_ms: took.late.as_secs_f64() * 1_000.0,
            delivery_ms: Spread::of(&tally.deliveries()),
            answer_ms: Spread::of(&answers),
            own_cpu_s: used.cpu.as_secs_f64(),
            own_memory_bytes: used.memory_bytes,
        }
    }

    /// Closes all sockets.
    pub(super) async fn end(self) {
        drop(self.sockets);
        tokio::time::sleep(GOODBYE).await;
    }
}

/// How long things took.
struct Took {
    connected: Duration,
    late: Duration,
    seconds: f64,
}
