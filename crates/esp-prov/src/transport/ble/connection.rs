//! A connection, and its end, which the system takes its time for.

use std::{future::Future, sync::Arc};

use tokio_util::task::TaskTracker;

use super::{super::TransportError, adapter::Peer};

/// Connections and scans that are being closed.
#[derive(Clone, Default)]
pub(super) struct Closing {
    /// What would stay open if this process ended now.
    needs_us: TaskTracker,
    all: TaskTracker,
}

impl Closing {
    /// Closes something in a task of its own.
    pub(super) fn spawn(&self, close: impl Future<Output = ()> + Send + 'static) {
        self.all.spawn(self.needs_us.track_future(close));
    }

    fn close(&self, peer: Arc<dyn Peer>) {
        let needs_us = self.needs_us.token();
        self.all.spawn(async move {
            peer.disconnect().await;
            drop(needs_us);
            peer.closed().await;
        });
    }

    /// Returns once this process may end.
    pub(super) async fn begun(&self) {
        self.needs_us.close();
        self.needs_us.wait().await;
    }

    /// Returns once all is closed.
    pub(super) async fn done(&self) {
        self.all.close();
        self.all.wait().await;
    }
}

/// A connection from its first try on, closed when it is dropped: a device that is connected to
/// does not advertise, so nobody could reach it.
pub(super) struct Connection {
    peer: Option<Arc<dyn Peer>>,
    closing: Closing,
}

impl Connection {
    pub(super) fn to(peer: Arc<dyn Peer>, closing: &Closing) -> Self {
        Self { peer: Some(peer), closing: closing.clone() }
    }

    pub(super) fn peer(&self) -> Result<&Arc<dyn Peer>, TransportError> {
        self.peer.as_ref().ok_or_else(|| TransportError::Lost("the connection is closed".into()))
    }

    pub(super) fn close(&mut self) {
        if let Some(peer) = self.peer.take() {
            self.closing.close(peer);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}
