//! Schemas of commands, answers and problems, as components of the `OpenAPI` document.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::input::{Kind, kinds};
use super::{deposits, problem};

/// Where schemas stand in the document.
const COMPONENTS: &str = "/components/schemas";

/// All schemas by name.
pub(super) struct Schemas {
    generator: SchemaGenerator,
    commands: Map<String, Value>,
}

impl Schemas {
    /// Of everything that goes in and out.
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = COMPONENTS.into();
            settings.meta_schema = None;
        });
        let mut generator = settings.into_generator();
        let commands = kinds().map(|kind| (name_of(kind), command(kind, &mut generator)));
        let commands = commands.collect();
        Self { generator, commands }
    }

    /// A reference to a type's schema.
    fn of<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// A reference to that of answers.
    pub(super) fn answer(&mut self) -> Value {
        self.of::<Answer>()
    }

    /// A reference to that of payment providers' notices, and to that of what they are told.
    pub(super) fn deposit_notice(&mut self) -> (Value, Value) {
        (self.of::<deposits::Told>(), self.of::<deposits::Taken>())
    }

    /// A reference to that of problems.
    pub(super) fn problem(&mut self) -> Value {
        self.of::<problem::Told>()
    }

    /// Any of the commands.
    pub(super) fn any_command(&self) -> Value {
        let reference = |name: &String| json!({ "$ref": reference(name) });
        let mapping = kinds().map(|kind| {
            let name = name_of(kind);
            (kind.name.to_owned(), Value::from(reference_text(&name)))
        });
        json!({
            "oneOf": self.commands.keys().map(reference).collect::<Vec<_>>(),
            "discriminator": {
                "propertyName": "type",
                "mapping": mapping.collect::<Map<_, _>>(),
            },
        })
    }

    /// All of them, for the document.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = self.generator.take_definitions(true);
        all.extend(self.commands);
        all
    }
}

fn name_of(kind: &Kind) -> String {
    let mut name = format!("{}Command", kind.name);
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

fn reference(name: &str) -> Value {
    reference_text(name).into()
}

fn reference_text(name: &str) -> String {
    format!("#{COMPONENTS}/{name}")
}

fn command(kind: &Kind, generator: &mut SchemaGenerator) -> Value {
    json!({
        "type": "object",
        "description": kind.summary,
        "properties": {
            "type": { "const": kind.name },
            "id": {
                "type": ["string", "null"],
                "format": "uuid",
                "description": "Names the command: a UUID of version 4 or 7, made by the client. \
                    The same id with the same input gives the first answer again; with another \
                    input it is IDEMPOTENCY_CONFLICT. Made by the server when left out.",
            },
            "data": (kind.schema)(generator).to_value(),
        },
        "required": ["type", "data"],
        "additionalProperties": false,
    })
}
