//! The served schema against the public contract: nothing of it is missing, renamed, or of another
//! type; what is served beyond it asks nothing more of clients.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, ServiceDocument, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};

/// A schema as lines that say one thing each: a member's path, and its type or default.
#[derive(Default)]
struct Facts {
    told: BTreeMap<String, String>,
    /// Arguments and input fields that clients have to give.
    required: BTreeSet<String>,
}

fn facts(document: ServiceDocument) -> Facts {
    let mut facts = Facts::default();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(ty) = definition {
            facts.add(&ty.node);
        }
    }
    facts
}

impl Facts {
    fn add(&mut self, ty: &TypeDefinition) {
        let name = ty.name.node.as_str();
        let kind = match &ty.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object(object) => {
                self.implements(name, &object.implements);
                self.fields(name, &object.fields);
                "object"
            }
            TypeKind::Interface(interface) => {
                self.implements(name, &interface.implements);
                self.fields(name, &interface.fields);
                "interface"
            }
            TypeKind::Union(_) => "union",
            TypeKind::Enum(values) => {
                for value in &values.values {
                    self.tell(format!("{name}.{}", value.node.value.node), "value");
                }
                "enum"
            }
            TypeKind::InputObject(input) => {
                self.inputs(name, &input.fields);
                "input"
            }
        };
        self.tell(name.to_owned(), kind);
    }

    fn tell(&mut self, path: String, fact: impl Into<String>) {
        self.told.insert(path, fact.into());
    }

    fn implements(&mut self, name: &str, interfaces: &[Positioned<async_graphql::Name>]) {
        for interface in interfaces {
            self.tell(format!("{name} implements {}", interface.node), "yes");
        }
    }

    fn fields(&mut self, of: &str, fields: &[Positioned<FieldDefinition>]) {
        for field in fields {
            let field = &field.node;
            let path = format!("{of}.{}", field.name.node);
            self.inputs(&path, &field.arguments);
            self.tell(path, field.ty.node.to_string());
        }
    }

    fn inputs(&mut self, of: &str, inputs: &[Positioned<InputValueDefinition>]) {
        for input in inputs {
            let path = format!("{of}({})", input.node.name.node);
            let default = input.node.default_value.as_ref().map(|value| value.node.to_string());
            if default.is_none() && !input.node.ty.node.nullable {
                self.required.insert(path.clone());
            }
            let default = default.map(|value| format!(" = {value}")).unwrap_or_default();
            self.tell(path, format!("{}{default}", input.node.ty.node));
        }
    }
}

fn contract() -> Facts {
    let text = include_str!("../golden/contract.graphql");
    facts(parse_schema(text).unwrap())
}

fn served() -> Facts {
    facts(parse_schema(query::schema_sdl()).unwrap())
}

#[test]
fn all_of_the_contract_is_served_as_it_says() {
    let served = served();
    let contract = contract().told;
    assert!(contract.len() > 400, "this test looks at the wrong place: {}", contract.len());
    let broken: Vec<_> = contract
        .into_iter()
        .filter(|(path, fact)| served.told.get(path) != Some(fact))
        .map(|(path, fact)| format!("{path}: {fact}, served {:?}", served.told.get(&path)))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn what_is_served_beyond_the_contract_asks_nothing_more_of_clients() {
    let (contract, served) = (contract(), served());
    let is_new = |path: &String| {
        let of = path.split('(').next().unwrap_or_default();
        contract.told.contains_key(of) && !contract.told.contains_key(path)
    };
    let more: Vec<_> = served.required.iter().filter(|path| is_new(path)).collect();
    assert!(more.is_empty(), "{more:#?}");
}

#[test]
fn every_scalar_says_by_what_it_is_specified() {
    let document = parse_schema(query::schema_sdl()).unwrap();
    let mut scalars = 0;
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        if matches!(ty.node.kind, TypeKind::Scalar) {
            scalars += 1;
            let is_specified = |it: &str| it == "specifiedBy";
            let mut directives = ty.node.directives.iter().map(|it| it.node.name.node.as_str());
            assert!(directives.any(is_specified), "{}", ty.node.name.node);
        }
    }
    assert!(scalars >= 5);
}
