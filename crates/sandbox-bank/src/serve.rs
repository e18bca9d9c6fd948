//! Serves the bank on a socket. A lost request or reply closes its connection
//! without a word, as a broken line would.

use crate::SandboxBank;
use axum::body::Body;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// Connections served at once; the next ones wait.
const CONNECTIONS_MAX: usize = 512;
/// Pause after a failed accept, so that a full file table is not a busy loop.
const ACCEPT_PAUSE_MS: u64 = 50;

/// Serves until the task is dropped.
pub async fn serve(listener: TcpListener, bank: SandboxBank) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let service = bank.service();
    loop {
        let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                continue;
            }
        };
        let service = service.clone().map_request(|request: Request<_>| request.map(Body::new));
        tokio::spawn(async move {
            let connection = auto::Builder::new(TokioExecutor::new());
            let served = connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
            if let Err(error) = served {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
}
