//! Contacts, and who sees whose address.

use serde_json::{Value, json};

use crate::world::{World, code};

const ADD: &str = "mutation ($email: String!) { addContact(email: $email) {
    user { id username email } position } }";
const REMOVE: &str = "mutation ($user: ID!) { removeContact(userId: $user) { position } }";

#[tokio::test]
async fn who_has_somebody_as_a_contact_sees_that_ones_address() {
    let world = World::new().await;
    let node = world.node().await;
    let (kim, lee) = (world.sign_up("kim").await, world.sign_up("lee").await);
    let added = node.data(kim, ADD, json!({ "email": " LEE@example.org" })).await;
    let user = &added["addContact"]["user"];
    assert_eq!(user["email"], "lee@example.org");

    let see = "query ($id: ID!, $email: String!) {
        node(id: $id) { ... on User { email } } userByEmail(email: $email) { email }
        me { email } }";
    let lee_id = json!({ "id": user["id"], "email": "lee@example.org" });
    let seen = node.data(kim, see, lee_id).await;
    let expected = json!({
        "node": { "email": "lee@example.org" }, "userByEmail": { "email": "lee@example.org" },
        "me": { "email": "kim@example.org" },
    });
    assert_eq!(seen, expected);
    // It is not mutual.
    let kim_id = json!({ "id": kim.user.to_string(), "email": "kim@example.org" });
    let seen = node.data(lee, see, kim_id).await;
    assert_eq!(seen["node"], json!({ "email": null }));
    assert_eq!(seen["userByEmail"], json!({ "email": null }));

    for (email, expected) in [
        ("lee@example.org", "ALREADY_CONTACT"),
        ("kim@example.org", "SELF_CONTACT"),
        ("nobody@example.org", "NOT_FOUND"),
    ] {
        let refused = node.run(Some(kim), ADD, json!({ "email": email })).await;
        assert_eq!(code(&refused), expected, "{email}");
    }
    let remove = json!({ "user": user["id"] });
    node.data(kim, REMOVE, remove.clone()).await;
    let text = "{ contacts { totalCount nodes { id } } userByEmail(email: \"lee@example.org\") {
        email } }";
    let seen = node.data(kim, text, json!({})).await;
    assert_eq!(seen["contacts"], json!({ "totalCount": 0, "nodes": [] }));
    assert_eq!(seen["userByEmail"]["email"], json!(null));
    assert_eq!(code(&node.run(Some(kim), REMOVE, remove).await), "NOT_FOUND");
}

#[tokio::test]
async fn contacts_are_paged_in_the_order_of_their_adding() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    for name in ["c", "a", "b", "d"] {
        world.sign_up(name).await;
    }
    let add = async |name: &str| {
        node.data(kim, ADD, json!({ "email": format!("{name}@example.org") })).await
    };
    for name in ["c", "a", "b"] {
        add(name).await;
    }
    let list = "query ($after: String) { contacts(first: 2, after: $after) {
        totalCount nodes { username email } pageInfo { hasNextPage endCursor } } }";
    let names = |page: &Value| {
        let nodes = page["contacts"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let one = node.data(kim, list, json!({})).await;
    assert_eq!(
        (names(&one), &one["contacts"]["totalCount"]),
        (vec!["c".into(), "a".into()], &json!(3))
    );
    let cursor = one["contacts"]["pageInfo"]["endCursor"].clone();
    // The item that the cursor names goes, and another comes: the cursor stays good.
    let gone = node.data(kim, "{ contacts { nodes { id username } } }", json!({})).await;
    node.data(kim, REMOVE, json!({ "user": gone["contacts"]["nodes"][1]["id"] })).await;
    add("d").await;
    let two = node.data(kim, list, json!({ "after": cursor })).await;
    assert_eq!(names(&two), ["b", "d"]);
    assert_eq!(two["contacts"]["pageInfo"]["hasNextPage"], false);
    assert_eq!(two["contacts"]["nodes"][0]["email"], "b@example.org");
}
