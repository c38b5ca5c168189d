//! Our client in the place of the vendor's tool.

use std::fmt::Debug;

use protocomm::{
    Capabilities, Command, Endpoint, Handshake, InvalidNetwork, Session, Status, Step,
    commands::{ApplyWifiConfig, Custom, GetWifiScanStatus, GetWifiStatus, ResetWifi},
};

use crate::recording::{
    Exchange, Recording, networks, raw, scan_result, scan_status, set_wifi, start_scan, success,
    wifi_status,
};

#[test]
fn a_client_with_the_recorded_key_says_what_the_vendors_tool_said() {
    for recording in Recording::all() {
        let session = handshake(&recording);
        recording.exchanges.iter().fold(session, replay);
    }
}

fn handshake(recording: &Recording) -> Session {
    let name = &recording.name;
    let (mut handshake, mut request) = Handshake::start(
        &recording.credentials(),
        &Capabilities::default(),
        &mut recording.client_randomness(),
    )
    .expect("starts");
    let mut session = None;
    for (recorded_request, recorded_response) in recording.handshake() {
        assert_eq!(request.endpoint, Endpoint::SESSION, "{name}");
        assert_eq!(hex::encode(&request.body[..]), hex::encode(recorded_request), "{name}");
        match handshake.handle(recorded_response).expect("the recorded response is good") {
            Step::Send(next, then) => (handshake, request) = (next, then),
            Step::Done(done) => {
                session = Some(done);
                break;
            }
        }
    }
    session.expect("the recorded handshake is whole")
}

/// Says what was recorded with the command made for it.
fn replay(session: Session, exchange: &Exchange) -> Session {
    let (request, response) = (&exchange.request.message, &exchange.response.message);
    match (exchange.endpoint.as_str(), request["msg"].as_str()) {
        ("prov-scan", None) => call(session, exchange, &start_scan(request), success(response)),
        ("prov-scan", Some("TypeCmdScanWifiStatus")) => {
            call(session, exchange, &GetWifiScanStatus, Ok(scan_status(response)))
        }
        ("prov-scan", Some("TypeCmdScanWifiResult")) => {
            call(session, exchange, &scan_result(request), Ok(networks(response)))
        }
        ("prov-config", None) => call(session, exchange, &GetWifiStatus, wifi_status(response)),
        ("prov-config", Some("TypeCmdSetWifiConfig")) => match set_wifi(request) {
            Ok(command) => {
                let answer = success(&response["resp_set_wifi_config"]);
                call(session, exchange, &command, answer)
            }
            // A passphrase that firmware refuses can't be made. The bytes are sent all the
            // same, because the keystream of what follows begins after them.
            Err(refused) => {
                assert_eq!(refused, InvalidNetwork::PassphraseLength(64));
                let body = exchange.request.plaintext.0.clone();
                let command = Custom { endpoint: Endpoint::CONFIG, body };
                call(session, exchange, &command, Ok(exchange.response.plaintext.0.clone()))
            }
        },
        ("prov-config", Some("TypeCmdApplyWifiConfig")) => {
            let answer = success(&response["resp_apply_wifi_config"]);
            call(session, exchange, &ApplyWifiConfig, answer)
        }
        ("prov-ctrl", Some("TypeCmdCtrlWifiReset")) => {
            call(session, exchange, &ResetWifi, success(response))
        }
        ("custom-data", _) => {
            let command = Custom { endpoint: Endpoint::CUSTOM_DATA, body: raw(request) };
            call(session, exchange, &command, Ok(raw(response)))
        }
        other => panic!("{}: {other:?} is not in the recordings so far", exchange.name),
    }
}

fn call<C: Command<Reply: Debug + PartialEq>>(
    session: Session,
    exchange: &Exchange,
    command: &C,
    answer: Result<C::Reply, Status>,
) -> Session {
    let name = &exchange.name;
    let (request, pending) = session.seal(command).expect("there is something to send");
    assert_eq!(request.endpoint.as_str(), exchange.endpoint, "{name}");
    assert_eq!(
        hex::encode(&request.body[..]),
        hex::encode(exchange.request.on_the_wire()),
        "{name}"
    );
    let (session, reply) =
        pending.open(exchange.response.on_the_wire()).expect("the recorded response is good");
    assert_eq!(reply.map_err(|refusal| refusal.status), answer, "{name}");
    session
}
