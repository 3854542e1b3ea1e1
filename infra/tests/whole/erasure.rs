//! After an account is deleted, nothing in the database tells who it was: no log, no read model,
//! no snapshot, and no read model that is built anew.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use crate::moim;
use crate::server::{Server, command, password};

/// Two seconds that the answer waits, five until the process manager looks, and some.
const ERASED_WITHIN: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);

/// What would tell: addresses, names, and how password hashes begin.
const TELLING: [&str; 6] = [
    "dokkaebi.first@example.com",
    "Dokkaebi.Second@Example.org",
    "dokkaebi",
    "도깨비",
    "hobgoblin",
    "argon2",
];

/// Every row of every table, with its table.
async fn everything(pool: &PgPool) -> Vec<(String, String)> {
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(pool).await.unwrap();
    assert!(tables.len() > 15, "not all tables were found: {tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        let sql = AssertSqlSafe(format!("SELECT t::text FROM {table} AS t"));
        let texts: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
        rows.extend(texts.into_iter().map(|text| (table.clone(), text)));
    }
    rows
}

/// Rows that hold one of these texts, in whatever case, or as the hexadecimal form of bytes.
async fn rows_that_tell(pool: &PgPool) -> Vec<(String, String)> {
    let hex =
        |text: &str| text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let telling = TELLING.map(str::to_lowercase);
    let forms: Vec<String> = telling.iter().flat_map(|it| [it.clone(), hex(it)]).collect();
    let tells = |text: &str| {
        let text = text.to_lowercase();
        forms.iter().any(|form| text.contains(form))
    };
    everything(pool).await.into_iter().filter(|(_, text)| tells(text)).collect()
}

async fn destroyed_keys(pool: &PgPool) -> i64 {
    let sql = "SELECT count(*) FROM vault.user_keys WHERE wrapped IS NULL";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn until_erased(pool: &PgPool) {
    let since = Instant::now();
    loop {
        let (destroyed, telling) = (destroyed_keys(pool).await, rows_that_tell(pool).await);
        if destroyed == 1 && telling.is_empty() {
            return;
        }
        assert!(since.elapsed() < ERASED_WITHIN, "{destroyed} keys destroyed; {telling:#?}");
        tokio::time::sleep(POLL).await;
    }
}

#[tokio::test]
async fn nothing_in_the_database_tells_who_a_deleted_user_was() {
    let server = Server::start().await;
    let pool = server.database.pool();
    let friend = server.sign_up("Minji").await;
    let (email, username) = (TELLING[0], "도깨비 Hobgoblin");
    let data = json!({ "email": email, "username": username, "password": password() });
    let signed_up = server.put(None, &command("signUp", &data)).await;
    let token = signed_up.result()["accessToken"].as_str().unwrap().to_owned();
    let run = async |kind: &str, data: Value| {
        let done = server.put(Some(&token), &command(kind, &data)).await;
        done.result().clone()
    };
    let added = server.run(&friend, "addContact", json!({ "email": email })).await;
    assert_eq!(added.result()["userId"], signed_up.result()["userId"]);
    let channel = run("createChannel", json!({ "name": "산책" })).await["channelId"].clone();
    run("sendMessage", json!({ "channelId": channel, "text": "여기 있었다" })).await;
    let joined = server.run(&friend, "joinChannel", json!({ "channelId": channel })).await;
    assert_eq!(joined.result()["channelId"], channel);
    let changed = json!({ "email": TELLING[1], "username": "hobgoblin 도깨비" });
    run("updateProfile", changed).await;
    let new = json!({ "currentPassword": password(), "newPassword": "another walk, other river" });
    run("changePassword", new).await;

    let since = Instant::now();
    while rows_that_tell(pool).await.is_empty() {
        assert!(since.elapsed() < ERASED_WITHIN, "this test would find nothing anyway");
        tokio::time::sleep(POLL).await;
    }
    let deleted = run("deleteAccount", json!({ "password": "another walk, other river" })).await;
    assert!(deleted.is_object() || deleted.is_null(), "{deleted}");
    until_erased(pool).await;

    let rebuilt = moim::command(server.database.url()).args(["projections", "rebuild"]).output();
    assert!(rebuilt.unwrap().status.success());
    assert_eq!(rows_that_tell(pool).await, [], "after the read model was built anew");
    let users = "{ node(id: \"USER\") { ... on User { username email active } } }";
    let users = users.replace("USER", signed_up.result()["userId"].as_str().unwrap());
    let seen = server.ask(Some(&friend.token), None, &users, json!({})).await;
    let expected = json!({ "username": "deleted user", "email": null, "active": false });
    assert_eq!(seen["data"]["node"], expected, "{seen}");
    // The address is free again.
    for email in [TELLING[0], TELLING[1]] {
        let data = json!({ "email": email, "username": "Jun", "password": password() });
        let signed_up = server.put(None, &command("signUp", &data)).await;
        assert!(signed_up.result()["userId"].is_string());
    }
}
