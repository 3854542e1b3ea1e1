//! A client of graphql-sse that shows all that it is told.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

/// A stream that was opened.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) response: Response,
    text: String,
}

/// What comes next.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    Next(Value),
    Complete,
    Comment,
    /// The body ended as it should.
    End,
    /// The body broke off.
    CutOff,
}

pub(crate) fn url(server: &Server) -> String {
    format!("{}/stream", server.url())
}

/// A document by POST, with a token unless it is empty.
pub(crate) fn request(server: &Server, token: &str, query: &str) -> RequestBuilder {
    let request = reqwest::Client::new().post(url(server)).header(ACCEPT, "text/event-stream");
    let request = match token {
        "" => request,
        token => request.header(AUTHORIZATION, format!("Bearer {token}")),
    };
    request.json(&json!({ "query": query }))
}

impl Stream {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = timeout(PATIENCE, request.send()).await.expect("an answer").unwrap();
        Self { response, text: String::new() }
    }

    pub(crate) async fn open(server: &Server, token: &str, query: &str) -> Self {
        let stream = Self::of(request(server, token, query)).await;
        assert_eq!(stream.response.status(), 200);
        stream
    }

    /// The next event, comments included.
    pub(crate) async fn told(&mut self) -> Told {
        loop {
            if let Some((event, _)) = self.text.split_once("\n\n") {
                let (told, end) = (read(event), event.len() + 2);
                self.text.drain(..end);
                return told;
            }
            match timeout(PATIENCE, self.response.chunk()).await.expect("nothing was told") {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).unwrap()),
                Ok(None) => return Told::End,
                Err(_) => return Told::CutOff,
            }
        }
    }

    /// The next event that is no comment.
    pub(crate) async fn event(&mut self) -> Told {
        loop {
            match self.told().await {
                Told::Comment => {}
                told => return told,
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        match self.event().await {
            Told::Next(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// The code of the only result, after which nothing comes.
    pub(crate) async fn refused(mut self) -> String {
        let result = self.next().await;
        assert_eq!(self.event().await, Told::Complete);
        assert_eq!(self.event().await, Told::End);
        assert!(result.get("data").is_none(), "{result}");
        result["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn read(event: &str) -> Told {
    if event == ":" {
        return Told::Comment;
    }
    if event == "event: complete\ndata:" {
        return Told::Complete;
    }
    let data = event.strip_prefix("event: next\ndata: ").unwrap_or_else(|| panic!("{event:?}"));
    Told::Next(serde_json::from_str(data).unwrap())
}
