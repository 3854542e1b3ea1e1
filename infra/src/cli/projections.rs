//! `moim projections`: where the read models are, and how they are built anew.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Subcommand;
use events::StreamName;
use projections::rebuild::Progress;
use projections::status::Status;

use crate::config::StoreConfig;
use crate::stores::Stores;

/// What to do with the projections.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print how far each projection is, and which streams are parked
    Status(StoreConfig),
    /// Build the read model anew beside the live one, and let it take its place
    Rebuild(StoreConfig),
    /// Project what was left out of a parked stream, now that what was at fault is mended
    Unpark {
        /// The stream, as `status` names it
        stream: StreamName,
        /// Where everything is
        #[command(flatten)]
        config: StoreConfig,
    },
}

/// Does it.
pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Status(config) => status(&config).await,
        Command::Rebuild(config) => rebuild(&config).await,
        Command::Unpark { stream, config } => unpark(&stream, &config).await,
    }
}

async fn status(config: &StoreConfig) -> anyhow::Result<()> {
    let stores = Stores::open(config).await?;
    for status in projections::status(&stores.read_models, &stores.log).await? {
        print_status(&mut io::stdout().lock(), &status)?;
    }
    Ok(())
}

fn print_status(out: &mut impl Write, status: &Status) -> io::Result<()> {
    let Status { projection, partition, position, head, lag, updated_at, .. } = status;
    writeln!(
        out,
        "{projection}/{partition}: at {position} of {head}, {lag} behind, moved {updated_at}"
    )?;
    for parked in &status.parked {
        let (stream, position, kind) = (&parked.stream, parked.position, &parked.kind);
        writeln!(out, "  parked: {stream} from {position} ({kind}) on, {} events", parked.events)?;
        writeln!(out, "          {}", parked.error)?;
    }
    Ok(())
}

async fn unpark(stream: &StreamName, config: &StoreConfig) -> anyhow::Result<()> {
    let stores = Stores::open(config).await?;
    let (options, keys) = (&stores.options, stores.vault.as_ref());
    let events = projections::unpark(options, &stores.log, keys, stream).await?;
    writeln!(io::stdout().lock(), "{stream}: {events} events were projected")?;
    Ok(())
}

async fn rebuild(config: &StoreConfig) -> anyhow::Result<()> {
    let stores = Stores::open(config).await?;
    let (log, keys) = (Arc::new(stores.log), stores.vault);
    let mut last_percent = None;
    let report = projections::rebuild(&stores.options, log, keys, |progress| match progress {
        Progress::Reading { position, head } => {
            let percent = position * 100 / head.max(1);
            if last_percent.replace(percent) != Some(percent) {
                tracing::info!(position, head, percent, "reading the log");
            }
        }
        Progress::Indexing => tracing::info!("making indexes"),
        Progress::Swapping => tracing::info!("taking the live one's place"),
    });
    let report = report.await?;
    writeln!(
        io::stdout(),
        "{} events in {:.1} s; the read model is at {}, {} streams are parked",
        report.events,
        report.seconds,
        report.position,
        report.parked_streams
    )?;
    Ok(())
}
