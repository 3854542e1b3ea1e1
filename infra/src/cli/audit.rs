//! `moim audit verify`: whether the whole log keeps what money promises, and whether the read
//! models are what it says. Exit code 0: all holds; 1: something doesn't; 2: it can't be told.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use events::{EventLog as _, LogPosition, Recorded};
use serde_json::{Value, json};

use crate::audit::rows::Rows;
use crate::audit::{Audit, Breach, Judged, Sums};
use crate::config::StoreConfig;
use crate::stores::Stores;

/// Events read at once.
const PAGE_EVENTS: usize = 2_000;
/// How often it says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// Exit code when nothing can be told.
const TROUBLE: u8 = 2;

/// What can be audited.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the invariants of money over the whole log, and the read models against it. Exit
    /// code 0: they hold; 1: they don't, the events at fault are printed; 2: it can't be told
    Verify(Verify),
}

/// How it is told.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print one JSON object instead of sentences
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

/// What was found.
struct Found {
    log: String,
    head: LogPosition,
    wallets: usize,
    sums: Vec<(String, Sums)>,
    /// Up to where the read models were compared, if there are any.
    compared: Option<LogPosition>,
    judged: Judged,
    /// The events at fault of each breach that is told.
    at_fault: Vec<Vec<Value>>,
    seconds: f64,
}

/// Runs it; gives the exit code.
pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Verify(what) = command;
    let found = verify(&what.store).await?;
    let text = if what.json { found.json().to_string() } else { found.sentences() };
    writeln!(io::stdout(), "{text}")?;
    let is_clean = found.judged.breaches.count() == 0;
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The exit code of an audit that couldn't be made.
pub(super) fn trouble(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "moim: {error:#}");
    ExitCode::from(TROUBLE)
}

async fn verify(config: &StoreConfig) -> anyhow::Result<Found> {
    let started = Instant::now();
    let stores = Stores::open(config).await?;
    // The log comes after its projection, so that all that is in the rows is in what is read. The
    // snapshot waits while the log is read: the other connections end what stands still.
    let mut rows = Rows::open(&stores.read_models, stores.log.id()).await?;
    let head = stores.log.head().await?;
    let compared = rows.as_ref().map(|rows| rows.position);
    let mut audit = Audit::new()?;
    if let Some(rows) = &mut rows {
        read(&stores, &mut audit, rows.position).await?;
        let mut told = std::mem::take(audit.breaches());
        rows.compare_wallets(audit.balances(), &mut told).await?;
        *audit.breaches() = told;
    }
    read(&stores, &mut audit, head).await?;
    let wallets = audit.balances().count();
    let sums = audit.sums().iter().map(|(currency, sums)| (currency.to_string(), *sums));
    let sums = sums.collect();
    let mut judged = audit.judge()?;
    while let Some(expected) = judged.next_part(compared.unwrap_or(0))? {
        if let Some(rows) = &mut rows {
            rows.compare(&expected, &mut judged.breaches).await?;
        }
    }
    if let Some(rows) = rows {
        rows.finish(&mut judged.breaches).await?;
    }
    let mut at_fault = Vec::new();
    for breach in judged.breaches.told() {
        at_fault.push(events_of(&stores, breach).await?);
    }
    let log = stores.log.id().to_string();
    let seconds = started.elapsed().as_secs_f64();
    Ok(Found { log, head, wallets, sums, compared, judged, at_fault, seconds })
}

/// Has the audit see the log up to a position.
async fn read(stores: &Stores, audit: &mut Audit, to: LogPosition) -> anyhow::Result<()> {
    let mut told = Instant::now();
    while audit.position() < to {
        let page = stores.log.read_all(audit.position(), PAGE_EVENTS).await?;
        anyhow::ensure!(!page.is_empty(), "the log ends before position {to}");
        for event in page.iter().take_while(|event| event.position <= to) {
            audit.see(event)?;
        }
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            writeln!(io::stderr(), "at {} of {to}", audit.position())?;
        }
    }
    Ok(())
}

async fn events_of(stores: &Stores, breach: &Breach) -> anyhow::Result<Vec<Value>> {
    /// Events that are printed of one breach.
    const EVENTS_LEN_MAX: usize = 20;
    let mut events = Vec::new();
    for position in breach.positions.iter().take(EVENTS_LEN_MAX) {
        let found = stores.log.read_all(position.saturating_sub(1), 1).await?;
        events.extend(found.iter().filter(|event| event.position == *position).map(told));
    }
    Ok(events)
}

fn told(event: &Recorded) -> Value {
    let data: Value = serde_json::from_str(&event.event.data).unwrap_or(Value::Null);
    json!({
        "position": event.position,
        "stream": event.stream.to_string(),
        "revision": event.revision,
        "kind": event.event.kind,
        "data": data,
    })
}

impl Found {
    /// Up to where all holds; a row that is wrong has no position.
    fn holds_up_to(&self) -> LogPosition {
        self.judged.breaches.first().map_or(self.head, |first| first.saturating_sub(1))
    }

    fn sentences(&self) -> String {
        let Self { log, head, wallets, judged, seconds, .. } = self;
        let (transfers, in_flight) = (judged.transfers, judged.in_flight);
        let mut lines = vec![format!(
            "log {log}: {head} events, {wallets} wallets, {transfers} transfers, {in_flight} in \
             flight, {seconds:.1} s"
        )];
        for (currency, Sums { external, balances, in_flight }) in &self.sums {
            lines.push(format!(
                "{currency}: {external} from outside = {balances} in wallets + {in_flight} in \
                 flight"
            ));
        }
        lines.push(match self.compared {
            Some(position) => format!("read models compared at position {position}"),
            None => "there are no read models to compare".to_owned(),
        });
        for (breach, events) in judged.breaches.told().iter().zip(&self.at_fault) {
            lines.push(format!("BREACH of invariant {}: {}", breach.invariant, breach.what));
            lines.extend(events.iter().map(|event| format!("  {event}")));
        }
        let position = self.holds_up_to();
        lines.push(match judged.breaches.count() {
            0 => format!("all invariants hold up to position {position}"),
            count => format!("{count} breaches; the log's invariants hold up to {position}"),
        });
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let breaches = judged_breaches(&self.judged, &self.at_fault);
        let sums = self.sums.iter().map(|(currency, sums)| {
            json!({
                "currency": currency,
                "external": sums.external.to_string(),
                "balances": sums.balances.to_string(),
                "inFlight": sums.in_flight.to_string(),
            })
        });
        json!({
            "log": self.log,
            "position": self.head,
            "holdsUpTo": self.holds_up_to(),
            "wallets": self.wallets,
            "transfers": self.judged.transfers,
            "inFlight": self.judged.in_flight,
            "sums": sums.collect::<Vec<_>>(),
            "readModelsComparedAt": self.compared,
            "breachesCount": self.judged.breaches.count(),
            "breaches": breaches,
        })
    }
}

fn judged_breaches(judged: &Judged, at_fault: &[Vec<Value>]) -> Vec<Value> {
    let told = judged.breaches.told().iter().zip(at_fault);
    let told = told.map(|(breach, events)| {
        json!({ "invariant": breach.invariant, "what": breach.what, "events": events })
    });
    told.collect()
}
