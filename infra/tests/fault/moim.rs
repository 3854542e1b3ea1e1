//! One `moim serve` without a supervisor, on a database that the test holds in its hands.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

const POLL: Duration = Duration::from_millis(50);

/// A running server; killed when dropped.
pub(crate) struct Moim {
    child: Child,
    log: std::path::PathBuf,
    /// Host and port of the API.
    pub(crate) api: String,
    /// The same of operations.
    pub(crate) ops: String,
}

impl Moim {
    /// Starts it; returns at once.
    pub(crate) fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[])
    }

    /// The same, with these variables set.
    pub(crate) fn start_with(database_url: &str, variables: &[(&str, &str)]) -> Self {
        let (api, ops) = (free_address(), free_address());
        let log = std::env::temp_dir().join(format!("moim-away-{}.log", api.replace(':', "-")));
        let child = command(database_url)
            .arg("serve")
            .env("MOIM_LISTEN", &api)
            .env("MOIM_OPS_LISTEN", &ops)
            // One user writes as fast as it goes, unless the variables say otherwise.
            .env("MOIM_COMMANDS_PER_SECOND", "1000000")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, log, api, ops }
    }

    /// What `/readyz` says, as far as it says something.
    pub(crate) async fn readiness(&self) -> Option<Value> {
        reqwest::get(format!("http://{}/readyz", self.ops)).await.ok()?.json().await.ok()
    }

    /// Waits until `/readyz` says that it is (or isn't) ready; gives how long that took.
    pub(crate) async fn until_ready(&mut self, ready: bool, limit: Duration) -> Duration {
        let since = Instant::now();
        loop {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended:\n{}", self.log());
            let told = self.readiness().await;
            if told.as_ref().is_some_and(|told| told["ready"] == Value::Bool(ready)) {
                return since.elapsed();
            }
            assert!(since.elapsed() < limit, "not ready={ready} but {told:?}:\n{}", self.log());
            tokio::time::sleep(POLL).await;
        }
    }

    /// Tells it to stop and waits; whether it ended well, and after how long.
    pub(crate) fn stop(&mut self) -> (bool, Duration) {
        let since = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (self.child.wait().unwrap().success(), since.elapsed())
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Moim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let _ = fs::remove_file(&self.log);
        }
    }
}

/// The program, to be run on a database with the secrets that all of a test share.
pub(crate) fn command(database_url: &str) -> Command {
    let secret = |byte: u8| STANDARD.encode([byte; 32]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_moim"));
    command
        .env("MOIM_DATABASE_URL", database_url)
        .env("MOIM_DATA_KEY", secret(1))
        .env("MOIM_HASH_KEY", secret(2))
        .env("MOIM_PEPPER", secret(3))
        .env("MOIM_TOKEN_KEYS", format!("k:{}", secret(4)));
    command
}

/// Ports that the system gives to nobody by itself.
const PORTS_FIRST: u16 = 20_000;
const PORTS_LEN: u16 = 12_000;
/// A test starts few servers, with two ports each.
const PORTS_OF_PROCESS: u32 = 8;

/// A free address. Tests run beside each other, a process each: where one looks first, no other
/// does.
fn free_address() -> String {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() * PORTS_OF_PROCESS + ASKED.fetch_add(1, Ordering::Relaxed);
    let first = u16::try_from(first % u32::from(PORTS_LEN)).unwrap();
    let mut ports = (0..PORTS_LEN).map(|next| PORTS_FIRST + (first + next) % PORTS_LEN);
    let free = ports.find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    free.unwrap().local_addr().unwrap().to_string()
}
