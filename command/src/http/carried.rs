//! What problems say beside their code, a field for each thing.

use events::money::Amount;
use events::{Timestamp, WalletId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rejection::Details;

/// What a problem's code carries along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Carried {
    /// The wallet that is closed, frozen, or not empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_id: Option<WalletId>,
    /// What may be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<Amount>,
    /// How much there may be of what is too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    /// What is left of the day's limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<Amount>,
    /// Wrong PINs that are left before it is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u8>,
    /// When a lock ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// What is left to be refunded.
    #[serde(skip_serializing_if = "Option::is_none")]
    refundable: Option<Amount>,
    /// What is left to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    outstanding: Option<Amount>,
}

/// How much there may be of what is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
enum Limit {
    /// Bytes or lines.
    Count(usize),
    /// Money.
    Amount(Amount),
}

impl Carried {
    /// Of something that is counted.
    pub(super) fn count_max(count: usize) -> Self {
        Self { limit: Some(Limit::Count(count)), ..Self::default() }
    }
}

impl From<Details> for Carried {
    fn from(details: Details) -> Self {
        let nothing = Self::default();
        match details {
            Details::Wallet { wallet_id } => Self { wallet_id: Some(wallet_id), ..nothing },
            Details::Funds { available } => Self { available: Some(available), ..nothing },
            Details::Limit { limit, remaining } => {
                let limit = Some(Limit::Amount(limit));
                Self { limit, remaining: Some(remaining), ..nothing }
            }
            Details::Tries { tries_left } => Self { tries_left: Some(tries_left), ..nothing },
            Details::Lock { until } => Self { until: Some(until), ..nothing },
            Details::Refund { refundable } => Self { refundable: Some(refundable), ..nothing },
            Details::Dues { outstanding } => Self { outstanding: Some(outstanding), ..nothing },
        }
    }
}
