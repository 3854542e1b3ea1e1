//! What the types of commands take: the inputs of the mutations, without `commandId`.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::problem::Problem;
use crate::bus::{Command, Secret};

/// The input of a type of command.
trait Input: DeserializeOwned + JsonSchema {
    /// As the bus takes it.
    fn command(self) -> Command;
}

/// A type of command.
pub(super) struct Kind {
    /// Its name, the mutation's.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) summary: &'static str,
    /// The schema of its input.
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
    parse: fn(&RawValue) -> Result<Command, Problem>,
}

/// All types of commands that can be sent here.
pub(super) fn kinds() -> impl Iterator<Item = &'static Kind> {
    messenger::KINDS.iter().chain(money::KINDS).chain(schedules::KINDS)
}

/// Reads the input of a type of command.
pub(super) fn command(kind: &str, data: &RawValue) -> Result<Command, Problem> {
    match kinds().find(|known| known.name == kind) {
        Some(known) => (known.parse)(data),
        None => Err(Problem::malformed("There is no command of this type.").at("type")),
    }
}

/// Defines inputs: what each does, its name, its fields, and the command that it becomes.
macro_rules! inputs {
    ($($summary:literal $name:literal $input:ident {
        $($(#[$meta:meta])* $field:ident: $type:ty,)*
    } => $command:expr;)*) => {
        /// These types of commands.
        pub(super) const KINDS: &[Kind] = &[$(Kind {
            name: $name,
            summary: $summary,
            schema: schemars::generate::SchemaGenerator::subschema_for::<$input>,
            parse: |data| crate::http::request::parse_data::<$input>(data).map(Input::command),
        }),*];

        $(
            #[doc = $summary]
            #[derive(Deserialize, JsonSchema)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            struct $input {
                $($(#[$meta])* $field: $type,)*
            }

            impl Input for $input {
                fn command(self) -> Command {
                    let Self { $($field),* } = self;
                    $command
                }
            }
        )*
    };
}

mod messenger;
mod money;
mod schedules;

pub(super) use self::money::RawAmount;

fn secret(text: String) -> Secret {
    Secret::new(text)
}
