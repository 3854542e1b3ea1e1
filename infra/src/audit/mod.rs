//! Whether the log keeps what money promises. Events go in, in log order; breaches come out.
//!
//! 1. Debits are credits and what is in flight, per currency, at every position.
//! 2. No balance is below zero, nothing that is available either; `balanceAfter` is what it says.
//! 3. A transfer has one debit and at most one of credit and bounce; what went back had bounced.
//! 4. A hold ends once; an occurrence has one outcome; approvers are distinct, and admins then.
//! 5. Dues that are paid are their credits less refunds, and never above what was assessed.
//! 6. Read models are what a replay gives: [`rows`] compares them.
//!
//! What is known of wallets stays in memory, some hundred bytes each. What is known of transfers,
//! occurrences and members' parts goes to [`FILES_LEN`] files by a hash of its id, and is looked at
//! a part at a time: however long the log is, at most some [`PART_BYTES_MAX`] of it are in memory.

mod facts;
mod reading;
pub mod rows;
mod verdict;
mod wallets;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;

use events::money::Currency;
use events::{LogPosition, Recorded, WalletId};

use self::facts::Facts;
pub use self::facts::{FILES_LEN, Fact, Kind, PART_BYTES_MAX};
pub use self::verdict::{Expected, Judged};
use self::wallets::Wallets;

/// Breaches that are told; the others are counted.
pub const BREACHES_LEN_MAX: usize = 100;

/// A promise that wasn't kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Breach {
    /// Which: 1 to 6; 0 is an event that can't be read.
    pub invariant: u8,
    /// What is wrong, and where.
    pub what: String,
    /// Positions of the events at fault, oldest first.
    pub positions: Vec<LogPosition>,
}

/// The breaches that were found.
#[derive(Debug, Default)]
pub struct Breaches {
    told: Vec<Breach>,
    /// The lowest position at fault.
    first: Option<LogPosition>,
    count: u64,
}

impl Breaches {
    /// Notes one.
    pub fn note(&mut self, invariant: u8, what: String, positions: &[LogPosition]) {
        let first = positions.iter().min().copied();
        self.first = self.first.into_iter().chain(first).min();
        self.count += 1;
        if self.told.len() < BREACHES_LEN_MAX {
            self.told.push(Breach { invariant, what, positions: positions.to_vec() });
        }
    }

    /// At most [`BREACHES_LEN_MAX`] of them.
    pub fn told(&self) -> &[Breach] {
        &self.told
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The position of the first event at fault, if an event is.
    pub fn first(&self) -> Option<LogPosition> {
        self.first
    }
}

/// What a currency's money is, in 128 bits: wallets may hold more together than one can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// What came in from outside, less what went out: the external account, turned round.
    pub external: i128,
    /// What is in wallets.
    pub balances: i128,
    /// What was taken from a payer and hasn't arrived or come back.
    pub in_flight: i128,
}

/// The checker.
pub struct Audit {
    wallets: Wallets,
    facts: Facts,
    sums: BTreeMap<Currency, Sums>,
    breaches: Breaches,
    position: LogPosition,
    events: u64,
}

impl Audit {
    /// A new one, with an empty folder of its own for what doesn't stay in memory.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            wallets: Wallets::default(),
            facts: Facts::new()?,
            sums: BTreeMap::new(),
            breaches: Breaches::default(),
            position: 0,
            events: 0,
        })
    }

    /// How far it has come.
    pub fn position(&self) -> LogPosition {
        self.position
    }

    /// Events that it has seen.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Every currency's sums up to here.
    pub fn sums(&self) -> &BTreeMap<Currency, Sums> {
        &self.sums
    }

    /// Wallets with their balances, in the order of their ids.
    pub fn balances(&self) -> impl Iterator<Item = (WalletId, i64)> {
        self.wallets.balances()
    }

    /// Where breaches are noted.
    pub fn breaches(&mut self) -> &mut Breaches {
        &mut self.breaches
    }

    /// Takes the next event.
    pub fn see(&mut self, event: &Recorded) -> io::Result<()> {
        self.position = event.position;
        self.events += 1;
        self.read(event)?;
        Ok(())
    }

    /// Looks at what was spilled, a file at a time; `each` is given what rows should say by then.
    pub fn judge(self) -> io::Result<Judged> {
        Judged::of(self)
    }

    fn moved(&mut self, currency: Currency, at: LogPosition, change: impl FnOnce(&mut Sums)) {
        let sums = self.sums.entry(currency).or_default();
        change(sums);
        let Sums { external, balances, in_flight } = *sums;
        if external != balances + in_flight || in_flight < 0 {
            let what = format!(
                "{currency}: {external} came from outside, {balances} are in wallets and \
                 {in_flight} in flight"
            );
            self.breaches.note(1, what, &[at]);
        }
    }
}
