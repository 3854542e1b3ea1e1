//! `moim load messages` against a running server.

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::moim;
use crate::server::Server;

/// Starts it; it runs beside the test.
fn start(server: &Server, args: &[&str]) -> JoinHandle<Output> {
    let url = server.url("");
    let mut command = moim::command(server.database.url());
    command.args(["load", "messages", "--url", &url]).args(args).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap())
}

fn told(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"))
}

#[tokio::test]
async fn every_message_is_seen_once_and_in_order_by_every_member() {
    let server = Server::start().await;
    let args = ["--users=20", "--rate=50", "--channel-size=5", "--duration=3", "--json"];
    let output = start(&server, &args).await.unwrap();
    let told = told(&output);
    let stage = &told["stages"][0];
    assert!(output.status.success(), "{stage:#}");
    assert_eq!((&stage["sent"], &stage["answered"]), (&json!(150), &json!(150)));
    assert_eq!((&stage["delivered"], &stage["lost"]), (&json!(750), &json!(0)));
    assert_eq!(stage["errors"], json!({}));
    let spread = &stage["deliveryMs"];
    assert!(spread["p50"].as_f64() > Some(0.0) && spread["max"].as_f64() >= spread["p99"].as_f64());
    assert!(stage["ownCpuS"].as_f64() > Some(0.0) && stage["ownMemoryBytes"].as_u64() > Some(0));
}

async fn sent(server: &Server) -> i64 {
    let sql = "SELECT count(*) FROM log.events WHERE kind = 'MessageSent'";
    sqlx::query_scalar(sql).fetch_one(server.database.pool()).await.unwrap()
}

#[tokio::test]
async fn a_ramp_has_a_row_a_stage() {
    let server = Server::start().await;
    let args = ["--users=120", "--rate=60", "--channel-size=4", "--duration=1", "--ramp"];
    let output = start(&server, &args).await.unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows: Vec<_> = rows.collect();
    // A hundred sockets at once are much for a server beside other tests: what it may refuse then
    // is no success, and here that alone has to be right.
    assert_eq!(rows[1][..2], ["100", "50"], "{table}");
    assert_eq!(rows[2][..2], ["120", "60"], "{table}");
    let is_whole = |row: &[&str], delivered| row[2..6] == [row[1], delivered, "0", "0"];
    let is_fine = is_whole(&rows[1], "200") && is_whole(&rows[2], "240");
    assert_eq!(output.status.success(), is_fine, "{table}");
}

#[tokio::test]
async fn a_server_that_goes_away_is_no_success() {
    let mut server = Server::start().await;
    let args = ["--users=10", "--rate=20", "--channel-size=5", "--duration=20", "--json"];
    let running = start(&server, &args);
    while sent(&server).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.moim.stop();
    let output = running.await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    let stage = &told["stages"][0];
    assert!(stage["errors"]["SOCKET_CLOSED"].as_u64() > Some(0), "{stage:#}");
    assert!(stage["lost"].as_u64() > Some(0), "{stage:#}");
}
