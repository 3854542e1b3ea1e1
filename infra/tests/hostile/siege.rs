//! A server under attack: who is served meanwhile, and what it costs.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use testkit::PrivateCluster;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, User};
use crate::moim::Moim;
use crate::neighbour::Neighbour;

/// The promise: no attack makes the server hold more than this.
const GROWTH_BYTES_MAX: u64 = 100 << 20;
const SAMPLE_EVERY: Duration = Duration::from_millis(20);
/// Five times the promise: the machine is busy, and the binary is no release build.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// Limits that are short, so that it need not be waited for them long.
const LIMITS: [(&str, &str); 4] = [
    ("MOIM_HEADERS_MS", "1500"),
    ("MOIM_BODY_MS", "1500"),
    ("MOIM_SLOW_MS", "1500"),
    ("MOIM_STALL_MS", "3000"),
];
/// When whatever is cut off by these limits is gone for certain: five times the longest.
pub(crate) const CUT_OFF_WITHIN: Duration = Duration::from_secs(15);
/// A server without optimisation takes its time until the kernel's buffers are full.
const COUNTED_WITHIN: Duration = Duration::from_mins(1);

/// A server with a well-behaved user.
pub(crate) struct Siege {
    moim: Moim,
    _cluster: PrivateCluster,
    /// Host and port of the API.
    pub(crate) address: String,
    neighbour: Neighbour,
}

impl Siege {
    /// Starts the server and lets its user in.
    pub(crate) async fn lay() -> Self {
        let cluster = PrivateCluster::start().await.unwrap();
        let mut moim = Moim::start_with(&cluster.url().unwrap(), &LIMITS);
        moim.until_ready(true, READY_WITHIN).await;
        let address = moim.api.clone();
        let mut neighbour = Neighbour::move_in(&address).await;
        // What is only needed once is not what an attack costs.
        for _ in 0..20 {
            neighbour.live_a_little().await;
        }
        Self { moim, _cluster: cluster, address, neighbour }
    }

    /// Where it is told how the server is doing.
    pub(crate) fn operations(&self) -> String {
        self.moim.ops.clone()
    }

    /// Somebody who signed up.
    pub(crate) async fn attacker(&self) -> User {
        Client::new(self.address.clone()).sign_up().await
    }

    /// Goes through an attack, which itself says whether it was fended off.
    pub(crate) async fn endure<T>(&mut self, name: &str, attack: impl Future<Output = T>) -> T {
        let pid = self.moim.pid();
        let (before, since) = (resident_bytes(pid), Instant::now());
        let (over, highest) = (CancellationToken::new(), AtomicU64::new(before));
        let watch = async {
            while !over.is_cancelled() {
                highest.fetch_max(resident_bytes(pid), Ordering::Relaxed);
                sleep(SAMPLE_EVERY).await;
            }
        };
        let living = async {
            let mut slowest = Duration::ZERO;
            loop {
                slowest = slowest.max(self.neighbour.live_a_little().await);
                if over.is_cancelled() {
                    return slowest;
                }
            }
        };
        let attack = async {
            let outcome = attack.await;
            over.cancel();
            outcome
        };
        let (outcome, slowest, ()) = tokio::join!(attack, living, watch);
        let growth = highest.into_inner().saturating_sub(before);
        println!(
            "{name}: {} KiB more, neighbour at most {slowest:?}, {:?} in all",
            growth >> 10,
            since.elapsed()
        );
        assert!(growth <= GROWTH_BYTES_MAX, "{name}: the server grew by {growth} bytes");
        outcome
    }
}

/// Waits until the server counts as many of something.
pub(crate) async fn until_counted(operations: &str, what: &str, count: usize) {
    let counting = async {
        loop {
            let told = reqwest::get(format!("http://{operations}/metrics")).await.unwrap();
            let told = told.text().await.unwrap();
            let line = told.lines().find_map(|line| line.strip_prefix(what));
            if line.is_some_and(|counted| counted.trim() == count.to_string()) {
                return;
            }
            sleep(SAMPLE_EVERY * 10).await;
        }
    };
    let counted = tokio::time::timeout(COUNTED_WITHIN, counting).await;
    assert!(counted.is_ok(), "never {count} of {what}");
}

/// Memory that a process has in RAM.
fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap();
    kibibytes << 10
}
