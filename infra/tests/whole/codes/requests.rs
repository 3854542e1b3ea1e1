//! What requests are refused with, before anything is done.

use events::Position;
use events::position::LogId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::{Server, User};

const ME: &str = "{ me { id } }";
const CHANNELS: &str =
    "query($after: String) { channels(first: 1, after: $after) { nodes { id } } }";

fn known(answer: &Value) -> &'static str {
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    let code = code.unwrap_or_else(|| panic!("{answer}"));
    super::CODES.into_iter().find(|known| *known == code).unwrap_or_else(|| panic!("{answer}"))
}

pub(super) async fn provoke(server: &Server) -> Vec<&'static str> {
    let minji = server.sign_up("민지").await;
    let token = Some(minji.token.as_str());
    let ask = async |query: &str| known(&server.ask(token, None, query, json!({})).await);
    let alias = |number: u32| format!("a{number}: __typename");
    let aliases = (0..101).map(alias).collect::<Vec<_>>().join(" ");
    let mut seen = vec![
        ask("{ me ").await,
        ask("{ nobody }").await,
        ask(&format!("{{ {aliases} }}")).await,
        known(&server.ask(token, None, CHANNELS, json!({ "after": "?" })).await),
    ];
    let body = |body: String| {
        let request = server.http().post(server.url("/graphql"));
        let request = request.header("content-type", "application/json").body(body);
        async move { known(&request.send().await.unwrap().json().await.unwrap()) }
    };
    seen.push(body("[]".to_owned()).await);
    seen.push(body(" ".repeat((1 << 20) + 1)).await);
    seen.extend(positions(server, &minji).await);
    seen
}

/// Positions of another log, and of the future.
async fn positions(server: &Server, minji: &User) -> Vec<&'static str> {
    let made = server.run(minji, "createChannel", json!({ "name": "here" })).await;
    let here: Position = made.body["position"].as_str().unwrap().parse().unwrap();
    let elsewhere = Position::after(LogId(Uuid::new_v4()), here.at).to_string();
    let later = Position::after(here.log, here.at + 1_000_000).to_string();
    let ask =
        async |position: &str| server.ask(Some(&minji.token), Some(position), ME, json!({})).await;
    let not_yet = ask(&later).await;
    let extensions = &not_yet["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true, "{not_yet}");
    assert_eq!(extensions["position"], later.as_str(), "{not_yet}");
    vec![known(&ask(&elsewhere).await), known(&not_yet)]
}
