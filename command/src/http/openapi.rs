//! The `OpenAPI` 3.1 document, made from the types that requests are read into.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::problem::PROBLEM;
use super::schemas::Schemas;
use super::{LINES_LEN_MAX, body};

static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

/// The document, as JSON.
pub(super) fn text() -> &'static str {
    &TEXT
}

fn document() -> Value {
    let mut schemas = Schemas::new();
    let (post, deposits) = (commands(&mut schemas), deposits(&mut schemas));
    let get = json!({
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": { "200": {
            "description": "OpenAPI 3.1.",
            "content": { (body::ONE): { "schema": { "type": "object" } } },
        }},
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Moim commands",
            "version": "1",
            "summary": "Everything that can be done in Moim, over plain HTTP.",
            "description": "The same commands as the GraphQL mutations, with the same ids: a \
                command that was sent there may be repeated here. Queries and subscriptions are \
                GraphQL, at `/graphql`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "paths": {
            "/v1/commands": { "post": post },
            "/v1/deposits": { "post": deposits },
            "/v1/openapi.json": { "get": get },
        },
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `accessToken` of a session, good for 15 minutes.",
            }},
            "schemas": schemas.finish(),
        },
    })
}

fn commands(schemas: &mut Schemas) -> Value {
    let problem = schemas.problem();
    let answer = schemas.answer();
    let lines = format!(
        "A command a line, up to {LINES_LEN_MAX}; blank lines don't count. What comes of each is \
         what would come of it if they were sent one after another; one that is refused doesn't \
         keep those after it."
    );
    json!({
        "operationId": "runCommands",
        "summary": "Carries out one command, or many",
        // `signUp` needs no token.
        "security": [{ "bearer": [] }, {}],
        "requestBody": {
            "required": true,
            "content": {
                (body::ONE): { "schema": schemas.any_command() },
                (body::LINES): { "schema": { "type": "string", "description": lines } },
            },
        },
        "responses": responses(carried_out(&answer), &problem, |_| true),
    })
}

/// Money that came in, as a payment provider tells it.
fn deposits(schemas: &mut Schemas) -> Value {
    let problem = schemas.problem();
    let (notice, taken) = schemas.deposit_notice();
    let done = json!({
        "description": "The deposit is in the wallet, now or by an earlier notice.",
        "content": { (body::ONE): { "schema": taken } },
    });
    json!({
        "operationId": "noteDeposit",
        "summary": "Takes a payment provider's notice that money came in",
        "description": "Where the server is set up with a secret that it shares with a payment \
            provider. A notice may be sent again: its `reference` makes it the same deposit.",
        // The signature says who sends it.
        "security": [],
        "parameters": [{
            "name": "Moim-Signature",
            "in": "header",
            "required": true,
            "description": "`t=<seconds since the epoch>,v1=<hex>`: `v1` is HMAC-SHA-256 of \
                `<t>.<body>` under the shared secret. There may be several `v1`, one a secret, \
                while the secret is being changed. The time may be five minutes from the server's.",
            "schema": { "type": "string" },
        }],
        "requestBody": { "required": true, "content": { (body::ONE): { "schema": notice } } },
        "responses": responses(done, &problem, |status| status != "429"),
    })
}

fn carried_out(answer: &Value) -> Value {
    let answers = "A line each, in the order asked: an answer, or a problem with the command's id.";
    json!({

        "description": "The command was carried out, now or by an earlier try. Of many, each line \
            says so itself.",
        "content": {
            (body::ONE): { "schema": answer },
            (body::LINES): { "schema": { "type": "string", "description": answers } },
        },
    })
}

fn responses(done: Value, problem: &Value, is_told: impl Fn(&str) -> bool) -> Map<String, Value> {
    let told = PROBLEMS.iter().filter(|(status, _)| is_told(status));
    let refused = told.map(|(status, codes)| {
        let content = json!({ (PROBLEM): { "schema": problem } });
        let mut response = json!({ "description": codes, "content": content });
        if RETRIED.contains(status) {
            response["headers"] = json!({ "Retry-After": {
                "description": "After how many seconds it is worth trying again.",
                "schema": { "type": "integer", "minimum": 0 },
            }});
        }
        ((*status).to_owned(), response)
    });
    std::iter::once(("200".to_owned(), done)).chain(refused).collect()
}

/// Statuses that tell when to come again.
const RETRIED: [&str; 2] = ["429", "503"];

/// What a request or command is refused with, by status.
const PROBLEMS: [(&str, &str); 13] = [
    ("400", "`BAD_USER_INPUT`: no JSON, or not the shape of a command; `field` says where."),
    ("401", "`UNAUTHENTICATED`, or `WRONG_CREDENTIALS` where a password is asked for."),
    ("403", "`FORBIDDEN`, `WRONG_CHANNEL_PASSWORD`, `WRONG_PIN`, `SPEND_TOKEN_INVALID`."),
    ("404", "`NOT_FOUND`: no such thing, or none that one may know of."),
    ("405", "`BAD_USER_INPUT`: another method."),
    ("408", "`BAD_USER_INPUT`: the body did not come in time."),
    (
        "409",
        "`EMAIL_TAKEN`, `ALREADY_MEMBER`, `ALREADY_CONTACT`, `SELF_CONTACT`, `LAST_ADMIN`, \
         `MESSAGE_DELETED`, `IDEMPOTENCY_CONFLICT`, `ID_TAKEN`, `IN_PROGRESS`, `CONFLICT`; of \
         money `WALLET_EXISTS`, `WALLET_CLOSED`, `WALLET_FROZEN`, `WALLET_NOT_EMPTY`, \
         `INSUFFICIENT_FUNDS`, `LIMIT_EXCEEDED`, `APPROVAL_NOT_NEEDED`, `ALREADY_APPROVED`, \
         `TRANSFER_SETTLED`, `TRANSFER_NOT_REFUNDABLE`, `REFUND_TOO_LARGE`, \
         `SCHEDULE_NOT_ACTIVE`, `DUES_CLOSED`, `DUES_EXEMPT`, `DUES_OVERPAID`, \
         `DUES_ALREADY_PAID`.",
    ),
    ("413", "`PAYLOAD_TOO_LARGE`: the body, or the number of its lines."),
    ("415", "`BAD_USER_INPUT`: another media type."),
    (
        "422",
        "`INVALID_INPUT`: a command that breaks a rule; `field` says where. Of money \
         `AMOUNT_NOT_POSITIVE`, `AMOUNT_TOO_LARGE`, `AMOUNT_MALFORMED`, `CURRENCY_MISMATCH`, \
         `SAME_WALLET`, `PIN_MALFORMED`, `SCHEDULE_IN_PAST`, `SCHEDULE_INVALID`.",
    ),
    ("423", "`PIN_LOCKED`."),
    ("429", "`RATE_LIMITED`."),
    ("503", "`UNAVAILABLE`, `OVERLOADED`: try again."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::input::kinds;
    use crate::http::request;

    fn schema(name: &str) -> Value {
        let document = document();
        let found = &document["components"]["schemas"][name];
        assert!(found.is_object(), "there is no schema {name}");
        found.clone()
    }

    fn named(reference: &Value) -> &str {
        reference["$ref"].as_str().unwrap().rsplit('/').next().unwrap()
    }

    /// A value that a property's schema allows.
    fn value_of(property: &Value) -> Value {
        let choice = property["anyOf"].as_array().and_then(|any| any.first());
        let property = choice.unwrap_or(property);
        if property["$ref"].is_string() {
            let all = schema(named(property));
            return match all["properties"].as_object() {
                Some(fields) => {
                    fields.iter().map(|(name, it)| (name.clone(), value_of(it))).collect()
                }
                None => all["oneOf"][0]["const"].clone(),
            };
        }
        let kind = &property["type"];
        match kind.as_str().or_else(|| kind[0].as_str()).unwrap() {
            "string" => {
                let least = property["minLength"].as_u64().unwrap_or(1);
                "가".repeat(usize::try_from(least).unwrap()).into()
            }
            "integer" => 7.into(),
            other => panic!("no value of type {other}"),
        }
    }

    /// A command with all that its schema documents.
    fn documented(kind: &str, leave_out: Option<&str>) -> String {
        let mut name = format!("{kind}Command");
        name[..1].make_ascii_uppercase();
        let command = schema(&name);
        assert_eq!(command["properties"]["type"]["const"], kind);
        let input = schema(named(&command["properties"]["data"]));
        let properties = input["properties"].as_object().unwrap();
        assert!(properties.values().all(|it| it["description"].is_string()), "{name}");
        let data = properties.iter().filter(|(name, _)| leave_out != Some(name.as_str()));
        let data: Map<_, _> = data.map(|(name, it)| (name.clone(), value_of(it))).collect();
        json!({ "type": kind, "id": null, "data": data }).to_string()
    }

    #[test]
    fn each_documented_type_is_taken_and_is_the_command_of_its_name() {
        for kind in kinds() {
            let asked = request::read(documented(kind.name, None).as_bytes()).unwrap();
            assert_eq!(asked.command.name(), kind.name);
        }
        assert_eq!(kinds().count(), 47);
    }

    #[test]
    fn what_is_documented_as_required_is_required_and_nothing_else() {
        for kind in kinds() {
            let mut name = kind.name.to_owned();
            name[..1].make_ascii_uppercase();
            let input = schema(&name);
            assert_eq!(input["additionalProperties"], false, "{name}");
            let required = input["required"].as_array().cloned().unwrap_or_default();
            for property in input["properties"].as_object().unwrap().keys() {
                let json = documented(kind.name, Some(property));
                let refused = request::read(json.as_bytes()).is_err();
                assert_eq!(refused, required.contains(&property.as_str().into()), "{json}");
            }
        }
    }
}
