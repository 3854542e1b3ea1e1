//! `moim projections`: where the read models are, and how they are built anew.

use std::io::{self, Write};
use std::sync::Arc;

use clap::{Args, Subcommand};
use events::StreamName;
use projections::Projection;
use projections::rebuild::Progress;
use projections::status::Status;
use projections::unpark::UnparkError;

use crate::config::StoreConfig;
use crate::stores::Stores;

/// What to do with the projections.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print how far each projection is, and which streams are parked
    Status(StoreConfig),
    /// Build a read model anew beside the live one, and let it take its place
    Rebuild(Rebuild),
    /// Project what was left out of a parked stream, now that what was at fault is mended
    Unpark {
        /// The stream, as `status` names it
        stream: StreamName,
        /// Where everything is
        #[command(flatten)]
        config: StoreConfig,
    },
}

/// What is to be rebuilt.
#[derive(Debug, Args)]
pub(super) struct Rebuild {
    /// messenger, search or money [default: one after the other]
    #[arg(value_parser = named)]
    projection: Option<Projection>,
    #[command(flatten)]
    store: StoreConfig,
}

fn named(name: &str) -> Result<Projection, String> {
    Projection::named(name).ok_or_else(|| {
        let names = Projection::ALL.map(Projection::name).join(", ");
        format!("there are: {names}")
    })
}

/// Does it.
pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Status(config) => status(&config).await,
        Command::Rebuild(what) => rebuild(&what).await,
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
    let projection = projection.name();
    writeln!(
        out,
        "{projection}/{partition}: at {position} of {head}, {lag} behind, moved {updated_at}"
    )?;
    for parked in &status.parked {
        let (stream, position, kind) = (&parked.stream, parked.position, &parked.kind);
        let projection = status.projection;
        if projection.stops() {
            writeln!(out, "  stopped before {position}: {kind} of {stream}")?;
        } else {
            let events = parked.events;
            writeln!(out, "  parked: {stream} from {position} ({kind}) on, {events} events")?;
        }
        writeln!(out, "          {}", parked.error)?;
    }
    Ok(())
}

/// In every projection in which the stream is parked.
async fn unpark(stream: &StreamName, config: &StoreConfig) -> anyhow::Result<()> {
    let stores = Stores::open(config).await?;
    let (options, keys) = (&stores.options, stores.vault.as_ref());
    let mut parked = false;
    for projection in Projection::ALL {
        match projections::unpark(projection, options, &stores.log, keys, stream).await {
            Ok(events) => {
                let name = projection.name();
                writeln!(io::stdout(), "{name}: {stream}: {events} events were projected")?;
                parked = true;
            }
            Err(UnparkError::NotParked(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::ensure!(parked, "{stream} is not parked");
    Ok(())
}

async fn rebuild(what: &Rebuild) -> anyhow::Result<()> {
    let stores = Stores::open(&what.store).await?;
    let all = what.projection.map_or_else(|| Projection::ALL.to_vec(), |one| vec![one]);
    for projection in all {
        rebuild_one(projection, &stores).await?;
    }
    Ok(())
}

async fn rebuild_one(projection: Projection, stores: &Stores) -> anyhow::Result<()> {
    let (log, keys) = (Arc::new(stores.log.clone()), stores.vault.clone());
    let name = projection.name();
    let mut last_percent = None;
    let tell = |progress| match progress {
        Progress::Reading { position, head } => {
            let percent = position * 100 / head.max(1);
            if last_percent.replace(percent) != Some(percent) {
                tracing::info!(name, position, head, percent, "reading the log");
            }
        }
        Progress::Indexing => tracing::info!(name, "making indexes"),
        Progress::Swapping => tracing::info!(name, "taking the live one's place"),
    };
    let report = projections::rebuild(projection, &stores.options, log, keys, tell).await?;
    writeln!(
        io::stdout(),
        "{name}: {} events in {:.1} s; it is at {}, {} streams are parked",
        report.events,
        report.seconds,
        report.position,
        report.parked_streams
    )?;
    Ok(())
}
