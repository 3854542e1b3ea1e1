//! `moim load messages`: users over WebSocket who write on a fixed schedule, whatever the server
//! does, and watch that everything arrives: once, in order, complete, at every member, and when.

mod api;
mod people;
mod report;
mod socket;
mod stage;
mod tally;
mod usage;

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};

pub use self::report::{Report, Spread};
use self::stage::{Run, Stage};

/// Longer, and the access tokens expire, which last 15 minutes: signing up takes its time, too.
const DURATION_S_MAX: u64 = 600;
/// Users of the first stage.
const RAMP_FROM: usize = 100;

/// What to put the server under.
#[derive(Debug, Subcommand)]
pub(super) enum Load {
    /// Users in channels who write to each other
    Messages(Messages),
}

/// How many write how much.
#[derive(Debug, Clone, Args)]
pub struct Messages {
    /// People, each with a socket of their own
    #[arg(long, default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub users: u32,
    /// Messages a second, from all of them
    #[arg(long, default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
    /// Members of a channel, each of whom gets what is written there
    #[arg(long, default_value_t = 10, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub channel_size: u32,
    /// For how many seconds
    #[arg(long, default_value_t = 60, value_name = "S",
        value_parser = clap::value_parser!(u64).range(1..=DURATION_S_MAX))]
    pub duration: u64,
    /// The API
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub url: String,
    /// In stages from 100 users on, twice as many each, who all connect at once; `rate` is that
    /// of all users
    #[arg(long)]
    pub ramp: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Runs it and prints what was seen; an error if anything was.
pub(super) async fn run(load: Load) -> anyhow::Result<()> {
    let Load::Messages(messages) = load;
    let reports = measure(&messages).await?;
    if messages.json {
        let all = serde_json::json!({ "stages": reports });
        writeln!(io::stdout(), "{all:#}")?;
    } else {
        write!(io::stdout(), "{}", report::table(&reports))?;
    }
    let faults: u64 = reports.iter().map(Report::faults).sum();
    if faults > 0 {
        bail!("{faults} messages were refused, lost, repeated or out of order");
    }
    Ok(())
}

/// Runs all stages; a report each.
pub async fn measure(messages: &Messages) -> anyhow::Result<Vec<Report>> {
    usage::allow_many_sockets()?;
    let mut run = Run::new(&messages.url, usize::try_from(messages.channel_size)?);
    let mut reports = Vec::new();
    for stage in stages(messages)? {
        reports.push(run.stage(&stage).await?);
    }
    run.end().await;
    Ok(reports)
}

fn stages(messages: &Messages) -> anyhow::Result<Vec<Stage>> {
    let all = usize::try_from(messages.users)?;
    let duration = Duration::from_secs(messages.duration);
    let stage = |users: usize| {
        let rate = u64::from(messages.rate) * users as u64 / all as u64;
        Stage { users, rate: u32::try_from(rate).unwrap_or(u32::MAX).max(1), duration }
    };
    if !messages.ramp {
        return Ok(vec![stage(all)]);
    }
    ensure!(all > RAMP_FROM, "a ramp goes from {RAMP_FROM} users to more");
    let steps = std::iter::successors(Some(RAMP_FROM), |users| users.checked_mul(2));
    Ok(steps.take_while(|users| *users < all).chain([all]).map(stage).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_doubles_up_to_all_users_at_their_share_of_the_rate() {
        let messages = Messages {
            users: 500,
            rate: 1_000,
            channel_size: 10,
            duration: 5,
            url: String::new(),
            ramp: true,
            json: false,
        };
        let stages = stages(&messages).unwrap();
        let told: Vec<_> = stages.iter().map(|stage| (stage.users, stage.rate)).collect();
        assert_eq!(told, [(100, 200), (200, 400), (400, 800), (500, 1_000)]);
    }
}
