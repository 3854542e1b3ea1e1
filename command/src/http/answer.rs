//! Answers to commands that were carried out.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use events::{Position, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::Endpoint;
use super::body::{self, Origin};
use super::problem::Problem;
use super::request::Asked;
use crate::bus::{Done, Outcome, Request, Viewer};
use crate::rejection::Rejection;

/// A command that was carried out, now or by an earlier try.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answer {
    /// The command's id; made by the server where the client sent none.
    id: Uuid,
    /// As `X-Min-Position` of a query, or `after` of a subscription, it lies behind all that the
    /// command did. Opaque.
    position: String,
    /// What came of it.
    result: Told,
}

/// What came of a command: ids, and what can't be asked for later.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Result")]
struct Told {
    /// The user who was made, changed, or taken up as a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    /// The channel that was made, changed, joined or left.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_id: Option<Uuid>,
    /// The message that was sent, changed, deleted or reacted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<Uuid>,
    /// The wallet that was opened, changed, joined or left, or that money came into or left.
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_id: Option<Uuid>,
    /// The transfer that was asked for, approved or declined; the new one for a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_id: Option<Uuid>,
    /// The scheduled payment that was made or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_payment_id: Option<Uuid>,
    /// The plan of dues that was made or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    dues_plan_id: Option<Uuid>,
    /// `authorizeSpending`: goes with what spends from the wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    spend_token: Option<String>,
    /// `authorizeSpending`: when that is no longer good.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// `signUp`: goes with every request, `Authorization: Bearer …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// `signUp`: when that is no longer good.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<Timestamp>,
    /// `signUp`: good for one use of `refreshSession`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl Answer {
    /// As a line of NDJSON.
    pub(super) fn line(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        // A struct of texts and numbers always has a JSON form.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        ([(CONTENT_TYPE, body::ONE)], body).into_response()
    }
}

impl Endpoint {
    /// Carries a command out for somebody.
    pub(super) async fn carry_out(
        &self,
        asked: Asked,
        viewer: Option<Viewer>,
        origin: &Origin,
    ) -> Result<Answer, Problem> {
        let Asked { id, command } = asked;
        let (kind, named) = (command.name(), id.clone());
        let Origin { trace_parent, client } = origin.clone();
        let request = Request { id, viewer, command, trace_parent, client };
        let done = match self.0.bus.submit(request).await {
            Ok(done) => self.told(done),
            Err(rejection) => Err(rejection),
        };
        let trace = origin.trace_parent.as_deref();
        done.map_err(|refused| Problem::refused(refused, kind, trace).of(named))
    }

    fn told(&self, done: Done) -> Result<Answer, Rejection> {
        let result = match done.outcome {
            Outcome::Session(grant) => {
                let viewer = Viewer { user: grant.user, session: grant.session };
                let access = self.0.access.issue(viewer)?;
                Told {
                    user_id: Some(grant.user.0),
                    access_token: Some(access.text.to_string()),
                    access_token_expires_at: Some(access.expires_at),
                    refresh_token: Some(grant.refresh_token.to_string()),
                    ..Told::default()
                }
            }
            Outcome::User(id) => Told { user_id: Some(id.0), ..Told::default() },
            Outcome::Channel(id) => Told { channel_id: Some(id.0), ..Told::default() },
            Outcome::Message(id) => Told { message_id: Some(id.0), ..Told::default() },
            Outcome::Wallet(id) => Told { wallet_id: Some(id.0), ..Told::default() },
            Outcome::Transfer(id) => Told { transfer_id: Some(id.0), ..Told::default() },
            Outcome::ScheduledPayment(id) => {
                Told { scheduled_payment_id: Some(id.0), ..Told::default() }
            }
            Outcome::DuesPlan(id) => Told { dues_plan_id: Some(id.0), ..Told::default() },
            Outcome::SpendAuthorization(grant) => Told {
                spend_token: Some(grant.token.to_string()),
                expires_at: Some(grant.expires_at),
                ..Told::default()
            },
            Outcome::Nothing => Told::default(),
        };
        let position = Position::after(self.0.log, done.position).to_string();
        Ok(Answer { id: done.id.0, position, result })
    }
}
