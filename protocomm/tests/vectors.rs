//! Recorded exchanges of the vendor's tool and firmware, byte for byte, from `tests/vectors`. Their
//! origin is in `tests/vectors/README.md`.
#![cfg(feature = "device")]

mod common;

use std::time::Duration;

use common::{Broken, Device, Known, Raw, Scripted, establish};
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value as Field};
use protocomm::{
    Bssid, Capabilities, Command, Credentials, DecodeError, Endpoint, Handshake, HandshakeError,
    Passphrase, Password, ProofOfPossession, Scheme, Session, SessionError, Ssid, Status, Step,
    Username, VerifierMaker,
    commands::{
        ApplyThreadConfig, ApplyWifiConfig, GetThreadScanResult, GetThreadScanStatus,
        GetThreadStatus, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus, JoinFailure,
        ReprovisionThread, ResetThread, ResetWifi, SetWifiConfig, StartThreadScan, StartWifiScan,
        ThreadStatus, WifiStatus,
    },
    device::{Action, NoReply, Patch, Responder, Security, SrpVerifier, Version},
};
use serde_json::{Map, Value, json};

fn list(json: &str, name: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(json).expect("the file is JSON");
    file[name].as_array().expect("it has the list").clone()
}

fn transcripts() -> Vec<Value> {
    let mut cases = list(include_str!("vectors/security0.json"), "cases");
    cases.extend(list(include_str!("vectors/security1.json"), "cases"));
    cases.extend(list(include_str!("vectors/security2.json"), "cases"));
    assert_eq!(cases.len(), 8, "no transcript is left out");
    cases
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hexadecimal")
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Security 1 has a `pop`, security 2 a `username`.
fn credentials(case: &Value) -> Credentials {
    if let Some(pop) = case["pop"].as_str() {
        return Credentials::Sec1 { pop: pop.into() };
    }
    if case["username"].is_null() {
        return Credentials::Sec0;
    }
    let (username, password) = user(case);
    Credentials::Sec2 { username, password, made_by: VerifierMaker::Device }
}

fn user(case: &Value) -> (Username, Password) {
    let username = Username::new(text(&case["username"])).expect("it is not empty");
    (username, Password::from(text(&case["password"])))
}

/// The bytes on the wire, which are the plaintext under security 0.
fn sealed(side: &Value) -> &str {
    text(side.get("ciphertext").unwrap_or(&side["plaintext"]))
}

// The transcripts.

fn client_random(case: &Value) -> Known {
    Known::bytes(match credentials(case) {
        Credentials::Sec0 => Vec::new(),
        Credentials::Sec1 { .. } => bytes(&case["client_private_key"]),
        Credentials::Sec2 { .. } => bytes(&case["client_a"]),
    })
}

fn client_handshake(case: &Value) -> Session {
    let credentials = credentials(case);
    let (mut handshake, mut request) =
        Handshake::start(&credentials, &Capabilities::default(), &mut client_random(case))
            .expect("a handshake starts");
    for pair in elements(&case["handshake"]).chunks(2) {
        assert_eq!(hex::encode(&*request.body), text(&pair[0]["hex"]), "{}", pair[0]["name"]);
        assert_eq!(request.endpoint, Endpoint::SESSION);
        match handshake.handle(&bytes(&pair[1]["hex"])).expect("the device's reply is good") {
            Step::Send(next, then) => (handshake, request) = (next, then),
            Step::Done(session) => return session,
        }
    }
    panic!("the recorded handshake did not end in a session")
}

#[test]
fn the_client_sends_what_the_vendors_tool_sent() {
    for case in transcripts() {
        let mut session = client_handshake(&case);
        for exchange in elements(&case["exchanges"]) {
            let endpoint = text(&exchange["endpoint"]).parse().expect("a name");
            let command = Raw(endpoint, bytes(&exchange["request"]["plaintext"]));
            let (request, pending) = session.seal(&command).expect("it can be sealed");
            let name = text(&exchange["name"]);
            assert_eq!(hex::encode(&*request.body), sealed(&exchange["request"]), "{name}");
            let reply = hex::decode(sealed(&exchange["response"])).expect("hexadecimal");
            let (next, answer) = pending.open(&reply).expect("the reply opens");
            let answer = answer.expect("raw bytes are never refused");
            assert_eq!(hex::encode(answer), text(&exchange["response"]["plaintext"]), "{name}");
            session = next;
        }
    }
}

/// A recorded request as a command in our own types; `None` if those refuse it.
fn encoded(request: &Value) -> Option<Vec<u8>> {
    let message = &request["message"];
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap_or(0)).expect("it fits");
    let field = |name: &str| message.get(name);
    let plain = if let Some(start) = field("cmd_scan_wifi_start") {
        let command = StartWifiScan {
            blocking: start["blocking"] == true,
            passive: start["passive"] == true,
            group_channels: u8::try_from(number(&start["group_channels"])).expect("it fits"),
            period: Duration::from_millis(number(&start["period_ms"]).into()),
        };
        command.encode()
    } else if let Some(page) = field("cmd_scan_wifi_result") {
        let (start, count) = (number(&page["start_index"]), number(&page["count"]));
        GetWifiScanResult { start, count }.encode()
    } else if let Some(config) = field("cmd_set_wifi_config") {
        let passphrase = config.get("passphrase").map(|value| bytes(&value["hex"]));
        let passphrase = String::from_utf8(passphrase.unwrap_or_default()).expect("text");
        let command = SetWifiConfig {
            ssid: Ssid::new(bytes(&config["ssid"]["hex"])).expect("a good name"),
            passphrase: Passphrase::new(passphrase).ok()?,
            bssid: config
                .get("bssid")
                .map(|value| Bssid(bytes(&value["hex"]).try_into().expect("six bytes"))),
            channel: config
                .get("channel")
                .map(|value| u8::try_from(number(value)).expect("it fits")),
        };
        command.encode()
    } else {
        match message["msg"].as_str() {
            None if field("cmd_get_wifi_status").is_some() => GetWifiStatus.encode(),
            Some("TypeCmdScanWifiStatus") => GetWifiScanStatus.encode(),
            Some("TypeCmdApplyWifiConfig") => ApplyWifiConfig.encode(),
            Some("TypeCmdCtrlWifiReset") => ResetWifi.encode(),
            _ => bytes(&message["raw_hex"]).into(),
        }
    };
    Some(plain.to_vec())
}

#[test]
fn commands_are_encoded_as_the_vendors_tool_does() {
    let mut refused = Vec::new();
    for case in transcripts() {
        for exchange in elements(&case["exchanges"]) {
            match encoded(&exchange["request"]) {
                Some(plain) => {
                    assert_eq!(hex::encode(plain), text(&exchange["request"]["plaintext"]));
                }
                None => refused.push(text(&exchange["name"]).to_owned()),
            }
        }
    }
    // This crate does not send what every device refuses.
    refused.dedup();
    assert_eq!(refused, ["set_config_passphrase_64_bytes_refused"]);
}

/// A device whose radio reports what the recorded one did.
fn device(case: &Value) -> Device {
    let (security, random) = match credentials(case) {
        Credentials::Sec0 => (Security::Sec0, Vec::new()),
        Credentials::Sec1 { pop } => {
            let random = [bytes(&case["device_private_key"]), bytes(&case["device_random"])];
            (Security::Sec1 { pop }, random.concat())
        }
        Credentials::Sec2 { .. } => {
            let nonce = bytes(&case["device_nonce"]);
            // With patch 1 the nonce ends in a counter, which is not random.
            let (patch, drawn) =
                if nonce.len() == 16 { (Patch::Zero, 16) } else { (Patch::One, 8) };
            let (salt, verifier) = (bytes(&case["salt"]), bytes(&case["verifier"]));
            let verifier = SrpVerifier { salt, verifier };
            let random = [bytes(&case["device_b"]), nonce[..drawn].to_vec()];
            (Security::Sec2 { verifier, patch }, random.concat())
        }
    };
    let pages = elements(&case["exchanges"])
        .iter()
        .filter(|exchange| text(&exchange["name"]).starts_with("scan_result"));
    let networks = pages
        .flat_map(|page| {
            let reply = bytes(&page["response"]["plaintext"]);
            GetWifiScanResult::decode(&reply).expect("a page").expect("a good one")
        })
        .collect();
    let radio = Scripted { networks, ..Scripted::default() };
    Responder::new(security, "", radio, Known::bytes(random))
}

#[test]
fn the_device_answers_as_the_vendors_device_did() {
    for case in transcripts() {
        let mut device = device(&case);
        for pair in elements(&case["handshake"]).chunks(2) {
            let reply = device.handle("prov-session", &bytes(&pair[0]["hex"])).expect("a reply");
            assert_eq!(hex::encode(reply.body), text(&pair[1]["hex"]), "{}", pair[1]["name"]);
        }
        for exchange in elements(&case["exchanges"]) {
            let name = text(&exchange["name"]);
            if name.starts_with("get_status") {
                // The recorded radio was scripted, too.
                let reply = bytes(&exchange["response"]["plaintext"]);
                let answer = GetWifiStatus::decode(&reply).expect("a status");
                device.backend().status = answer.map_err(|refusal| refusal.status);
            }
            if name == "apply_config_again" && !has_control(&case) {
                // Firmware without prov-ctrl resets itself.
                device.reset().expect("the join has failed");
            }
            let request = hex::decode(sealed(&exchange["request"])).expect("hexadecimal");
            let reply = device.handle(text(&exchange["endpoint"]), &request).expect("a reply");
            assert_eq!(hex::encode(reply.body), sealed(&exchange["response"]), "{name}");
        }
        assert_eq!(device.backend().joined.len(), 2);
    }
}

fn has_control(case: &Value) -> bool {
    elements(&case["exchanges"]).iter().any(|exchange| exchange["endpoint"] == "prov-ctrl")
}

#[test]
fn statuses_are_read_as_recorded() {
    let case = &transcripts()[0];
    let statuses: Vec<_> = elements(&case["exchanges"])
        .iter()
        .filter(|exchange| text(&exchange["name"]).starts_with("get_status"))
        .map(|exchange| GetWifiStatus::decode(&bytes(&exchange["response"]["plaintext"])))
        .map(|status| status.expect("it decodes").expect("it is no refusal"))
        .collect();
    let connecting = |attempts_remaining| WifiStatus::Connecting { attempts_remaining };
    let [.., WifiStatus::Connected(connection)] = &statuses[..] else { panic!("{statuses:?}") };
    assert_eq!(
        statuses[..6],
        [
            connecting(None),
            connecting(Some(2)),
            connecting(Some(0)),
            WifiStatus::Failed(JoinFailure::WrongPassphrase),
            WifiStatus::Failed(JoinFailure::NetworkNotFound),
            connecting(None),
        ]
    );
    let told = json!({
        "ip": "192.168.1.57", "ssid": "HomeNet", "bssid": "24:0a:c4:11:22:33", "channel": 6,
        "auth_mode": "WPA2_PSK",
    });
    assert_eq!(serde_json::to_value(connection).expect("it serialises"), told);
}

// The encodings.

fn schema() -> DescriptorPool {
    let files =
        ["session.proto", "network_config.proto", "network_scan.proto", "network_ctrl.proto"];
    let proto = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");
    let descriptors = protox::compile(files, [proto]).expect("the schema compiles");
    DescriptorPool::from_file_descriptor_set(descriptors).expect("it is complete")
}

/// A message in the form of the vectors: absent fields left out, bytes as `{"hex": ..}`, enums by
/// name where they have one.
fn fields(message: &DynamicMessage) -> Value {
    let mut object = Map::new();
    for (field, value) in message.fields() {
        object.insert(field.name().to_owned(), shown(&field.kind(), value));
    }
    Value::Object(object)
}

fn shown(kind: &prost_reflect::Kind, value: &Field) -> Value {
    match value {
        Field::Bool(value) => json!(value),
        Field::I32(value) => json!(value),
        Field::U32(value) => json!(value),
        Field::String(value) => json!(value),
        Field::Bytes(value) => json!({ "hex": hex::encode(value) }),
        Field::Message(message) => fields(message),
        Field::List(values) => values.iter().map(|value| shown(kind, value)).collect(),
        Field::EnumNumber(number) => kind
            .as_enum()
            .and_then(|names| names.get_value(*number))
            .map_or(json!(number), |name| json!(name.name())),
        other => panic!("the schema has no {other:?}"),
    }
}

#[test]
fn every_message_is_encoded_as_by_the_vendors_protobuf() {
    let schema = schema();
    let items = list(include_str!("vectors/protobuf.json"), "items");
    assert_eq!(items.len(), 68, "no message is left out");
    for item in items {
        let name = text(&item["name"]);
        let current = text(&item["message"]).replace("WiFiConfigPayload", "NetworkConfigPayload");
        let descriptor = schema.get_message_by_name(&format!("protocomm.{current}"));
        let descriptor = descriptor.unwrap_or_else(|| panic!("{name}: no message {current}"));
        let encoding = bytes(&item["hex"]);
        let message = DynamicMessage::decode(descriptor, &encoding[..]).expect("it decodes");
        assert_eq!(fields(&message), item["fields"], "{name}");
        assert_eq!(hex::encode(generated(&current, &encoding)), text(&item["hex"]), "{name}");
        assert_eq!(message.descriptor().name(), current);
    }
}

#[test]
fn thread_commands_are_those_of_the_vectors() {
    let items = list(include_str!("vectors/protobuf.json"), "items");
    let hex_of = |name: &str| {
        let item = items.iter().find(|item| item["name"] == name);
        text(&item.unwrap_or_else(|| panic!("no {name}"))["hex"]).to_owned()
    };
    let start = |channel_mask, blocking| StartThreadScan { blocking, channel_mask }.encode();
    for (name, encoded) in [
        ("cmd_get_thread_status", GetThreadStatus.encode()),
        ("cmd_scan_thread_start", start(0, true)),
        ("cmd_scan_thread_start_mask", start(0x07ff_f800, false)),
        ("cmd_scan_thread_result", GetThreadScanResult { start: 0, count: 2 }.encode()),
    ] {
        assert_eq!(hex::encode(&*encoded), hex_of(name), "{name}");
    }
    // Without a payload, as the vendor's tool sends them.
    assert_eq!(hex::encode(&*ApplyThreadConfig.encode()), "080a");
    assert_eq!(hex::encode(&*GetThreadScanStatus.encode()), "0808");
    assert_eq!(hex::encode(&*ResetThread.encode()), "0805");
    assert_eq!(hex::encode(&*ReprovisionThread.encode()), "0807");

    let reply = |name: &str| hex::decode(hex_of(name)).expect("hexadecimal");
    let status = |name: &str| GetThreadStatus::decode(&reply(name));
    let failed = |failure| Ok(Ok(ThreadStatus::Failed(failure)));
    assert_eq!(status("resp_thread_attaching"), Ok(Ok(ThreadStatus::Attaching)));
    assert_eq!(status("resp_thread_failed_dataset"), failed(JoinFailure::DatasetInvalid));
    assert_eq!(status("resp_thread_failed_not_found"), failed(JoinFailure::NotAttached));
    let Ok(Ok(ThreadStatus::Attached(attached))) = status("resp_thread_attached") else {
        panic!("it is attached")
    };
    assert_eq!(
        (attached.name.as_str(), attached.pan_id, attached.channel),
        ("OpenThread-1234", 4660, 15)
    );
    assert_eq!(attached.ext_pan_id.map(|id| id.to_string()).as_deref(), Some("dead00beef00cafe"));
    let page = GetThreadScanResult::decode(&reply("resp_scan_thread_result"));
    let seen: Vec<_> = page
        .expect("a page")
        .expect("no refusal")
        .into_iter()
        .map(|network| (network.pan_id, network.channel, network.rssi, network.lqi))
        .collect();
    assert_eq!(seen, [(4660, 15, -47, 200), (43981, 25, -81, 40)]);
    assert_eq!(ResetThread::decode(&reply("resp_ctrl_thread_reset")), Ok(Ok(())));
    assert_eq!(ReprovisionThread::decode(&reply("resp_ctrl_thread_reprov")), Ok(Ok(())));
}

/// Decodes and encodes with the generated code.
fn generated(message: &str, encoding: &[u8]) -> Vec<u8> {
    use prost::Message;
    use protocomm::wire::{
        NetworkConfigPayload, NetworkCtrlPayload, NetworkScanPayload, SessionData,
    };

    fn again<M: Message + Default>(encoding: &[u8]) -> Vec<u8> {
        M::decode(encoding).expect("it decodes").encode_to_vec()
    }
    match message {
        "SessionData" => again::<SessionData>(encoding),
        "NetworkConfigPayload" => again::<NetworkConfigPayload>(encoding),
        "NetworkScanPayload" => again::<NetworkScanPayload>(encoding),
        "NetworkCtrlPayload" => again::<NetworkCtrlPayload>(encoding),
        other => panic!("no such message: {other}"),
    }
}

// The version replies.

#[test]
fn capabilities_of_every_firmware_are_read() {
    for case in list(include_str!("vectors/proto_ver.json"), "cases") {
        let (name, expect) = (text(&case["name"]), &case["expect"]);
        let read = Capabilities::parse(&bytes(&case["raw_hex"]));
        assert_eq!(json!(read.structured), expect["is_json"], "{name}");
        assert_eq!(json!(read.version), expect["version"], "{name}");
        assert_eq!(json!(read.security()), expect["security_to_use"], "{name}");
        assert_eq!(json!(read.sec_patch_ver), expect["sec_patch_ver"], "{name}");
        if !read.structured {
            continue;
        }
        assert_eq!(json!(read.sec_ver), expect["sec_ver_field"], "{name}");
        assert_eq!(json!(read.capabilities), expect["cap"], "{name}");
        assert_eq!(json!(read.has("wifi_prov")), expect["wifi_prov_declared"], "{name}");
        let scans = read.has("wifi_scan") || read.has("thread_scan");
        assert_eq!(json!(scans), expect["scan"], "{name}");
        if let Some(needed) = expect.get("pop_needed") {
            assert_eq!(json!(read.needs_proof_of_possession()), *needed, "{name}");
        }
        let sections = expect["app_sections"].as_object().expect("an object");
        assert_eq!(read.applications.len(), sections.len(), "{name}");
        for (section, told) in sections {
            let read = &read.applications[section];
            assert_eq!(json!(read.version), told["ver"], "{name}");
            let none = json!([]);
            assert_eq!(json!(read.capabilities), *told.get("cap").unwrap_or(&none), "{name}");
        }
    }
}

#[test]
fn a_device_lays_out_its_version_as_the_vendors_manager_does() {
    let mut compared = 0;
    for case in list(include_str!("vectors/proto_ver.json"), "cases") {
        let read = Capabilities::parse(&bytes(&case["raw_hex"]));
        let by_manager = text(&case["raw"]).contains("\t\t\"cap\":\t[");
        let (Some(version), Some(list), true, true) =
            (&read.version, &read.capabilities, read.applications.is_empty(), by_manager)
        else {
            continue;
        };
        let list: Vec<_> = list.iter().map(String::as_str).collect();
        let tells_patch = text(&case["raw"]).contains("sec_patch_ver");
        let made = Version {
            version,
            sec_ver: read.sec_ver,
            sec_patch_ver: tells_patch.then_some(read.sec_patch_ver),
            capabilities: &list,
        };
        assert_eq!(made.to_text(), text(&case["raw"]), "{}", case["name"]);
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} were compared");
}

// Bad input.

fn malformed(direction: &str) -> Vec<Value> {
    let cases = list(include_str!("vectors/malformed.json"), "cases");
    cases.into_iter().filter(|case| case["direction"] == direction).collect()
}

/// A handshake up to the point where a bad reply comes in.
fn handshake_awaiting(name: &str, second_half: bool) -> Handshake {
    let cases = transcripts();
    let case = cases.iter().find(|case| case["name"] == name).expect("there is such a case");
    let (handshake, _) =
        Handshake::start(&credentials(case), &Capabilities::default(), &mut client_random(case))
            .expect("a handshake starts");
    if !second_half {
        return handshake;
    }
    match handshake.handle(&bytes(&case["handshake"][1]["hex"])).expect("a good reply") {
        Step::Send(handshake, _) => handshake,
        Step::Done(_) => panic!("there is a second half"),
    }
}

#[test]
fn bad_handshake_replies_are_named_for_what_they_are() {
    use DecodeError::{Empty, Length, Malformed, Missing, MissingPayload, Unexpected};
    use HandshakeError::{Decode, ProofMismatch, Refused, SchemeMismatch, WeakKey};

    for case in malformed("device_to_client") {
        let transcript = match text(&case["where"]) {
            place if place.ends_with("/payload") || place.starts_with("plaintext/") => continue,
            place if place.starts_with("security1/") => "pop_ascii",
            _ => "patch1",
        };
        let name = text(&case["name"]);
        let second_half = text(&case["where"]).ends_with("Resp1");
        let end = handshake_awaiting(transcript, second_half).handle(&bytes(&case["hex"])).err();
        let fits = match (name, &end) {
            // The length of a nonce alone says whether it is counted.
            ("resp0_trailing_unknown_field" | "s2_resp1_nonce_16_under_patch1", end) => {
                end.is_none()
            }
            (_, None) => false,
            (name, Some(end)) => match name {
                "resp0_empty" => *end == Decode(Empty),
                "resp0_truncated" | "resp0_trailing_zero_byte" | "resp0_html" => {
                    matches!(end, Decode(Malformed(_)))
                }
                "resp0_sec_ver_0" => *end == SchemeMismatch { ours: 1, device: 0 },
                "resp0_sec_ver_2" => *end == SchemeMismatch { ours: 1, device: 2 },
                "resp0_status_invalid_session" => *end == Refused(Status::InvalidSession),
                "resp0_wrong_msg_type" => matches!(end, Decode(Unexpected { got: 3, .. })),
                "resp0_echo_of_request" => matches!(end, Decode(Unexpected { got: 0, .. })),
                "resp0_short_pubkey" => {
                    *end == Decode(Length { field: "device_pubkey", expected: 32, got: 31 })
                }
                "resp0_zero_pubkey" | "s2_resp0_B_zero" | "s2_resp0_B_is_N" => *end == WeakKey,
                "resp0_short_random" => {
                    *end == Decode(Length { field: "device_random", expected: 16, got: 15 })
                }
                "resp0_wrong_oneof" => *end == Decode(MissingPayload("SessionResp0")),
                "resp1_wrong_verify_last_bit"
                | "resp1_empty_verify"
                | "s2_resp1_bad_proof"
                | "s2_resp1_no_proof" => *end == ProofMismatch,
                "resp1_long_verify" => {
                    *end == Decode(Length { field: "device_verify_data", expected: 32, got: 33 })
                }
                "resp1_status_crypto_error" => *end == Refused(Status::CryptoError),
                "s2_resp0_empty_salt" => *end == Decode(Missing("device_salt")),
                "s2_resp0_B_385_bytes" => {
                    *end == Decode(Length { field: "device_pubkey", expected: 384, got: 385 })
                }
                "s2_resp0_sec_ver_1" => *end == SchemeMismatch { ours: 2, device: 1 },
                "s2_resp0_truncated" => matches!(end, Decode(Malformed(_))),
                "s2_resp1_nonce_11" => {
                    *end == Decode(Length { field: "device_nonce", expected: 12, got: 11 })
                }
                "s2_resp1_status_internal" => *end == Refused(Status::InternalError),
                unknown => panic!("a case nobody thought of: {unknown}"),
            },
        };
        assert!(fits, "{name}: {end:?}, should be: {}", case["client_should"]);
    }
}

#[test]
fn bad_plaintext_replies_are_named_for_what_they_are() {
    use DecodeError::{Empty, Malformed, MissingPayload, Unexpected};

    for case in malformed("device_to_client") {
        if !text(&case["where"]).starts_with("plaintext/") {
            continue;
        }
        let (name, reply) = (text(&case["name"]), bytes(&case["hex"]));
        let status = GetWifiStatus::decode(&reply);
        let fits = match name {
            "status_reply_internal_error" => {
                matches!(&status, Ok(Err(no)) if no.status == Status::InternalError)
            }
            "status_reply_empty" => status == Err(Empty),
            "status_reply_connected_without_details" => {
                status == Err(MissingPayload("wifi_connected"))
            }
            "status_reply_wrong_type" => matches!(status, Err(Unexpected { got: 3, .. })),
            "status_reply_unknown_state" => status == Ok(Ok(WifiStatus::Unknown(9))),
            "status_reply_unknown_reason" => {
                status == Ok(Ok(WifiStatus::Failed(JoinFailure::Unknown(9))))
            }
            "status_reply_unknown_oneof" => {
                status == Ok(Ok(WifiStatus::Connecting { attempts_remaining: None }))
            }
            "status_reply_truncated" | "status_reply_trailing_garbage" => {
                matches!(status, Err(Malformed(_)))
            }
            "status_reply_bssid_garbage" => {
                matches!(&status, Ok(Ok(WifiStatus::Connected(to))) if to.ip == "1.2.3.4")
            }
            "set_reply_invalid_argument" => {
                matches!(SetWifiConfig::decode(&reply), Ok(Err(no)) if no.status == Status::InvalidArgument)
            }
            "set_reply_no_payload" => {
                SetWifiConfig::decode(&reply) == Err(MissingPayload("SetWifiConfig"))
            }
            "apply_reply_internal_error" => {
                matches!(ApplyWifiConfig::decode(&reply), Ok(Err(no)) if no.status == Status::InternalError)
            }
            "scan_reply_count_lies" => {
                matches!(GetWifiScanStatus::decode(&reply), Ok(Ok(scan)) if scan.count == 65535)
            }
            "scan_reply_auth_11" => {
                matches!(GetWifiScanResult::decode(&reply), Ok(Ok(page)) if page[0].auth_mode.0 == 11)
            }
            "scan_reply_status_error" => {
                matches!(StartWifiScan::decode(&reply), Ok(Err(no)) if no.status == Status::InternalError)
            }
            "scan_reply_bad_varint" => {
                matches!(GetWifiScanStatus::decode(&reply), Err(Malformed(_)))
            }
            unknown => panic!("a case nobody thought of: {unknown}"),
        };
        assert!(fits, "{name}: should be: {}", case["client_should"]);
    }
}

#[test]
fn a_sealed_reply_that_fails_its_check_ends_the_session() {
    let cases = transcripts();
    let case = cases.iter().find(|case| case["name"] == "patch1").expect("there is such a case");
    let mut tried = 0;
    for bad in malformed("device_to_client") {
        if bad["where"] != "security2/payload" {
            continue;
        }
        let first = &case["exchanges"][0];
        let endpoint = text(&first["endpoint"]).parse().expect("a name");
        let command = Raw(endpoint, bytes(&first["request"]["plaintext"]));
        let (_, pending) = client_handshake(case).seal(&command).expect("it can be sealed");
        let end = pending.open(&bytes(&bad["hex"])).expect_err("it is forged");
        assert!(matches!(end, SessionError::Undecryptable { .. }), "{}: {end:?}", bad["name"]);
        tried += 1;
    }
    assert_eq!(tried, 3);
}

#[test]
fn verifiers_are_those_of_the_vendor() {
    for case in list(include_str!("vectors/sec2_credentials.json"), "cases") {
        let (username, password) = user(&case);
        let made = SrpVerifier::with_salt(&username, &password, bytes(&case["salt"]));
        assert_eq!(hex::encode(&made.verifier), text(&case["verifier"]), "{}", case["name"]);
        let credentials =
            Credentials::Sec2 { username, password, made_by: VerifierMaker::default() };
        let differ = case.get("verifier_vendor_tool").is_some_and(|made| *made != case["verifier"]);
        assert_eq!(credentials.depends_on_maker(), differ, "{}", case["name"]);
    }
}

#[test]
fn a_verifier_of_the_python_tool_is_met_by_saying_so() {
    let cases = list(include_str!("vectors/sec2_credentials.json"), "cases");
    let case = cases.last().expect("there are cases");
    let (username, password) = user(case);
    let (salt, verifier) = (bytes(&case["salt"]), bytes(&case["verifier_vendor_tool"]));
    let security = Security::Sec2 { verifier: SrpVerifier { salt, verifier }, patch: Patch::One };
    let mut device = Responder::new(security, "", Scripted::default(), Known::seed(1));
    let mut end = |made_by| {
        let (username, password) = (username.clone(), password.clone());
        let credentials = Credentials::Sec2 { username, password, made_by };
        assert!(credentials.depends_on_maker());
        establish(&credentials, &mut device).map(|session| session.scheme())
    };
    assert_eq!(end(VerifierMaker::Device), Err(Broken::Device(NoReply::WrongProof)));
    assert_eq!(end(VerifierMaker::PythonTool), Ok(Scheme::Sec2));
}

#[test]
fn a_sealed_reply_that_makes_no_sense_ends_the_session() {
    let session = client_handshake(&transcripts()[1]);
    let (_, pending) = session.seal(&GetWifiStatus).expect("it can be sealed");
    let end = pending.open(&[0xff; 6]).expect_err("nonsense");
    assert!(matches!(end, SessionError::Decode { sealed: true, .. }), "{end:?}");
}

#[test]
fn bad_requests_are_answered_as_the_vendors_newest_code_does() {
    for case in malformed("client_to_device") {
        let name = text(&case["name"]);
        if case["security"] == 2 {
            continue;
        }
        let security = if case["security"] == 0 {
            Security::Sec0
        } else {
            Security::Sec1 { pop: ProofOfPossession::from("abcd1234") }
        };
        let mut device = Responder::new(security, "", Scripted::default(), Known::seed(1));
        let (endpoint, request) = (text(&case["endpoint"]), bytes(&case["hex"]));
        if name == "session_cmd0_twice" {
            device.handle(endpoint, &request).expect("the first is answered");
        }
        let end = device.handle(endpoint, &request);
        let should = text(&case["device_should"]);
        let set = |status| match &end {
            Ok(answer) => {
                matches!(answer.action, Action::SetWifiConfig { status: s, .. } if s == status)
            }
            Err(_) => false,
        };
        let fits = if should.starts_with("reply InvalidArgument") {
            set(Status::InvalidArgument)
        } else if should.starts_with("reply Success") {
            set(Status::Success)
        } else if should.starts_with("refuse: no such endpoint") {
            matches!(end, Err(NoReply::NoSuchEndpoint(_)))
        } else if should.starts_with("refuse: no reply") {
            end.is_err()
        } else {
            // "answer normally", "reply with no entries", "restart the session", "answers it"
            end.is_ok()
        };
        assert!(fits, "{name}: {end:?}, should be: {should}");
    }
}
