//! What a stage has shown, as JSON and as a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use hdrhistogram::Histogram;
use serde::Serialize;

/// What a stage has shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// People with a socket.
    pub users: usize,
    /// Members of a channel.
    pub channel_size: usize,
    /// Messages a second, as intended.
    pub rate: u32,
    /// For so many seconds.
    pub duration_s: u64,
    /// How long it took until the new users had signed up, joined and connected.
    pub connect_s: f64,
    /// Messages sent.
    pub sent: u64,
    /// Of which the sender has an answer without an error.
    pub answered: u64,
    /// Times that a member got a message.
    pub delivered: u64,
    /// Times that a member didn't.
    pub lost: u64,
    /// What must not happen and did, by code.
    pub errors: BTreeMap<String, u64>,
    /// Answers a second, over the time of sending.
    pub achieved_rate: f64,
    /// How late the latest message was handed to its socket; it is part of the latencies.
    pub schedule_lag_ms: f64,
    /// From the intended moment of sending until a member had the message.
    pub delivery_ms: Spread,
    /// From the intended moment of sending until the sender had the answer.
    pub answer_ms: Spread,
    /// CPU time that the measuring itself has taken.
    pub own_cpu_s: f64,
    /// The most memory that it has held.
    pub own_memory_bytes: u64,
}

/// How latencies are spread, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// Half are below.
    pub p50: f64,
    /// Nine of ten are below.
    pub p90: f64,
    /// All but one in a hundred are below.
    pub p99: f64,
    /// The worst.
    pub max: f64,
}

impl Spread {
    /// Of microseconds.
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "latencies of less than 2^52 us")]
        let ms = |micros: u64| micros as f64 / 1_000.0;
        let at = |quantile| ms(histogram.value_at_quantile(quantile));
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: ms(histogram.max()) }
    }
}

impl Report {
    /// How much went wrong.
    pub fn faults(&self) -> u64 {
        self.lost + self.errors.values().sum::<u64>()
    }
}

/// A line a stage, and what went wrong.
pub(super) fn table(reports: &[Report]) -> String {
    let mut text = String::new();
    // Writing to a text can't fail.
    let _ = writeln!(
        text,
        "{:>6} {:>7} {:>9} {:>10} {:>6} {:>6}  {:>8} {:>8} {:>8} {:>8}  {:>8} {:>7} {:>8}",
        "users",
        "rate/s",
        "answered",
        "delivered",
        "lost",
        "errors",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "max ms",
        "got/s",
        "cpu s",
        "MiB",
    );
    for report in reports {
        let Spread { p50, p90, p99, max } = report.delivery_ms;
        let _ = writeln!(
            text,
            "{:>6} {:>7} {:>9} {:>10} {:>6} {:>6}  {p50:>8.1} {p90:>8.1} {p99:>8.1} {max:>8.1}  \
             {:>8.0} {:>7.1} {:>8}",
            report.users,
            report.rate,
            report.answered,
            report.delivered,
            report.lost,
            report.errors.values().sum::<u64>(),
            report.achieved_rate,
            report.own_cpu_s,
            report.own_memory_bytes >> 20,
        );
    }
    for report in reports.iter().filter(|report| !report.errors.is_empty()) {
        let _ = writeln!(text, "{} users: {:?}", report.users, report.errors);
    }
    let lag = reports.iter().map(|report| report.schedule_lag_ms).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "channels of {}; latency from the intended moment of sending until each member had the \
         message; sent at most {lag:.1} ms late; cpu and memory are the measuring's own",
        reports.first().map_or(0, |report| report.channel_size),
    );
    text
}
