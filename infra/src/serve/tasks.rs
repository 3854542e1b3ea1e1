//! Work in the background that a node can't do without: when one ends, so does the node.

use std::future::Future;

use anyhow::{anyhow, bail};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The node's background work, by name.
#[derive(Debug)]
pub(super) struct Tasks {
    stop: CancellationToken,
    running: JoinSet<(&'static str, anyhow::Result<()>)>,
}

impl Tasks {
    /// None yet; each is told to end by `stop`.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, running: JoinSet::new() }
    }

    /// Tells them to end when cancelled.
    pub(super) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts one that ends when told to.
    pub(super) fn spawn<W>(&mut self, name: &'static str, work: W)
    where
        W: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.running.spawn(async move { (name, work.await) });
    }

    /// Runs them until told to stop and all have ended, or until one fails, panics, or ends
    /// without being told. The supervisor then starts the node anew. Dropping this and calling
    /// it again is fine.
    pub(super) async fn run(&mut self) -> anyhow::Result<()> {
        loop {
            match self.running.join_next().await {
                Some(Ok((_, Ok(())))) if self.stop.is_cancelled() => {}
                Some(Ok((name, Ok(())))) => bail!("{name} ended without being told to"),
                Some(Ok((name, Err(error)))) => return Err(error.context(name)),
                Some(Err(panic)) => return Err(anyhow!(panic).context("a background task")),
                None if self.stop.is_cancelled() => return Ok(()),
                // None were started yet.
                None => self.stop.cancelled().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_end_when_told_to() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        for name in ["one", "two"] {
            let stop = stop.clone();
            tasks.spawn(name, async move {
                stop.cancelled().await;
                Ok(())
            });
        }
        stop.cancel();
        tasks.run().await.unwrap();
    }

    #[tokio::test]
    async fn one_that_ends_or_panics_ends_all() {
        let mut tasks = Tasks::new(CancellationToken::new());
        tasks.spawn("forever", std::future::pending());
        tasks.spawn("short", async { Ok(()) });
        let error = tasks.run().await.unwrap_err();
        assert_eq!(error.to_string(), "short ended without being told to");
        let mut tasks = Tasks::new(CancellationToken::new());
        tasks.spawn("broken", async { panic!("a fault") });
        assert!(tasks.run().await.is_err());
    }
}
