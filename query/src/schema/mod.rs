//! The GraphQL schema: names, arguments and nullability are the public contract.
//!
//! A nullable field that can fail returns `Option<Result<…>>`: only then does the executor give
//! null and go on; with `Result<Option<…>>` it takes the parent away.

pub(crate) mod channel;
pub(crate) mod connection;
pub(crate) mod dues;
pub(crate) mod entry;
pub(crate) mod events;
pub(crate) mod inputs;
pub(crate) mod message;
pub(crate) mod mutation;
pub(crate) mod payloads;
pub(crate) mod query;
pub(crate) mod recurrence;
pub(crate) mod scalars;
pub(crate) mod scheduled_payment;
pub(crate) mod sight;
pub(crate) mod subscription;
pub(crate) mod transfer;
pub(crate) mod user;
pub(crate) mod wallet;
pub(crate) mod wallet_events;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

use self::mutation::Mutation;
use self::query::{Node, Query};
use self::sight::Services;
use self::subscription::SubscriptionRoot;

/// The schema with what its resolvers need.
pub(crate) type ApiSchema = Schema<Query, Mutation, SubscriptionRoot>;

fn builder() -> SchemaBuilder<Query, Mutation, SubscriptionRoot> {
    Schema::build(Query::default(), Mutation::default(), SubscriptionRoot)
        .register_output_type::<Node>()
}

/// The schema, ready to be executed.
pub(crate) fn build(services: Services) -> ApiSchema {
    builder().data(services).finish()
}

/// The schema as text, in GraphQL's schema definition language.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    builder().finish().sdl_with_options(options.use_space_ident())
}
