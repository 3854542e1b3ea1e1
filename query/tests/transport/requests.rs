//! Requests over HTTP.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::server::Server;

pub(crate) const RESPONSE: &str = "application/graphql-response+json";
pub(crate) const JSON: &str = "application/json";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("")
    }

    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }
}

/// A body by POST, under a media type.
pub(crate) async fn post(server: &Server, accept: &str, body: impl Into<String>) -> Answer {
    let request = reqwest::Client::new().post(server.url());
    Answer::of(request.header(ACCEPT, accept).header(CONTENT_TYPE, JSON).body(body.into())).await
}

/// A document by POST.
pub(crate) async fn ask(server: &Server, query: &str) -> Answer {
    post(server, RESPONSE, json!({ "query": query }).to_string()).await
}

/// A document by POST, with a token.
pub(crate) async fn ask_as(server: &Server, token: &str, query: &str) -> Answer {
    let request = reqwest::Client::new().post(server.url()).header(ACCEPT, RESPONSE);
    let request = request.header(AUTHORIZATION, token).json(&json!({ "query": query }));
    Answer::of(request).await
}
