//! What a node tells of itself: structured logs, spans by OTLP, metrics for Prometheus.

use std::env;
use std::io::IsTerminal;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, TelemetryConfig};

/// Variables of the OpenTelemetry specification; either turns the export of spans on.
const OTLP_ENDPOINTS: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Upper bounds of durations, in seconds.
const SECONDS_BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of counts in a batch.
const SIZE_BUCKETS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0];

/// The running telemetry of this process.
pub struct Telemetry {
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    spans: Option<SdkTracerProvider>,
}

/// Starts logs, spans and metrics; once a process.
pub fn start(config: &TelemetryConfig) -> anyhow::Result<Telemetry> {
    let spans = start_logs(config)?;
    std::panic::set_hook(Box::new(log_panic));
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZE_BUCKETS)?
        .install_recorder()?;
    metrics_process::Collector::default().describe();
    Ok(Telemetry { metrics, spans })
}

/// Logs alone, for subcommands that run and end: to standard error, their answer being on
/// standard output.
pub fn start_logs(config: &TelemetryConfig) -> anyhow::Result<Option<SdkTracerProvider>> {
    let filter = || EnvFilter::try_new(&config.log_filter).context("MOIM_LOG_FILTER");
    let format = config.log_format.unwrap_or_else(|| {
        if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json }
    });
    let plain = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => plain.json().flatten_event(true).boxed(),
        LogFormat::Text => plain.boxed(),
    };
    let provider = span_exporter()?;
    let spans = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("moim")));
    tracing_subscriber::registry()
        .with(spans.with_filter(filter()?))
        .with(lines.with_filter(filter()?))
        .try_init()?;
    Ok(provider)
}

/// Sends spans in batches from a thread of its own; where to is OpenTelemetry's own business.
fn span_exporter() -> anyhow::Result<Option<SdkTracerProvider>> {
    if OTLP_ENDPOINTS.iter().all(|name| env::var_os(name).is_none()) {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
    let resource = Resource::builder().with_service_name("moim").build();
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    Ok(Some(provider))
}

fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let message = panic.payload_as_str().unwrap_or("without a message");
    tracing::error!(place, message, "panic");
}

impl Telemetry {
    /// What Prometheus is told.
    pub fn render(&self) -> String {
        metrics_process::Collector::default().collect();
        self.metrics.run_upkeep();
        self.metrics.render()
    }

    /// Sends the last spans; waits for them.
    pub fn stop(&self) {
        if let Some(Err(error)) = self.spans.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}
