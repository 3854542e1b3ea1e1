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

#[tokio::test]
async fn a_deleted_account_leaves_its_messages_and_no_name() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let other = world.log_in("kim", PASSWORD).await;
    let channel = world.channel_of(kim, "모임").await;
    world.join(lee, &channel).await;
    world.send(kim, &channel, "I was here").await;
    let add = "mutation { addContact(email: \"kim@example.org\") { user { id email } } }";
    let added = node.data(lee, add, json!({})).await;
    let kim_id = added["addContact"]["user"]["id"].clone();

    let delete =
        "mutation ($password: String!) { deleteAccount(password: $password) { position } }";
    let refused = node.run(Some(kim), delete, json!({ "password": "not this one" })).await;
    assert_eq!(code(&refused), "WRONG_CREDENTIALS");
    let done = node.data(kim, delete, json!({ "password": PASSWORD })).await;
    assert!(done["deleteAccount"]["position"].is_string());
    for session in [kim.session, other.session] {
        assert!(node.api.session_ended(session).await.unwrap());
    }

    node.until(world.head().await).await;
    let text = "query ($channel: ID!, $user: ID!) {
        node(id: $user) { ... on User { username email active } }
        userByEmail(email: \"kim@example.org\") { id }
        contacts { totalCount nodes { username email active } }
        channel(id: $channel) {
            createdBy { username active }
            messages { nodes { kind text author { username active } } }
        } }";
    let seen = node.data(lee, text, json!({ "channel": channel, "user": kim_id })).await;
    let gone = json!({ "username": "deleted user", "email": null, "active": false });
    assert_eq!(seen["node"], gone);
    assert_eq!(seen["userByEmail"], json!(null));
    assert_eq!(seen["contacts"], json!({ "totalCount": 1, "nodes": [gone] }));
    let channel = &seen["channel"];
    let deleted = json!({ "username": "deleted user", "active": false });
    assert_eq!(channel["createdBy"], deleted);
    let messages = channel["messages"]["nodes"].as_array().unwrap();
    let said = messages.iter().find(|message| message["kind"] == "TALK").unwrap();
    assert_eq!((&said["text"], &said["author"]), (&json!("I was here"), &deleted));
}
