//! Bytes that are accepted as a dataset are whole TLVs with one key, and `Debug` does not show it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocomm::ThreadDataset;

fuzz_target!(|bytes: &[u8]| {
    let Ok(dataset) = ThreadDataset::new(bytes.to_vec().into()) else { return };
    assert_eq!(dataset.expose(), bytes);
    assert!(bytes.len() <= ThreadDataset::MAX);

    let (mut rest, mut keys) = (bytes, 0);
    while let [kind, length, after @ ..] = rest {
        assert!(after.len() >= usize::from(*length));
        let (value, after) = after.split_at(usize::from(*length));
        match kind {
            0x00 => assert!(value[0] == 0 && value[1] == 0 && (11..=26).contains(&value[2])),
            0x02 => assert_eq!(dataset.ext_pan_id().map(|id| id.0.to_vec()), Some(value.to_vec())),
            0x03 => assert_eq!(dataset.name().as_deref().map(str::as_bytes), Some(value)),
            0x05 => {
                keys += 1;
                assert_eq!(value.len(), 16);
            }
            _ => {}
        }
        rest = after;
    }
    assert!(rest.is_empty() && keys == 1);
    assert_eq!(format!("{dataset:?}"), format!("ThreadDataset({} bytes, [redacted])", bytes.len()));
});
