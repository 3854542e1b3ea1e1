//! A running server with a database of its own, and what is asked of it.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use testkit::Database;
use uuid::Uuid;

use crate::moim::Moim;

/// How long a server takes to start on a busy machine, its migrations included.
const START_LIMIT: Duration = Duration::from_mins(1);

/// The server; ended when dropped, and then its database.
pub(crate) struct Server {
    pub(crate) moim: Moim,
    pub(crate) database: Database,
    http: reqwest::Client,
}

/// Somebody who signed up.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) media: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let media = headers.get("content-type").map(|it| it.to_str().unwrap().to_owned());
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        Self { status, media: media.unwrap_or_default(), headers, body }
    }

    /// The code, and the field at fault.
    pub(crate) fn problem(&self) -> (&str, Option<&str>) {
        assert_eq!(self.media, "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status.as_u16(), "{self:?}");
        (self.body["code"].as_str().unwrap(), self.body["field"].as_str())
    }

    /// What came of the command.
    pub(crate) fn result(&self) -> &Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        &self.body["result"]
    }
}

/// A password for everyone.
pub(crate) fn password() -> String {
    "a long walk by the Han river".to_owned()
}

pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// A line each.
pub(crate) fn as_lines(commands: &[Value]) -> String {
    let mut text = String::new();
    for command in commands {
        text += &command.to_string();
        text.push('\n');
    }
    text
}

/// One command.
pub(crate) fn command(kind: &str, data: &Value) -> Value {
    json!({ "type": kind, "id": fresh_id(), "data": data })
}

impl Server {
    /// Starts it, and waits until it is ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts it with variables of its own.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let database = Database::new().await.unwrap();
        let mut moim = Moim::start_with(database.url(), variables);
        moim.until_ready(true, START_LIMIT).await;
        Self { moim, database, http: reqwest::Client::new() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.moim.api)
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Puts a body to the command endpoint.
    pub(crate) async fn post(&self, token: Option<&str>, media: &str, body: String) -> Reply {
        let request = self.http.post(self.url("/v1/commands")).header("content-type", media);
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        Reply::of(request.body(body).send().await.unwrap()).await
    }

    /// Puts one command.
    pub(crate) async fn put(&self, token: Option<&str>, command: &Value) -> Reply {
        self.post(token, "application/json", command.to_string()).await
    }

    /// Puts one command with a fresh id.
    pub(crate) async fn run(&self, user: &User, kind: &str, data: Value) -> Reply {
        self.put(Some(&user.token), &command(kind, &data)).await
    }

    /// Puts commands as lines; gives the answers.
    pub(crate) async fn put_lines(&self, token: Option<&str>, lines: &[Value]) -> Vec<Value> {
        let body = as_lines(lines);
        let request = self.http.post(self.url("/v1/commands")).body(body);
        let request = request.header("content-type", "application/x-ndjson");
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let text = response.text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Somebody new.
    pub(crate) async fn sign_up(&self, name: &str) -> User {
        let email = format!("{}@example.com", fresh_id());
        let data = json!({ "email": email, "username": name, "password": password() });
        let reply = self.put(None, &command("signUp", &data)).await;
        let text = |field: &str| reply.result()[field].as_str().unwrap().to_owned();
        User {
            id: text("userId"),
            email,
            token: text("accessToken"),
            refresh_token: text("refreshToken"),
        }
    }

    /// A channel of that user's.
    pub(crate) async fn channel(&self, user: &User) -> String {
        let made = self.run(user, "createChannel", json!({ "name": "산책" })).await;
        made.result()["channelId"].as_str().unwrap().to_owned()
    }

    /// Asks GraphQL, after all that was done up to `position`.
    pub(crate) async fn ask(
        &self,
        token: Option<&str>,
        position: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Value {
        let request = self.http.post(self.url("/graphql"));
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let request = position.iter().fold(request, |it, at| it.header("x-min-position", *at));
        request.send().await.unwrap().json().await.unwrap()
    }
}
