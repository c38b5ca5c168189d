//! Both halves in memory: which orders of messages work, which do not, and what is left of a
//! session when a message goes wrong.

mod common;

use std::{fmt::Debug, time::Duration};

use common::{Broken, Device, Known, Raw, Scripted, call, deliver, establish};
use proptest::prelude::*;
use prost::Message;
use protocomm::{
    Bssid, Capabilities, Command, Credentials, Endpoint, ExtPanId, Handshake, HandshakeError,
    NetworkKind, Passphrase, Password, ProofOfPossession, Request, Session, SessionError, Ssid,
    Status, Step, ThreadDataset, Username, VerifierMaker,
    commands::{
        AccessPoint, ApplyThreadConfig, ApplyWifiConfig, AuthMode, Custom, GetThreadScanResult,
        GetThreadScanStatus, GetThreadStatus, GetWifiScanResult, GetWifiStatus, JoinFailure,
        ReprovisionThread, ReprovisionWifi, ResetThread, ResetWifi, ScanStatus, SetThreadConfig,
        SetWifiConfig, StartThreadScan, StartWifiScan, ThreadConnection, ThreadNetwork,
        ThreadStatus, WifiConnection, WifiStatus,
    },
    device::{Backend, NoReply, Patch, ResetRule, Responder, Security, SrpVerifier, WifiConfig},
    wire::{
        self, NetworkConfigPayload, network_config_payload as config, sec1_payload::Payload,
        session_data::Proto,
    },
};

const POP: &str = "abcd1234";
const PASSPHRASE: &str = "correct horse battery";

fn sec1(pop: &str) -> (Credentials, Device) {
    let pop = ProofOfPossession::from(pop);
    let device = device(Security::Sec1 { pop: pop.clone() });
    (Credentials::Sec1 { pop }, device)
}

fn device(security: Security) -> Device {
    Responder::new(security, "V0.1", Scripted::default(), Known::seed(1))
}

fn sec2() -> (Credentials, Device) {
    let username = Username::new("wifiprov").expect("a name");
    let password = Password::from(POP);
    let verifier = SrpVerifier::generate(&username, &password, 16, &mut Known::seed(5));
    let device = device(Security::Sec2 { verifier, patch: Patch::One });
    (Credentials::Sec2 { username, password, made_by: VerifierMaker::Device }, device)
}

#[test]
fn security_2_refuses_a_public_key_that_opens_without_a_password() {
    let (_, mut device) = sec2();
    // 384 bytes of zero, and the name `u`.
    let mut request = hex::decode("1002628a03a20186030a017512800300").expect("hexadecimal");
    request.resize(request.len() + 383, 0);
    let end = device.handle("prov-session", &request);
    assert_eq!(end.map(|answer| answer.body), Err(NoReply::WeakKey));
}

#[test]
fn security_2_notices_a_flipped_bit_anywhere() {
    let (credentials, mut device) = sec2();
    for bit in [0, 47, 48, 100, 175] {
        let session = establish(&credentials, &mut device).expect("both hold the same secret");
        let (request, pending) = session.seal(&GetWifiStatus).expect("it can be sealed");
        let mut reply = deliver(&mut device, &request).expect("a reply").body;
        reply[bit / 8] ^= 1 << (bit % 8);
        let end = pending.open(&reply).expect_err("it was changed");
        assert!(matches!(end, SessionError::Undecryptable { .. }), "{end:?}");
    }
}

/// A client and a device with an open session of security 1.
fn open() -> (Credentials, Session, Device) {
    let (credentials, mut device) = sec1(POP);
    let session = establish(&credentials, &mut device).expect("both hold the same secret");
    (credentials, session, device)
}

fn start(credentials: &Credentials) -> (Handshake, Request) {
    Handshake::start(credentials, &Capabilities::default(), &mut Known::seed(99)).expect("starts")
}

/// The client's second request, after its keys were answered.
fn proof(credentials: &Credentials, device: &mut Device) -> Request {
    let (handshake, keys) = start(credentials);
    let reply = deliver(device, &keys).expect("keys are always answered").body;
    match handshake.handle(&reply).expect("good keys") {
        Step::Send(_, proof) => proof,
        Step::Done(_) => panic!("a session without a proof"),
    }
}

/// Long enough that, decrypted with a wrong key, it can't pass for a message.
fn home() -> SetWifiConfig {
    SetWifiConfig {
        ssid: Ssid::new("HomeNet").expect("a name"),
        passphrase: Passphrase::new(PASSPHRASE.to_owned()).expect("a passphrase"),
        bssid: Some(Bssid([0x24, 0x0a, 0xc4, 0x11, 0x22, 0x33])),
        channel: Some(6),
    }
}

// The handshake.

#[test]
fn a_network_reaches_the_device_under_every_scheme_and_any_proof() {
    for (credentials, mut device) in [
        (Credentials::Sec0, device(Security::Sec0)),
        sec1(POP),
        sec1(""),
        sec1("Zürich-✓-42"),
        sec2(),
    ] {
        let session = establish(&credentials, &mut device).expect("both hold the same secret");
        assert_eq!(session.scheme(), credentials.scheme());
        let (session, set) = call(session, &home(), &mut device);
        let (session, applied) = call(session, &ApplyWifiConfig, &mut device);
        let (_, status) = call(session, &GetWifiStatus, &mut device);
        assert_eq!((set, applied), (Ok(()), Ok(())));
        assert_eq!(status, Ok(WifiStatus::Connecting { attempts_remaining: None }));
        let [joined] = &device.backend().joined[..] else { panic!("one join") };
        assert_eq!(joined.ssid, b"HomeNet");
        assert_eq!(joined.passphrase.expose(), PASSPHRASE.as_bytes());
        assert_eq!((&joined.bssid[..], joined.channel), (&home().bssid.expect("one").0[..], 6));
    }
}

#[test]
fn a_wrong_proof_is_met_with_silence() {
    // The last pair is one letter, composed and decomposed.
    for (device_has, client_has) in
        [(POP, "abcd1235"), (POP, ""), ("", POP), ("Zürich", "Zu\u{308}rich")]
    {
        let (_, mut device) = sec1(device_has);
        let (credentials, _) = sec1(client_has);
        let end = establish(&credentials, &mut device).expect_err("different secrets");
        assert_eq!(end, Broken::Device(NoReply::WrongProof), "{client_has:?}");
        let end = device.handle("prov-config", &home().encode()).expect_err("no session");
        assert_eq!(end, NoReply::NoSession);
    }
}

#[test]
fn a_wrong_proof_spends_the_keys_and_new_keys_make_it_good() {
    let (credentials, mut device) = sec1(POP);
    let right = proof(&credentials, &mut device);
    let mut wrong = right.body.to_vec();
    *wrong.last_mut().expect("a proof") ^= 1;
    assert_eq!(device.handle("prov-session", &wrong).err(), Some(NoReply::WrongProof));
    assert_eq!(deliver(&mut device, &right).err(), Some(NoReply::WrongProof));
    establish(&credentials, &mut device).expect("new keys");
}

#[test]
fn a_proof_out_of_order_is_refused_and_ends_nothing() {
    let (credentials, mut other_device) = sec1(POP);
    let early = proof(&credentials, &mut other_device);
    let (credentials, mut device) = sec1(POP);
    assert_eq!(deliver(&mut device, &early).err(), Some(NoReply::OutOfOrder));

    let session = establish(&credentials, &mut device).expect("both hold the same secret");
    assert_eq!(deliver(&mut device, &early).err(), Some(NoReply::OutOfOrder));
    let (_, set) = call(session, &home(), &mut device);
    assert_eq!(set, Ok(()));
}

#[test]
fn no_request_is_answered_before_the_session_is_open() {
    let (credentials, mut device) = sec1(POP);
    let endpoints = ["prov-config", "prov-scan", "prov-ctrl", "custom-data", "echo"];
    let silent = |when: &str, device: &mut Device| {
        for endpoint in endpoints {
            let end = device.handle(endpoint, &home().encode()).err();
            assert_eq!(end, Some(NoReply::NoSession), "{endpoint} {when}");
        }
    };
    silent("before the keys", &mut device);
    let proof = proof(&credentials, &mut device);
    silent("before the proof", &mut device);
    let version =
        device.handle("proto-ver", &Request::version().body).expect("always in the clear");
    assert_eq!(version.body, b"V0.1");
    deliver(&mut device, &proof).expect("the proof still holds");
}

#[test]
fn a_second_handshake_replaces_the_first_session() {
    let (credentials, first, mut device) = open();
    let second = establish(&credentials, &mut device).expect("at any time");
    let (_, set) = call(second, &home(), &mut device);
    assert_eq!(set, Ok(()));

    let (request, _) = first.seal(&home()).expect("the client does not know yet");
    assert!(matches!(deliver(&mut device, &request), Err(NoReply::Malformed(_))));
}

#[test]
fn a_new_link_ends_the_session_and_keeps_the_network() {
    let (credentials, session, mut device) = open();
    let (session, set) = call(session, &home(), &mut device);
    assert_eq!(set, Ok(()));
    device.open_link();
    let (request, _) = session.seal(&ApplyWifiConfig).expect("the client does not know yet");
    assert_eq!(deliver(&mut device, &request).err(), Some(NoReply::NoSession));

    let session = establish(&credentials, &mut device).expect("a new session");
    let (_, applied) = call(session, &ApplyWifiConfig, &mut device);
    assert_eq!((applied, device.backend().joined.len()), (Ok(()), 1));
}

/// The points of Curve25519 and its twist whose multiples are few (RFC 7748, section 6.1;
/// <https://cr.yp.to/ecdh.html#validate>).
const LOW_ORDER: &str = include_str!("low_order.txt");

#[test]
fn a_key_that_makes_the_shared_secret_known_is_refused() {
    let (credentials, _) = sec1(POP);
    for point in LOW_ORDER.lines() {
        let reply = wire::SessionResp0 {
            status: 0,
            device_pubkey: hex::decode(point).expect("hexadecimal"),
            device_random: vec![0; 16],
        };
        let (handshake, _) = start(&credentials);
        let reply = session_data(wire::Sec1MsgType::SessionResponse0, Payload::Sr0(reply));
        let end = handshake.handle(&reply).err();
        assert_eq!(end, Some(HandshakeError::WeakKey), "{point}");
    }
}

fn session_data(msg: wire::Sec1MsgType, payload: Payload) -> Vec<u8> {
    let payload = wire::Sec1Payload { msg: msg as i32, payload: Some(payload) };
    wire::SessionData { sec_ver: 1, proto: Some(Proto::Sec1(payload)) }.encode_to_vec()
}

// The session.

#[test]
fn a_lost_reply_costs_the_session_and_not_the_network() {
    let (credentials, session, mut device) = open();
    let (request, pending) = session.seal(&home()).expect("a request");
    deliver(&mut device, &request).expect("the device acts, and its reply is lost");
    // The session is in `pending`; only the reply gets it out.
    drop(pending);

    let session = establish(&credentials, &mut device).expect("a new session");
    let (_, applied) = call(session, &ApplyWifiConfig, &mut device);
    assert_eq!((applied, device.backend().joined.len()), (Ok(()), 1));
}

#[test]
fn a_session_that_took_another_reply_for_the_lost_one_is_out_of_step() {
    let (credentials, session, mut device) = open();
    let custom = Custom { endpoint: Endpoint::from_static("echo"), body: b"twelve bytes".to_vec() };
    let (request, pending) = session.seal(&custom).expect("a request");
    deliver(&mut device, &request).expect("the device acts, and its reply is lost");
    let (session, _) = pending.open(b"eleven byte").expect("application data is any bytes");

    let (request, _) = session.seal(&home()).expect("the client does not know yet");
    assert!(matches!(deliver(&mut device, &request), Err(NoReply::Malformed(_))));
    let session = establish(&credentials, &mut device).expect("a new session");
    assert_eq!(call(session, &home(), &mut device).1, Ok(()));
}

#[test]
fn a_request_that_arrives_twice_puts_the_device_out_of_step() {
    let (_, session, mut device) = open();
    let (request, pending) = session.seal(&home()).expect("a request");
    let reply = deliver(&mut device, &request).expect("the first is answered").body;
    assert!(matches!(deliver(&mut device, &request), Err(NoReply::Malformed(_))));

    let (session, set) = pending.open(&reply).expect("the first reply is good");
    assert_eq!(set, Ok(()));
    let (request, _) = session.seal(&home()).expect("the client does not know yet");
    assert!(matches!(deliver(&mut device, &request), Err(NoReply::Malformed(_))));
}

#[test]
fn a_refusal_leaves_both_in_step() {
    let (_, session, mut device) = open();
    let (session, applied) = call(session, &ApplyWifiConfig, &mut device);
    assert_eq!(applied.map_err(|refusal| refusal.status), Err(Status::InternalError));
    assert_eq!(call(session, &home(), &mut device).1, Ok(()));
}

#[test]
fn no_flipped_bit_of_a_sealed_reply_passes_for_the_reply() {
    let (_, session, mut device) = open();
    let (_, truth) = call(session, &GetWifiStatus, &mut device);
    for bit in 0.. {
        let (_, session, mut device) = open();
        let (request, pending) = session.seal(&GetWifiStatus).expect("a request");
        let mut reply = deliver(&mut device, &request).expect("a reply").body;
        let Some(byte) = reply.get_mut(bit / 8) else {
            assert!(bit > 0, "there was a reply");
            break;
        };
        *byte ^= 1 << (bit % 8);
        match pending.open(&reply) {
            // There is no checksum: some flipped bits make another valid message.
            Ok((_, answer)) => assert_ne!(answer, truth, "bit {bit}"),
            Err(error) => {
                assert!(matches!(error, SessionError::Decode { sealed: true, .. }), "{error:?}");
            }
        }
    }
}

#[test]
fn an_empty_request_is_neither_sent_nor_answered() {
    let (_, session, mut device) = open();
    assert_eq!(device.handle("echo", b"").err(), Some(NoReply::Empty));
    let empty = Custom { endpoint: Endpoint::from_static("echo"), body: Vec::new() };
    let end = session.seal(&empty).err();
    assert_eq!(end, Some(SessionError::EmptyRequest(Endpoint::from_static("echo"))));
}

// The manager.

/// Sends one command over security 0, which needs no session. Returns the status in the reply.
fn answer<C: Command>(
    device: &mut Responder<impl Backend, Known>,
    command: &C,
) -> Result<C::Reply, Status> {
    let reply = device.handle(command.endpoint().as_str(), &command.encode()).expect("a reply");
    C::decode(&reply.body).expect("a good reply").map_err(|refusal| refusal.status)
}

#[test]
fn apply_wants_a_network_first_and_takes_one_only() {
    let mut device = device(Security::Sec0);
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Err(Status::InternalError));
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Err(Status::InternalError));
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Err(Status::InternalError));
    assert_eq!(device.backend().joined.len(), 1);
}

#[test]
fn the_last_network_set_is_the_one_applied() {
    let mut device = device(Security::Sec0);
    let office = SetWifiConfig { ssid: Ssid::new("Office").expect("a name"), ..home() };
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &office), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
    let joined: Vec<_> = device.backend().joined.iter().map(|network| &network.ssid[..]).collect();
    assert_eq!(joined, [b"Office"]);
}

#[test]
fn a_reset_after_a_failure_lets_another_network_in() {
    for rule in [ResetRule::Anytime, ResetRule::AfterFailure] {
        let mut device = device(Security::Sec0).with_reset_rule(rule);
        assert_eq!(answer(&mut device, &home()), Ok(()));
        assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
        assert_eq!(answer(&mut device, &ResetWifi), Err(Status::InternalError), "still trying");
        assert_eq!(device.backend().forgotten, 0, "{rule:?}");

        device.backend().status = Ok(WifiStatus::Failed(JoinFailure::WrongPassphrase));
        assert_eq!(answer(&mut device, &ResetWifi), Ok(()), "{rule:?}");
        assert_eq!(device.backend().forgotten, 1, "{rule:?}");
        assert_eq!(answer(&mut device, &home()), Ok(()));
        assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()), "{rule:?}");
        assert_eq!(device.backend().joined.len(), 2, "{rule:?}");
    }
}

#[test]
fn a_reset_with_nothing_applied_depends_on_the_firmware() {
    for (rule, expected) in [
        (ResetRule::Anytime, Ok(())),
        // Even if the radio still reports an earlier failure.
        (ResetRule::AfterFailure, Err(Status::InternalError)),
    ] {
        let mut device = device(Security::Sec0).with_reset_rule(rule);
        device.backend().status = Ok(WifiStatus::Failed(JoinFailure::WrongPassphrase));
        assert_eq!(answer(&mut device, &ResetWifi), expected, "{rule:?}");
    }
}

#[test]
fn thread_requests_are_refused_each_in_its_own_reply() {
    let mut device = device(Security::Sec0);
    for (endpoint, request, refusal) in [
        ("prov-config", "0806820100", "08078a01020804"),
        ("prov-config", "08089201020a00", "08099a01020804"),
        ("prov-config", "080aa20100", "080baa01020804"),
        ("prov-scan", "08068201020801", "080710048a0100"),
        ("prov-scan", "0808920100", "080910049a0100"),
        ("prov-ctrl", "08057a00", "08061004820100"),
        ("prov-ctrl", "08078a0100", "08081004920100"),
    ] {
        let request = hex::decode(request).expect("hexadecimal");
        let reply = device.handle(endpoint, &request).expect("a refusal is a reply").body;
        assert_eq!(hex::encode(reply), refusal);
    }
}

#[test]
fn a_thread_scan_result_is_not_answered() {
    let request = hex::decode("080aa201021002").expect("hexadecimal");
    let end = device(Security::Sec0).handle("prov-scan", &request);
    assert_eq!(end.map(|answer| answer.body), Err(NoReply::ThreadScan));
}

/// A Thread radio that attaches to any network, or to none.
#[derive(Default)]
struct Mesh {
    given: Option<ThreadDataset>,
    fails: bool,
    forgot: u32,
}

impl Backend for Mesh {
    fn network(&self) -> NetworkKind {
        NetworkKind::Thread
    }

    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        panic!("no Wi-Fi here")
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        panic!("no Wi-Fi here")
    }

    fn attach(&mut self, dataset: ThreadDataset) -> Result<(), Status> {
        self.given = Some(dataset);
        Ok(())
    }

    fn thread_status(&mut self) -> Result<ThreadStatus, Status> {
        Ok(match &self.given {
            None => ThreadStatus::Attaching,
            Some(_) if self.fails => ThreadStatus::Failed(JoinFailure::NotAttached),
            Some(_) => ThreadStatus::Attached(ThreadConnection {
                name: "OpenThread-1234".into(),
                pan_id: 0x1234,
                ext_pan_id: Some(ExtPanId(*b"\xde\xad\x00\xbe\xef\x00\xca\xfe")),
                channel: 15,
            }),
        })
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.forgot += 1;
        self.given = None;
        Ok(())
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        self.given = None;
        Ok(())
    }

    fn start_thread_scan(&mut self, _: &StartThreadScan) -> Result<(), Status> {
        Ok(())
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Ok(ScanStatus { finished: true, count: 1 })
    }

    fn thread_scan_result(&mut self, index: u32) -> Option<ThreadNetwork> {
        (index == 0).then(|| ThreadNetwork {
            name: String::new(),
            pan_id: 7,
            ext_pan_id: None,
            ext_addr: vec![1; 8],
            channel: 25,
            rssi: -81,
            lqi: 40,
        })
    }
}

fn mesh() -> Responder<Mesh, Known> {
    Responder::new(Security::Sec0, "", Mesh::default(), Known::seed(1))
}

fn dataset(text: &str) -> SetThreadConfig {
    let bytes = hex::decode(text).expect("hexadecimal");
    SetThreadConfig { dataset: ThreadDataset::new(bytes.into()).expect("a dataset") }
}

const DATASET: &str = "051000112233445566778899aabbccddeeff";

#[test]
fn a_device_for_thread_attaches_scans_and_starts_over() {
    let mut device = mesh();
    assert_eq!(answer(&mut device, &GetThreadStatus), Ok(ThreadStatus::Attaching));
    assert_eq!(answer(&mut device, &ApplyThreadConfig), Err(Status::InternalError), "nothing set");
    assert_eq!(answer(&mut device, &dataset(DATASET)), Ok(()));
    assert_eq!(answer(&mut device, &ApplyThreadConfig), Ok(()));
    assert_eq!(answer(&mut device, &dataset(DATASET)), Ok(()));
    assert_eq!(answer(&mut device, &ApplyThreadConfig), Err(Status::InternalError), "received");
    let attached = answer(&mut device, &GetThreadStatus);
    assert!(
        matches!(attached, Ok(ThreadStatus::Attached(connection)) if connection.pan_id == 0x1234)
    );

    // An attached device can't be reset, but it can be provisioned again.
    assert_eq!(answer(&mut device, &ResetThread), Err(Status::InternalError));
    assert_eq!(answer(&mut device, &ReprovisionThread), Ok(()));
    device.backend().fails = true;
    assert_eq!(answer(&mut device, &dataset(DATASET)), Ok(()));
    assert_eq!(answer(&mut device, &ApplyThreadConfig), Ok(()));
    let failed = ThreadStatus::Failed(JoinFailure::NotAttached);
    assert_eq!(answer(&mut device, &GetThreadStatus), Ok(failed));
    assert_eq!(answer(&mut device, &ResetThread), Ok(()));
    assert_eq!(device.backend().forgot, 1);

    let start = StartThreadScan { blocking: true, channel_mask: 0 };
    assert_eq!(answer(&mut device, &start), Ok(()));
    let status = answer(&mut device, &GetThreadScanStatus);
    assert_eq!(status, Ok(ScanStatus { finished: true, count: 1 }));
    let found = answer(&mut device, &GetThreadScanResult { start: 0, count: 1 });
    let found = found.expect("there is one");
    assert_eq!((found[0].pan_id, found[0].ext_pan_id, found[0].lqi), (7, None, 40));
}

#[test]
fn a_dataset_that_can_not_be_read_is_a_failure_until_a_reset() {
    let (mut device, good) = (mesh(), dataset(DATASET));
    for broken in ["0510", "000100", ""] {
        let dataset = hex::decode(broken).expect("hexadecimal");
        let payload = config::Payload::CmdSetThreadConfig(wire::CmdSetThreadConfig { dataset });
        let request = NetworkConfigPayload { msg: 8, payload: Some(payload) }.encode_to_vec();
        let set = device.handle("prov-config", &request).expect("it is stored").body;
        assert_eq!(hex::encode(set), "08099a0100");
        assert_eq!(answer(&mut device, &ApplyThreadConfig), Err(Status::InternalError));
        let invalid = ThreadStatus::Failed(JoinFailure::DatasetInvalid);
        assert_eq!(answer(&mut device, &GetThreadStatus), Ok(invalid), "{broken}");
        assert_eq!(answer(&mut device, &good), Ok(()));
        assert_eq!(answer(&mut device, &ApplyThreadConfig), Err(Status::InternalError));
        assert_eq!(answer(&mut device, &ResetThread), Ok(()));
    }
    assert_eq!(answer(&mut device, &good), Ok(()));
    assert_eq!(answer(&mut device, &ApplyThreadConfig), Ok(()));
    assert!(matches!(answer(&mut device, &GetThreadStatus), Ok(ThreadStatus::Attached(_))));
}

#[test]
fn a_dataset_that_is_too_long_is_an_invalid_argument() {
    let dataset = vec![0; 255];
    let payload = config::Payload::CmdSetThreadConfig(wire::CmdSetThreadConfig { dataset });
    let request = NetworkConfigPayload { msg: 8, payload: Some(payload) }.encode_to_vec();
    let reply = mesh().handle("prov-config", &request).expect("a refusal is a reply").body;
    assert_eq!(hex::encode(reply), "08099a01020804");
}

#[test]
fn wifi_requests_to_a_device_for_thread_are_refused() {
    let mut device = mesh();
    let refused = Err(Status::InvalidArgument);
    assert_eq!(answer(&mut device, &GetWifiStatus).map(drop), refused);
    assert_eq!(answer(&mut device, &home()), refused);
    assert_eq!(answer(&mut device, &ApplyWifiConfig), refused);
    assert_eq!(answer(&mut device, &ResetWifi), refused);
    assert_eq!(answer(&mut device, &ReprovisionWifi), refused);
    let page = GetWifiScanResult { start: 0, count: 1 };
    assert_eq!(answer(&mut device, &page).map(drop), refused);
}

#[test]
fn a_client_key_that_makes_the_shared_secret_known_is_refused() {
    for first in [0, 1] {
        let mut key = [0; 32];
        key[0] = first;
        let request = [hex::decode("10015a25a201220a20").expect("hexadecimal"), key.to_vec()];
        let (_, mut device) = sec1(POP);
        let end = device.handle("prov-session", &request.concat());
        assert_eq!(end.map(|answer| answer.body), Err(NoReply::WeakKey));
    }
}

#[test]
fn firmware_without_an_endpoint_does_not_answer_on_it() {
    let mut device = device(Security::Sec0).without_control().without_scan();
    for endpoint in ["prov-ctrl", "prov-scan", "PROV-CONFIG"] {
        let end = device.handle(endpoint, &ResetWifi.encode()).err();
        assert_eq!(end, Some(NoReply::NoSuchEndpoint(endpoint.into())));
    }
}

/// A radio that refuses the first join, and an application that keeps provisioning open.
#[derive(Default)]
struct Moody {
    joins: u32,
    scans: Vec<StartWifiScan>,
}

impl Backend for Moody {
    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        self.joins += 1;
        if self.joins == 1 { Err(Status::InternalError) } else { Ok(()) }
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Err(Status::InternalError)
    }

    fn reprovision(&mut self) -> Result<(), Status> {
        Ok(())
    }

    fn start_scan(&mut self, scan: &StartWifiScan) -> Result<(), Status> {
        self.scans.push(*scan);
        Ok(())
    }

    fn scan_status(&mut self) -> Result<ScanStatus, Status> {
        Ok(ScanStatus { finished: true, count: 2 })
    }
}

#[test]
fn an_entry_that_is_counted_and_not_there_is_an_internal_error() {
    let mut device = Responder::new(Security::Sec0, "", Moody::default(), Known::seed(1));
    let page = GetWifiScanResult { start: 0, count: 2 };
    assert_eq!(answer(&mut device, &page), Err(Status::InternalError));
    // The third is not even counted.
    let beyond = hex::decode("0804720408021001").expect("hexadecimal");
    let end = device.handle("prov-scan", &beyond);
    assert_eq!(end.map(|answer| answer.body), Err(NoReply::BeyondEnd));
}

#[test]
fn a_join_the_radio_refuses_takes_the_network_with_it() {
    let mut device = Responder::new(Security::Sec0, "", Moody::default(), Known::seed(1));
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Err(Status::InternalError));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Err(Status::InternalError));
    assert_eq!(device.backend().joins, 1);
    // No credentials were received, so no reset is needed.
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
}

#[test]
fn reprovisioning_makes_room_for_another_network_where_the_application_allows_it() {
    let radio = Moody { joins: 1, ..Moody::default() };
    let mut device = Responder::new(Security::Sec0, "", radio, Known::seed(1));
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
    assert_eq!(answer(&mut device, &ReprovisionWifi), Ok(()));
    assert_eq!(answer(&mut device, &home()), Ok(()));
    assert_eq!(answer(&mut device, &ApplyWifiConfig), Ok(()));
    assert_eq!(device.backend().joins, 3);

    let mut device = self::device(Security::Sec0);
    assert_eq!(answer(&mut device, &ReprovisionWifi), Err(Status::InternalError));
}

// What is said about networks. The bytes are the vendor's (`vectors/`), since a mistake that both
// halves share would not show between them.

#[test]
fn a_scan_reaches_the_radio_as_it_was_asked_for() {
    let mut device = Responder::new(Security::Sec0, "", Moody::default(), Known::seed(1));
    let period = Duration::from_millis(120);
    let recorded = StartWifiScan { blocking: true, passive: false, group_channels: 5, period };
    let bytes = hex::decode("5206080118052078").expect("hexadecimal");
    device.handle("prov-scan", &bytes).expect("a reply");
    let passive = StartWifiScan { blocking: false, passive: true, ..recorded };
    assert_eq!(answer(&mut device, &passive), Ok(()));
    assert_eq!(device.backend().scans, [recorded, passive]);
}

#[test]
fn a_page_of_networks_is_read_as_recorded() {
    let page = "08057a250a230a0a4f666669636557504133102418adffffffffffffffff01\
                22060a0b0c0d0e0f2807";
    let page = hex::decode(page).expect("hexadecimal");
    let office = AccessPoint {
        ssid: b"OfficeWPA3".to_vec(),
        channel: 36,
        rssi: -83,
        bssid: Some(Bssid([0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f])),
        auth_mode: AuthMode(7),
    };
    assert_eq!(GetWifiScanResult::decode(&page), Ok(Ok(vec![office])));
}

#[test]
fn an_address_with_a_zero_byte_is_shown_as_it_came() {
    let reply = hex::decode("08015a135a110a07312e322e332e3422065ccf7f00de7c");
    let status = GetWifiStatus::decode(&reply.expect("hexadecimal"));
    let connection = WifiConnection {
        ip: "1.2.3.4".into(),
        ssid: Vec::new(),
        bssid: Some(Bssid([0x5c, 0xcf, 0x7f, 0x00, 0xde, 0x7c])),
        channel: 0,
        auth_mode: AuthMode::OPEN,
    };
    assert_eq!(status, Ok(Ok(WifiStatus::Connected(connection))));
}

// Secrets.

#[test]
fn no_debug_output_shows_a_secret() {
    let config = home();
    let Some(wire::network_config_payload::Payload::CmdSetWifiConfig(command)) =
        NetworkConfigPayload::decode(&config.encode()[..]).expect("decodes").payload
    else {
        panic!("a SetWifiConfig");
    };
    let thread = wire::CmdSetThreadConfig { dataset: PASSPHRASE.into() };
    let (credentials, mut device) = sec1(PASSPHRASE);
    let proof = proof(&credentials, &mut device);
    let mut device = self::device(Security::Sec0);
    let session = establish(&Credentials::Sec0, &mut device).expect("security 0 asks nothing");
    let (request, _) = session.seal(&config).expect("a request");
    let set = deliver(&mut device, &request).expect("an answer");
    let apply = device.handle("prov-config", &ApplyWifiConfig.encode()).expect("an answer");
    let joined = device.backend().joined.pop().expect("a join");
    let security = Security::Sec1 { pop: ProofOfPossession::from(PASSPHRASE) };
    let refused = Passphrase::new(PASSPHRASE.repeat(4)).expect_err("too long");

    let subjects: [(&str, &dyn Debug); 14] = [
        ("ProofOfPossession", &ProofOfPossession::from(PASSPHRASE)),
        ("Credentials", &credentials),
        ("Security", &security),
        ("Passphrase", &config.passphrase),
        ("InvalidNetwork", &refused),
        ("SetWifiConfig", &config),
        ("CmdSetWifiConfig", &command),
        ("CmdSetThreadConfig", &thread),
        ("Request of the handshake", &proof),
        ("Request", &request),
        ("WifiConfig", &joined),
        ("Answer to set", &set),
        ("Answer to apply", &apply),
        ("Action in words", &format_args!("{}", set.action)),
    ];
    let decimal = format!("{:?}", PASSPHRASE.as_bytes());
    let decimal = decimal.trim_matches(['[', ']']);
    for (name, subject) in subjects {
        let shown = format!("{subject:?}");
        assert!(!shown.is_empty() && !format!("{subject:#?}").contains(PASSPHRASE), "{name}");
        for secret in [PASSPHRASE, decimal, &hex::encode(PASSPHRASE)] {
            assert!(!shown.contains(secret), "{name}: {shown}");
        }
    }
}

// Any bytes at all.

proptest! {
    #[test]
    fn nothing_but_the_right_proof_opens_a_request_endpoint(
        requests in prop::collection::vec((0..ENDPOINTS.len(), any_request()), 0..12),
    ) {
        let (_, mut device) = sec1(POP);
        for (endpoint, request) in requests {
            let answer = device.handle(ENDPOINTS[endpoint], &request);
            if !["proto-ver", "prov-session"].contains(&ENDPOINTS[endpoint]) {
                prop_assert_eq!(answer.err(), Some(NoReply::NoSession));
            }
        }
    }

    #[test]
    fn a_reply_of_any_bytes_never_opens_a_session(reply in prop::collection::vec(any::<u8>(), 0..80)) {
        let (credentials, mut device) = sec1(POP);
        let (handshake, keys) = start(&credentials);
        prop_assert!(!matches!(handshake.handle(&reply), Ok(Step::Done(_))));

        let (handshake, _) = start(&credentials);
        let good = deliver(&mut device, &keys).expect("keys").body;
        let Ok(Step::Send(handshake, _)) = handshake.handle(&good) else { panic!("good keys") };
        prop_assert!(handshake.handle(&reply).is_err());
        // Every text can be read; all that is checked is that reading ends.
        Capabilities::parse(&reply);
    }

    #[test]
    fn one_flipped_bit_in_a_reply_of_the_handshake_ends_it(second in any::<bool>(), bit in any::<prop::sample::Index>()) {
        let (credentials, mut device) = sec1(POP);
        let (mut handshake, mut request) = start(&credentials);
        let mut flip_now = !second;
        let end = loop {
            let Ok(answer) = deliver(&mut device, &request) else { break "the device is silent" };
            let mut reply = answer.body;
            if flip_now {
                let bit = bit.index(reply.len() * 8);
                reply[bit / 8] ^= 1 << (bit % 8);
            }
            flip_now = !flip_now;
            match handshake.handle(&reply) {
                Ok(Step::Send(next, then)) => (handshake, request) = (next, then),
                Ok(Step::Done(_)) => break "a session",
                Err(_) => break "the client gives up",
            }
        };
        prop_assert_ne!(end, "a session");
    }

    #[test]
    fn messages_of_any_length_stay_in_step(
        pop in ".{0,20}",
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..100), 1..10),
    ) {
        let (credentials, mut device) = sec1(&pop);
        let mut session = establish(&credentials, &mut device).expect("the same secret");
        for message in messages {
            let (next, echo) = call(session, &Raw(Endpoint::from_static("echo"), message.clone()), &mut device);
            prop_assert_eq!(echo, Ok(message));
            session = next;
        }
    }
}

const ENDPOINTS: [&str; 6] =
    ["proto-ver", "prov-session", "prov-config", "prov-scan", "prov-ctrl", "echo"];

/// Noise, valid keys, proofs of the right form, and valid commands.
fn any_request() -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..64);
    let keys = any::<[u8; 32]>().prop_map(|key| {
        let command = wire::SessionCmd0 { client_pubkey: key.to_vec() };
        session_data(wire::Sec1MsgType::SessionCommand0, Payload::Sc0(command))
    });
    let proof = any::<[u8; 32]>().prop_map(|proof| {
        let command = wire::SessionCmd1 { client_verify_data: proof.to_vec() };
        session_data(wire::Sec1MsgType::SessionCommand1, Payload::Sc1(command))
    });
    prop_oneof![noise, keys, proof, Just(home().encode().to_vec())]
}

/// Whether the handshake was waiting for the answer to its proof, at each reply.
fn waits(credentials: &Credentials, device: &mut Device) -> Vec<bool> {
    let (mut handshake, mut request) = start(credentials);
    let mut waited = Vec::new();
    loop {
        waited.push(handshake.awaits_proof());
        let reply = deliver(device, &request).expect("a reply").body;
        match handshake.handle(&reply).expect("the same secret") {
            Step::Send(next, then) => (handshake, request) = (next, then),
            Step::Done(_) => return waited,
        }
    }
}

#[test]
fn a_handshake_knows_when_silence_is_about_its_proof() {
    let (credentials, mut device_1) = sec1(POP);
    assert_eq!(waits(&credentials, &mut device_1), [false, true]);
    let (credentials, mut device_2) = sec2();
    assert_eq!(waits(&credentials, &mut device_2), [false, true]);
    assert_eq!(waits(&Credentials::Sec0, &mut device(Security::Sec0)), [false]);
}

#[test]
fn a_session_knows_whether_its_nonce_repeats() {
    let (_, session, _) = open();
    assert!(!session.repeats_nonce());
    let (credentials, _) = sec2();
    let Credentials::Sec2 { username, password, .. } = &credentials else { panic!("security 2") };
    for (patch, repeats) in [(Patch::Zero, true), (Patch::One, false)] {
        let verifier = SrpVerifier::generate(username, password, 16, &mut Known::seed(5));
        let mut device = device(Security::Sec2 { verifier, patch });
        let session = establish(&credentials, &mut device).expect("the same secret");
        assert_eq!(session.repeats_nonce(), repeats, "{patch:?}");
    }
}

#[test]
fn what_makes_no_sense_in_the_clear_is_no_drifted_cipher() {
    let mut device = device(Security::Sec0);
    let session = establish(&Credentials::Sec0, &mut device).expect("no secret");
    let (_, pending) = session.seal(&GetWifiStatus).expect("a request");
    let end = pending.open(b"nonsense").expect_err("no message");
    assert!(matches!(end, SessionError::Decode { sealed: false, .. }), "{end:?}");
}

#[test]
fn a_reply_that_was_opened_shows_its_plaintext() {
    let (_, session, mut device) = open();
    let (request, pending) = session
        .seal(&Custom { endpoint: Endpoint::from_static("echo"), body: b"hello".to_vec() })
        .expect("a request");
    let reply = deliver(&mut device, &request).expect("a reply").body;
    assert_eq!(pending.decrypt(&reply).expect("it decrypts").plain(), b"hello");
}

// Lists, and what a device may leave out.

#[test]
fn a_page_with_more_entries_than_were_asked_for_is_refused() {
    use wire::{
        NetworkScanMsgType as Msg, NetworkScanPayload, RespScanThreadResult, RespScanWifiResult,
        network_scan_payload::Payload as Page,
    };

    fn open<C: Command<Reply = Vec<T>>, T>(ask: &C, msg: Msg, page: Page) -> Result<usize, String> {
        let page = NetworkScanPayload { msg: msg.into(), status: 0, payload: Some(page) };
        let session =
            establish(&Credentials::Sec0, &mut device(Security::Sec0)).expect("a session");
        let (_, pending) = session.seal(ask).expect("it can be sealed");
        let (_, list) = pending.open(&page.encode_to_vec()).map_err(|error| error.to_string())?;
        Ok(list.expect("no refusal").len())
    }

    let start = 0;
    for asked in 1..=3_u32 {
        for got in 0..=4_u32 {
            let entries = got as usize;
            let wifi =
                RespScanWifiResult { entries: vec![wire::WiFiScanResult::default(); entries] };
            let thread =
                RespScanThreadResult { entries: vec![wire::ThreadScanResult::default(); entries] };
            for end in [
                open(
                    &GetWifiScanResult { start, count: asked },
                    Msg::TypeRespScanWifiResult,
                    Page::RespScanWifiResult(wifi),
                ),
                open(
                    &GetThreadScanResult { start, count: asked },
                    Msg::TypeRespScanThreadResult,
                    Page::RespScanThreadResult(thread),
                ),
            ] {
                match end {
                    Ok(list) => assert!(list == entries && got <= asked, "{got} of {asked}"),
                    Err(error) => {
                        assert!(got > asked, "{got} of {asked}: {error}");
                        assert!(error.contains(&got.to_string()), "{error}");
                    }
                }
            }
        }
    }
}

/// The least that an application has to implement.
struct Bare(NetworkKind);

impl Backend for Bare {
    fn network(&self) -> NetworkKind {
        self.0
    }

    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Ok(WifiStatus::Connecting { attempts_remaining: None })
    }
}

/// [`Bare`], with an endpoint and no handler for it.
struct Deaf;

impl Backend for Deaf {
    fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        Err(Status::InternalError)
    }

    fn endpoints(&self) -> &[&str] {
        &["custom-data"]
    }
}

#[test]
fn what_an_application_does_not_do_is_refused() {
    let refused = Status::InternalError;
    let mut wifi = Responder::new(Security::Sec0, "", Bare(NetworkKind::Wifi), Known::seed(1));
    let scan = StartWifiScan {
        blocking: true,
        passive: false,
        group_channels: 0,
        period: Duration::from_millis(120),
    };
    assert_eq!(answer(&mut wifi, &scan), Err(refused));
    assert_eq!(answer(&mut wifi, &ReprovisionWifi), Err(refused));
    assert_eq!(answer(&mut wifi, &dataset(DATASET)), Err(Status::InvalidArgument));
    for name in ["xyzzy", "", "custom-data"] {
        let end = wifi.handle(name, b"hello").map(|answer| answer.body);
        assert_eq!(end, Err(NoReply::NoSuchEndpoint(name.to_owned())));
    }

    let mut thread = Responder::new(Security::Sec0, "", Bare(NetworkKind::Thread), Known::seed(1));
    let scan = StartThreadScan { blocking: true, channel_mask: 0 };
    assert_eq!(answer(&mut thread, &scan), Err(refused));
    assert_eq!(answer(&mut thread, &ReprovisionThread), Err(refused));
    assert_eq!(answer(&mut thread, &dataset(DATASET)), Ok(()));
    assert_eq!(answer(&mut thread, &ApplyThreadConfig), Err(refused));

    let mut deaf = Responder::new(Security::Sec0, "", Deaf, Known::seed(1));
    let end = deaf.handle("custom-data", b"hello").map(|answer| answer.body);
    assert_eq!(end, Err(NoReply::Application));
}

#[test]
fn firmware_without_thread_answers_wifi_alone() {
    let mut device = device(Security::Sec0).without_thread();
    let connecting = WifiStatus::Connecting { attempts_remaining: None };
    assert_eq!(answer(&mut device, &GetWifiStatus), Ok(connecting));
    let asked = device.handle("prov-config", &GetThreadStatus.encode());
    assert!(matches!(asked, Err(NoReply::Malformed(_))), "{asked:?}");
}

#[test]
fn a_salt_begins_with_no_zero() {
    let username = Username::new("wifiprov").expect("a name");
    let made = SrpVerifier::generate(&username, &POP.into(), 1, &mut Known::bytes([0, 0, 7]));
    assert_eq!(made.salt, [7]);
}
