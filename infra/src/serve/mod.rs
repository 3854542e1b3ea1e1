//! `moim serve`: one node with all roles.
//!
//! The listeners are up at once. The node behind them is put together as soon as its database
//! can be reached; until then, and whenever the database is away, the API says `UNAVAILABLE` and
//! `/readyz` says why.

mod access;
mod client;
mod gate;
mod health;
mod listen;
mod node;
mod observe;
mod ops;
mod patience;
mod stop;
mod tasks;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{ServeConfig, TelemetryConfig};
use crate::telemetry::{self, Telemetry};
use gate::Gate;
use node::Running;
use stop::Signals;
use tasks::Tasks;

pub use health::{Health, Readiness};

/// A node that was told to stop has this long to answer what it was asked and to tell sockets.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long blocking work (a password that is being hashed) may go on after that.
const RUNTIME_STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves until told to stop by SIGTERM or SIGINT.
pub fn run(config: &ServeConfig, telemetry: &TelemetryConfig) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let telemetry = Arc::new(telemetry::start(telemetry)?);
    let outcome = runtime.block_on(serve(config, Arc::clone(&telemetry)));
    if let Err(error) = &outcome {
        tracing::error!(error = format!("{error:#}"), "the node ends");
    }
    runtime.shutdown_timeout(RUNTIME_STOP_TIMEOUT);
    telemetry.stop();
    outcome
}

async fn serve(config: &ServeConfig, telemetry: Arc<Telemetry>) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let (health, gate) = (Arc::new(Health::default()), Gate::default());
    // What faces clients ends first; what it leans on goes on until then.
    let mut front = Tasks::new(CancellationToken::new());
    let mut back = Tasks::new(CancellationToken::new());
    query::transport::describe();
    health.fail("start", "the node is being put together");
    open_ports(config, &health, &gate, telemetry, &mut front, &mut back).await?;
    let node = tokio::select! {
        node = node::open(config, &health) => node?,
        ended = front.run() => return ended,
        () = signals.stop() => return Ok(()),
    };
    let node = node.start(&health, &mut front, &mut back);
    gate.open(node.router.clone());
    health.mend("start");
    tracing::info!(api = %config.listen, operations = %config.ops_listen, "ready");
    tokio::select! {
        ended = front.run() => return ended,
        ended = back.run() => return ended,
        () = signals.stop() => {}
    }
    tracing::info!("stopping");
    health.fail("stop", "the node is being stopped");
    let stopped = tokio::time::timeout(STOP_TIMEOUT, stop_all(&node, &mut front, &mut back)).await;
    match stopped {
        Ok(Ok(())) => tracing::info!("stopped"),
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            tracing::warn!(timeout_s = STOP_TIMEOUT.as_secs(), "not everything ended in time");
        }
    }
    Ok(())
}

async fn open_ports(
    config: &ServeConfig,
    health: &Arc<Health>,
    gate: &Gate,
    telemetry: Arc<Telemetry>,
    front: &mut Tasks,
    back: &mut Tasks,
) -> anyhow::Result<()> {
    let bind = async |address| {
        let listener = TcpListener::bind(address).await;
        listener.with_context(|| format!("can't listen on {address}"))
    };
    let (api, ops) = (bind(config.listen).await?, bind(config.ops_listen).await?);
    let serve = listen::serve(api, gate.router(), (&config.limits).into(), front.stop());
    front.spawn("the API", serve);
    let routes = ops::router(Arc::clone(health), telemetry);
    let serve = listen::serve(ops, routes, ops::BOUNDS, back.stop());
    back.spawn("operations", serve);
    Ok(())
}

/// Answers what was asked, then decides what waits, then lets the read side go.
async fn stop_all(node: &Running, front: &mut Tasks, back: &mut Tasks) -> anyhow::Result<()> {
    front.stop().cancel();
    front.run().await?;
    node.drain().await;
    back.stop().cancel();
    back.run().await
}
