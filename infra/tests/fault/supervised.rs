//! Moim as anyone starts it: `infra/run`, with PostgreSQL and server as its children.

use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A first start makes a cluster.
const START_MAX: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

/// A running `infra/run`; stopped when dropped.
pub(crate) struct Supervised {
    run: Child,
    state: PathBuf,
    /// Host and port of the API.
    pub(crate) api: String,
    ops: String,
}

/// What `infra/run` looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    Moim,
    Postmaster,
}

impl Process {
    const fn pid_file(self) -> &'static str {
        match self {
            Self::Moim => "moim.pid",
            Self::Postmaster => "postgres.pid",
        }
    }
}

impl Supervised {
    /// Starts it on free ports with a state of its own.
    pub(crate) async fn start() -> Self {
        let state = std::env::temp_dir().join(format!("moim-fault-{}", std::process::id()));
        let _ = fs::remove_dir_all(&state);
        fs::create_dir_all(&state).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("run");
        let output = || fs::File::options().append(true).create(true).open(state.join("out"));
        let run = Command::new(script)
            .args(["--no-build", "--no-demo", "--port", "0", "--ops-port", "0", "--state"])
            .arg(&state)
            .env("MOIM_BIN", env!("CARGO_BIN_EXE_moim"))
            // One user writes as fast as it goes.
            .env("MOIM_COMMANDS_PER_SECOND", "1000000")
            .stdin(Stdio::null())
            .stdout(output().unwrap())
            .stderr(output().unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut supervised = Self { run, state, api: String::new(), ops: String::new() };
        let deadline = Instant::now() + START_MAX;
        let addresses = loop {
            if let Ok(addresses) = fs::read_to_string(supervised.state.join("run.env")) {
                break addresses;
            }
            supervised.check_alive();
            assert!(Instant::now() < deadline, "not started in time:\n{}", supervised.output());
            tokio::time::sleep(POLL).await;
        };
        let address = |name: &str| {
            let line = addresses.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().trim_start_matches("=http://").to_owned()
        };
        supervised.api = address("api_url");
        supervised.ops = address("ops_url");
        supervised
    }

    /// What a tool of the command line comes to, and says.
    pub(crate) fn tool(&self, arguments: &[&str]) -> (bool, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("moim");
        let mut tool = Command::new(script);
        tool.args(arguments).env("MOIM_BIN", env!("CARGO_BIN_EXE_moim"));
        let output = tool.env("MOIM_STATE", &self.state).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Kills a child with -9 and gives how long it took until the node was ready again.
    pub(crate) async fn kill(&mut self, process: Process) -> Duration {
        let before = self.pid(process).unwrap();
        let killed = Command::new("kill").args(["-9", &before]).status().unwrap();
        assert!(killed.success(), "{process:?} was gone already");
        let since = Instant::now();
        loop {
            self.check_alive();
            let again = self.pid(process).is_some_and(|pid| pid != before);
            let readiness = self.readiness().await;
            if again && readiness.contains(r#""ready":true"#) {
                return since.elapsed();
            }
            let limit = Duration::from_secs(50);
            let is_late = since.elapsed() > limit;
            assert!(!is_late, "{process:?} is not back: {readiness}\n{}", self.output());
            tokio::time::sleep(POLL).await;
        }
    }

    /// What `/readyz` says, or why it says nothing.
    async fn readiness(&self) -> String {
        match reqwest::get(format!("http://{}/readyz", self.ops)).await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    fn pid(&self, process: Process) -> Option<String> {
        let pid = fs::read_to_string(self.state.join(process.pid_file())).ok()?;
        Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty())
    }

    fn check_alive(&mut self) {
        let ended = self.run.try_wait().unwrap();
        assert!(ended.is_none(), "infra/run ended, {ended:?}:\n{}", self.output());
    }

    /// What it said, and the last of what its children said.
    pub(crate) fn output(&self) -> String {
        let mut all = String::new();
        for name in ["out", "moim.log", "postgres.log"] {
            let text = fs::read_to_string(self.state.join(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(60)..].join("\n");
            let _ = writeln!(all, "--- {name}\n{last}");
        }
        all
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let pid = self.run.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.run.wait();
        if !std::thread::panicking() {
            // As root the cluster lies elsewhere, and the state links to it.
            if let Ok(cluster) = fs::read_link(self.state.join("postgres")) {
                let _ = fs::remove_dir_all(cluster);
            }
            let _ = fs::remove_dir_all(&self.state);
        }
    }
}
