//! The moment a request goes to the kernel: a fresh connection stands, its request follows.
//!
//! Owns the layer around the connector that counts there, exactly when a request is handed over:
//! neither a name look-up nor a handshake falls between the count and the first byte. Must not
//! know: requests.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::pace::{Pacer, Paused};

type BoxError = Box<dyn Error + Send + Sync>;

/// Puts the count behind every connect.
#[derive(Clone, Debug)]
pub(super) struct HandOver {
    pacer: Arc<Pacer>,
}

impl HandOver {
    pub(super) const fn new(pacer: Arc<Pacer>) -> Self {
        Self { pacer }
    }
}

impl<S> Layer<S> for HandOver {
    type Service = Counted<S>;

    fn layer(&self, connector: S) -> Counted<S> {
        Counted { connector, pacer: Arc::clone(&self.pacer) }
    }
}

/// A connector whose connections are counted.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    connector: S,
    pacer: Arc<Pacer>,
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    S::Response: Send,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.connector.call(request);
        let pacer = Arc::clone(&self.pacer);
        Box::pin(async move {
            let connection = connecting.await.map_err(Into::into)?;
            pacer.handed().await?;
            Ok(connection)
        })
    }
}

/// Whether nothing was sent because of a pause.
pub(super) fn is_paused(fault: &reqwest::Error) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = fault.source();
    while let Some(fault) = source {
        if fault.is::<Paused>() {
            return true;
        }
        source = fault.source();
    }
    false
}
