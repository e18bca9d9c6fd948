//! Accepting connections: bounded in number, in the size and time of their
//! headers, and ended in good order when the server stops.

use crate::http::extract::Peer;
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Connections open at the same time; further ones wait to be accepted.
pub const CONNECTIONS_MAX: usize = 20_000;
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest head of a request, and read buffer of a connection.
const HEAD_MAX_BYTES: usize = 32 * 1024;
/// How long open requests may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after an accept failed (out of file descriptors, as a rule).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stopping` becomes true, then lets open requests end.
pub async fn serve(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stopped(&mut stopping) => break,
        };
        let Some((stream, place)) = accepted else { continue };
        open.spawn(connection(stream, router.clone(), stopping.clone(), place));
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // A place first: beyond the limit clients wait in the system's own queue.
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "accept");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// One connection to its end. Once the server is stopping it takes no further
/// request; a WebSocket notices that by itself.
async fn connection(
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    // Small frames go out at once; if that cannot be set, they go a little later.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().map(|address| Peer(address.ip())).ok();
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // A broken connection is the client's business.
    if let Err(error) = ended {
        tracing::trace!(%error, "connection");
    }
}
