//! Any plaintext as the reply to any command: what is read from a scan page or a status is exactly
//! what the message says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use protocomm::{
    Command, Status,
    commands::{
        ApplyThreadConfig, ApplyWifiConfig, CustomConfig, GetThreadScanResult, GetThreadScanStatus,
        GetThreadStatus, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus, JoinFailure,
        ReprovisionThread, ReprovisionWifi, ResetThread, ResetWifi, SetThreadConfig, SetWifiConfig,
        StartThreadScan, StartWifiScan, ThreadStatus, WifiStatus,
    },
    wire::{
        NetworkConfigPayload, NetworkScanPayload, ThreadAttachState, WifiConnectedState,
        network_config_payload, network_scan_payload, resp_get_thread_status::State as ThreadState,
        resp_get_wifi_status::State,
    },
};

fuzz_target!(|reply: &[u8]| {
    read::<StartWifiScan>(reply);
    read::<SetWifiConfig>(reply);
    read::<ApplyWifiConfig>(reply);
    read::<ResetWifi>(reply);
    read::<ReprovisionWifi>(reply);
    read::<StartThreadScan>(reply);
    read::<SetThreadConfig>(reply);
    read::<ApplyThreadConfig>(reply);
    read::<ResetThread>(reply);
    read::<ReprovisionThread>(reply);
    read::<GetThreadScanStatus>(reply);
    read::<CustomConfig>(reply);

    if let Some(page) = read::<GetWifiScanResult>(reply) {
        let Some(network_scan_payload::Payload::RespScanWifiResult(told)) = scan(reply) else {
            panic!("{page:?} out of nothing")
        };
        assert_eq!(page.len(), told.entries.len());
        for (read, mut told) in page.into_iter().zip(told.entries) {
            if read.bssid.is_none() {
                assert_ne!(told.bssid.len(), 6);
                told.bssid.clear();
            }
            assert_eq!(protocomm::wire::WiFiScanResult::from(read), told);
        }
    }

    if let Some(page) = read::<GetThreadScanResult>(reply) {
        let Some(network_scan_payload::Payload::RespScanThreadResult(told)) = scan(reply) else {
            panic!("{page:?} out of nothing")
        };
        assert_eq!(page.len(), told.entries.len());
        for (read, mut told) in page.into_iter().zip(told.entries) {
            if read.ext_pan_id.is_none() {
                assert!(told.ext_pan_id.len() != 8 || told.ext_pan_id == [0; 8]);
                told.ext_pan_id = vec![0; 8];
            }
            assert_eq!(protocomm::wire::ThreadScanResult::from(read), told);
        }
    }

    if let Some(ThreadStatus::Attached(read)) = read::<GetThreadStatus>(reply) {
        let message = NetworkConfigPayload::decode(reply).expect("it was read");
        let Some(network_config_payload::Payload::RespGetThreadStatus(told)) = message.payload
        else {
            panic!("{read:?} out of nothing")
        };
        assert_eq!((told.status, told.thread_state), (0, 0));
        let Some(ThreadState::ThreadAttached(mut told)) = told.state else {
            panic!("{read:?} out of nothing")
        };
        if read.ext_pan_id.is_none() {
            assert_ne!(told.ext_pan_id.len(), 8);
            told.ext_pan_id.clear();
        }
        assert_eq!(ThreadAttachState::from(read), told);
    }

    if let Some(read) = read::<GetWifiScanStatus>(reply) {
        let Some(network_scan_payload::Payload::RespScanWifiStatus(told)) = scan(reply) else {
            panic!("{read:?} out of nothing")
        };
        assert_eq!((read.finished, read.count), (told.scan_finished, told.result_count));
    }

    if let Some(read) = read::<GetWifiStatus>(reply) {
        let message = NetworkConfigPayload::decode(reply).expect("it was read");
        let Some(network_config_payload::Payload::RespGetWifiStatus(told)) = message.payload else {
            panic!("{read:?} out of nothing")
        };
        match (read, told.wifi_sta_state, told.state) {
            (WifiStatus::Connected(read), 0, Some(State::WifiConnected(mut told))) => {
                if read.bssid.is_none() {
                    assert_ne!(told.bssid.len(), 6);
                    told.bssid.clear();
                }
                assert_eq!(WifiConnectedState::from(read), told);
            }
            (WifiStatus::Connecting { attempts_remaining: Some(read) }, 1, state) => {
                assert!(
                    matches!(state, Some(State::AttemptFailed(told)) if told.attempts_remaining == read)
                );
            }
            (WifiStatus::Connecting { attempts_remaining: None }, 1, state) => {
                assert!(!matches!(state, Some(State::AttemptFailed(_))));
            }
            (WifiStatus::Disconnected, 2, _) => {}
            (WifiStatus::Failed(read), 3, Some(State::WifiFailReason(told))) => {
                let named = match told {
                    0 => JoinFailure::WrongPassphrase,
                    1 => JoinFailure::NetworkNotFound,
                    other => JoinFailure::Unknown(other),
                };
                assert_eq!(read, named);
            }
            (WifiStatus::Failed(JoinFailure::Unsaid), 3, _) => {}
            (WifiStatus::Unknown(read), told, _) => {
                assert!(read == told && !(0..4).contains(&told))
            }
            (read, told, state) => panic!("{read:?} is not {told}, {state:?}"),
        }
    }
});

/// What a command reads from a reply, if it takes the reply for a success.
fn read<C: Command>(reply: &[u8]) -> Option<C::Reply> {
    match C::decode(reply) {
        Ok(Ok(read)) => Some(read),
        Ok(Err(refusal)) => {
            assert_ne!(refusal.status, Status::Success);
            None
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

fn scan(reply: &[u8]) -> Option<network_scan_payload::Payload> {
    let message = NetworkScanPayload::decode(reply).expect("it was read");
    assert_eq!(message.status, 0, "a success");
    message.payload
}
