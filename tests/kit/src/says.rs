//! A virtual device that says another version than it has.

use std::time::Duration;

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Transport, TransportError};
use esp_prov_simulate::VirtualDevice;

/// As it stands in JSON.
pub struct Says(pub VirtualDevice, pub &'static str);

struct Saying(Box<dyn Transport>, &'static str);

#[async_trait]
impl Connect for Says {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Saying(self.0.connect(within).await?, self.1)))
    }
}

#[async_trait]
impl Transport for Saying {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let reply = self.0.exchange(endpoint, body).await?;
        if endpoint.as_str() != "proto-ver" {
            return Ok(reply);
        }
        let text = String::from_utf8(reply).expect("it is text");
        let mut parts: Vec<_> = text.split('"').collect();
        let at = parts.iter().position(|part| *part == "ver").expect("a version");
        parts[at + 2] = self.1;
        Ok(parts.join("\"").into_bytes())
    }
}
