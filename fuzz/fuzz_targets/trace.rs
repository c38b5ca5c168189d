//! Any file as a trace: what is read can be written without secrets and read again, and errors are
//! at a line of the file.
#![no_main]

use esp_prov_trace as trace;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let trace = match trace::read(bytes) {
        Ok(trace) => trace,
        Err(error) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "{error}");
            assert!(!error.reason.is_empty());
            return;
        }
    };
    let mut again = serde_json::to_string(&trace.head).expect("JSON") + "\n";
    for (_, record) in &trace.records {
        for secrets in [false, true] {
            let told = record.retold(secrets);
            assert!(secrets || told.credentials.is_none());
            let line = serde_json::to_string(&told).expect("JSON");
            if !secrets {
                again += &(line + "\n");
            }
        }
    }
    let again = trace::read(again.as_bytes()).expect("our own");
    assert_eq!(again.records.len(), trace.records.len());
});
