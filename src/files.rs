//! Reading what people keep in files. Only here, so that nothing is read without a limit: a file
//! may be `/dev/zero`, or a stream that never ends. One that never begins, as a named pipe without
//! a writer, waits; the command line hears signals meanwhile.

use std::{
    fmt, fs,
    io::{self, Read},
    path::Path,
};

use thiserror::Error;
use zeroize::Zeroizing;

/// What a file is for, which says how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A proof, a password, a passphrase, a dataset.
    Secret,
    /// A salt or verifier of security 2.
    Verifier,
    /// A message for an endpoint.
    Message,
    /// Flags of a batch.
    Job,
    /// The networks of a virtual device.
    Networks,
    /// A QR code as text, or a picture with one.
    Label,
    /// A line for each device.
    Roster,
    /// A trace or a capture.
    Recording,
    /// What the system says of itself.
    System,
}

impl Kind {
    /// Far more than any of its kind has.
    pub(crate) const fn limit(self) -> Limit {
        Limit(match self {
            Self::Verifier => 1024,
            Self::Secret | Self::Message => 4096,
            Self::Job | Self::Networks | Self::System => 1 << 20,
            // More than any photo of a telephone has.
            Self::Label => 32 << 20,
            // A million devices and more.
            Self::Roster | Self::Recording => 256 << 20,
        })
    }
}

/// So many bytes at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Limit(u64);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} bytes", self.0),
            mega => write!(f, "{mega} MB"),
        }
    }
}

/// Why a file can't be read, as what follows its name.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error("{0}")]
    System(#[from] io::Error),
    #[error("{0}, not a file")]
    NoFile(&'static str),
    #[error("larger than {0}")]
    TooLong(Limit),
    #[error("not UTF-8")]
    NotText,
}

/// Reads a file, or stdin where it is `-`. Wiped, as most kinds can hold secrets.
///
/// # Errors
/// [`FileError`].
pub(crate) fn read(path: &Path, kind: Kind) -> Result<Zeroizing<Vec<u8>>, FileError> {
    if path == Path::new("-") {
        return read_from(io::stdin().lock(), kind);
    }
    if let Some(what) = no_file(fs::metadata(path)?.file_type(), kind) {
        return Err(FileError::NoFile(what));
    }
    read_from(fs::File::open(path)?, kind)
}

/// Reads all of it, or tells that it is too long.
fn read_from(from: impl Read, kind: Kind) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = kind.limit();
    from.take(limit.0 + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit.0 {
        return Err(FileError::TooLong(limit));
    }
    Ok(bytes)
}

/// What holds nothing of this kind. Few bytes may come from any device, as a terminal.
fn no_file(file: fs::FileType, kind: Kind) -> Option<&'static str> {
    if file.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file.is_socket() {
            return Some("a socket");
        }
        let is_long = kind.limit() > Kind::Networks.limit();
        if file.is_block_device() || file.is_char_device() && is_long {
            return Some("a device");
        }
    }
    None
}

/// As [`read`], for text.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_text(path: &Path, kind: Kind) -> Result<Zeroizing<String>, FileError> {
    let bytes = read(path, kind)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| FileError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a secret from a file, or from stdin where it is `-`; one final line end is left out.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let text = read_text(path, Kind::Secret)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

/// What the system says of itself in a file, if it does.
#[cfg_attr(not(unix), allow(dead_code))]
pub(crate) fn system_text(path: &Path) -> Option<String> {
    read_text(path, Kind::System).ok().map(|text| (*text).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_ends_at_its_limit() {
        for kind in [Kind::Verifier, Kind::Secret, Kind::Networks] {
            let read = |bytes: &mut dyn Read| read_from(bytes, kind);
            let mut most = io::repeat(b' ').take(kind.limit().0);
            assert!(read(&mut most).is_ok_and(|all| all.len() as u64 == kind.limit().0));
            let mut more = io::repeat(b' ').take(kind.limit().0 + 1);
            for bytes in [&mut more as &mut dyn Read, &mut io::repeat(0)] {
                let error = read(bytes).expect_err("it is too long").to_string();
                assert_eq!(error, format!("larger than {}", kind.limit()));
            }
        }
        assert_eq!(Kind::Secret.limit().to_string(), "4096 bytes");
        assert_eq!(Kind::Roster.limit().to_string(), "256 MB");
    }
}
