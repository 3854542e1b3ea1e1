//! The viewer's own account: profile, password, and its end.

use serde_json::json;

use crate::people::PASSWORD;
use crate::world::{World, code};

const OTHER_PASSWORD: &str = "another battery, other staples";

#[tokio::test]
async fn a_changed_profile_is_shown_at_once_and_its_old_address_finds_nobody() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let update = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
        user { id username email } position } }";
    let input = json!({ "email": "Minji@example.org", "username": "민지" });
    let answer = node.data(kim, update, json!({ "input": input })).await;
    let user = &answer["updateProfile"]["user"];
    assert_eq!(user["username"], "민지");
    assert_eq!(user["email"], "Minji@example.org");
    assert!(answer["updateProfile"]["position"].is_string());

    let find = "query ($email: String!) { userByEmail(email: $email) { username email } }";
    let by = |email: &str| json!({ "email": email });
    let found = node.data(lee, find, by(" mInJi@EXAMPLE.org ")).await;
    assert_eq!(found["userByEmail"], json!({ "username": "민지", "email": null }));
    for nobody in ["kim@example.org", "no address", ""] {
        assert_eq!(node.data(lee, find, by(nobody)).await["userByEmail"], json!(null), "{nobody}");
    }

    let taken = json!({ "email": "LEE@example.org" });
    let refused = node.run(Some(kim), update, json!({ "input": taken })).await;
    assert_eq!(code(&refused), "EMAIL_TAKEN");
    let bad = node.run(Some(kim), update, json!({ "input": { "email": "no address" } })).await;
    assert_eq!(code(&bad), "INVALID_INPUT");
    assert_eq!(bad["errors"][0]["extensions"]["field"], "input.email");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let other = world.log_in("kim", PASSWORD).await;
    let change = "mutation ($input: ChangePasswordInput!) {
        changePassword(input: $input) { position } }";
    let wrong = json!({ "currentPassword": "not this one", "newPassword": OTHER_PASSWORD });
    let refused = node.run(Some(kim), change, json!({ "input": wrong })).await;
    assert_eq!(code(&refused), "WRONG_CREDENTIALS");
    let input = json!({ "currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD });
    let done = node.data(kim, change, json!({ "input": input })).await;
    assert!(done["changePassword"]["position"].is_string());
    assert!(node.api.session_ended(other.session).await.unwrap());
    assert!(!node.api.session_ended(kim.session).await.unwrap());
    world.log_in("kim", OTHER_PASSWORD).await;
}
