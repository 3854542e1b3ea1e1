//! Statements of wallets, line by line.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use command::bus::Viewer;
use events::wallet::Deposited;
use events::{Timestamp, WalletId};
use http_body_util::BodyExt;
use jiff::tz::TimeZone;
use projections::schema;
use query::{Statements, Tokens};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use tower::ServiceExt;

use crate::purses::amount;
use crate::world::{Node, PATIENCE, PlainTokens};

/// More than two pages, the last of them not full.
const LINES: i64 = 1_201;

fn statements(node: &Node<'_>) -> Statements {
    let options = schema::connect_options(node.world.options.clone());
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(options);
    let zone = TimeZone::get("Asia/Seoul").unwrap();
    Statements::new(pool, Arc::new(PlainTokens), node.api.clone(), zone)
}

async fn ask(of: &Statements, viewer: Viewer, wallet: WalletId, query: &str) -> (u16, String) {
    let token = PlainTokens.issue(viewer).unwrap().access_token;
    let request = Request::get(format!("/v1/wallets/{wallet}/statement?{query}"));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).unwrap();
    let response = of.clone().router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn told(of: &Statements, viewer: Viewer, wallet: WalletId, query: &str) -> Value {
    let (status, body) = ask(of, viewer, wallet, query).await;
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told.get("status").unwrap_or(&json!(200)), status);
    told
}

#[tokio::test]
async fn a_statement_of_several_pages_leaves_no_line_out_and_tells_none_twice() {
    let world = crate::world::World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let wallet = world.wallet_of(kim.user, None, 0).await;
    let start = Timestamp::now().as_micros();
    // Seven lines share an instant, so that pages end in the middle of one.
    let at = |line: i64| Timestamp::from_micros(start + line / 7);
    for line in 1..=LINES {
        let (amount, balance_after) = (amount(1), amount(line));
        let reference = "입금".to_owned();
        let paid_in = Deposited { amount, balance_after, reference, by: None };
        world.tell_at(wallet, at(line), paid_in).await;
    }
    node.until(world.head().await).await;
    let statements = statements(&node);

    let (status, csv) = ask(&statements, kim, wallet, "").await;
    assert_eq!(status, StatusCode::OK.as_u16());
    let rows: Vec<Vec<&str>> =
        csv.split_terminator("\r\n").map(|row| row.split(',').collect()).collect();
    let kinds = |kind: &str| rows.iter().filter(|row| row[1] == kind).count();
    assert_eq!(kinds("deposit"), LINES as usize);
    assert_eq!(rows.len(), LINES as usize + 3, "header, opening and closing balance");
    for (line, row) in (1..=LINES).zip(&rows[2..]) {
        assert_eq!((row[2], row[3]), ("1", line.to_string().as_str()));
    }

    // Lines 700 to 706 are at this instant.
    let from = format!("format=json&from={}", at(700));
    let told_from = told(&statements, kim, wallet, &from).await;
    assert_eq!(told_from["openingBalance"], "699");
    assert_eq!(told_from["entries"].as_array().unwrap().len(), LINES as usize - 699);
    assert_eq!(told_from["closingBalance"], LINES.to_string());
    let to = format!("format=json&to={}", at(700));
    let told_to = told(&statements, kim, wallet, &to).await;
    assert_eq!(told_to["entries"].as_array().unwrap().len(), 699, "an instant `to` is left out");
    assert_eq!(told_to["closingBalance"], "699");
}

#[tokio::test]
async fn there_is_no_statement_of_unknown_wallets_nor_while_money_stands_still() {
    let world = crate::world::World::new().await;
    let node = world.node().await;
    let kim = world.sign_up("kim").await;
    let wallet = world.wallet_of(kim.user, None, 500).await;
    node.until(world.head().await).await;
    let statements = statements(&node);
    let unknown = told(&statements, kim, WalletId::generate(), "").await;
    assert_eq!((&unknown["code"], &unknown["status"]), (&json!("NOT_FOUND"), &json!(404)));
    let turned = told(&statements, kim, wallet, "from=2026-12-01&to=2026-11-30").await;
    assert_eq!((&turned["code"], &turned["field"]), (&json!("INVALID_INPUT"), &json!("to")));

    world.stop_money("it can't be read").await;
    let refused = async {
        while ask(&statements, kim, wallet, "").await.0 == StatusCode::OK.as_u16() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        told(&statements, kim, wallet, "").await
    };
    let refused = tokio::time::timeout(PATIENCE, refused).await.unwrap();
    assert_eq!((&refused["code"], &refused["status"]), (&json!("UNAVAILABLE"), &json!(503)));
    world.mend_money().await;
}
