//! A node for the measurement, started as its operator would and stopped the same way.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use sqlx::Connection;
use tokio::process::{Child, Command};

const START_TIMEOUT: Duration = Duration::from_mins(1);
const BARE_COMMITS_LEN: usize = 1_000;

/// `infra/run` with a state of its own.
pub(crate) struct Node {
    pub(crate) api_url: String,
    pub(crate) ops_url: String,
    state: PathBuf,
    supervisor: Child,
}

impl Node {
    pub(crate) async fn start() -> Result<Self> {
        let state = std::env::temp_dir().join(format!("moim-way-{}", std::process::id()));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/run");
        let supervisor = Command::new(script)
            .args(["--no-build", "--no-demo", "--port", "0", "--ops-port", "0", "--state"])
            .arg(&state)
            .env("MOIM_BIN", env!("CARGO_BIN_EXE_moim"))
            // One user writes as fast as it goes.
            .env("MOIM_COMMANDS_PER_SECOND", "1000000")
            .stdout(Stdio::null())
            .spawn()?;
        let mut node = Self { api_url: String::new(), ops_url: String::new(), state, supervisor };
        let deadline = Instant::now() + START_TIMEOUT;
        while !node.read_addresses() {
            if let Some(status) = node.supervisor.try_wait()? {
                anyhow::bail!("infra/run ended: {status}; see {}", node.state.display());
            }
            anyhow::ensure!(Instant::now() < deadline, "infra/run is not ready in time");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(node)
    }

    fn read_addresses(&mut self) -> bool {
        let text = std::fs::read_to_string(self.state.join("run.env")).unwrap_or_default();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.strip_prefix('=')).unwrap_or_default().to_owned()
        };
        (self.api_url, self.ops_url) = (value("api_url"), value("ops_url"));
        !self.ops_url.is_empty()
    }

    /// What one durable commit costs on the same PostgreSQL: the way has three of them.
    pub(crate) async fn print_bare_commit(&self) -> Result<()> {
        let port = std::fs::read_to_string(self.state.join("postgres.port"))?;
        let secrets = std::fs::read_to_string(self.state.join("secrets.env"))?;
        let password =
            secrets.lines().find_map(|line| line.strip_prefix("MOIM_DATABASE_PASSWORD="));
        let password = password.context("the database's password")?;
        let url = format!("postgres://moim:{password}@127.0.0.1:{}/postgres", port.trim());
        let mut database = sqlx::PgConnection::connect(&url).await?;
        sqlx::query("CREATE TABLE bare (n bigint)").execute(&mut database).await?;
        let mut took = Histogram::<u64>::new(3)?;
        for _ in 0..BARE_COMMITS_LEN {
            let start = Instant::now();
            sqlx::query("INSERT INTO bare VALUES (1)").execute(&mut database).await?;
            took.record(u64::try_from(start.elapsed().as_micros())?)?;
        }
        crate::print_row("a bare commit, beside", &took);
        Ok(())
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = self.supervisor.id().context("infra/run still runs")?;
        Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        self.supervisor.wait().await?;
        let target = std::fs::read_link(self.state.join("postgres"));
        if let Ok(cluster) = target {
            std::fs::remove_dir_all(cluster)?;
        }
        Ok(std::fs::remove_dir_all(&self.state)?)
    }
}
