//! Any file as a capture: exchanges are numbered and complete, and errors are at a byte of the
//! file.
#![no_main]

use esp_prov_trace::capture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match capture::read(bytes, false) {
    Ok(capture) => {
        assert!(capture::is_capture(bytes));
        for (number, record) in (1..).zip(&capture.exchanges) {
            assert_eq!(record.exchange, number);
            assert!(record.request.is_some() && record.packet.is_some());
            assert!(record.reply.is_some() || record.failure.is_some());
        }
        assert!(capture.notes.iter().all(|note| !note.is_empty()));
    }
    Err(error) => {
        assert!(error.at <= bytes.len(), "{error}");
        if let Some(step) = capture::packed(bytes) {
            assert!(!step.is_empty());
        }
    }
});
