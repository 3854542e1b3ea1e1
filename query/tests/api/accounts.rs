//! Accounts over the API.

use serde_json::json;

use crate::people::PASSWORD;
use crate::world::{World, code};

const SIGN_UP: &str = "
    mutation ($input: SignUpInput!) {
        signUp(input: $input) {
            user { id username email active }
            accessToken accessTokenExpiresAt refreshToken
        }
    }";

#[tokio::test]
async fn who_signs_up_is_there_at_once_and_sees_the_own_address() {
    let world = World::new().await;
    let node = world.node().await;
    let input = json!({ "email": "Kim@Example.org", "username": "김민지", "password": PASSWORD });
    let answer = node.run(None, SIGN_UP, json!({ "input": input })).await;
    let session = &answer["data"]["signUp"];
    assert_eq!(session["user"]["username"], "김민지", "{answer:#}");
    assert_eq!(session["user"]["email"], "Kim@Example.org");

    let token = session["accessToken"].as_str().unwrap();
    let viewer = node.api.tokens().verify(token).unwrap().viewer;
    let me = node.data(viewer, "{ me { id username email active createdAt } }", json!({})).await;
    assert_eq!(me["me"]["id"], session["user"]["id"]);
    assert_eq!(me["me"]["email"], "Kim@Example.org");

    let other = world.sign_up("other").await;
    node.until(world.head().await).await;
    let text = "query ($id: ID!) { node(id: $id) { id ... on User { username email } } }";
    let seen = node.data(other, text, json!({ "id": me["me"]["id"] })).await;
    assert_eq!(seen["node"]["username"], "김민지");
    assert_eq!(seen["node"]["email"], json!(null));
}

#[tokio::test]
async fn refusals_name_code_and_field() {
    let world = World::new().await;
    let node = world.node().await;
    let input = json!({ "email": "no address", "username": "kim", "password": PASSWORD });
    let answer = node.run(None, SIGN_UP, json!({ "input": input })).await;
    assert_eq!(code(&answer), "INVALID_INPUT");
    assert_eq!(answer["errors"][0]["extensions"]["field"], "input.email");
    assert_eq!(answer["errors"][0]["path"], json!(["signUp"]));

    for text in ["{ me { id } }", "{ channels { totalCount } }", "{ node(id: \"x\") { id } }"] {
        assert_eq!(code(&node.run(None, text, json!({})).await), "UNAUTHENTICATED", "{text}");
    }
    assert_eq!(code(&node.run(None, "{ nothing }", json!({})).await), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_session_that_was_ended_is_known_at_once() {
    let world = World::new().await;
    let node = world.node().await;
    let input = json!({ "email": "kim@example.org", "username": "kim", "password": PASSWORD });
    let answer = node.run(None, SIGN_UP, json!({ "input": input })).await;
    let session = &answer["data"]["signUp"];
    let token = session["accessToken"].as_str().unwrap();
    let viewer = node.api.tokens().verify(token).unwrap().viewer;
    assert!(!node.api.session_ended(viewer.session).await.unwrap());

    let (api, session_id) = (node.api.clone(), viewer.session);
    let told = tokio::spawn(async move { api.until_session_ends(session_id).await });
    let text = "mutation ($token: String!) { logOut(refreshToken: $token) }";
    let answer = node.data(viewer, text, json!({ "token": session["refreshToken"] })).await;
    assert_eq!(answer["logOut"], true);
    assert!(node.api.session_ended(viewer.session).await.unwrap());
    tokio::time::timeout(crate::world::PATIENCE, told).await.unwrap().unwrap();
    node.api.until_session_ends(viewer.session).await;

    // A node that starts later knows it, too.
    let other = world.node().await;
    assert!(other.api.session_ended(viewer.session).await.unwrap());
}
