//! Reading messages by the schema: fields come out by name, secrets stay in, and the first invalid
//! byte is reported exactly.

use proptest::prelude::*;
use prost::Message as _;
use protocomm::{
    tree::{Direction, Message},
    wire::{
        CmdScanWifiStart, CmdSetWifiConfig, CustomConfigRequest, NetworkConfigPayload,
        NetworkScanPayload, RespGetWifiStatus, RespScanWifiResult, SessionData, WiFiScanResult,
        network_config_payload, network_scan_payload,
    },
};
use serde_json::{Value, json};

fn read(endpoint: &str, bytes: &[u8]) -> protocomm::tree::Tree {
    Message::of(endpoint, Direction::Request).expect("an endpoint with a schema").read(bytes)
}

fn redacted(endpoint: &str, bytes: &[u8]) -> Value {
    serde_json::to_value(read(endpoint, bytes).redacted()).expect("a tree is JSON")
}

fn set_config() -> Vec<u8> {
    let command = CmdSetWifiConfig {
        ssid: b"Home".to_vec(),
        passphrase: b"correct-horse".to_vec(),
        bssid: vec![0x24, 0x0a, 0xc4, 0x11, 0x22, 0x33],
        channel: -1,
    };
    NetworkConfigPayload {
        msg: 2,
        payload: Some(network_config_payload::Payload::CmdSetWifiConfig(command)),
    }
    .encode_to_vec()
}

#[test]
fn fields_have_their_names_and_secrets_only_their_size() {
    let bytes = set_config();
    let shown = json!({ "NetworkConfigPayload": {
        "msg": "TypeCmdSetWifiConfig",
        "cmd_set_wifi_config": {
            "ssid": { "hex": "486f6d65", "text": "Home" },
            "passphrase": { "redacted_bytes": 13 },
            "bssid": { "hex": "240ac4112233" },
            "channel": -1,
        },
    }});
    assert_eq!(redacted("prov-config", &bytes), shown);
    let tree = read("prov-config", &bytes);
    assert!(tree.holds_secrets());
    assert_eq!(tree.kind(), Some("TypeCmdSetWifiConfig"));
    let revealed = serde_json::to_value(tree.revealed()).expect("a tree is JSON");
    let passphrase = &revealed["NetworkConfigPayload"]["cmd_set_wifi_config"]["passphrase"];
    assert_eq!(passphrase["text"], "correct-horse");
    assert!(!format!("{tree:?}").contains("horse"));
}

#[test]
fn what_is_zero_and_was_not_sent_is_there_all_the_same() {
    let shown = json!({ "NetworkConfigPayload": { "msg": "TypeCmdGetWifiStatus" } });
    assert_eq!(redacted("prov-config", &[]), shown);
    let handshake = read("prov-session", &[0x52, 0x03, 0xa2, 0x01, 0x00]);
    assert_eq!(handshake.kind(), Some("S0_Session_Command"));
}

#[test]
fn of_several_fields_the_one_that_was_sent_is_there() {
    let status = RespGetWifiStatus::default();
    let payload = Some(network_config_payload::Payload::RespGetWifiStatus(status));
    let bytes = NetworkConfigPayload { msg: 1, payload }.encode_to_vec();
    let shown = json!({ "status": "Success", "wifi_sta_state": "Connected" });
    assert_eq!(
        redacted("prov-config", &bytes)["NetworkConfigPayload"]["resp_get_wifi_status"],
        shown
    );
}

#[test]
fn flags_are_true_or_false() {
    let start = CmdScanWifiStart { blocking: true, ..CmdScanWifiStart::default() };
    let payload = Some(network_scan_payload::Payload::CmdScanWifiStart(start));
    let bytes = NetworkScanPayload { payload, ..NetworkScanPayload::default() }.encode_to_vec();
    let shown = &redacted("prov-scan", &bytes)["NetworkScanPayload"]["cmd_scan_wifi_start"];
    assert_eq!(
        *shown,
        json!({ "blocking": true, "passive": false, "group_channels": 0, "period_ms": 0 })
    );
}

#[test]
fn bytes_are_text_where_a_person_can_read_it() {
    // The SSID "a\n", and a passphrase of no bytes.
    let bytes = [0x62, 0x06, 0x0a, 0x02, b'a', b'\n', 0x12, 0x00];
    let shown = json!({ "ssid": { "hex": "610a" }, "passphrase": { "hex": "" }, "channel": 0 });
    assert_eq!(
        redacted("prov-config", &bytes)["NetworkConfigPayload"]["cmd_set_wifi_config"],
        shown
    );
}

#[test]
fn what_holds_no_secret_says_so() {
    let info = CustomConfigRequest { info: "s3cret".into(), version: 1 }.encode_to_vec();
    assert!(read("custom-config", &info).holds_secrets());
    // Nothing; an SSID; a passphrase of no bytes.
    for bytes in [&[][..], &[0x62, 0x03, 0x0a, 0x01, b'a'], &[0x62, 0x02, 0x12, 0x00]] {
        assert!(!read("prov-config", bytes).holds_secrets(), "{bytes:02x?}");
    }
}

#[test]
fn repeated_messages_are_a_list_even_if_there_is_one() {
    let entry = WiFiScanResult { rssi: -47, auth: 9, ..WiFiScanResult::default() };
    let payload = network_scan_payload::Payload::RespScanWifiResult(RespScanWifiResult {
        entries: vec![entry],
    });
    let bytes = NetworkScanPayload { msg: 5, status: 0, payload: Some(payload) }.encode_to_vec();
    let entries = &redacted("prov-scan", &bytes)["NetworkScanPayload"]["resp_scan_wifi_result"];
    // A number without a name stays one.
    let shown = json!([{ "channel": 0, "rssi": -47, "auth": 9 }]);
    assert_eq!(entries["entries"], shown);
}

#[test]
fn what_the_schema_does_not_know_is_taken_for_a_secret() {
    // Field 7: bytes "top", then field 9: 5.
    let bytes = [0x3a, 0x03, b't', b'o', b'p', 0x48, 0x05];
    let shown = redacted("prov-config", &bytes);
    assert_eq!(shown["NetworkConfigPayload"]["#7"], json!({ "redacted_bytes": 3 }));
    assert_eq!(shown["NetworkConfigPayload"]["#9"], json!(5));
    assert!(read("prov-config", &bytes).holds_secrets());
}

#[test]
fn where_bytes_stop_making_sense_is_told_to_the_byte() {
    for (bytes, trouble) in [
        (&[0x08][..], "byte 1: msg is cut off"),
        (&[0x08, 0x80], "byte 2: msg is cut off"),
        (
            &[0x08, 0x02, 0x0a, 0x00],
            "byte 2: msg of NetworkConfigPayload should be a number, but is bytes with a length",
        ),
        (
            &[0x08, 0x02, 0x62, 0x05, 0x0a],
            "byte 4: cmd_set_wifi_config should have 5 bytes, but 1 are left",
        ),
        (&[0x08, 0x02, 0x62, 0x02, 0x0a, 0x07], "byte 6: ssid should have 7 bytes, but 0 are left"),
        (
            &[0x08, 0x02, 0x62, 0x02, 0x08, 0x07],
            "byte 4: ssid of CmdSetWifiConfig should be bytes with a length, but is a number",
        ),
        (
            &[0x08, 0x02, 0x0f],
            "byte 2: msg of NetworkConfigPayload has the wire type 7, which does not exist",
        ),
        (&[0x00], "byte 0: NetworkConfigPayload has no field 0"),
        (
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            "byte 1: msg is a number of more than ten bytes",
        ),
        (&[0x5a, 0x06, 0x5a, 0x04, 0x0a, 0x02, 0x31, 0xff], "byte 7: ip4_addr is not UTF-8"),
    ] {
        let tree = read("prov-config", bytes);
        assert_eq!(tree.trouble().expect("nonsense").to_string(), trouble, "{bytes:02x?}");
    }
    // What comes before it is kept.
    let shown = redacted("prov-config", &[0x08, 0x02, 0x62, 0x02, 0x0a, 0x07]);
    assert_eq!(shown["NetworkConfigPayload"]["msg"], "TypeCmdSetWifiConfig");
    assert_eq!(shown["NetworkConfigPayload"]["cmd_set_wifi_config"]["trouble"]["at"], 6);
}

#[test]
fn endpoints_of_provisioning_have_a_schema_and_those_of_applications_none() {
    let name = |endpoint, direction| Message::of(endpoint, direction).map(|message| message.name);
    for (endpoint, request, reply) in [
        ("prov-ctrl", Some("NetworkCtrlPayload"), Some("NetworkCtrlPayload")),
        ("custom-config", Some("CustomConfigRequest"), Some("CustomConfigResponse")),
        ("proto-ver", None, None),
        ("custom-data", None, None),
        ("PROV-CONFIG", None, None),
        ("", None, None),
    ] {
        assert_eq!(name(endpoint, Direction::Request), request, "{endpoint}");
        assert_eq!(name(endpoint, Direction::Reply), reply, "{endpoint}");
    }
}

proptest! {
    /// A message has trouble exactly if prost rejects it.
    #[test]
    fn makes_sense_of_what_prost_does(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let config = read("prov-config", &bytes);
        if NetworkConfigPayload::decode(bytes.as_slice()).is_ok() {
            prop_assert_eq!(config.trouble(), None);
        }
        let session = read("prov-session", &bytes);
        if SessionData::decode(bytes.as_slice()).is_ok() {
            prop_assert_eq!(session.trouble(), None);
        }
        for tree in [config, session] {
            if let Some(trouble) = tree.trouble() {
                prop_assert!(trouble.at <= bytes.len());
            }
        }
    }
}

#[test]
fn a_message_cut_off_shows_no_secret() {
    let bytes = set_config();
    for length in 0..bytes.len() {
        let shown = redacted("prov-config", &bytes[..length]).to_string();
        assert!(!shown.contains(&hex::encode("cor")), "{length}: {shown}");
    }
}
