//! A database that is away: refused in time, said why, served again soon after its return.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::PrivateCluster;

use crate::client::{Client, Refusal, User};
use crate::moim::Moim;

/// The promise.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
/// The promise.
const SERVED_AGAIN_WITHIN: Duration = Duration::from_secs(10);
/// Ten times the promise of 2 s: the machine is busy, and the binary is no release build.
const STARTED_WITHIN: Duration = Duration::from_secs(20);

/// Asks something that needs the database, and something that changes it.
async fn refused_as_unavailable(client: &Client, user: Option<&User>) {
    let me = "{ me { id } }";
    let create = "mutation($i: CreateChannelInput!) {
        createChannel(input: $i) { channel { id } } }";
    let input = json!({ "i": { "name": "Never" } });
    for (query, variables) in [(me, Value::Null), (create, input)] {
        let since = Instant::now();
        let answer = client.ask(user.map(|user| user.token.as_str()), query, variables).await;
        let took = since.elapsed();
        let Err(Refusal::Code(code, error)) = answer else { panic!("{answer:?} after {took:?}") };
        assert_eq!(
            (code.as_str(), &error["extensions"]["retryable"]),
            ("UNAVAILABLE", &json!(true))
        );
        assert!(took < REFUSED_WITHIN, "refused only after {took:?}");
    }
}

async fn served(user: &User) {
    let since = Instant::now();
    while let Err(refusal) = user.ask("{ me { id } }", Value::Null).await {
        assert!(since.elapsed() < SERVED_AGAIN_WITHIN, "still refused: {refusal:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(since.elapsed() < SERVED_AGAIN_WITHIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_or_freezes_is_told_and_survived() {
    let cluster = PrivateCluster::start().await.unwrap();
    let mut moim = Moim::start(&cluster.url().unwrap());
    moim.until_ready(true, STARTED_WITHIN).await;
    let client = Client::new(moim.api.clone());
    let user = client.sign_up().await;

    cluster.kill().unwrap();
    // Backends outlive their postmaster by a moment.
    let since = Instant::now();
    while user.ask("{ me { id } }", Value::Null).await.is_ok() {
        assert!(since.elapsed() < REFUSED_WITHIN, "still served");
    }
    refused_as_unavailable(&client, Some(&user)).await;
    moim.until_ready(false, REFUSED_WITHIN).await;
    let reasons = moim.readiness().await.unwrap()["reasons"].take();
    assert!(reasons["database"].is_string(), "{reasons}");
    cluster.restart().await.unwrap();
    served(&user).await;
    moim.until_ready(true, SERVED_AGAIN_WITHIN).await;

    cluster.freeze().unwrap();
    refused_as_unavailable(&client, Some(&user)).await;
    moim.until_ready(false, REFUSED_WITHIN).await;
    cluster.thaw().unwrap();
    served(&user).await;
    moim.until_ready(true, SERVED_AGAIN_WITHIN).await;

    let (well, took) = moim.stop();
    assert!(well && took < Duration::from_secs(12), "stopped after {took:?}, well: {well}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_may_start_before_its_database() {
    let cluster = PrivateCluster::start().await.unwrap();
    cluster.kill().unwrap();
    let mut moim = Moim::start(&cluster.url().unwrap());
    moim.until_ready(false, STARTED_WITHIN).await;
    let client = Client::new(moim.api.clone());
    refused_as_unavailable(&client, None).await;
    cluster.restart().await.unwrap();
    moim.until_ready(true, SERVED_AGAIN_WITHIN).await;
    client.sign_up().await;
}
