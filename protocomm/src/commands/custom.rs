//! Requests to endpoints of the application.

use alloc::{string::String, vec::Vec};

use prost::Message;
use zeroize::Zeroizing;

use super::bytes;
use crate::{
    Command, DecodeError, Endpoint, Refusal, Status,
    wire::{CustomConfigRequest, CustomConfigResponse, CustomConfigStatus},
};

/// Raw bytes to any endpoint, in whatever form the firmware expects. The reply is raw, too.
#[derive(Clone, Debug)]
pub struct Custom {
    /// The endpoint it is sent to.
    pub endpoint: Endpoint,
    /// The bytes to send. Must not be empty.
    pub body: Vec<u8>,
}

impl Command for Custom {
    type Reply = Vec<u8>;
    const NAME: &'static str = "custom data";

    fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.body.clone())
    }

    fn decode(reply: &[u8]) -> Result<Result<Self::Reply, Refusal>, DecodeError> {
        Ok(Ok(reply.to_vec()))
    }
}

/// The message of the legacy `custom_config` example (ESP-IDF v3.2 to v4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomConfig {
    /// Any text.
    pub info: String,
    /// Any number.
    pub version: i32,
}

impl Command for CustomConfig {
    type Reply = ();
    const NAME: &'static str = "CustomConfig";

    fn endpoint(&self) -> Endpoint {
        Endpoint::CUSTOM_CONFIG
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        bytes(&CustomConfigRequest { info: self.info.clone(), version: self.version })
    }

    fn decode(reply: &[u8]) -> Result<Result<(), Refusal>, DecodeError> {
        let reply = CustomConfigResponse::decode(reply)?;
        if reply.status == CustomConfigStatus::ConfigSuccess as i32 {
            return Ok(Ok(()));
        }
        // Its status numbers differ from those of the other endpoints.
        Ok(Err(Refusal::new(Self::NAME, Status::Unknown(reply.status))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_config_goes_as_its_schema_says() {
        let config = CustomConfig { info: "hello".into(), version: 7 };
        assert_eq!(config.encode().as_slice(), b"\x0a\x05hello\x10\x07");
        assert!(CustomConfig::decode(b"").is_ok_and(|answer| answer.is_ok()));
        let failed = CustomConfig::decode(b"\x08\x01").expect("a status");
        assert_eq!(failed.map_err(|refusal| refusal.status), Err(Status::Unknown(1)));
    }

    #[test]
    fn an_applications_reply_is_given_as_it_is() {
        let reply = Custom::decode(b"SUCCESS\0").expect("any bytes");
        assert_eq!(reply.expect("no refusal"), b"SUCCESS\0");
    }
}
