//! Which process dies when: drawn from a seed, within what the supervisor allows.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::supervised::{Process, Supervised};

/// Load goes on for this long, at most, between a recovery and the next kill.
const PAUSE_MAX: Duration = Duration::from_secs(6);
/// The supervisor restarts a child this often within its window; one kill less than that leaves
/// room for a child that stumbles when the other dies.
const KILLS_PER_WINDOW: usize = 4;
const WINDOW: Duration = Duration::from_secs(61);

/// How often each process dies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kills {
    pub(crate) server: usize,
    pub(crate) postmaster: usize,
}

/// Kills as many as there are to be killed, in an order and at moments that `seed` tells.
pub(crate) async fn rage(moim: &mut Supervised, seed: u64, kills: Kills) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut victims = vec![Process::Moim; kills.server];
    victims.resize(kills.server + kills.postmaster, Process::Postmaster);
    victims.shuffle(&mut random);
    let mut recent: VecDeque<(Process, Instant)> = VecDeque::new();
    for victim in victims {
        let pause = random.random_range(Duration::from_millis(200)..PAUSE_MAX);
        tokio::time::sleep(pause.max(allowed_after(&recent, victim))).await;
        let back = moim.kill(victim).await;
        println!("{victim:?} killed after {pause:.1?}; ready again after {back:.1?}");
        recent.push_back((victim, Instant::now()));
    }
}

/// How long this victim still has to be spared.
fn allowed_after(recent: &VecDeque<(Process, Instant)>, victim: Process) -> Duration {
    let mut of_victim = recent.iter().rev().filter(|(process, _)| *process == victim);
    let oldest = of_victim.nth(KILLS_PER_WINDOW - 1);
    oldest.map_or(Duration::ZERO, |(_, at)| WINDOW.saturating_sub(at.elapsed()))
}
