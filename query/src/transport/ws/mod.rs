//! `/graphql/ws`: graphql-transport-ws to the letter.
//!
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>
//!
//! A socket is one task. It asks the hub for more only while the client takes what it is sent, so
//! that nothing piles up here: what waits is bounded by the hub's queue, one write buffer, and the
//! answers of a bounded number of executions.

mod close;
mod connection;
mod operations;
mod protocol;
mod socket;
mod start;
mod timers;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{RequestExt, http::HeaderValue};
use tracing::Instrument;

use super::Transport;
use connection::Connection;

const SUBPROTOCOL: &str = "graphql-transport-ws";

pub(super) async fn upgrade(State(transport): State<Transport>, request: Request) -> Response {
    if !transport.0.config.origins.allow_socket(request.headers()) {
        return (StatusCode::FORBIDDEN, "this origin may not open sockets\n").into_response();
    }
    if transport.0.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n").into_response();
    }
    let (mut parts, body) = request.into_parts();
    let caller = super::http::caller(&parts);
    // Belongs to one request; a socket carries many.
    let caller = crate::Caller { min_position: None, ..caller };
    // The extractor takes what it needs out of the request's extensions.
    let extensions = std::mem::take(&mut parts.extensions);
    let mut request = Request::from_parts(parts, body);
    *request.extensions_mut() = extensions;
    let upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection> = request.extract().await;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let limits = &transport.0.config.socket;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(4_096)
        .write_buffer_size(limits.write_buffer_bytes)
        .max_frame_size(limits.frame_bytes_max)
        .max_message_size(limits.frame_bytes_max);
    let speaks = upgrade.selected_protocol() == Some(&HeaderValue::from_static(SUBPROTOCOL));
    let tracker = transport.0.sockets.clone();
    upgrade.on_upgrade(move |socket| {
        let connection = Connection::new(socket, transport, caller);
        let run = async move {
            if speaks {
                connection.run().await;
            } else {
                connection.close(close::Close::SUBPROTOCOL).await;
            }
        };
        tracker.track_future(run.instrument(tracing::debug_span!("socket")))
    })
}
