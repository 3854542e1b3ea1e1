//! Which projections an operation reads: an answer waits for these, and for no others.

use std::time::Duration;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use events::LogPosition;

use crate::hub::progress::Progress;

/// Fields that lead to money, or may.
const MONEY_FIELDS: [&str; 10] = [
    "duesPlan",
    "inbox",
    "node",
    "receivingWallet",
    "scheduledPayment",
    "transfer",
    "wallet",
    "walletEvent",
    "walletEvents",
    "wallets",
];

/// Fields that lead from money back to people and channels.
const PEOPLE_FIELDS: [&str; 8] =
    ["approvedBy", "by", "channel", "createdBy", "members", "owner", "requestedBy", "user"];

/// What an operation selects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Something of people, channels or messages, where it selects money.
    pub(crate) people: bool,
    /// Something of wallets.
    pub(crate) money: bool,
}

impl Reads {
    /// What the operation that is named selects, or the only one. Fragments that nobody spreads
    /// count, too: waiting for more than is read does no harm.
    pub(crate) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut reads = Self::default();
        for (other, operation) in document.operations.iter() {
            if name.is_none() || other.map(async_graphql::Name::as_str) == name {
                reads.look(&operation.node.selection_set.node);
            }
        }
        for fragment in document.fragments.values() {
            reads.look(&fragment.node.selection_set.node);
        }
        reads
    }

    fn look(&mut self, selections: &SelectionSet) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    self.money |= MONEY_FIELDS.contains(&name);
                    self.people |= PEOPLE_FIELDS.contains(&name);
                    self.look(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.look(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Waits until what a query reads has passed a position. Who may see what is a matter of
    /// channels, so that the messenger is always read.
    pub(crate) async fn reached(
        self,
        messenger: &Progress,
        money: &Progress,
        position: LogPosition,
        within: Duration,
    ) -> bool {
        let messenger = messenger.reached(position, within);
        if !self.money {
            return messenger.await;
        }
        let (messenger, money) =
            futures::future::join(messenger, money.reached(position, within)).await;
        messenger && money
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn reads(text: &str) -> (bool, bool) {
        let reads = Reads::of(&parse_query(text).unwrap(), None);
        (reads.money, reads.people)
    }

    #[test]
    fn what_leads_to_money_is_seen_at_any_depth() {
        assert_eq!(reads("{ me { id } channels { nodes { name } } }"), (false, false));
        assert_eq!(reads("{ wallets { nodes { balance } } }"), (true, false));
        assert!(reads("{ me { ...R } } fragment R on User { receivingWallet { id } }").0);
        let own = "mutation { openWallet(input: 1) { wallet { ... on Wallet { owner { id } } } } }";
        assert_eq!(reads(own), (true, true));
        assert_eq!(reads("mutation { transfer(input: 1) { transfer { status } } }"), (true, false));
    }
}
