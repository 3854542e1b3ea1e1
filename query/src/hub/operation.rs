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

/// Whether a push shows every member of the channel the same.
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
            self.look("", &operation.node.selection_set.node, &mut needs);
        }
        needs
    }

    /// Looks through the selections below the field `parent`. By the validated schema, only a
    /// field named `channel` leads to a channel, of which unread messages are the viewer's;
    /// of messages they are everybody's. Fragments can't be cyclic once validated.
    fn look(&self, parent: &str, selections: &SelectionSet, needs: &mut Needs) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    match field.name.node.as_str() {
                        "unreadCount" if parent == "channel" => needs.viewer = Viewed::Differently,
                        "unreadCount" => needs.counts.unread = true,
                        "reactions" => needs.counts.reactions = true,
                        "viewerRole" | "viewerReacted" | "email" => {
                            needs.viewer = Viewed::Differently;
                        }
                        _ => {}
                    }
                    self.look(&field.name.node, &field.selection_set.node, needs);
                }
                Selection::InlineFragment(fragment) => {
                    self.look(parent, &fragment.node.selection_set.node, needs);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    if let Some(fragment) = fragment {
                        self.look(parent, &fragment.node.selection_set.node, needs);
                    }
                }
            }
        }
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
        let unread = Counts { unread: true, reactions: false };
        assert_eq!(counted, Needs { viewer: Viewed::Alike, counts: unread });
        let reactions = needs("... on ReactionsChanged { message { reactions { emoji } } }");
        assert!(reactions.counts.reactions);
        for own in [
            "... on MessageSent { message { channel { ...C } } }",
            "... on MessageSent { message { channel { viewerRole } } }",
            "... on MemberJoined { user { email } }",
            "... on ReactionsChanged { message { reactions { viewerReacted } } }",
        ] {
            assert_eq!(needs(own).viewer, Viewed::Differently, "{own}");
        }
    }
}
