//! Any reply as a scan page: up to the number of entries that was asked for, it is read as without
//! a limit; with one more, it is refused before it is decoded.
//!
//! Input: one byte for the kind of network and the number of entries asked for, then the reply.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use protocomm::{
    Command, DecodeError, Scheme, SessionError,
    commands::{GetThreadScanResult, GetWifiScanResult},
};
use protocomm_fuzz::session;

fuzz_target!(|input: &[u8]| {
    let Some((choice, reply)) = input.split_first() else { return };
    let count = u32::from(choice >> 1);
    if choice & 1 == 0 {
        check(&GetWifiScanResult { start: 0, count }, count, reply);
    } else {
        check(&GetThreadScanResult { start: 0, count }, count, reply);
    }
});

fn check<T: Debug + PartialEq, C: Command<Reply = Vec<T>>>(command: &C, count: u32, reply: &[u8]) {
    let (_, pending) = session(Scheme::Sec0).seal(command).expect("not empty");
    let taken = match pending.open(reply) {
        Ok((_, answer)) => Ok(answer),
        Err(SessionError::Decode { error, .. }) => Err(error),
        Err(error) => panic!("{error:?}"),
    };
    match (taken, C::decode(reply)) {
        (Err(DecodeError::TooMany { asked, got, .. }), unlimited) => {
            assert!(asked == count && got > count);
            // The page may be for the other kind of network, or broken after its entries.
            if let Ok(Ok(page)) = unlimited {
                assert!(page.len() <= got as usize);
            }
        }
        (taken, unlimited) => {
            if let Ok(Ok(page)) = &unlimited {
                assert!(page.len() <= count as usize);
            }
            assert_eq!(taken, unlimited);
        }
    }
}
