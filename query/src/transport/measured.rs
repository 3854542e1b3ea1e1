//! What is measured of the transports, by Prometheus' conventions.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, histogram};

pub(super) const WS_CONNECTIONS: &str = "moim_ws_connections";
pub(super) const WS_OPERATIONS: &str = "moim_ws_operations";
pub(super) const WS_SENT: &str = "moim_ws_messages_sent_total";
pub(super) const WS_RECEIVED: &str = "moim_ws_messages_received_total";
const WS_CLOSED: &str = "moim_ws_closed_total";
pub(super) const SSE_STREAMS: &str = "moim_sse_streams";
pub(super) const SSE_SENT: &str = "moim_sse_events_sent_total";
const SSE_ENDED: &str = "moim_sse_ended_total";
const HTTP_REQUESTS: &str = "moim_http_requests_total";
const HTTP_SECONDS: &str = "moim_http_request_duration_seconds";
const OPERATIONS: &str = "moim_graphql_operations_total";

/// Tells the recorder what each number means; to be called once it is installed.
pub fn describe() {
    describe_counter!(HTTP_REQUESTS, "Requests answered at /graphql, by method and status");
    describe_histogram!(HTTP_SECONDS, Unit::Seconds, "Time to the answer at /graphql, by method");
    describe_counter!(OPERATIONS, "GraphQL operations, by transport, kind and outcome");
    describe_gauge!(WS_CONNECTIONS, "Open sockets");
    describe_gauge!(WS_OPERATIONS, "Operations running on sockets, subscriptions above all");
    describe_counter!(WS_SENT, "Messages sent over sockets");
    describe_counter!(WS_RECEIVED, "Messages received over sockets");
    describe_counter!(WS_CLOSED, "Sockets closed, by close code; 0 if the client just went away");
    describe_gauge!(SSE_STREAMS, "Open streams of server-sent events");
    describe_counter!(SSE_SENT, "Results sent as server-sent events");
    describe_counter!(SSE_ENDED, "Streams of server-sent events that ended, by reason");
}

pub(super) fn http(method: &'static str, status: u16, took: Duration) {
    counter!(HTTP_REQUESTS, "method" => method, "status" => status.to_string()).increment(1);
    histogram!(HTTP_SECONDS, "method" => method).record(took);
}

pub(super) fn closed(code: u16) {
    counter!(WS_CLOSED, "code" => code.to_string()).increment(1);
}

pub(super) fn stream_ended(reason: &'static str) {
    counter!(SSE_ENDED, "reason" => reason).increment(1);
}

/// How an operation went.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Executed,
    Refused,
}

pub(super) fn operation(transport: &'static str, kind: Option<OperationType>, outcome: Outcome) {
    let kind = match kind {
        Some(OperationType::Query) => "query",
        Some(OperationType::Mutation) => "mutation",
        Some(OperationType::Subscription) => "subscription",
        None => "unknown",
    };
    let outcome = match outcome {
        Outcome::Executed => "executed",
        Outcome::Refused => "refused",
    };
    counter!(OPERATIONS, "transport" => transport, "kind" => kind, "outcome" => outcome)
        .increment(1);
}
