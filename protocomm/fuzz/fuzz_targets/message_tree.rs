//! Any bytes as any message: what prost accepts has no trouble, and trouble is at a byte that
//! exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use protocomm::{
    tree::{Direction, Message},
    wire::{NetworkConfigPayload, NetworkCtrlPayload, NetworkScanPayload, SessionData},
};

fuzz_target!(|bytes: &[u8]| {
    let sound = |endpoint: &str| match endpoint {
        "prov-session" => SessionData::decode(bytes).is_ok(),
        "prov-config" => NetworkConfigPayload::decode(bytes).is_ok(),
        "prov-scan" => NetworkScanPayload::decode(bytes).is_ok(),
        "prov-ctrl" => NetworkCtrlPayload::decode(bytes).is_ok(),
        _ => false,
    };
    for endpoint in ["prov-session", "prov-config", "prov-scan", "prov-ctrl", "custom-config"] {
        for direction in [Direction::Request, Direction::Reply] {
            let message = Message::of(endpoint, direction).expect("it has a schema");
            let tree = message.read(bytes);
            match tree.trouble() {
                Some(trouble) => {
                    assert!(trouble.at <= bytes.len(), "{trouble}");
                    // A group, which prost skips and the protobuf-c of devices refuses.
                    let is_group = trouble.why.contains("has the wire type 3");
                    assert!(is_group || !sound(endpoint), "{trouble}");
                }
                None => assert!(tree.nodes.is_empty() == bytes.is_empty()),
            }
            let (redacted, revealed) =
                (serde_json::to_string(&tree.redacted()), serde_json::to_string(&tree.revealed()));
            let same = redacted.expect("JSON") == revealed.expect("JSON");
            assert!(same || tree.holds_secrets());
        }
    }
});
