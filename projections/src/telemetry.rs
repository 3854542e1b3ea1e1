//! Metrics of the projections, for Prometheus.

use std::sync::Once;

use events::LogPosition;
use metrics::Unit;

use crate::decode::Item;
use crate::projection::Projection;

const LAG_SECONDS: &str = "moim_projection_lag_seconds";
const POSITION: &str = "moim_projection_position";
const BATCHES: &str = "moim_projection_batches_total";
const EVENTS: &str = "moim_projection_events_total";
const FAILURES: &str = "moim_projection_failures_total";
const PARKED: &str = "moim_projection_parked_streams";

/// Tells the exporter what the metrics mean.
pub(crate) fn describe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        metrics::describe_histogram!(
            LAG_SECONDS,
            Unit::Seconds,
            "From the instant at which an event was recorded until its rows were committed"
        );
        metrics::describe_gauge!(POSITION, "Log position up to which events are projected");
        metrics::describe_counter!(BATCHES, "Batches committed");
        metrics::describe_counter!(EVENTS, "Events projected");
        metrics::describe_counter!(FAILURES, "Tries that ended before a commit and are repeated");
        metrics::describe_gauge!(PARKED, "Streams with an event that can't be projected");
    });
}

/// A batch was committed at `now_us`.
pub(crate) fn committed(projection: Projection, items: &[Item], now_us: i64) {
    let lag = metrics::histogram!(LAG_SECONDS, "projection" => projection.name());
    for item in items {
        let lag_us = now_us.saturating_sub(item.at.as_micros()).max(0);
        #[expect(clippy::cast_precision_loss, reason = "exact for any lag below 285 years")]
        lag.record(lag_us as f64 / 1e6);
    }
    metrics::counter!(BATCHES, "projection" => projection.name()).increment(1);
    metrics::counter!(EVENTS, "projection" => projection.name()).increment(items.len() as u64);
}

/// Where the projector is now.
pub(crate) fn position(projection: Projection, position: LogPosition, parked_streams: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge; exact up to 2^53")]
    let (position, parked) = (position as f64, parked_streams as f64);
    metrics::gauge!(POSITION, "projection" => projection.name()).set(position);
    metrics::gauge!(PARKED, "projection" => projection.name()).set(parked);
}

/// A try failed and will be repeated.
pub(crate) fn failed(projection: Projection) {
    metrics::counter!(FAILURES, "projection" => projection.name()).increment(1);
}
