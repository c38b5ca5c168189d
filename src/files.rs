//! Reading what people keep in files. Only here, so that nothing is read without a limit: a file
//! may be `/dev/zero`, or a stream that never ends. One that never begins, as a named pipe without
//! a writer, waits; the command line hears signals meanwhile.

use std::{
    fmt, fs,
    io::{self, Read},
    path::Path,
};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(u64);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} bytes", self.0),
            mega => write!(f, "{mega} MB"),
        }
    }
}

/// Reads a file, or stdin where it is `-`. Wiped, as most kinds can hold secrets.
///
/// # Errors
/// For people, as what follows the name of the file.
pub(crate) fn read(path: &Path, kind: Kind) -> Result<Zeroizing<Vec<u8>>, String> {
    if path == Path::new("-") {
        return read_from(io::stdin().lock(), kind);
    }
    let words = |error: io::Error| error.to_string();
    if let Some(what) = no_file(fs::metadata(path).map_err(words)?.file_type()) {
        return Err(format!("{what}, not a file"));
    }
    read_from(fs::File::open(path).map_err(words)?, kind)
}

/// Reads all of it, or tells that it is too long.
fn read_from(from: impl Read, kind: Kind) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = kind.limit();
    from.take(limit.0 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit.0 {
        return Err(format!("larger than {limit}"));
    }
    Ok(bytes)
}

/// What can't be read to an end.
fn no_file(kind: fs::FileType) -> Option<&'static str> {
    if kind.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_block_device() {
            return Some("a block device");
        }
    }
    None
}

/// As [`read`], for text.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_text(path: &Path, kind: Kind) -> Result<Zeroizing<String>, String> {
    let bytes = read(path, kind)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "not UTF-8".to_owned())?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a secret from a file, or from stdin where it is `-`; one final line end is left out.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, String> {
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
            let length = |more: u64| io::repeat(b' ').take(kind.limit().0 + more);
            assert_eq!(read_from(length(0), kind).map(|all| all.len() as u64), Ok(kind.limit().0));
            let error = Err(format!("larger than {}", kind.limit()));
            assert_eq!(read_from(length(1), kind), error);
            assert_eq!(read_from(io::repeat(0), kind), error);
        }
        assert_eq!(Kind::Secret.limit().to_string(), "4096 bytes");
        assert_eq!(Kind::Roster.limit().to_string(), "256 MB");
    }
}
