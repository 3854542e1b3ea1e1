//! A subscriber's operation, to be executed more than once.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Request, ServerError, Variables};

use super::batch::Counts;
use crate::order::Order;

/// A parsed operation with its variables.
#[derive(Debug)]
pub(crate) struct Operation {
    document: ExecutableDocument,
    variables: Variables,
    name: Option<String>,
}

/// What of a push depends on who looks, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) viewer: Viewed,
    pub(crate) counts: Counts,
}

/// Whether a push shows every member of the channel or wallet the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewed {
    Alike,
    Differently,
}

impl Operation {
    pub(crate) fn of(mut request: Request) -> Result<Self, ServerError> {
        let document = request.parsed_query()?.clone();
        Ok(Self { document, variables: request.variables, name: request.operation_name })
    }

    /// A request to execute it, once.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        request.set_parsed_query(self.document.clone());
        request
    }

    /// The order of fields in its results.
    pub(crate) fn order(&self) -> Order {
        Order::of(&self.document, self.name.as_deref())
    }

    /// What its selections depend on.
    pub(crate) fn needs(&self) -> Needs {
        let mut needs = Needs { viewer: Viewed::Alike, counts: Counts::default() };
        for (_, operation) in self.document.operations.iter() {
            self.look(Below::default(), &operation.node.selection_set.node, &mut needs);
        }
        needs
    }

    /// Looks through the selections below a field. Fragments can't be cyclic once validated.
    fn look(&self, below: Below<'_>, selections: &SelectionSet, needs: &mut Needs) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    needs.add(below, name);
                    self.look(below.field(name), &field.selection_set.node, needs);
                }
                Selection::InlineFragment(fragment) => {
                    self.look(below, &fragment.node.selection_set.node, needs);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    if let Some(fragment) = fragment {
                        self.look(below, &fragment.node.selection_set.node, needs);
                    }
                }
            }
        }
    }
}

/// Where a selection stands.
#[derive(Debug, Clone, Copy, Default)]
struct Below<'a> {
    /// The field that it belongs to.
    field: &'a str,
    /// Whether a wallet stands above it, somewhere.
    of_wallet: bool,
}

impl<'a> Below<'a> {
    fn field(self, field: &'a str) -> Self {
        Self { field, of_wallet: self.of_wallet || WALLETS.contains(&field) }
    }
}

/// Fields that lead to wallets.
const WALLETS: [&str; 6] = ["counterparty", "from", "receivingWallet", "to", "wallet", "wallets"];

/// Fields that may lead to other wallets than the one that is followed, of which some who are
/// told are members and some are not. A field named `wallet` leads to the wallet itself, or to
/// the one whose ledger a line is in.
const OTHER_WALLETS: [&str; 6] = ["counterparty", "from", "node", "nodes", "receivingWallet", "to"];

/// What only members see of a wallet.
const OF_WALLET_MEMBERS: [&str; 9] = [
    "approvalsRequired",
    "available",
    "awaitingApproval",
    "balance",
    "duesPlans",
    "entries",
    "limits",
    "members",
    "scheduledPayments",
];

/// What only members see of a channel. Of a channel that is followed all are members.
const OF_CHANNEL_MEMBERS: [&str; 4] = ["lastMessage", "members", "messages", "wallets"];

impl Needs {
    /// By the validated schema, only a field named `channel` leads to a channel, of which unread
    /// messages are the viewer's; of messages they are everybody's.
    fn add(&mut self, below: Below<'_>, name: &str) {
        let differs = match (below.field, name) {
            (_, "viewerRole" | "viewerReacted" | "viewerAssessment" | "email")
            | ("channel", "unreadCount") => true,
            ("channel", name) => below.of_wallet && OF_CHANNEL_MEMBERS.contains(&name),
            (field, name) => OTHER_WALLETS.contains(&field) && OF_WALLET_MEMBERS.contains(&name),
        };
        if differs {
            self.viewer = Viewed::Differently;
        }
        self.counts.unread |= name == "unreadCount" && below.field != "channel";
        self.counts.reactions |= name == "reactions";
        self.counts.approvals |= name == "approvedBy";
        self.counts.refunds |= name == "refundedAmount";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(selections: &str) -> Needs {
        let query = format!(
            "subscription {{ channelEvents(channelId: 1) {{ {selections} }} }}
             fragment C on Channel {{ unreadCount }} fragment M on Message {{ unreadCount }}"
        );
        Operation::of(Request::new(query)).unwrap().needs()
    }

    #[test]
    fn only_what_shows_the_viewer_keeps_viewers_apart() {
        let alike = needs("position ... on MessageSent { message { text author { username } } }");
        assert_eq!(alike.viewer, Viewed::Alike);
        assert_eq!(alike.counts, Counts::default());
        let counted = needs("... on MessageSent { message { ...M channel { name } } }");
        let unread = Counts { unread: true, ..Counts::default() };
        assert_eq!(counted, Needs { viewer: Viewed::Alike, counts: unread });
        let reactions = needs("... on ReactionsChanged { message { reactions { emoji } } }");
        assert!(reactions.counts.reactions);
        let ledger = needs("... on EntryPosted { entry { wallet { name balance available } } }");
        assert_eq!(ledger, Needs { viewer: Viewed::Alike, counts: Counts::default() });
        let transfer =
            needs("... on TransferChanged { transfer { from { name } approvedBy { id } } }");
        assert!(transfer.viewer == Viewed::Alike && transfer.counts.approvals);
        for own in [
            "... on MessageSent { message { channel { ...C } } }",
            "... on MessageSent { message { channel { viewerRole } } }",
            "... on MemberJoined { user { email } }",
            "... on ReactionsChanged { message { reactions { viewerReacted } } }",
            "... on EntryPosted { entry { counterparty { balance } } }",
            "... on TransferChanged { transfer { from { entries { nodes { id } } } } }",
            "... on WalletChanged { wallet { channel { lastMessage { text } } } }",
            "... on MemberJoined { user { receivingWallet { limits { perDay } } } }",
        ] {
            assert_eq!(needs(own).viewer, Viewed::Differently, "{own}");
        }
    }
}
