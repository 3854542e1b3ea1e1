//! More at once than a node executes.

use events::Position;
use futures::future::join_all;
use query::Caller;
use serde_json::json;

use crate::world::{World, code};

/// As many as are executed at the same time, those that wait for a position included.
const EXECUTIONS_MAX: usize = 2_000;
const ASK: &str = "{ channels { totalCount } }";

#[tokio::test]
async fn more_than_two_thousand_at_once_are_overloaded_and_the_others_answered() {
    let world = World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    node.until(world.head().await).await;
    let here = world.here().await;
    let ahead = Position { at: here.at + 1, ..here }.to_string();
    let caller = Caller { viewer: Some(kim), ..Caller::default() };
    let waiting = Caller { min_position: Some(ahead), ..caller.clone() };
    let all = (0..EXECUTIONS_MAX).map(|_| node.run_as(&waiting, ASK, json!({})));
    // Polled in this order, so that the last comes when all others wait.
    let one_more = async {
        let answer = node.run_as(&caller, ASK, json!({})).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((code(&answer), &extensions["retryable"]), ("OVERLOADED", &json!(true)));
        assert!(extensions["retryAfterMs"].is_u64(), "{answer:#}");
    };
    let (answers, ()) = tokio::join!(biased; join_all(all), one_more);
    // None of those was ahead of the log in vain: each was told so.
    assert!(answers.iter().all(|answer| code(answer) == "NOT_YET"));
    assert_eq!(node.data(kim, ASK, json!({})).await["channels"]["totalCount"], 0);
}
