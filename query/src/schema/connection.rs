//! Pages as Relay describes them.
//! Source: <https://relay.dev/graphql/connections.htm>

use async_graphql::SimpleObject;

use super::channel::{Channel, ChannelMember};
use super::dues::{DuesAssessment, DuesCycle, DuesPlan};
use super::entry::Entry;
use super::message::Message;
use super::scheduled_payment::{Occurrence, ScheduledPayment};
use super::transfer::Transfer;
use super::user::User;
use super::wallet::{Wallet, WalletMember};
use crate::cursor::{Found, Key, List, Window};

/// Where a page stands in its list.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether there are items behind this page.
    has_next_page: bool,
    /// Whether there are items before this page.
    has_previous_page: bool,
    /// Cursor of the page's first item.
    start_cursor: Option<String>,
    /// Cursor of the page's last item.
    end_cursor: Option<String>,
}

fn page_info<T, K>(window: &Window<K>, found: &Found<T>, cursors: &[String]) -> PageInfo {
    let (has_previous_page, has_next_page) = found.neighbours(window);
    let (start_cursor, end_cursor) = (cursors.first().cloned(), cursors.last().cloned());
    PageInfo { has_next_page, has_previous_page, start_cursor, end_cursor }
}

/// Edge and connection of a node type; `counted` ones tell the length of the whole list.
macro_rules! connection {
    ($node:ident, $edge:ident, $connection:ident $(, $counted:ident)?) => {
        /// One item of a page.
        #[derive(SimpleObject)]
        pub(crate) struct $edge {
            /// Names the item's place in this list; pass it as `after` or `before`.
            cursor: String,
            /// The item.
            node: $node,
        }

        /// A page of a list.
        #[derive(SimpleObject)]
        pub(crate) struct $connection {
            /// The page's items with their cursors.
            edges: Vec<$edge>,
            /// The page's items.
            nodes: Vec<$node>,
            /// Where the page stands in the list.
            page_info: PageInfo,
            $(
                /// How many items the whole list has.
                #[graphql(name = "totalCount")]
                $counted: i32,
            )?
        }

        impl $connection {
            /// From what was found, each item with the key that it sorts by.
            pub(crate) fn of<K: Key>(
                list: List,
                window: &Window<K>,
                found: Found<(K, $node)>,
                $($counted: i32,)?
            ) -> Self {
                let cursors = found.items.iter().map(|(key, _)| list.cursor(key));
                let cursors: Vec<_> = cursors.collect();
                let page_info = page_info(window, &found, &cursors);
                let nodes: Vec<_> = found.items.into_iter().map(|(_, node)| node).collect();
                let edges = cursors.into_iter().zip(nodes.iter().cloned());
                let edges = edges.map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { edges, nodes, page_info, $($counted)? }
            }
        }
    };
}

connection!(Message, MessageEdge, MessageConnection);
connection!(User, UserEdge, UserConnection, total_count);
connection!(Channel, ChannelEdge, ChannelConnection, total_count);
connection!(ChannelMember, ChannelMemberEdge, ChannelMemberConnection, total_count);
connection!(Wallet, WalletEdge, WalletConnection, total_count);
connection!(WalletMember, WalletMemberEdge, WalletMemberConnection, total_count);
connection!(Entry, EntryEdge, EntryConnection);
connection!(Transfer, TransferEdge, TransferConnection);
connection!(Occurrence, OccurrenceEdge, OccurrenceConnection);
connection!(ScheduledPayment, ScheduledPaymentEdge, ScheduledPaymentConnection);
connection!(DuesPlan, DuesPlanEdge, DuesPlanConnection);
connection!(DuesCycle, DuesCycleEdge, DuesCycleConnection);
connection!(DuesAssessment, DuesAssessmentEdge, DuesAssessmentConnection, total_count);

impl MessageConnection {
    /// The same page, behind which the next one does not begin at its last item.
    pub(crate) fn going_on_from(mut self, cursor: String) -> Self {
        self.page_info.end_cursor = Some(cursor);
        self
    }
}
