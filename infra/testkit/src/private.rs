//! A cluster of one's own, for tests that kill, freeze and restart their server.

use std::env;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::programs;
use crate::server::{self, Children, Server};
use crate::watchdog::{self, After};

/// A test that was killed can't clean up; its watchdog does after this.
const IDLE: Duration = Duration::from_secs(10);

/// A cluster that ends with this value. Its database `postgres` is the test's to fill.
#[derive(Debug)]
pub struct PrivateCluster {
    server: Server,
    _in_use: File,
}

impl PrivateCluster {
    /// Makes and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        tokio::task::spawn_blocking(|| {
            // As root it has to be a folder that user `postgres` can reach.
            let parent =
                if programs::is_root() { PathBuf::from("/var/tmp") } else { env::temp_dir() };
            let home = parent.join(format!("moim-test-private-{}", Uuid::new_v4().simple()));
            let server = Server::at(home)?;
            let in_use = watchdog::hold(&server.home, Duration::ZERO)?;
            watchdog::watch(&server, IDLE, After::Remove)?;
            server.start()?;
            Ok(Self { server, _in_use: in_use })
        })
        .await?
    }

    /// Address of its database `postgres`, the same after every restart.
    pub fn url(&self) -> anyhow::Result<String> {
        self.server.url("postgres")
    }

    /// Kills the postmaster with signal 9; its backends leave on their own.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.server.signal("KILL", Children::Not)
    }

    /// Starts it again, on the same port, after [`Self::kill`].
    pub async fn restart(&self) -> anyhow::Result<()> {
        let server = self.server.clone();
        tokio::task::spawn_blocking(move || server.restart()).await?
    }

    /// Stops all its processes where they are: connections stay open and nothing answers.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.server.signal("STOP", Children::Too)
    }

    /// Ends what [`Self::freeze`] began.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.server.signal("CONT", Children::Too)
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        // A frozen server would not hear that it is to stop.
        self.thaw().ok();
        self.server.stop();
        server::remove(&self.server.home);
    }
}
