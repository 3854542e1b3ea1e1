//! Variables as the operation declares them: defaults filled in, everything else refused.
//!
//! <https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values>

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Name, Value, Variables};

use super::fault::Fault;
use super::shape::{Input, Shape};

/// The variables that the operation declares, in the order of their names. What it doesn't
/// declare is left out: it can't matter.
pub(super) fn coerce(
    operation: &OperationDefinition,
    mut sent: Variables,
    shape: &Shape,
) -> Result<Variables, Fault> {
    let mut variables = Variables::default();
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let default = definition.default_value.as_ref().map(|value| &value.node);
        let ty = &definition.var_type.node;
        let value = match (sent.remove(name), default) {
            (Some(value), _) => coerce_value(name.as_str(), value, ty, shape)?,
            (None, Some(default)) => default.clone(),
            (None, None) if ty.nullable => continue,
            (None, None) => {
                return Err(Fault::variable(
                    name.as_str(),
                    format!("variable `${name}` of type `{ty}` was not given"),
                ));
            }
        };
        variables.insert(name.clone(), value);
    }
    Ok(variables)
}

fn coerce_value(path: &str, value: Value, ty: &Type, shape: &Shape) -> Result<Value, Fault> {
    if value == Value::Null {
        return if ty.nullable { Ok(value) } else { Err(unfit(path, ty, "must not be null")) };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Value::List(items)) => items
            .into_iter()
            .enumerate()
            .map(|(at, item)| coerce_value(&format!("{path}.{at}"), item, inner, shape))
            .collect::<Result<_, _>>()
            .map(Value::List),
        // One value stands for a list of it.
        (BaseType::List(inner), value) => {
            Ok(Value::List(vec![coerce_value(path, value, inner, shape)?]))
        }
        (BaseType::Named(name), value) => coerce_named(path, value, name, ty, shape),
    }
}

fn coerce_named(
    path: &str,
    value: Value,
    name: &Name,
    ty: &Type,
    shape: &Shape,
) -> Result<Value, Fault> {
    let fits = match (name.as_str(), &value) {
        ("Int", Value::Number(number)) => {
            number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        ("Float", Value::Number(_))
        | ("String" | "ID", Value::String(_))
        | ("Boolean", Value::Boolean(_)) => true,
        ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
        ("Int" | "Float" | "String" | "ID" | "Boolean", _) => false,
        _ => match shape.input(name.as_str()) {
            Some(Input::Object(_)) => return coerce_object(path, value, name, ty, shape),
            Some(Input::Enum(names)) => match &value {
                Value::String(text) => names.contains(text),
                Value::Enum(text) => names.contains(text.as_str()),
                _ => false,
            },
            // A scalar of our own parses its values itself, with codes of its own.
            Some(Input::Scalar) => true,
            None => return Err(Fault::invalid(format!("unknown input type `{name}`"), None)),
        },
    };
    if fits { Ok(value) } else { Err(unfit(path, ty, "is something else")) }
}

fn coerce_object(
    path: &str,
    value: Value,
    name: &Name,
    ty: &Type,
    shape: &Shape,
) -> Result<Value, Fault> {
    let (Some(Input::Object(fields)), Value::Object(mut given)) = (shape.input(name), value) else {
        return Err(unfit(path, ty, "is no object"));
    };
    if let Some(unknown) = given.keys().find(|key| !fields.contains_key(key.as_str())) {
        let path = format!("{path}.{unknown}");
        return Err(Fault::variable(path, format!("`{ty}` has no field `{unknown}`")));
    }
    for (field, declared) in fields {
        let path = format!("{path}.{field}");
        match given.get_mut(field.as_str()) {
            Some(value) => {
                let taken = std::mem::take(value);
                *value = coerce_value(&path, taken, &declared.ty, shape)?;
            }
            None if declared.ty.nullable || declared.default.is_some() => {}
            None => return Err(unfit(&path, &declared.ty, "was not given")),
        }
    }
    Ok(Value::Object(given))
}

fn unfit(path: &str, ty: &Type, why: &str) -> Fault {
    Fault::variable(path, format!("`{path}` must be of type `{ty}`, but {why}"))
}
