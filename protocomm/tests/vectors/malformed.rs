//! Bad input from either side. Every case of the file has a row here: a new one fails the test
//! until somebody decides what it must do.

use std::collections::BTreeMap;

use protocomm::{
    Bssid, Capabilities, Command, DecodeError, Handshake, HandshakeError, ProofOfPossession,
    Status, Step,
    commands::{
        AccessPoint, ApplyWifiConfig, AuthMode, GetWifiScanResult, GetWifiScanStatus,
        GetWifiStatus, JoinFailure, SetWifiConfig, StartWifiScan, WifiConnection, WifiScanStatus,
        WifiStatus,
    },
    device::{Action, Backend, NoReply, Responder, Security, WifiConfig},
};
use serde::Deserialize;

use crate::recording::{Hex, Recorded, Recording};

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(tag = "direction", rename_all = "snake_case")]
enum Case {
    DeviceToClient(Reply),
    ClientToDevice(Request),
}

/// For the client.
#[derive(Deserialize)]
struct Reply {
    name: String,
    /// Which reply it stands for.
    r#where: String,
    hex: Hex,
}

/// For the device.
#[derive(Deserialize)]
struct Request {
    name: String,
    endpoint: String,
    security: u32,
    hex: Hex,
    /// What firmware did with it, by generation.
    recorded: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<File>(include_str!("malformed.json")).expect("cases").cases
}

/// How a client ends with a reply.
#[derive(Debug, PartialEq)]
enum End {
    /// Takes it and goes on.
    Accepted,
    Wifi(WifiStatus),
    Scan(WifiScanStatus),
    Networks(Vec<AccessPoint>),
    /// The device said no.
    Refused(Status),
    /// Not protobuf. Its error has no public constructor to compare with.
    Malformed,
    Decode(DecodeError),
    Handshake(HandshakeError),
}

impl From<()> for End {
    fn from((): ()) -> Self {
        Self::Accepted
    }
}

impl From<WifiStatus> for End {
    fn from(status: WifiStatus) -> Self {
        Self::Wifi(status)
    }
}

impl From<WifiScanStatus> for End {
    fn from(status: WifiScanStatus) -> Self {
        Self::Scan(status)
    }
}

impl From<Vec<AccessPoint>> for End {
    fn from(networks: Vec<AccessPoint>) -> Self {
        Self::Networks(networks)
    }
}

impl From<DecodeError> for End {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Malformed(_) => Self::Malformed,
            error => Self::Decode(error),
        }
    }
}

impl From<HandshakeError> for End {
    fn from(error: HandshakeError) -> Self {
        match error {
            HandshakeError::Refused(status) => Self::Refused(status),
            HandshakeError::Decode(error) => error.into(),
            error => Self::Handshake(error),
        }
    }
}

/// `client_should` of the file, in this crate's words. `None` for security 2, which this crate
/// does not speak yet.
#[allow(clippy::match_same_arms, clippy::too_many_lines, reason = "a table in the file's order")]
fn client_should(case: &str) -> Option<End> {
    let unexpected = |expected, got| End::Decode(DecodeError::Unexpected { expected, got });
    let missing = |name| End::Decode(DecodeError::MissingPayload(name));
    let length = |field, expected, got| End::Decode(DecodeError::Length { field, expected, got });
    let other_scheme = |device| End::Handshake(HandshakeError::SchemeMismatch { ours: 1, device });

    Some(match case {
        "resp0_empty" => End::Decode(DecodeError::Empty),
        "resp0_truncated" | "resp0_trailing_zero_byte" | "resp0_html" => End::Malformed,
        "resp0_trailing_unknown_field" => End::Accepted,
        "resp0_sec_ver_0" => other_scheme(0),
        "resp0_sec_ver_2" => other_scheme(2),
        "resp0_status_invalid_session" => End::Refused(Status::InvalidSession),
        "resp0_wrong_msg_type" => unexpected("SessionResp0", 3),
        "resp0_echo_of_request" => unexpected("SessionResp0", 0),
        "resp0_short_pubkey" => length("device_pubkey", 32, 31),
        "resp0_zero_pubkey" => End::Handshake(HandshakeError::WeakKey),
        "resp0_short_random" => length("device_random", 16, 15),
        "resp0_wrong_oneof" => missing("SessionResp0"),

        "resp1_wrong_verify_last_bit" | "resp1_empty_verify" => {
            End::Handshake(HandshakeError::ProofMismatch)
        }
        "resp1_long_verify" => length("device_verify_data", 32, 33),
        "resp1_status_crypto_error" => End::Refused(Status::CryptoError),

        "s2_resp0_B_zero"
        | "s2_resp0_B_is_N"
        | "s2_resp0_empty_salt"
        | "s2_resp0_B_385_bytes"
        | "s2_resp0_sec_ver_1"
        | "s2_resp0_truncated"
        | "s2_resp1_bad_proof"
        | "s2_resp1_no_proof"
        | "s2_resp1_nonce_11"
        | "s2_resp1_nonce_16_under_patch1"
        | "s2_resp1_status_internal"
        | "s2_payload_tag_flipped"
        | "s2_payload_too_short"
        | "s2_payload_empty" => return None,

        "status_reply_internal_error"
        | "apply_reply_internal_error"
        | "scan_reply_status_error" => End::Refused(Status::InternalError),
        "status_reply_empty" => End::Decode(DecodeError::Empty),
        "status_reply_connected_without_details" => missing("wifi_connected"),
        "status_reply_wrong_type" => unexpected("GetWifiStatus", 3),
        "status_reply_unknown_state" => End::Wifi(WifiStatus::Unknown(9)),
        "status_reply_unknown_reason" => End::Wifi(WifiStatus::Failed(JoinFailure::Unknown(9))),
        "status_reply_unknown_oneof" => {
            End::Wifi(WifiStatus::Connecting { attempts_remaining: None })
        }
        "status_reply_truncated" | "status_reply_trailing_garbage" | "scan_reply_bad_varint" => {
            End::Malformed
        }
        "status_reply_bssid_garbage" => End::Wifi(WifiStatus::Connected(WifiConnection {
            ip: "1.2.3.4".into(),
            ssid: Vec::new(),
            bssid: Some(Bssid([0x5c, 0xcf, 0x7f, 0x00, 0xde, 0x7c])),
            channel: 0,
            auth_mode: AuthMode::OPEN,
        })),
        "set_reply_invalid_argument" => End::Refused(Status::InvalidArgument),
        "set_reply_no_payload" => missing("SetWifiConfig"),
        // Whoever asks for the pages limits them.
        "scan_reply_count_lies" => End::Scan(WifiScanStatus { finished: true, count: 65535 }),
        "scan_reply_auth_11" => End::Networks(vec![AccessPoint {
            ssid: b"future".to_vec(),
            channel: 0,
            rssi: 0,
            bssid: Some(Bssid([0; 6])),
            auth_mode: AuthMode(11),
        }]),
        other => panic!("{other} has no row"),
    })
}

#[test]
fn a_client_ends_with_every_bad_reply_as_it_should() {
    let mut security_2 = 0;
    for case in cases() {
        let Case::DeviceToClient(Reply { name, r#where, hex: Hex(reply) }) = case else {
            continue;
        };
        let Some(expected) = client_should(&name) else {
            assert!(r#where.starts_with("security2/"), "{name} is left out without a reason");
            security_2 += 1;
            continue;
        };
        let end = match r#where.as_str() {
            "security1/SessionResp0" => setup(&reply).map_or_else(End::from, |_| End::Accepted),
            "security1/SessionResp1" => verify(&reply),
            "plaintext/prov-config get_status" => decoded::<GetWifiStatus>(&reply),
            "plaintext/prov-config set_config" => decoded::<SetWifiConfig>(&reply),
            "plaintext/prov-config apply" => decoded::<ApplyWifiConfig>(&reply),
            "plaintext/prov-scan start" => decoded::<StartWifiScan>(&reply),
            "plaintext/prov-scan status" => decoded::<GetWifiScanStatus>(&reply),
            "plaintext/prov-scan result" => decoded::<GetWifiScanResult>(&reply),
            other => panic!("{name}: {other} is not in the file so far"),
        };
        assert_eq!(end, expected, "{name}");
    }
    assert_eq!(security_2, 14, "rows without a case");
}

/// The first reply of the recorded handshake, replaced.
fn setup(reply: &[u8]) -> Result<Handshake, HandshakeError> {
    let recording = Recording::named("pop_ascii");
    let (handshake, _) = Handshake::start(
        &recording.credentials(),
        &Capabilities::default(),
        &mut recording.client_randomness(),
    )?;
    match handshake.handle(reply)? {
        Step::Send(handshake, _) => Ok(handshake),
        Step::Done(_) => panic!("a session after the first reply"),
    }
}

/// The second reply of the recorded handshake, replaced.
fn verify(reply: &[u8]) -> End {
    let recording = Recording::named("pop_ascii");
    let (_, first_reply) = recording.handshake().next().expect("is recorded");
    let handshake = setup(first_reply).expect("the recorded reply is good");
    match handshake.handle(reply) {
        Ok(_) => End::Accepted,
        Err(error) => error.into(),
    }
}

fn decoded<C: Command<Reply: Into<End>>>(reply: &[u8]) -> End {
    match C::decode(reply) {
        Ok(Ok(answer)) => answer.into(),
        Ok(Err(refusal)) => End::Refused(refusal.status),
        Err(error) => error.into(),
    }
}

/// What a device does with a request.
#[derive(Debug, PartialEq)]
enum Answer {
    /// What the vendor's newest firmware was recorded to answer.
    AsRecorded,
    /// `SessionResp0` again, with other keys.
    NewKeys,
    No(NoReply),
    /// No reply: the request is not protobuf, whose error has no public constructor.
    Malformed,
}

/// `device_should` of the file, in this crate's words.
#[allow(clippy::match_same_arms, reason = "a table in the file's order")]
fn device_should(case: &str) -> Answer {
    let unexpected =
        |expected, got| Answer::No(NoReply::Malformed(DecodeError::Unexpected { expected, got }));
    let missing = |name| Answer::No(NoReply::Malformed(DecodeError::MissingPayload(name)));
    let other_scheme = |client, device| Answer::No(NoReply::SchemeMismatch { client, device });
    let length = |field, expected, got| {
        Answer::No(NoReply::Malformed(DecodeError::Length { field, expected, got }))
    };

    match case {
        "session_sec0_to_sec1" => other_scheme(0, 1),
        "session_sec1_to_sec0" => other_scheme(1, 0),
        "session_empty_to_sec0" => Answer::AsRecorded,
        "session_truncated" | "session_garbage" => Answer::Malformed,
        "session_cmd1_first" | "session_response_as_request" => Answer::No(NoReply::OutOfOrder),
        "session_cmd0_twice" => Answer::NewKeys,
        "session_pubkey_31" => length("client_pubkey", 32, 31),
        "session_msg_without_payload" => missing("SessionCmd0"),

        "config_before_session" => Answer::No(NoReply::NoSession),
        "config_unknown_msg" => unexpected("a prov-config command", 99),
        "config_reply_as_request" => unexpected("a prov-config command", 3),
        "config_set_without_payload" => missing("CmdSetWifiConfig"),
        "config_ssid_33"
        | "config_ssid_32"
        | "config_ssid_empty"
        | "config_passphrase_64"
        | "config_passphrase_63"
        | "config_passphrase_3"
        | "config_bssid_5"
        | "config_bssid_6_channel_999"
        | "config_trailing_unknown_field" => Answer::AsRecorded,
        "config_trailing_garbage" => Answer::Malformed,

        "scan_result_beyond_end" => Answer::No(NoReply::BeyondEnd),
        "scan_result_count_zero" => Answer::AsRecorded,
        "scan_start_without_payload" => missing("CmdScanWifiStart"),
        "ctrl_unknown_msg" => unexpected("a prov-ctrl command", 9),
        "ctrl_reserved" => unexpected("a prov-ctrl command", 0),
        "unknown_endpoint" => Answer::No(NoReply::NoSuchEndpoint("no-such-endpoint".into())),
        other => panic!("{other} has no row"),
    }
}

#[test]
fn a_device_does_with_every_bad_request_what_it_should() {
    const NEWEST: &str = "idf v5.5.5 + network_provisioning 1.2.4";
    for case in cases() {
        let Case::ClientToDevice(request) = case else { continue };
        let Request { name, endpoint, security, hex: Hex(bytes), recorded } = request;
        let security = match security {
            0 => Security::Sec0,
            1 => Security::Sec1 { pop: ProofOfPossession::from("abcd1234") },
            other => panic!("{name}: security {other} is not in the file so far"),
        };
        let two_handshakes = Recorded((0..96).collect());
        let mut device = Responder::new(security, "", Radio, two_handshakes);

        let expected = device_should(&name);
        let first_keys = (expected == Answer::NewKeys)
            .then(|| device.handle(&endpoint, &bytes).expect("answers the first time").body);
        match device.handle(&endpoint, &bytes) {
            Ok(answer) if expected == Answer::NewKeys => {
                assert_eq!(answer.action, Action::KeysExchanged, "{name}");
                assert_ne!(Some(answer.body), first_keys, "{name}");
            }
            Ok(answer) => {
                assert_eq!(expected, Answer::AsRecorded, "{name}");
                let reply = format!("reply {}", hex::encode(answer.body));
                assert_eq!(reply, recorded[NEWEST], "{name}");
            }
            Err(silence) => {
                let silence = match silence {
                    NoReply::Malformed(DecodeError::Malformed(_)) => Answer::Malformed,
                    silence => Answer::No(silence),
                };
                assert_eq!(silence, expected, "{name}");
                assert_eq!(recorded[NEWEST], "no reply (handler error)", "{name}");
            }
        }
    }
}

/// Sees no networks and is trying to join one, as the recorded firmware was.
struct Radio;

impl Backend for Radio {
    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        unreachable!("no case applies")
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Ok(WifiStatus::Connecting { attempts_remaining: None })
    }
}
