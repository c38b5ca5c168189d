//! Raw bytes to any endpoint.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{Command, DecodeError, Endpoint, Refusal};

/// Application data, in whatever form the endpoint's firmware wants.
pub struct Custom {
    /// Where to.
    pub endpoint: Endpoint,
    /// What; not empty.
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
