//! A device of security 0 whose replies are written down byte for byte.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Transport, TransportError};

use super::lock;

const VERSION: &[u8] = br#"{"prov": {"ver": "v1.1", "sec_ver": 0, "cap": ["no_sec"]}}"#;
/// `S0SessionResp`, success.
const HELLO_BACK: &[u8] = &[0x52, 0x05, 0x08, 0x01, 0xaa, 0x01, 0x00];

/// Says version and hello, then answers `prov-config` from a list. Fails the test if it is asked
/// for more than the list has, or for less.
pub(crate) struct Scripted(Arc<Mutex<VecDeque<Vec<u8>>>>);

impl Scripted {
    /// With its replies in hexadecimal.
    pub(crate) fn new(replies: &[&str]) -> Self {
        Self(Arc::new(Mutex::new(replies.iter().map(|reply| hex(reply)).collect())))
    }

    /// With its replies after it was told to join.
    pub(crate) fn applied(statuses: &[&str]) -> Self {
        Self::new(&[&["08036a00", "08057a00"], statuses].concat())
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let left = lock(&self.0).len();
        assert!(left == 0 || thread::panicking(), "{left} replies that nobody asked for");
    }
}

#[async_trait]
impl Connect for Scripted {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Link(Arc::clone(&self.0))))
    }
}

struct Link(Arc<Mutex<VecDeque<Vec<u8>>>>);

#[async_trait]
impl Transport for Link {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        _body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        Ok(match endpoint.as_str() {
            "proto-ver" => VERSION.to_vec(),
            "prov-session" => HELLO_BACK.to_vec(),
            _ => lock(&self.0).pop_front().expect("asked for more than the script has"),
        })
    }
}

/// Bytes from hexadecimal digits; blanks are skipped.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    hex::decode(digits).expect("pairs of hexadecimal digits")
}
