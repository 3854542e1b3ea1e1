//! `moim audit verify` on a log that is as it should be, and on one that somebody has been at.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::moim;
use crate::server::Server;
use crate::treasury::people::{People, spend_token};

/// The exit code, and what it says as JSON.
async fn verify(server: &Server) -> (i32, Value) {
    let mut program = Command::from(moim::command(server.database.url()));
    let output = program.args(["audit", "verify", "--json"]).output().await.unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), told)
}

fn broken(told: &Value) -> Vec<i64> {
    let breaches = told["breaches"].as_array().unwrap();
    breaches.iter().map(|breach| breach["invariant"].as_i64().unwrap()).collect()
}

async fn tamper(server: &Server, statement: &'static str) {
    let changed = sqlx::query(statement).execute(server.database.pool()).await.unwrap();
    assert!(changed.rows_affected() > 0, "{statement}");
}

#[tokio::test]
async fn an_audit_finds_what_somebody_has_done_to_rows_or_log() {
    let it = People::new().await;
    let (_, cycle) = it.plan("MONTHLY").await;
    let token = spend_token(&it.server, &it.member, &it.members_purse).await;
    let part = json!({
        "cycleId": cycle, "fromWalletId": it.members_purse, "amount": "400", "spendToken": token,
    });
    let paid = it.server.run(&it.member, "payDues", part).await;
    let look = "{ me { id } wallets(first: 1) { nodes { balance } } }";
    let position = paid.body["position"].as_str();
    it.server.ask(Some(&it.member.token), position, look, json!({})).await;

    let (code, told) = verify(&it.server).await;
    assert_eq!((code, &told["breachesCount"]), (0, &json!(0)), "{told:#}");
    assert_eq!(told["holdsUpTo"], told["position"]);
    assert_eq!((&told["wallets"], &told["inFlight"]), (&json!(3), &json!(0)));
    assert_eq!(told["sums"][0]["external"], "2000000");

    tamper(&it.server, "UPDATE read_money.wallets SET balance = balance + 1 WHERE kind = 2").await;
    tamper(&it.server, "UPDATE read_money.dues_assessments SET paid = 0 WHERE paid > 0").await;
    tamper(&it.server, "UPDATE read_money.transfers SET credited_us = NULL").await;
    let (code, told) = verify(&it.server).await;
    assert_eq!((code, broken(&told)), (1, vec![6, 6, 6, 6]), "{told:#}");
    assert_eq!(told["holdsUpTo"], told["position"], "the log is as it was");

    let more = "UPDATE log.events SET data = replace(data::text, '\"amount\":\"400\"',
                    '\"amount\":\"4000\"')::json WHERE kind = 'TransferCredited'
                    AND data::text LIKE '%\"amount\":\"400\"%'";
    tamper(&it.server, more).await;
    let (code, told) = verify(&it.server).await;
    let found = broken(&told);
    assert!(code == 1 && [1, 2, 3, 5].iter().all(|it| found.contains(it)), "{told:#}");
    assert!(told["holdsUpTo"].as_i64() < told["position"].as_i64());
    let events = told["breaches"][0]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["stream"].is_string()), "{told:#}");
}
