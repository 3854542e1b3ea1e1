//! `POST /v1/deposits`: a payment provider tells that money came in.
//!
//! The body is `{"walletId", "amount", "reference"}`. It is signed as Stripe's webhooks are:
//! `Moim-Signature: t=<seconds since the epoch>,v1=<hex>`, where `v1` is HMAC-SHA-256 of
//! `<t>.<body>` under the secret that both know. There may be several `v1`, one a secret, while
//! the secret is being changed. A notice may be sent again: its reference makes it the same
//! deposit.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use events::{LogId, Position, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::body::{self, Bodies, Media, Origin};
use super::input::RawAmount;
use super::problem::Problem;
use super::request;
use crate::rejection::{Code, Rejection};
use crate::service::{CommandService, DepositNotice};

/// How far a notice's time may be from ours.
const WINDOW: Duration = Duration::from_mins(5);
/// Signatures that are looked at.
const SIGNATURES_LEN_MAX: usize = 8;
const SIGNATURE: HeaderName = HeaderName::from_static("moim-signature");

/// The endpoint. Cheap to clone.
#[derive(Clone)]
pub struct DepositEndpoint(Arc<Parts>);

struct Parts {
    service: Arc<CommandService>,
    secret: Zeroizing<Vec<u8>>,
    log: LogId,
    bodies: Bodies,
}

/// Money that came in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "DepositNotice")]
pub(super) struct Told {
    /// Into which wallet.
    wallet_id: String,
    /// How much.
    amount: RawAmount,
    /// The payment's own number: the same one again is the same deposit. 1–100 characters.
    #[schemars(length(min = 1))]
    reference: String,
}

/// The deposit is in the wallet, now or by an earlier notice.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DepositTaken")]
pub(super) struct Taken {
    /// The wallet.
    wallet_id: Uuid,
    /// As `X-Min-Position` of a query it lies behind the deposit. Opaque.
    position: String,
}

impl DepositEndpoint {
    /// Puts what is signed with this secret to the service; positions are told of that log.
    pub fn new(service: Arc<CommandService>, secret: Zeroizing<Vec<u8>>, log: LogId) -> Self {
        Self(Arc::new(Parts { service, secret, log, bodies: Bodies::new() }))
    }

    /// The route.
    pub fn router(&self) -> Router {
        let notices = post(run).fallback(|| async { wrong_method() });
        Router::new().route("/v1/deposits", notices).with_state(self.clone())
    }

    async fn take(&self, headers: &HeaderMap, request: Request) -> Result<Response, Problem> {
        let parts = &*self.0;
        let trace_parent = Origin::of(&request).trace_parent;
        let body = parts.bodies.read(request.into_body(), headers).await?;
        let header = headers.get(SIGNATURE).and_then(|header| header.to_str().ok());
        if !is_signed(&parts.secret, header.unwrap_or_default(), &body.bytes, Timestamp::now()) {
            let message = "The notice is not signed, not with this secret, or not of now.";
            return Err(Rejection::new(Code::Unauthenticated, message).into());
        }
        let Told { wallet_id: wallet, amount, reference } = request::parse(&body.bytes)?;
        let trace = trace_parent.clone();
        let notice = DepositNotice { wallet, amount: amount.0, reference, trace_parent };
        let taken = parts.service.deposit_notice(notice).await;
        let (wallet, position) =
            taken.map_err(|refused| Problem::refused(refused, "deposit", trace.as_deref()))?;
        let position = Position::after(parts.log, position).to_string();
        // A struct of texts always has a JSON form.
        let body = serde_json::to_vec(&Taken { wallet_id: wallet.0, position }).unwrap_or_default();
        Ok(([(CONTENT_TYPE, body::ONE)], body).into_response())
    }
}

async fn run(State(endpoint): State<DepositEndpoint>, request: Request) -> Response {
    let headers = request.headers().clone();
    if body::media(&headers) != Some(Media::One) {
        return body::wrong_type();
    }
    endpoint.take(&headers, request).await.unwrap_or_else(IntoResponse::into_response)
}

fn wrong_method() -> Response {
    let problem = Problem::malformed("Notices are sent by POST.");
    let mut response = problem.with_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

/// Whether a header's time is within the window around `now`, and one of its signatures is that
/// of time and body.
fn is_signed(secret: &[u8], header: &str, body: &[u8], now: Timestamp) -> bool {
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let Some((_, time)) = fields().find(|(name, _)| *name == "t") else { return false };
    let Some(at) = time.parse().ok().and_then(|seconds: i64| seconds.checked_mul(1_000_000)) else {
        return false;
    };
    let at = Timestamp::from_micros(at);
    if now.since(at) > WINDOW || at.since(now) > WINDOW {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let signatures = fields().filter(|(name, _)| *name == "v1").take(SIGNATURES_LEN_MAX);
    // `verify_slice` takes the same time wherever they differ.
    let mut matches = signatures.filter_map(|(_, hex)| unhex(hex));
    matches.any(|signature| mac.clone().verify_slice(&signature).is_ok())
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"secret";
    const BODY: &[u8] = br#"{"amount":"1"}"#;
    /// By `openssl dgst -sha256 -hmac secret` of `1700000000.{"amount":"1"}`.
    const RIGHT: &str = "00cb68c00683188a25f4168e90376b7ff0edf47d44559b1fb1a26c78721344d3";

    fn now(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn header(time: &str, signature: &str) -> String {
        format!("t={time},v1={signature}")
    }

    #[test]
    fn what_is_signed_with_the_secret_is_taken_within_five_minutes() {
        let header = header("1700000000", RIGHT);
        for seconds in [1_699_999_700, 1_700_000_000, 1_700_000_300] {
            assert!(is_signed(SECRET, &header, BODY, now(seconds)), "{seconds}");
        }
        for seconds in [1_699_999_699, 1_700_000_301] {
            assert!(!is_signed(SECRET, &header, BODY, now(seconds)), "{seconds}");
        }
    }

    #[test]
    fn another_secret_body_time_or_signature_is_refused() {
        let at = now(1_700_000_000);
        let right = header("1700000000", RIGHT);
        assert!(!is_signed(b"other", &right, BODY, at));
        assert!(!is_signed(SECRET, &right, br#"{"amount":"2"}"#, at));
        assert!(!is_signed(SECRET, &header("1700000001", RIGHT), BODY, at));
        for bad in ["", "t=1700000000", &format!("v1={RIGHT}"), &header("x", RIGHT)] {
            assert!(!is_signed(SECRET, bad, BODY, at), "{bad}");
        }
        assert!(!is_signed(SECRET, &header("1700000000", &RIGHT[1..]), BODY, at));
        assert!(!is_signed(SECRET, &header("9223372036854775807", RIGHT), BODY, at));
    }

    #[test]
    fn any_of_several_signatures_will_do() {
        let other = "0".repeat(64);
        let header = format!("t=1700000000, v1={other}, v1={RIGHT}");
        assert!(is_signed(SECRET, &header, BODY, now(1_700_000_000)));
    }
}
