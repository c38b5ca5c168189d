//! A trace for each of many devices.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::Tracer;
use crate::tap::Tapped;

/// A folder with a trace for each device. Files are open for one line at a time, as there may be
/// more devices than files that may be open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// How many exchanges each trace has.
    begun: Mutex<HashMap<String, u64>>,
}

impl Folder {
    /// Makes the folder, if it is not there.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), begun: Mutex::default() })
    }

    /// Writes an exchange into the trace of its device, which begins anew with the first.
    ///
    /// # Errors
    /// The system's.
    pub fn write(&self, device: &str, address: &str, exchange: &Tapped<'_>) -> io::Result<()> {
        let path = self.path.join(file_name(device));
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tracer = match begun.get(device) {
            None => Tracer::create(&path, address, false)?,
            Some(exchanges) => Tracer::resume(&path, *exchanges)?,
        };
        *begun.entry(device.to_owned()).or_insert(0) += 1;
        tracer.write(exchange)
    }
}

/// What may not be in the name of a file, or is there for another reason, is written as in URLs.
fn file_name(device: &str) -> String {
    let spelled = device.bytes().enumerate().map(|(at, byte)| match byte {
        b'.' if at > 0 => ".".to_owned(),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    spelled.collect::<String>() + ".jsonl"
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn each_device_has_a_name_of_its_own_inside_the_folder() {
        for (device, name) in [
            ("PROV_1234", "PROV_1234.jsonl"),
            ("24:0A", "24%3A0A.jsonl"),
            ("../a b", "%2E.%2Fa%20b.jsonl"),
            ("a%2Fb", "a%252Fb.jsonl"),
        ] {
            assert_eq!(file_name(device), name);
        }
    }
}
