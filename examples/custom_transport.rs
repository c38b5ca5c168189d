//! A transport, a connector and an observer of your own, in a task: `cargo run --example
//! custom_transport`.
//!
//! The wire here is a channel, with a virtual device at its other end.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use esp_prov::{
    Connect, Endpoint, Event, Network, Observer, Outcome, Passphrase, Plan, Provisioner, Security,
    Ssid, Transport, TransportError, address::Address, async_trait,
};
use esp_prov_simulate::{Settings, VirtualDevice};
use tokio::sync::{mpsc, oneshot};

/// What goes over the wire: endpoint, request, and where to send the reply.
type Request = (String, Vec<u8>, oneshot::Sender<Vec<u8>>);

/// An open link. After an error it is not used any more.
struct Wire(mpsc::Sender<Request>);

#[async_trait]
impl Transport for Wire {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let (reply, answer) = oneshot::channel();
        let request = (endpoint.as_str().to_owned(), body.to_vec(), reply);
        self.0.send(request).await.map_err(|error| TransportError::Lost(error.into()))?;
        // A device that can't handle a request sends no reply. The provisioner sets the time limit.
        answer.await.map_err(|_| TransportError::NoReply)
    }
}

/// The connector, which can be used again and again.
struct Dial(VirtualDevice);

#[async_trait]
impl Connect for Dial {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let (requests, mut wire) = mpsc::channel::<Request>(1);
        let device = self.0.clone();
        device.open_link();
        tokio::spawn(async move {
            while let Some((endpoint, body, reply)) = wire.recv().await {
                if let Ok(answer) = device.handle(&endpoint, &body) {
                    // If this fails, the client does not wait for the reply any more.
                    let _ = reply.send(answer.body);
                }
            }
        });
        Ok(Box::new(Wire(requests)))
    }
}

/// Counts the events.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Observer for Counter {
    fn notify(&self, event: Event) {
        self.0.fetch_add(1, Ordering::Relaxed);
        println!("{event:?}");
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let network = Network::wifi(Ssid::new("Home")?, Passphrase::new("correct-horse".to_owned())?);
    let (dial, counter) = (Dial(VirtualDevice::new(Settings::default())), Arc::default());
    let watching: Arc<Counter> = Arc::clone(&counter);
    let task = tokio::spawn(async move {
        Provisioner::new(Address::Virtual, &dial)
            .with_security(Security::default().with_proof("abcd1234"))
            .with_observer(watching.as_ref())
            .provision(&Plan::new(network))
            .await
    });

    let outcome = task.await??;
    assert!(matches!(outcome, Outcome::Connected { .. }), "{outcome:?}");
    println!("{} events", counter.0.load(Ordering::Relaxed));
    Ok(())
}
