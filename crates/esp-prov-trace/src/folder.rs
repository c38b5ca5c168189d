//! A folder of traces, one for each device.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use esp_prov::exchange::ExchangeRecord;
use sha2::{Digest, Sha256};

use super::Tracer;

/// The longest name of a file, in bytes.
const NAME_LIMIT: usize = 255;

/// How many bytes of a longer name are kept for people.
const KEPT: usize = 160;

const ENDING: &str = ".jsonl";

/// A folder with a trace for each device. A file is open only while a line is written, since there
/// may be more devices than files that can be open. The traces have no secrets.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The number of exchanges in each trace.
    begun: Mutex<HashMap<String, u64>>,
}

impl Folder {
    /// Creates the folder, unless it exists.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), begun: Mutex::default() })
    }

    /// Writes an exchange into the trace of its device. The first one of a device replaces an
    /// existing trace.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(
        &self,
        device: &str,
        address: &str,
        exchange: &ExchangeRecord<'_>,
    ) -> io::Result<()> {
        let path = file_of(&self.path, device);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tracer = match begun.get(device) {
            None => Tracer::create(&path, address, false)?,
            Some(exchanges) => Tracer::resume(&path, *exchanges)?,
        };
        *begun.entry(device.to_owned()).or_insert(0) += 1;
        tracer.write(exchange)
    }
}

/// The file with the trace of a device in a [`Folder`].
pub fn file_of(folder: &Path, device: &str) -> PathBuf {
    folder.join(file_name(device))
}

/// The name of a device's file. Characters other than letters, digits, `-`, `_` and dots are
/// percent-encoded, and so is a dot at the beginning. If the name is too long for a file, a hash of
/// the whole replaces its end.
fn file_name(device: &str) -> String {
    let spell = |(at, byte)| match byte {
        b'.' if at > 0 => ".".to_owned(),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let mut name: String = device.bytes().enumerate().map(spell).collect();
    if name.len() + ENDING.len() > NAME_LIMIT {
        // Do not cut within an escape.
        let end = KEPT
            - name[..KEPT]
                .bytes()
                .rev()
                .take(2)
                .position(|byte| byte == b'%')
                .map_or(0, |at| at + 1);
        name.truncate(end);
        name.push('~');
        name.push_str(&hex::encode(&Sha256::digest(device)[..16]));
    }
    name + ENDING
}

#[cfg(test)]
mod tests {
    use super::{Folder, file_name};

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

    #[test]
    fn ids_that_are_long_when_they_are_spelled_have_files_of_their_own_that_can_be_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&folder.path().join("traces")).expect("a folder");
        let mut ids: Vec<_> = (120..=128).map(|length| ":".repeat(length)).collect();
        ids.extend([
            format!("{}1", "\u{6f22}".repeat(42)),
            format!("{}2", "\u{6f22}".repeat(42)),
            format!("a{}", "\u{6f22}".repeat(42)),
            "x".repeat(249),
            "x".repeat(250),
        ]);
        for id in &ids {
            std::fs::File::create_new(folder.path.join(file_name(id))).expect("a file of its own");
            let name = file_name(id);
            let escapes = name.split('%').skip(1);
            assert!(name.len() <= 255 && escapes.clone().all(|one| one.len() >= 2), "{name}");
            let is_hex = |one: &str| one.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
            assert!(escapes.clone().all(is_hex), "{name}");
        }
    }
}
