//! What a document is measured and coerced against: the schema's types, read from its SDL.

use std::collections::{HashMap, HashSet};

use async_graphql::Value as ConstValue;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind,
    TypeSystemDefinition,
};

/// The part of a schema that matters before execution.
#[derive(Debug, Default)]
pub struct Shape {
    roots: [Option<String>; 3],
    outputs: HashMap<String, HashMap<String, Output>>,
    inputs: HashMap<String, Input>,
}

/// A field of an object or interface.
#[derive(Debug)]
pub(super) struct Output {
    /// Name of its type without lists and bangs.
    pub(super) ty: String,
    /// Its type.
    pub(super) full: Type,
    /// Whether it takes a page size.
    pub(super) paged: bool,
}

/// A type that a variable can have.
#[derive(Debug)]
pub(super) enum Input {
    /// One whose values only its own parser knows.
    Scalar,
    /// The names that it has.
    Enum(HashSet<String>),
    /// Fields by name.
    Object(HashMap<String, InputField>),
}

/// A field of an input object.
#[derive(Debug)]
pub(super) struct InputField {
    pub(super) ty: Type,
    pub(super) default: Option<ConstValue>,
}

impl Shape {
    /// Reads the SDL that a schema prints.
    pub fn of_sdl(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let document = async_graphql::parser::parse_schema(sdl)?;
        let mut shape = Self::default();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    shape.roots = [schema.query, schema.mutation, schema.subscription]
                        .map(|root| root.map(|name| name.node.to_string()));
                }
                TypeSystemDefinition::Type(ty) => {
                    shape.add(ty.node.name.node.to_string(), ty.node.kind);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(shape)
    }

    fn add(&mut self, name: String, kind: TypeKind) {
        match kind {
            TypeKind::Object(object) => {
                self.outputs.insert(name, outputs(object.fields.into_iter().map(|it| it.node)));
            }
            TypeKind::Interface(interface) => {
                self.outputs.insert(name, outputs(interface.fields.into_iter().map(|it| it.node)));
            }
            TypeKind::Union(_) => {}
            TypeKind::Scalar => {
                self.inputs.insert(name, Input::Scalar);
            }
            TypeKind::Enum(values) => {
                let names = values.values.into_iter().map(|it| it.node.value.node.to_string());
                self.inputs.insert(name, Input::Enum(names.collect()));
            }
            TypeKind::InputObject(object) => {
                let fields = object.fields.into_iter().map(|it| input_field(it.node));
                self.inputs.insert(name, Input::Object(fields.collect()));
            }
        }
    }

    /// Name of the type at the root of such operations; `None` if the schema has none.
    pub(super) fn root(&self, kind: OperationType) -> Option<&str> {
        let root = match kind {
            OperationType::Query => &self.roots[0],
            OperationType::Mutation => &self.roots[1],
            OperationType::Subscription => &self.roots[2],
        };
        root.as_deref()
    }

    /// A field of a type, if both are known.
    pub(super) fn output(&self, ty: &str, field: &str) -> Option<&Output> {
        self.outputs.get(ty)?.get(field)
    }

    /// A type that a variable can have, if it is known and not built in.
    pub(super) fn input(&self, ty: &str) -> Option<&Input> {
        self.inputs.get(ty)
    }
}

fn outputs(fields: impl Iterator<Item = FieldDefinition>) -> HashMap<String, Output> {
    fields
        .map(|field| {
            let sizes =
                |it: &InputValueDefinition| matches!(it.name.node.as_str(), "first" | "last");
            let paged = field.arguments.iter().any(|argument| sizes(&argument.node));
            let ty = named(&field.ty.node).to_owned();
            (field.name.node.to_string(), Output { ty, full: field.ty.node, paged })
        })
        .collect()
}

fn input_field(field: InputValueDefinition) -> (String, InputField) {
    let default = field.default_value.map(|value| value.node);
    (field.name.node.to_string(), InputField { ty: field.ty.node, default })
}

/// The name in a type, without lists and bangs.
pub(super) fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}
