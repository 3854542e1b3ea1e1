//! The event log beside bare PostgreSQL, on the same server in the same run:
//! `cargo bench -p infra --bench log`.
//!
//! Appends of 1, 10, 100 and 500 events of about 360 bytes, alone and from 64 writers; beside
//! them loops of single-row commits, of batched `INSERT … UNNEST` and of `COPY` into a table of
//! the same shape and indexes. Everything runs several times in turn; the median counts.

mod bare;
mod moim;
mod sample;

use std::time::{Duration, Instant};

use anyhow::Result;
use infra::postgres::{self, PostgresLog};
use testkit::PrivateCluster;

const ROUNDS: usize = 3;
/// How long each thing runs in a round.
const TURN: Duration = Duration::from_millis(1_500);
const WARM_UP: Duration = Duration::from_millis(500);
const CONNECTIONS_MAX: u32 = 8;
const APPEND_LENS: [usize; 4] = [1, 10, 100, 500];
const WRITERS: usize = 64;

/// What a turn has brought.
#[derive(Debug, Clone, Copy, Default)]
struct Turn {
    events: u64,
    calls: u64,
    elapsed: Duration,
}

impl Turn {
    fn events_per_s(self) -> f64 {
        to_f64(self.events) / self.elapsed.as_secs_f64()
    }

    /// Of one caller, one call after another.
    fn ms_per_call(self, callers: usize) -> f64 {
        self.elapsed.as_secs_f64() * 1_000.0 * to_f64(callers as u64) / to_f64(self.calls)
    }
}

fn to_f64(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[derive(Debug, Clone, Copy)]
enum Subject {
    BareCommit,
    BareUnnest,
    BareCopy,
    Append { len: usize, writers: usize },
}

impl Subject {
    fn all() -> Vec<Self> {
        let appends = |writers| APPEND_LENS.map(|len| Self::Append { len, writers });
        let bare = [Self::BareCommit, Self::BareUnnest, Self::BareCopy];
        bare.into_iter().chain(appends(1)).chain(appends(WRITERS)).collect()
    }

    fn name(self) -> String {
        match self {
            Self::BareCommit => "bare: single-row commits".into(),
            Self::BareUnnest => format!("bare: UNNEST of {}", bare::BATCH_LEN),
            Self::BareCopy => format!("bare: COPY of {}", bare::BATCH_LEN),
            Self::Append { len, writers: 1 } => format!("log: appends of {len}, alone"),
            Self::Append { len, writers } => format!("log: appends of {len}, {writers} writers"),
        }
    }

    fn callers(self) -> usize {
        if let Self::Append { writers, .. } = self { writers } else { 1 }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let cluster = PrivateCluster::start().await?;
    let pool = postgres::connect(&cluster.url()?, CONNECTIONS_MAX).await?;
    postgres::migrate(&pool).await?;
    let log = PostgresLog::open(pool.clone()).await?;
    let mut bare = bare::Bare::open(&cluster.url()?).await?;
    let subjects = Subject::all();
    let mut turns: Vec<Vec<Turn>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 0..=ROUNDS {
        for (subject, turns) in subjects.iter().zip(&mut turns) {
            let end = Instant::now() + if round == 0 { WARM_UP } else { TURN };
            let turn = match *subject {
                Subject::BareCommit => bare.commits(end).await?,
                Subject::BareUnnest => bare.unnest(end).await?,
                Subject::BareCopy => bare.copy(end).await?,
                Subject::Append { len, writers } => moim::appends(&log, len, writers, end).await?,
            };
            if round > 0 {
                turns.push(turn);
            }
        }
    }
    report(&subjects, &turns);
    Ok(())
}

/// The turn in the middle, by events a second.
fn median(turns: &[Turn]) -> Turn {
    let mut turns = turns.to_vec();
    turns.sort_by(|one, other| one.events_per_s().total_cmp(&other.events_per_s()));
    turns.get(turns.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "the table is what it is run for")]
fn report(subjects: &[Subject], turns: &[Vec<Turn>]) {
    let medians: Vec<Turn> = turns.iter().map(|turns| median(turns)).collect();
    let (commit, unnest) = (medians[0], medians[1]);
    println!("events of {} bytes, median of {ROUNDS} turns of {TURN:?}\n", sample::event_bytes());
    println!("{:<36}{:>10}{:>12}{:>12}{:>12}", "", "events/s", "ms a call", "x UNNEST", "x commit");
    for (subject, turn) in subjects.iter().zip(&medians) {
        let call = turn.ms_per_call(subject.callers());
        println!(
            "{:<36}{:>10.0}{call:>12.3}{:>12.2}{:>12.2}",
            subject.name(),
            turn.events_per_s(),
            turn.events_per_s() / unnest.events_per_s(),
            call / commit.ms_per_call(1),
        );
    }
    let lone = medians[3].ms_per_call(1) / commit.ms_per_call(1);
    let best = medians.iter().skip(3).map(|turn| turn.events_per_s()).fold(0.0, f64::max);
    let share = best / unnest.events_per_s();
    println!("\nlone append: {lone:.2} x a bare commit (reach: 1.50 at most)");
    println!(
        "best: {best:.0} events/s, {share:.2} x bare UNNEST (reach: 30,000 and 0.70 at least)"
    );
}
