//! The command line: a file a subcommand.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{ServeConfig, StoreConfig, TelemetryConfig};
use crate::{serve, telemetry};

mod audit;
mod claims;
mod doctor;
mod events;
mod keys;
pub mod load;
mod projections;
mod schema;
mod seed;
mod wallet;

/// Moim: a messenger for groups, on an event log.
#[derive(Debug, Parser)]
#[command(name = "moim", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    telemetry: TelemetryConfig,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until told to stop
    Serve(Box<ServeConfig>),
    /// Print the GraphQL schema that is served
    Schema,
    /// Print all kinds of events with the JSON Schemas of their payloads
    Events,
    /// Look at the projections, or build them anew
    #[command(subcommand)]
    Projections(projections::Command),
    /// Turn over the keys that access tokens are signed with
    #[command(subcommand)]
    Keys(keys::Command),
    /// Write mock data, the same for the same numbers
    Seed(Box<seed::Seed>),
    /// Write anew what makes repeats safe and messages nameable
    #[command(subcommand)]
    Claims(claims::Command),
    /// Stop spending from a wallet, or let it go on
    #[command(subcommand)]
    Wallet(wallet::Command),
    /// Check that no money was created, lost or spent twice
    #[command(subcommand)]
    Audit(audit::Command),
    /// Put a running server under load, and measure what comes of it
    #[command(subcommand)]
    Load(load::Load),
    /// Check log, database, clock and keys against what a node needs
    Doctor(StoreConfig),
}

/// Runs the subcommand that the command line names.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Schema => schema::print(),
        Command::Events => events::print(),
        Command::Keys(command) => keys::run(&command),
        Command::Serve(config) => serve::run(&config, &cli.telemetry),
        Command::Projections(command) => quietly(&cli.telemetry, projections::run(command)),
        Command::Seed(config) => quietly(&cli.telemetry, seed::run(*config)),
        Command::Claims(command) => quietly(&cli.telemetry, claims::run(command)),
        Command::Audit(command) => {
            return quietly(&cli.telemetry, audit::run(command))
                .unwrap_or_else(|error| audit::trouble(&error));
        }
        Command::Wallet(command) => quietly(&cli.telemetry, wallet::run(command)),
        Command::Load(load) => quietly(&cli.telemetry, load::run(load)),
        Command::Doctor(config) => quietly(&cli.telemetry, doctor::run(config)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "moim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs something that ends by itself.
fn quietly<T>(
    telemetry: &TelemetryConfig,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    telemetry::start_logs(telemetry)?;
    tokio::runtime::Runtime::new()?.block_on(work)
}
