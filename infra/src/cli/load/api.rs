//! The command endpoint, as the users' client.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use uuid::Uuid;

/// Longer nobody waits for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How often what is refused for now is tried again.
const TRIES_MAX: u32 = 50;
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// The API at one address.
#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    url: String,
}

/// Somebody who signed up.
#[derive(Clone)]
pub(super) struct User {
    pub(super) token: String,
}

impl Api {
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// Where sockets are opened.
    pub(super) fn socket_url(&self) -> String {
        format!("{}/graphql/ws", self.url.replacen("http", "ws", 1))
    }

    pub(super) async fn sign_up(&self) -> anyhow::Result<User> {
        let id = Uuid::now_v7();
        let data = json!({
            "email": format!("load-{id}@example.com"),
            "username": format!("Load {}", &id.simple().to_string()[24..]),
            "password": "a long walk by the Han river",
        });
        let answer = self.run(None, id, "signUp", &data).await?;
        let token = answer["result"]["accessToken"].as_str().context("an access token")?;
        Ok(User { token: token.to_owned() })
    }

    /// Makes a channel; gives its id, and the position behind it.
    pub(super) async fn create(&self, user: &User) -> anyhow::Result<(String, String)> {
        let id = Uuid::now_v7();
        let data = json!({ "name": "Load" });
        let made = self.run(Some(user), id, "createChannel", &data).await?;
        Ok((id.to_string(), made["position"].as_str().context("a position")?.to_owned()))
    }

    /// Joins a channel; gives the position behind it.
    pub(super) async fn join(&self, user: &User, channel: &str) -> anyhow::Result<String> {
        let data = json!({ "channelId": channel });
        let joined = self.run(Some(user), Uuid::now_v7(), "joinChannel", &data).await?;
        Ok(joined["position"].as_str().context("a position")?.to_owned())
    }

    /// Waits until what was done up to a position can be read, and thus be subscribed to.
    pub(super) async fn reach(&self, user: &User, position: &str) -> anyhow::Result<()> {
        for _ in 0..TRIES_MAX {
            let request = self.http.post(format!("{}/graphql", self.url)).bearer_auth(&user.token);
            let request = request.header("x-min-position", position);
            let request = request.json(&json!({ "query": "{ me { id } }" }));
            let answer: Value = request.send().await?.json().await?;
            if answer.get("errors").is_none() {
                return Ok(());
            }
            if answer["errors"][0]["extensions"]["retryable"] != true {
                bail!("a position can't be reached: {answer}");
            }
            tokio::time::sleep(RETRY_WAIT).await;
        }
        bail!("the server's reads are too far behind")
    }

    /// Carries a command out, however often that takes.
    async fn run(
        &self,
        user: Option<&User>,
        id: Uuid,
        kind: &str,
        data: &Value,
    ) -> anyhow::Result<Value> {
        let command = json!({ "type": kind, "id": id, "data": data });
        for _ in 0..TRIES_MAX {
            let request = self.http.post(format!("{}/v1/commands", self.url)).json(&command);
            let request = match user {
                Some(user) => request.bearer_auth(&user.token),
                None => request,
            };
            let response = request.send().await.context("the server can't be reached")?;
            let is_done = response.status().is_success();
            let answer: Value = response.json().await?;
            if is_done {
                return Ok(answer);
            }
            if answer["retryable"] != true {
                bail!("{kind} was refused: {answer}");
            }
            tokio::time::sleep(RETRY_WAIT).await;
        }
        bail!("{kind} was refused {TRIES_MAX} times")
    }
}
