//! What the spilled facts come to, a file at a time.

use std::collections::BTreeMap;
use std::io;

use events::LogPosition;
use uuid::Uuid;

use super::facts::{FILES_LEN, Fact, Kind, Spilled};
use super::{Audit, Breaches};

/// What rows should say of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Of a transfer.
    Transfer {
        /// Which.
        id: Uuid,
        /// It was taken from the payer.
        debited: bool,
        /// It is with the payee.
        credited: bool,
        /// Its hold has ended: declined or expired.
        given_up: bool,
        /// It bounced, and is back.
        returned: bool,
        /// How much.
        amount: i64,
    },
    /// Of a member's part of a cycle.
    Part {
        /// The cycle.
        cycle: Uuid,
        /// Whose.
        user: Uuid,
        /// What is owed.
        amount: i64,
        /// What was paid, less what went back.
        paid: i64,
        /// What is left is waived.
        exempt: bool,
    },
}

/// A log that was read to its end.
pub struct Judged {
    spilled: Spilled,
    /// What is judged next: a file and a part of it.
    next: (usize, u64),
    /// Breaches found up to now.
    pub breaches: Breaches,
    /// Transfers that were looked at.
    pub transfers: u64,
    /// Of those, the ones that are in flight.
    pub in_flight: u64,
}

impl Judged {
    pub(super) fn of(audit: Audit) -> io::Result<Self> {
        let (spilled, breaches) = (audit.facts.closed()?, audit.breaches);
        Ok(Self { spilled, next: (0, 0), breaches, transfers: 0, in_flight: 0 })
    }

    /// Judges the next part; gives what rows should say that were projected up to a position.
    /// `None` after the last.
    pub fn next_part(&mut self, upto: LogPosition) -> io::Result<Option<Vec<Expected>>> {
        let (file, nth) = self.next;
        if file == FILES_LEN {
            return Ok(None);
        }
        let parts = self.spilled.parts(file)?;
        self.next = if nth + 1 < parts { (file, nth + 1) } else { (file + 1, 0) };
        let mut things: BTreeMap<Uuid, Vec<Fact>> = BTreeMap::new();
        for fact in self.spilled.part(file, nth, parts)? {
            things.entry(fact.key).or_default().push(fact);
        }
        let mut expected = Vec::new();
        for (key, facts) in things {
            let seen: Vec<_> = facts.iter().filter(|fact| fact.position <= upto).copied().collect();
            if facts.iter().any(|fact| fact.kind as u8 >= Kind::PartAssessed as u8) {
                judge_part(key, &facts, &mut self.breaches);
                expected.extend(part(&seen));
            } else {
                self.judge_transfer(key, &facts);
                expected.extend(transfer(key, &seen));
            }
        }
        Ok(Some(expected))
    }

    fn judge_transfer(&mut self, key: Uuid, facts: &[Fact]) {
        let places = |kinds: &[Kind]| -> Vec<LogPosition> {
            let of = facts.iter().filter(|fact| kinds.contains(&fact.kind));
            of.map(|fact| fact.position).collect()
        };
        let all: Vec<_> = facts.iter().map(|fact| fact.position).collect();
        let debits = places(&[Kind::Debited]);
        let arrivals = places(&[Kind::Credited, Kind::Bounced]);
        let bounces = places(&[Kind::Bounced]);
        let returns = places(&[Kind::Returned]);
        let ends = places(&[Kind::Declined, Kind::Expired]);
        let breaches = &mut self.breaches;
        let mut breach = |invariant, what: &str| {
            breaches.note(invariant, format!("transfer {key}: {what}"), &all);
        };
        let order = |first: &[LogPosition], then: &[LogPosition]| {
            then.iter().all(|at| first.first().is_some_and(|first| first < at))
        };
        if debits.len() > 1 {
            breach(3, "it was taken from the payer more than once");
        }
        if arrivals.len() > 1 {
            breach(3, "it reached the payee more than once");
        }
        if !order(&debits, &arrivals) {
            breach(3, "it reached the payee without having been taken from the payer");
        }
        if returns.len() > 1 || !order(&bounces, &returns) {
            breach(3, "it went back to the payer without a bounce, or twice");
        }
        if !terms_agree(facts) {
            breach(3, "its two sides tell of different amounts or wallets");
        }
        if ends.len() > 1 || (!ends.is_empty() && !debits.is_empty()) {
            breach(4, "its hold ended more than once");
        }
        let outcomes = places(&[Kind::Succeeded, Kind::Failed, Kind::Skipped]);
        if outcomes.len() > 1 {
            breach(4, "its occurrence has more than one outcome");
        }
        let credited = places(&[Kind::Credited]);
        if !order(&credited, &places(&[Kind::Succeeded])) {
            breach(4, "its occurrence succeeded, and it never arrived");
        }
        if !credited.is_empty() && !places(&[Kind::Failed, Kind::Skipped]).is_empty() {
            breach(4, "its occurrence came to nothing, and it arrived");
        }
        judge_dues(facts, &mut breach);
        judge_refunds(facts, &mut breach);
        if !debits.is_empty() || !places(&[Kind::Requested]).is_empty() {
            self.transfers += 1;
        }
        if !debits.is_empty() && credited.is_empty() && returns.is_empty() {
            self.in_flight += 1;
        }
    }
}

const OF_TERMS: [Kind; 5] =
    [Kind::Requested, Kind::Debited, Kind::Credited, Kind::Bounced, Kind::Returned];

fn terms_agree(facts: &[Fact]) -> bool {
    let mut terms = facts.iter().filter(|fact| OF_TERMS.contains(&fact.kind));
    let terms_of = |fact: &Fact| (fact.amount, fact.from, fact.to);
    let first = terms.next().map(terms_of);
    terms.all(|fact| Some(terms_of(fact)) == first)
}

fn judge_dues(facts: &[Fact], breach: &mut impl FnMut(u8, &str)) {
    let of = |kind: Kind| facts.iter().filter(move |fact| fact.kind == kind);
    let credit = of(Kind::Credited).next();
    let told = of(Kind::DuesPaid).count() + of(Kind::DuesReleased).count();
    if told > 1 || of(Kind::DuesRefunded).count() > 1 {
        breach(5, "its dues were told of it more than once");
    }
    for paid in of(Kind::DuesPaid).chain(of(Kind::DuesRefunded)) {
        let is_covered =
            credit.is_some_and(|it| it.position < paid.position && it.amount == paid.amount);
        if !is_covered {
            breach(5, "its dues count what did not arrive");
        }
    }
    if of(Kind::DuesReleased).next().is_some() && credit.is_some() {
        breach(5, "its dues are released, and it arrived");
    }
}

fn judge_refunds(facts: &[Fact], breach: &mut impl FnMut(u8, &str)) {
    let amount = facts.iter().find(|fact| fact.kind == Kind::Credited).map(|fact| fact.amount);
    let mut refunded = 0_i128;
    for fact in facts {
        match fact.kind {
            Kind::RefundReserved => refunded += i128::from(fact.amount),
            Kind::RefundReleased => refunded -= i128::from(fact.amount),
            _ => continue,
        }
        if refunded < 0 || refunded > i128::from(amount.unwrap_or(0)) {
            breach(3, "its refunds are more than it");
        }
    }
}

fn judge_part(key: Uuid, facts: &[Fact], breaches: &mut Breaches) {
    let (mut assessed, mut paid) = (None, 0_i128);
    let mut positions = Vec::new();
    for fact in facts {
        positions.push(fact.position);
        let amount = i128::from(fact.amount);
        match fact.kind {
            Kind::PartAssessed if assessed.is_some() => {
                let what = format!("part {key} of user {}: assessed twice", fact.to);
                breaches.note(5, what, &positions);
            }
            Kind::PartAssessed => assessed = Some(amount),
            Kind::PartPaid => paid += amount,
            Kind::PartRefunded => paid -= amount,
            _ => {}
        }
        if paid < 0 || paid > assessed.unwrap_or(0) {
            let (user, cycle) = (fact.to, fact.from);
            let what = format!("cycle {cycle}, user {user}: {paid} paid of {assessed:?} assessed");
            breaches.note(5, what, &positions);
        }
    }
}

fn transfer(id: Uuid, facts: &[Fact]) -> Option<Expected> {
    let has = |kind: Kind| facts.iter().any(|fact| fact.kind == kind);
    let terms = facts.iter().find(|fact| OF_TERMS.contains(&fact.kind))?;
    Some(Expected::Transfer {
        id,
        debited: has(Kind::Debited),
        credited: has(Kind::Credited),
        given_up: has(Kind::Declined) || has(Kind::Expired),
        returned: has(Kind::Returned),
        amount: terms.amount,
    })
}

fn part(facts: &[Fact]) -> Option<Expected> {
    let assessed = facts.iter().find(|fact| fact.kind == Kind::PartAssessed)?;
    let sum = |kind: Kind| -> i64 {
        facts.iter().filter(|fact| fact.kind == kind).map(|fact| fact.amount).sum()
    };
    Some(Expected::Part {
        cycle: assessed.from,
        user: assessed.to,
        amount: assessed.amount,
        paid: sum(Kind::PartPaid) - sum(Kind::PartRefunded),
        exempt: facts.iter().any(|fact| fact.kind == Kind::PartExempted),
    })
}
