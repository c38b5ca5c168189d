//! Any text in a QR code: a label that is read is written back the same, and no error shows a
//! secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::{InvalidLabel, Label};

/// Stands for a secret, somewhere in a text.
const PLANTED: &str = "Zq9-planted-Qz";

fuzz_target!(|text: &str| {
    let sum: usize = text.bytes().map(usize::from).sum();
    let at = (sum % (text.len() + 1)..).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = text.split_at(at);
    if let Err(error) = Label::parse(&[before, PLANTED, after].concat()) {
        assert!(!error.to_string().contains("planted"), "{error}");
    }
    let label = match Label::parse(text) {
        Ok(label) => label,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let InvalidLabel::CutOff { at } | InvalidLabel::NotJson { at } = error {
                assert!(at <= text.len());
            }
            return;
        }
    };
    assert!(!label.name.is_empty());
    let json = label.to_json();
    for written in [label.to_json(), label.to_link()] {
        let again = Label::parse(&written).expect("our own");
        assert_eq!(again.to_json(), json);
        assert_eq!(again.name, label.name);
        assert_eq!(again.username, label.username);
        assert_eq!(again.transport, label.transport);
        assert_eq!(again.network, label.network);
        assert_eq!(again.security, label.security);
        let pop = |label: &Label| label.pop.as_ref().map(|pop| pop.expose().to_vec());
        assert_eq!(pop(&again), pop(&label));
    }
});
