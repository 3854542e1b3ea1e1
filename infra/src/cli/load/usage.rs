//! What the measuring itself takes.

use std::time::Duration;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeVal;

/// CPU time and memory of this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) cpu: Duration,
    /// The most that it has held so far.
    pub(super) memory_bytes: u64,
}

impl Usage {
    /// What was used until now.
    pub(super) fn now() -> anyhow::Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF)?;
        let cpu = duration(usage.user_time()) + duration(usage.system_time());
        // Linux counts in KiB.
        let memory_bytes = u64::try_from(usage.max_rss())? * 1_024;
        Ok(Self { cpu, memory_bytes })
    }

    /// What was used since then.
    pub(super) fn since(&self, before: &Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), ..*self }
    }
}

fn duration(time: TimeVal) -> Duration {
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or_default());
    seconds + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or_default())
}

/// Lets this process have as many files open as it may: a socket is one.
pub(super) fn allow_many_sockets() -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}
