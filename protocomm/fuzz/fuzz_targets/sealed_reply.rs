//! Any reply to any command: security 1 reads from the sealed reply what security 0 reads from
//! the plain one.
//!
//! Input: one byte that chooses the command, then the plaintext of the reply.
#![no_main]

use std::{fmt::Debug, time::Duration};

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Command, Endpoint, Passphrase, SessionError, Ssid,
    commands::{
        ApplyWifiConfig, Custom, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus,
        ReprovisionWifi, ResetWifi, SetWifiConfig, StartWifiScan,
    },
};
use protocomm_fuzz::{keystream, session_sec0, session_sec1};

fuzz_target!(|input: &[u8]| {
    let Some((command, reply)) = input.split_first() else { return };
    match command % 9 {
        0 => agree(&GetWifiStatus, reply),
        1 => agree(&GetWifiScanResult { start: 0, count: 4 }, reply),
        2 => agree(&GetWifiScanStatus, reply),
        3 => agree(
            &StartWifiScan {
                blocking: true,
                passive: false,
                group_channels: 5,
                period: Duration::from_millis(120),
            },
            reply,
        ),
        4 => agree(
            &SetWifiConfig {
                ssid: Ssid::new("HomeNet").expect("a name"),
                passphrase: Passphrase::open(),
                bssid: None,
                channel: None,
            },
            reply,
        ),
        5 => agree(&ApplyWifiConfig, reply),
        6 => agree(&ResetWifi, reply),
        7 => agree(&ReprovisionWifi, reply),
        _ => agree(&Custom { endpoint: Endpoint::CUSTOM_DATA, body: vec![0] }, reply),
    }
});

fn agree<C: Command<Reply: Debug + PartialEq>>(command: &C, reply: &[u8]) {
    let (_, plain) = session_sec0().seal(command).expect("not empty");
    let (request, sealed) = session_sec1().seal(command).expect("not empty");
    let mask = &keystream()[request.body.len()..];
    let sealed_reply: Vec<u8> = reply.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let reply = &reply[..sealed_reply.len()];

    match (plain.open(reply), sealed.open(&sealed_reply)) {
        (Ok((_, plain)), Ok((_, sealed))) => assert_eq!(plain, sealed),
        (
            Err(SessionError::Decode { error: plain, sealed: false, .. }),
            Err(SessionError::Decode { error, sealed: true, .. }),
        ) => assert_eq!(plain, error),
        (plain, sealed) => panic!("{plain:?} is not {sealed:?}"),
    }
}
