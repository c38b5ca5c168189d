//! Recordings of the vendor's tool and firmware (`vectors/*.json`, made outside this project):
//! recorded random bytes go in, recorded messages must come out, byte for byte.
#![cfg(feature = "device")]

#[path = "vectors/capabilities.rs"]
mod capabilities;
#[path = "vectors/client.rs"]
mod client;
#[path = "vectors/device.rs"]
mod device;
#[path = "vectors/malformed.rs"]
mod malformed;
#[path = "vectors/recording.rs"]
mod recording;
#[path = "vectors/schema.rs"]
mod schema;
