//! The `OpenAPI` document that is served, and whether answers are as it says.

use jsonschema::{Validator, draft202012, options, validator_for};
use serde_json::{Value, json};

use crate::server::{Server, command};

/// As published: <https://spec.openapis.org/oas/3.1/schema/latest.html>.
const OPENAPI: &str = include_str!("openapi-3.1.schema.json");

/// The schema of one of the document's components.
fn component(document: &Value, name: &str) -> Validator {
    let reference = format!("#/components/schemas/{name}");
    let components = &document["components"];
    let schema = json!({ "$ref": reference, "components": components });
    options().should_validate_formats(true).build(&schema).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?} in {value}");
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_answers_are_as_it_says() {
    let server = Server::start().await;
    let got = server.http().get(server.url("/v1/openapi.json")).send().await.unwrap();
    assert_eq!(got.headers()["content-type"], "application/json");
    let document: Value = got.json().await.unwrap();
    assert_valid(&validator_for(&serde_json::from_str(OPENAPI).unwrap()).unwrap(), &document);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        assert!(draft202012::meta::is_valid(schema), "{name}");
    }

    let minji = server.sign_up("민지").await;
    let (answer, problem) = (component(&document, "Answer"), component(&document, "Problem"));
    let create = command("createChannel", &json!({ "name": "약속" }));
    assert_valid(&component(&document, "CreateChannelCommand"), &create);
    assert_valid(&answer, &server.put(Some(&minji.token), &create).await.body);
    let refused = server.put(None, &create).await.body;
    assert_valid(&problem, &refused);
    assert!(!answer.is_valid(&refused) && !problem.is_valid(&create));
    for undocumented in ["logIn", "refreshSession", "logOut", "setTyping"] {
        assert!(!document.to_string().contains(&format!("\"{undocumented}\"")));
    }
}
