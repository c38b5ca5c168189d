//! A BLE connection, and closing it, for which the system may take some time.

use std::{future::Future, sync::Arc};

use tokio_util::task::TaskTracker;

use super::{super::TransportError, adapter::Peer};
use crate::aside::task;

/// Connections and scans that are being closed.
#[derive(Clone, Default)]
pub(super) struct Closing {
    /// Tasks that this process must finish: if it exited now, their connections would stay open.
    needs_us: TaskTracker,
    all: TaskTracker,
}

impl Closing {
    /// Runs the closing of a connection or scan in its own task.
    pub(super) fn spawn(&self, close: impl Future<Output = ()> + Send + 'static) {
        self.all.spawn(task(self.needs_us.track_future(close)));
    }

    fn close(&self, peer: Arc<dyn Peer>) {
        let needs_us = self.needs_us.token();
        self.all.spawn(task(async move {
            peer.disconnect().await;
            drop(needs_us);
            peer.closed().await;
        }));
    }

    /// Returns once this process may exit.
    pub(super) async fn begun(&self) {
        self.needs_us.close();
        self.needs_us.wait().await;
    }

    /// Returns once every connection and scan has closed.
    pub(super) async fn done(&self) {
        self.all.close();
        self.all.wait().await;
    }
}

/// A connection, from the first attempt to connect until it is dropped. Dropping it closes it: a
/// connected device does not advertise, so nobody else could reach it.
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
