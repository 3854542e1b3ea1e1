//! Statements of wallets, as a treasurer gets them.

use reqwest::StatusCode;
use serde_json::json;

use crate::server::{Reply, User};
use crate::treasury::people::{People, spend_token};

async fn statement(it: &People, by: Option<&User>, query: &str) -> reqwest::Response {
    let url = it.server.url(&format!("/v1/wallets/{}/statement{query}", it.wallet));
    let request = it.server.http().get(url);
    let token = by.map(|user| user.token.clone());
    token.iter().fold(request, reqwest::RequestBuilder::bearer_auth).send().await.unwrap()
}

async fn refused(it: &People, by: Option<&User>, query: &str) -> (u16, String, Option<String>) {
    let reply = Reply::of(statement(it, by, query).await).await;
    let (code, field) = reply.problem();
    (reply.status.as_u16(), code.to_owned(), field.map(str::to_owned))
}

#[tokio::test]
async fn a_treasurer_gets_a_statement_that_adds_up_and_nobody_else_does() {
    let it = People::new().await;
    let token = spend_token(&it.server, &it.admin, &it.wallet).await;
    let order = json!({
        "fromWalletId": it.wallet, "toWalletId": it.members_purse, "amount": "1200",
        "memo": "=SUM(A1,A2)", "spendToken": token,
    });
    let paid = it.server.run(&it.admin, "transfer", order).await;
    let look = "{ wallets(first: 1) { nodes { balance } } }";
    let position = paid.body["position"].as_str();
    it.server.ask(Some(&it.admin.token), position, look, json!({})).await;

    let response = statement(&it, Some(&it.member), "").await;
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/csv; charset=utf-8"));
    assert!(header("content-disposition").contains(".csv"));
    let text = response.text().await.unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(text.starts_with('\u{feff}'), "a spreadsheet would not take it for UTF-8");
    assert_eq!(lines[0], "time,kind,amount,balance,currency,counterparty,by,memo,transfer");
    assert!(lines[1].ends_with(",opening balance,,0,KRW,,,,"), "{text}");
    assert!(lines[2].contains(",received,500000,500000,KRW,"), "{text}");
    assert!(lines[3].contains(",paid,-1200,498800,KRW,"), "{text}");
    assert!(lines[3].contains(",admin,\"'=SUM(A1,A2)\","), "{text}");
    assert!(lines[4].ends_with(",closing balance,,498800,KRW,,,,"), "{text}");

    let json = statement(&it, Some(&it.admin), "?format=json&from=2000-01-01").await;
    let told: serde_json::Value = json.json().await.unwrap();
    assert_eq!(told["openingBalance"], "0");
    assert_eq!(told["closingBalance"], "498800");
    assert_eq!(told["entries"][1]["memo"], "=SUM(A1,A2)", "a program needs no apostrophe");
    let before = statement(&it, Some(&it.admin), "?format=json&to=2000-01-01").await;
    let told: serde_json::Value = before.json().await.unwrap();
    assert_eq!((&told["entries"], &told["closingBalance"]), (&json!([]), &json!("0")));
    let after = statement(&it, Some(&it.admin), "?format=json&from=2100-01-01").await;
    let told: serde_json::Value = after.json().await.unwrap();
    assert_eq!((&told["openingBalance"], &told["entries"]), (&json!("498800"), &json!([])));

    let none = |code: &str, status| (status, code.to_owned(), None);
    assert_eq!(refused(&it, None, "").await, none("UNAUTHENTICATED", 401));
    assert_eq!(refused(&it, Some(&it.ended), "").await, none("UNAUTHENTICATED", 401));
    assert_eq!(refused(&it, Some(&it.stranger), "").await, none("NOT_FOUND", 404));
    assert_eq!(refused(&it, Some(&it.insider), "").await, none("FORBIDDEN", 403));
    let bad = |field: &str| (422, "INVALID_INPUT".to_owned(), Some(field.to_owned()));
    assert_eq!(refused(&it, Some(&it.admin), "?format=pdf").await, bad("format"));
    assert_eq!(refused(&it, Some(&it.admin), "?from=monday").await, bad("from"));
}
