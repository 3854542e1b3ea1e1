//! The sentences of notices. They name wallets, never people.

use events::Timestamp;
use events::money::{Amount, Currency};
use events::wallet::Terms;
use jiff::tz::TimeZone;

use super::{Turn, purpose};

/// What a sentence says of a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Its name.
    pub name: String,
    /// What its money is counted in.
    pub currency: Currency,
}

impl Wallet {
    fn amount(&self, amount: Amount) -> String {
        self.currency.written(amount)
    }

    /// What has happened to a transfer of it.
    pub fn transfer(&self, turn: &Turn) -> String {
        let name = &self.name;
        let of = |terms: &Terms| {
            let (amount, purpose) = (self.amount(terms.amount), purpose(terms.origin));
            format!("{amount}{purpose}")
        };
        match turn {
            Turn::Asked(terms, approvals) => {
                let (amount, memo) = (of(terms), memo(terms));
                format!("{amount} from “{name}” wait for {approvals} approvals{memo}")
            }
            Turn::Paid(terms) => format!("“{name}” paid {}{}", of(terms), memo(terms)),
            Turn::Received(terms) => format!("“{name}” received {}{}", of(terms), memo(terms)),
            Turn::Returned(terms) => {
                let amount = self.amount(terms.amount);
                format!("{amount} came back to “{name}”: the payee could not take them.")
            }
            Turn::Declined => format!("A payment from “{name}” was declined."),
            Turn::Lapsed => {
                format!("A payment from “{name}” lapsed: it was not approved in time.")
            }
        }
    }

    /// That a cycle of dues has opened.
    pub fn cycle(&self, plan: &str, amount: Amount, (number, members): (u32, u32)) -> String {
        let amount = self.amount(amount);
        format!("Dues “{plan}”, no. {number}: {amount} each from {members} members")
    }

    /// That a scheduled payment has failed.
    pub fn failure(&self, amount: Amount, code: &str) -> String {
        let (name, amount) = (&self.name, self.amount(amount));
        format!("The scheduled payment of {amount} from “{name}” failed: {code}.")
    }
}

/// A day and time on the clock of a zone, ` due on 2026-01-31 09:00 (Asia/Seoul).`
pub(crate) fn due(at: Timestamp, zone: &str) -> String {
    let instant = jiff::Timestamp::from_microsecond(at.as_micros());
    match (instant, TimeZone::get(zone)) {
        (Ok(instant), Ok(tz)) => {
            let local = tz.to_datetime(instant).strftime("%Y-%m-%d %H:%M");
            format!(", due on {local} ({zone}).")
        }
        _ => ".".to_owned(),
    }
}

fn memo(terms: &Terms) -> String {
    if terms.memo.is_empty() { ".".to_owned() } else { format!(": {}", terms.memo) }
}
