//! A user of the public API: GraphQL over HTTP.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

/// A request that takes longer is given up and counts as unanswered.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A repeat waits as long as this, then twice as long each time up to the second, less a
/// share by chance: clients that all come again at once keep a server down.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(200);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(2);

/// Why there is no answer.
#[derive(Debug)]
#[expect(dead_code, reason = "printed when a test fails")]
pub(crate) enum Refusal {
    /// The server could not be reached, or the connection broke: the outcome is unknown.
    Lost(String),
    /// It answered with an error of this code.
    Code(String, Value),
}

impl Refusal {
    /// Whether the same request may succeed later.
    pub(crate) fn retryable(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Code(_, error) => error["extensions"]["retryable"] == json!(true),
        }
    }
}

/// The API at one address.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) address: String,
}

/// Somebody who signed up.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl Client {
    /// At `host:port`.
    pub(crate) fn new(address: String) -> Self {
        let http = reqwest::Client::builder().timeout(REQUEST_TIMEOUT).build().unwrap();
        Self { http, address }
    }

    /// The `data` of an answer without errors.
    pub(crate) async fn ask(
        &self,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Result<Value, Refusal> {
        let lost = |error: reqwest::Error| Refusal::Lost(error.to_string());
        let request = self.http.post(format!("http://{}/graphql", self.address));
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let mut answer: Value = request.send().await.map_err(lost)?.json().await.map_err(lost)?;
        match answer.pointer_mut("/errors/0").map(Value::take) {
            None => Ok(answer["data"].take()),
            Some(error) => {
                let code = error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
                Err(Refusal::Code(code, error))
            }
        }
    }

    /// A new user; every try has the same id.
    pub(crate) async fn sign_up(&self) -> User {
        let id = Uuid::now_v7();
        let input = json!({
            "commandId": id, "email": format!("{id}@example.com"), "username": "Fault",
            "password": format!("correct horse {id}"),
        });
        let query = "mutation($i: SignUpInput!) { signUp(input: $i) { accessToken } }";
        let data = insist(|| self.ask(None, query, json!({ "i": input }))).await;
        let token = data["signUp"]["accessToken"].as_str().unwrap().to_owned();
        User { client: self.clone(), token }
    }
}

impl User {
    /// As [`Client::ask`], signed in.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Result<Value, Refusal> {
        self.client.ask(Some(&self.token), query, variables).await
    }
}

/// Asks again until there is an answer; a refusal that is none for now fails the test.
pub(crate) async fn insist<T, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Refusal>>,
{
    const TRIES_MAX: u32 = 120;
    for tries in 0..TRIES_MAX {
        match ask().await {
            Ok(answer) => return answer,
            Err(refusal) => assert!(refusal.retryable(), "refused for good: {refusal:?}"),
        }
        tokio::time::sleep(retry_wait(tries)).await;
    }
    panic!("no answer in {TRIES_MAX} tries");
}

/// How long to wait after so many failed tries.
pub(crate) fn retry_wait(tries: u32) -> Duration {
    let longest = RETRY_WAIT_MIN.saturating_mul(1 << tries.min(10)).min(RETRY_WAIT_MAX);
    longest.mul_f64(rand::random_range(0.5..1.0))
}
