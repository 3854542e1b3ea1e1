//! The schema as it is served.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, TypeKind};
use async_graphql::parser::types::{ServiceDocument, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

fn served() -> ServiceDocument {
    parse_schema(query::schema_sdl()).unwrap()
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, query::schema_sdl()).unwrap();
    } else {
        assert!(committed == query::schema_sdl(), "run this test with UPDATE_SCHEMA=1, and look");
    }
}

#[test]
fn everything_is_described() {
    let mut bare = Vec::new();
    for definition in served().definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let (ty, mut note) = (ty.node, Bare { of: String::new(), bare: &mut bare });
        note.of = ty.name.node.to_string();
        note.check(ty.description.is_some(), "");
        match ty.kind {
            TypeKind::Object(object) => note.fields(&object.fields),
            TypeKind::Interface(interface) => note.fields(&interface.fields),
            TypeKind::InputObject(input) => note.inputs("", &input.fields),
            TypeKind::Enum(values) => {
                for value in values.values {
                    note.check(value.node.description.is_some(), &value.node.value.node);
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

struct Bare<'a> {
    of: String,
    bare: &'a mut Vec<String>,
}

impl Bare<'_> {
    fn check(&mut self, is_described: bool, member: &str) {
        if !is_described {
            self.bare.push(format!("{}.{member}", self.of));
        }
    }

    fn fields(&mut self, fields: &[Positioned<FieldDefinition>]) {
        for field in fields {
            let field = &field.node;
            self.check(field.description.is_some(), &field.name.node);
            self.inputs(&field.name.node, &field.arguments);
        }
    }

    fn inputs(&mut self, of: &str, inputs: &[Positioned<InputValueDefinition>]) {
        for input in inputs {
            let name: &Name = &input.node.name.node;
            self.check(input.node.description.is_some(), &format!("{of}.{name}"));
        }
    }
}
