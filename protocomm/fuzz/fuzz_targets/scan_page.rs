//! Any reply as a page of a scan: what was asked for is taken as it is read without a limit, and
//! one entry more is refused before it is read.
//!
//! Input: one byte for the kind and how many entries are asked for, then the reply.
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
            // It may be of another kind, or broken behind its entries.
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
