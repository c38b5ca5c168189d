//! A device of security 0 whose replies are written down byte for byte.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, NetworkKind, Transport, TransportError};

use super::lock;

const WIFI: &[u8] = br#"{"prov": {"ver": "v1.1", "sec_ver": 0, "cap": ["no_sec"]}}"#;
const THREAD: &[u8] =
    br#"{"prov": {"ver": "v1.1", "sec_ver": 0, "cap": ["no_sec", "thread_prov"]}}"#;
/// `S0SessionResp`, success.
const HELLO_BACK: &[u8] = &[0x52, 0x05, 0x08, 0x01, 0xaa, 0x01, 0x00];

/// Says version and hello, then answers `prov-config` from a list. Fails the test if it is asked
/// for more than the list has, or for less.
pub struct Scripted {
    replies: Arc<Mutex<VecDeque<Vec<u8>>>>,
    version: &'static [u8],
}

impl Scripted {
    /// With its replies in hexadecimal.
    pub fn new(replies: &[&str]) -> Self {
        let replies = replies.iter().map(|reply| hex(reply)).collect();
        Self { replies: Arc::new(Mutex::new(replies)), version: WIFI }
    }

    /// For networks of this kind.
    pub fn of_kind(mut self, kind: NetworkKind) -> Self {
        self.version = if kind == NetworkKind::Thread { THREAD } else { WIFI };
        self
    }

    /// With its replies after it was told to join.
    pub fn applied(statuses: &[&str]) -> Self {
        Self::new(&[&["08036a00", "08057a00"], statuses].concat())
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let left = lock(&self.replies).len();
        assert!(left == 0 || thread::panicking(), "{left} replies that nobody asked for");
    }
}

#[async_trait]
impl Connect for Scripted {
    async fn connect(&self, _within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Link { replies: Arc::clone(&self.replies), version: self.version }))
    }
}

struct Link {
    replies: Arc<Mutex<VecDeque<Vec<u8>>>>,
    version: &'static [u8],
}

#[async_trait]
impl Transport for Link {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        _body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        Ok(match endpoint.as_str() {
            "proto-ver" => self.version.to_vec(),
            "prov-session" => HELLO_BACK.to_vec(),
            _ => lock(&self.replies).pop_front().expect("asked for more than the script has"),
        })
    }
}

/// Bytes from hexadecimal digits; blanks are skipped.
pub fn hex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    hex::decode(digits).expect("pairs of hexadecimal digits")
}
