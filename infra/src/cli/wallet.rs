//! `moim wallet freeze` and `unfreeze`: an operator stops all spending from a wallet, or lets it
//! go on. Credits still arrive meanwhile.

use std::io::{self, Write};
use std::sync::Arc;

use clap::{Args, Subcommand};
use command::domain::wallet::{Command as Asked, Wallet};
use command::execution::{Ask, Execution, Limits, Policy};
use events::personal::KeyRing;
use events::{Actor, CommandId, StreamName, WalletId};

use crate::config::StoreConfig;
use crate::postgres::{PostgresClaims, PostgresSnapshots};
use crate::stores::Stores;

/// What an operator can do to a wallet.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Stop all spending from it; credits still arrive
    Freeze(Change),
    /// Let it go on
    Unfreeze(Change),
}

/// Which wallet, and why.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// The wallet's id
    wallet: WalletId,
    /// Why: it stays in the log, for whoever asks later
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    store: StoreConfig,
}

/// Carries it out, also beside running nodes: they find it in the log.
pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let (Change { wallet, reason, store }, done) = match &command {
        Command::Freeze(change) => (change, "frozen"),
        Command::Unfreeze(change) => (change, "open"),
    };
    let reason = reason.clone();
    let asked = match &command {
        Command::Freeze(_) => Asked::Freeze { reason },
        Command::Unfreeze(_) => Asked::Unfreeze { reason },
    };
    let stores = Stores::open(store).await?;
    let claims = Arc::new(PostgresClaims::new(stores.pool.clone()));
    let snapshots = Arc::new(PostgresSnapshots::new(stores.pool.clone()));
    let log = Arc::new(stores.log.clone());
    let execution = Execution::new(log, claims, snapshots, Limits::default());
    let id = CommandId::generate();
    let ask = Ask {
        id,
        correlation: id,
        actor: Actor::System,
        policy: Policy::Natural,
        ring: KeyRing::new(),
        cause_at: None,
        trace_parent: None,
        fresh_id: CommandId::generate(),
        command: asked,
    };
    execution.run::<Wallet>(&StreamName::wallet(*wallet), ask).await?;
    writeln!(io::stdout(), "wallet {wallet} is {done}")?;
    Ok(())
}
