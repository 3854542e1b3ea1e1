//! The accept loop. It is our own because `axum::serve` gives slow headers all the time in the
//! world.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A request's headers must be complete after this time.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a request's headers, and of what is buffered for writing.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How long to wait before accepting again when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until `stop`; returns when the last request is answered.
/// Connections that were upgraded are their handlers' business.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    connections_max: usize,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let room = Arc::new(Semaphore::new(connections_max));
    let connections = TaskTracker::new();
    loop {
        // Without room nobody is accepted: newcomers wait in the listener's backlog.
        let (permit, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = serve_connection(stream, peer, router.clone(), stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

type Accepted = std::io::Result<(TcpStream, SocketAddr)>;

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (Option<tokio::sync::OwnedSemaphorePermit>, Accepted) {
    // The semaphore is never closed.
    let permit = Arc::clone(room).acquire_owned().await.ok();
    (permit, listener.accept().await)
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    // Small writes are what this server does: they must not wait for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone at once");
        return;
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended in an error");
    }
}
