//! Any reply to any command: security 1 and 2 read from the sealed reply what security 0 reads from
//! the plain one, and security 2 reads nothing from a reply that was not sealed.
//!
//! Input: one byte that chooses the command, then the plaintext of the reply.
#![no_main]

use std::{fmt::Debug, time::Duration};

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Command, DecodeError, Endpoint, Passphrase, Pending, Refusal, Scheme, SessionError, Ssid,
    commands::{
        ApplyWifiConfig, Custom, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus,
        ReprovisionWifi, ResetWifi, SetWifiConfig, StartWifiScan,
    },
};
use protocomm_fuzz::{keystream, session, session_of_one_nonce};

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
    let (request, sealed) = session(Scheme::Sec1).seal(command).expect("not empty");
    let mask = &keystream()[request.body.len()..];
    let sealed_reply: Vec<u8> = reply.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let reply = &reply[..sealed_reply.len()];
    assert_eq!(open(sealed, &sealed_reply, true), plain(command, reply));

    let (_, sealed) = session(Scheme::Sec2).seal(command).expect("not empty");
    assert!(matches!(sealed.open(reply), Err(SessionError::Undecryptable { .. })));

    if reply.is_empty() {
        return;
    }
    let message = Custom { endpoint: Endpoint::CUSTOM_DATA, body: reply.to_vec() };
    let (sealed_reply, _) = session_of_one_nonce().seal(&message).expect("not empty");
    let (_, sealed) = session_of_one_nonce().seal(command).expect("not empty");
    assert_eq!(open(sealed, &sealed_reply.body, true), plain(command, reply));
}

type Read<C> = Result<Result<<C as Command>::Reply, Refusal>, DecodeError>;

fn plain<C: Command>(command: &C, reply: &[u8]) -> Read<C> {
    open(session(Scheme::Sec0).seal(command).expect("not empty").1, reply, false)
}

fn open<C: Command>(pending: Pending<C>, reply: &[u8], is_sealed: bool) -> Read<C> {
    match pending.open(reply) {
        Ok((_, answer)) => Ok(answer),
        // A page that is only too long was decrypted correctly.
        Err(SessionError::Decode {
            error: error @ DecodeError::TooMany { .. }, sealed, ..
        }) => {
            assert!(!sealed);
            Err(error)
        }
        Err(SessionError::Decode { error, sealed, .. }) if sealed == is_sealed => Err(error),
        Err(error) => panic!("{error:?}"),
    }
}
