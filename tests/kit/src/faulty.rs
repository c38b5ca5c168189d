//! A way to a device on which things go wrong at a chosen exchange.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Scheme, Transport, TransportError, transport::EndpointList};
use esp_prov_simulate::VirtualDevice;

/// What goes wrong with one exchange.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request never arrives and no reply ever comes.
    LoseRequest,
    /// The device acts, its reply never comes.
    LoseReply,
    /// The link breaks before the device sees the request.
    CutBefore,
    /// The link breaks after the device has acted.
    CutAfter,
    /// The device closes the link and does nothing.
    NoReply,
    /// The device acts and closes the link.
    NoReplyAfter,
    /// The reply comes late.
    Delay(Duration),
    /// Another reply.
    Reply(Vec<u8>),
    /// The last byte is missing.
    Truncated,
    /// One byte more.
    TrailingByte,
    /// The request arrives twice; the first reply comes back.
    Duplicate,
    /// One bit of the reply is wrong, counted from its first, round and round.
    FlipBit(usize),
    /// One bit of the request is wrong.
    FlipRequestBit(usize),
    /// The device is as fresh from the factory when the request arrives.
    Reboot(VirtualDevice),
    /// The same, and the request is lost in it.
    RebootUnheard(VirtualDevice),
}

impl Fault {
    pub fn garbage() -> Self {
        Self::Reply(vec![0xff; 37])
    }

    pub fn empty() -> Self {
        Self::Reply(Vec::new())
    }
}

/// When a fault strikes: by the number of the exchange, from 1, over the whole run.
#[derive(Clone, Copy, Debug)]
pub enum When {
    Once(usize),
    Each(&'static [usize]),
    From(usize),
}

impl When {
    pub fn strikes(self, exchange: usize) -> bool {
        match self {
            Self::Once(at) => exchange == at,
            Self::Each(those) => those.contains(&exchange),
            Self::From(first) => exchange >= first,
        }
    }
}

/// The exchanges of a first session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Version,
    Handshake,
    /// Security 1 only.
    Proof,
    Set,
    Apply,
    FirstPoll,
}

impl Step {
    /// Its number in a run where nothing went wrong before.
    pub fn exchange(self, scheme: Scheme) -> usize {
        let number = self as usize + 1;
        if scheme == Scheme::Sec0 && self > Self::Handshake { number - 1 } else { number }
    }

    /// Once, in a run with security 1.
    pub fn once(self) -> When {
        When::Once(self.exchange(Scheme::Sec1))
    }

    /// From there on, in a run with security 1.
    pub fn onwards(self) -> When {
        When::From(self.exchange(Scheme::Sec1))
    }
}

/// A [`Connect`] around another; fails the test if its fault never struck.
#[derive(Clone)]
pub struct Faulty(Arc<Shared>);

struct Shared {
    inner: Box<dyn Connect>,
    when: When,
    fault: Fault,
    exchanges: AtomicUsize,
    struck: AtomicBool,
}

impl Faulty {
    pub fn around<C: Connect + Clone + 'static>(inner: &C, when: When, fault: Fault) -> Self {
        Self(Arc::new(Shared {
            inner: Box::new(inner.clone()),
            when,
            fault,
            exchanges: AtomicUsize::default(),
            struck: AtomicBool::default(),
        }))
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        let Shared { when, fault, struck, .. } = &*self.0;
        let struck = struck.load(Ordering::Relaxed);
        assert!(struck || thread::panicking(), "{fault:?} at {when:?} never struck");
    }
}

#[async_trait]
impl Connect for Faulty {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let link = self.0.inner.connect(within).await?;
        Ok(Box::new(FaultyLink { shared: Arc::clone(&self.0), link }))
    }
}

struct FaultyLink {
    shared: Arc<Shared>,
    link: Box<dyn Transport>,
}

#[async_trait]
impl Transport for FaultyLink {
    /// Nothing goes wrong with a look.
    async fn list_endpoints(&mut self, names: &[Endpoint]) -> Result<EndpointList, TransportError> {
        self.link.list_endpoints(names).await
    }

    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let Shared { when, fault, exchanges, struck, .. } = &*self.shared;
        let number = exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        if !when.strikes(number) {
            return self.link.exchange(endpoint, body).await;
        }
        struck.store(true, Ordering::Relaxed);
        let cut = || TransportError::Lost("cut by the test".into());
        match fault {
            Fault::LoseRequest => pending().await,
            Fault::CutBefore => return Err(cut()),
            Fault::NoReply => return Err(TransportError::NoReply),
            Fault::Reboot(device) => device.restart(),
            Fault::RebootUnheard(device) => {
                device.restart();
                pending::<()>().await;
            }
            _ => {}
        }
        let mut request = body.to_vec();
        if let Fault::FlipRequestBit(bit) = fault {
            flip(&mut request, *bit);
        }
        let answer = self.link.exchange(endpoint, &request).await;
        match fault {
            Fault::LoseReply => pending().await,
            Fault::CutAfter => return Err(cut()),
            Fault::NoReplyAfter => return Err(TransportError::NoReply),
            Fault::Delay(time) => tokio::time::sleep(*time).await,
            Fault::Duplicate => drop(self.link.exchange(endpoint, body).await),
            _ => {}
        }
        let mut reply = answer?;
        match fault {
            Fault::Reply(other) => reply.clone_from(other),
            Fault::Truncated => drop(reply.pop()),
            Fault::TrailingByte => reply.push(0x77),
            Fault::FlipBit(bit) => flip(&mut reply, *bit),
            _ => {}
        }
        Ok(reply)
    }

    async fn disconnect(&mut self) {
        self.link.disconnect().await;
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    let length = bytes.len();
    if length > 0 {
        bytes[bit / 8 % length] ^= 1 << (bit % 8);
    }
}
