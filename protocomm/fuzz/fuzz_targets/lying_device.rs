//! A device that holds the secret and lies: a whole conversation whose replies have changed fields
//! and are sealed with the right keys. The client reads what was sent, and only the right proof
//! opens a session.
//!
//! Input: a byte for the scheme; then for each reply a byte that chooses the command, one that says
//! whether the reply is changed, and what `Edit::draw` takes.
#![no_main]

use std::{fmt::Debug, time::Duration};

use edits::Edit;
use libfuzzer_sys::fuzz_target;
use protocomm::{
    Command, Endpoint, Passphrase, Scheme, Session, SessionError, Ssid, Step,
    commands::{
        ApplyThreadConfig, ApplyWifiConfig, Custom, CustomConfig, GetThreadScanResult,
        GetThreadScanStatus, GetThreadStatus, GetWifiScanResult, GetWifiScanStatus, GetWifiStatus,
        ReprovisionWifi, ResetThread, ResetWifi, SetWifiConfig, StartThreadScan, StartWifiScan,
    },
    device::Action,
};
use protocomm_fuzz::{Device, device, start};

fuzz_target!(|input: &[u8]| {
    let mut input = Input(input);
    let scheme = if input.byte() % 4 == 0 { Scheme::Sec0 } else { Scheme::Sec1 };
    let (mut mouth, mut mind) = (device(scheme), device(Scheme::Sec0));
    let Some(mut session) = shake_hands(&mut mouth, scheme, &mut input) else { return };
    while !input.0.is_empty() {
        let mut talk = Talk { mouth: &mut mouth, mind: &mut mind, input: &mut input };
        let custom = |endpoint| Custom { endpoint, body: vec![b'a'] };
        let next = match talk.input.byte() % 18 {
            0 => talk.about(session, &GetWifiStatus),
            1 => talk.about(session, &GetWifiScanResult { start: 0, count: 4 }),
            2 => talk.about(session, &GetWifiScanStatus),
            3 => {
                let period = Duration::from_millis(120);
                let scan =
                    StartWifiScan { blocking: true, passive: false, group_channels: 5, period };
                talk.about(session, &scan)
            }
            4 => {
                let ssid = Ssid::new("HomeNet").expect("a name");
                let passphrase = Passphrase::open();
                talk.about(session, &SetWifiConfig { ssid, passphrase, bssid: None, channel: None })
            }
            5 => talk.about(session, &ApplyWifiConfig),
            6 => talk.about(session, &ResetWifi),
            7 => talk.about(session, &ReprovisionWifi),
            8 => talk.about(session, &GetThreadStatus),
            9 => talk.about(session, &GetThreadScanResult { start: 0, count: 4 }),
            10 => talk.about(session, &GetThreadScanStatus),
            11 => talk.about(session, &StartThreadScan { blocking: true, channel_mask: 0 }),
            12 => talk.about(session, &ApplyThreadConfig),
            13 => talk.about(session, &ResetThread),
            14 => talk.about(session, &CustomConfig { info: "hello".into(), version: 7 }),
            _ => talk.about(session, &custom(Endpoint::from_static("echo"))),
        };
        let Some(next) = next else { return };
        session = next;
    }
});

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// A reply with no, one or two changes.
    fn changed(&mut self, reply: Vec<u8>) -> Vec<u8> {
        let changes = match self.byte() {
            0..128 => 0,
            128..220 => 1,
            _ => 2,
        };
        (0..changes).fold(reply, |reply, _| {
            let mut below = |limit: u32| {
                let bytes = if limit > 256 { 4 } else { 1 };
                let drawn = (0..bytes).fold(0, |drawn, _| drawn << 8 | u32::from(self.byte()));
                drawn % limit
            };
            Edit::draw(&mut below).apply(&reply)
        })
    }
}

fn shake_hands(device: &mut Device, scheme: Scheme, input: &mut Input) -> Option<Session> {
    let (mut handshake, mut request) = start(scheme);
    loop {
        let honest = device.handle("prov-session", &request.body).ok()?.body;
        let awaits_proof = handshake.awaits_proof();
        match handshake.handle(&input.changed(honest)) {
            Ok(Step::Send(then, next)) => (handshake, request) = (then, next),
            Ok(Step::Done(session)) => {
                assert!(awaits_proof || scheme == Scheme::Sec0);
                return Some(session);
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return None;
            }
        }
    }
}

struct Talk<'a, 'b> {
    mouth: &'a mut Device,
    mind: &'a mut Device,
    input: &'a mut Input<'b>,
}

impl Talk<'_, '_> {
    /// Sends a command. Returns the session if it goes on.
    fn about<C: Command<Reply: Debug + PartialEq>>(
        &mut self,
        session: Session,
        command: &C,
    ) -> Option<Session> {
        let (request, pending) = session.seal(command).expect("not empty");
        let Self { mouth, mind, input } = self;
        let mut told = Vec::new();
        let sealed = mouth.handle_with(&request.body, |plain| {
            // A device that would send no reply sends something all the same.
            let honest = mind.handle(request.endpoint.as_str(), plain);
            told = input.changed(honest.map(|answer| answer.body).unwrap_or_default());
            Ok((told.clone(), Action::Replayed("a lie")))
        });
        let sealed = sealed.expect("the session is in step").body;
        match pending.open(&sealed) {
            Ok((session, answer)) => {
                assert_eq!(Ok(answer), C::decode(&told));
                Some(session)
            }
            Err(SessionError::Decode { error, .. }) => {
                assert!(!error.to_string().is_empty());
                None
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}
