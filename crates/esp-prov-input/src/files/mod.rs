//! Reads files, and writes private ones. All files are read here: one may be `/dev/zero` or another
//! endless stream, so each kind has a size limit. Waiting for a named pipe has a time limit, too.
//! Waiting for stdin has none, but can be interrupted.

mod inputs;
mod pipe;

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

use protocomm::{Harmless, harmless};
use thiserror::Error;
use zeroize::Zeroizing;

pub use self::inputs::Inputs;
use crate::text;

/// What a file is for, which determines its size limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A proof of possession, password, passphrase or dataset.
    Secret,
    /// A salt or verifier of security 2.
    Verifier,
    /// A message for an endpoint.
    Message,
    /// The flags of a batch.
    Job,
    /// The networks of a virtual device.
    Networks,
    /// PostgreSQL's file of passwords or of services.
    Connections,
    /// A QR code as text, or a picture of one.
    Label,
    /// A roster, with a line for each device.
    Roster,
    /// A trace or a capture.
    Recording,
    /// A file in which the system describes itself.
    System,
}

impl Kind {
    /// The size limit, far above that of any real file of its kind.
    pub const fn limit(self) -> Limit {
        Limit(match self {
            Self::Verifier => 1024,
            Self::Secret | Self::Message => 4096,
            Self::Job | Self::Networks | Self::Connections | Self::System => 1 << 20,
            // More than any photo from a phone.
            Self::Label => 32 << 20,
            // More than a million devices.
            Self::Roster | Self::Recording => 256 << 20,
        })
    }
}

/// A size limit in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(u64);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} bytes", self.0),
            mega => write!(f, "{mega} MB"),
        }
    }
}

/// Why a file can't be read. The message is meant to follow the file's name.
#[derive(Debug, Error)]
pub enum FileError {
    /// An error of the system.
    #[error("{0}")]
    System(#[from] io::Error),
    /// It is not a file but something else, which is named.
    #[error("{0}, not a file")]
    NoFile(&'static str),
    /// It is larger than the limit of its kind.
    #[error("larger than {0}")]
    TooLong(Limit),
    /// It is not text. The number is the line of the first invalid byte.
    #[error("line {0}: not UTF-8; save the file as UTF-8")]
    NotText(usize),
}

/// Reads a file, or stdin for `-`. The bytes are wiped on drop, since most kinds can contain
/// secrets. A named pipe is waited for: 10 s until it is opened for writing, 60 s for each piece of
/// data.
///
/// # Errors
/// [`FileError`].
pub fn read(path: &Path, kind: Kind) -> Result<Zeroizing<Vec<u8>>, FileError> {
    if path == Path::new("-") {
        return read_from(io::stdin().lock(), kind);
    }
    let there = fs::metadata(path)?.file_type();
    if let Some(what) = no_file(there, kind) {
        return Err(FileError::NoFile(what));
    }
    if pipe::is_one(there) {
        return read_from(pipe::open_to_read(path, pipe::Patience::USUAL)?, kind);
    }
    read_from(File::open(path)?, kind)
}

/// Reads to the end, or fails if the limit of its kind is exceeded.
fn read_from(from: impl Read, kind: Kind) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = kind.limit();
    from.take(limit.0 + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit.0 {
        return Err(FileError::TooLong(limit));
    }
    Ok(bytes)
}

/// What something is if nothing of this kind can be read from it. Short input may come from a
/// character device, such as a terminal.
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

/// Like [`read`], for [text](text::decode).
///
/// # Errors
/// [`FileError`].
pub fn read_text(path: &Path, kind: Kind) -> Result<Zeroizing<String>, FileError> {
    let bytes = read(path, kind)?;
    text::decode(&bytes).map_err(|error| FileError::NotText(error.line))
}

/// Extensions by which a path that does not exist is taken for that of a file, not for a secret in
/// the wrong place.
const ENDINGS: &[&str] = &[
    "bin", "btsnoop", "cfg", "csv", "db", "gz", "h", "ini", "jpeg", "jpg", "json", "jsonl",
    "ledger", "log", "ndjson", "pcap", "pcapng", "pklg", "png", "pop", "salt", "sqlite", "svg",
    "tlvs", "toml", "txt", "verifier", "xlsx", "zip",
];

/// Reads a secret from a file, or from stdin for `-`. Line ends after it are left out.
///
/// # Errors
/// [`FileError`].
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let text = read_text(path, Kind::Secret)?;
    Ok(Zeroizing::new(text::alone(&text).to_owned()))
}

/// Reads a file in which the system describes itself; `None` if it can't be read.
#[cfg_attr(not(unix), allow(dead_code))]
pub fn system_text(path: &Path) -> Option<String> {
    read_text(path, Kind::System).ok().map(|text| (*text).clone())
}

/// The name of a file for messages: its path, if the file or a folder above it exists, or if it has
/// the extension of a file. Any other path is hidden, since it may be a secret in the wrong place.
pub fn named(path: &Path) -> Harmless {
    named_in(Path::new(""), path)
}

/// Like [`named`], for a path relative to `folder`.
pub fn named_in(folder: &Path, path: &Path) -> Harmless {
    if is_one_in(folder, path) {
        Harmless::decided(path.display(), "there is such a file, or it is spelled as one")
    } else if path == Path::new("-") {
        "stdin".into()
    } else {
        "(name hidden, it may be a secret)".into()
    }
}

impl FileError {
    /// The error as part of a message. It contains nothing of the file.
    pub fn harmless(&self) -> Harmless {
        Harmless::decided(
            self,
            "they are the system's words and ours, and have nothing of the file",
        )
    }
}

/// Whether a path is that of a file, by the rules of [`named`].
pub fn is_spelled_as_one(path: &Path) -> bool {
    is_one_in(Path::new(""), path)
}

fn is_one_in(folder: &Path, path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    let spelled = || ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    // For an absolute path, its first folder is enough: a secret may begin with a /, but hardly
    // with the name of a folder that exists.
    let in_a_folder = || {
        let below_root =
            |parent: &&Path| parent.components().any(|part| part != Component::RootDir);
        let most = if path.has_root() { usize::MAX } else { 1 };
        let mut folders = path.ancestors().skip(1).take(most).filter(below_root);
        folders.any(|parent| folder.join(parent).is_dir())
    };
    folder.join(path).exists() || spelled() || in_a_folder()
}

/// The message of a TOML parser, without what it quotes from the file.
pub fn toml_words(message: &str) -> Harmless {
    match message.rsplit_once("expected ") {
        _ if message.starts_with("missing field") => {
            Harmless::decided(message, "a name of our own")
        }
        Some((_, expected)) => {
            let expected = Harmless::decided(expected, "what is quoted stands before it");
            let unknown = message.starts_with("unknown field");
            harmless!("{}expected {}", if unknown { "unknown name, " } else { "" }, expected)
        }
        None => "not TOML, or not of the right form".into(),
    }
}

/// Creates a file that only its owner can read. An existing file is replaced, so a process that has
/// it open or may read it only has the old one. Anything but a file (a terminal, a pipe) is opened
/// as it is.
///
/// # Errors
/// Those of the system.
pub fn create_private(path: &Path) -> io::Result<File> {
    if let Some(opened) = open_no_file(path) {
        return opened;
    }
    let (file, put) = beside(path)?;
    put.done()?;
    Ok(file)
}

/// Writes a file that only its owner can read, whole or not at all.
///
/// # Errors
/// Those of the system.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(opened) = open_no_file(path) {
        return opened?.write_all(bytes);
    }
    let (mut file, put) = beside(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    put.done()
}

/// Creates a folder that only its owner can enter, and fails if there is anything of its name.
///
/// # Errors
/// Those of the system.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        folder.mode(0o700);
    }
    folder.create(path)
}

/// Creates a file with the usual permissions. An existing file is emptied; anything but a file (a
/// terminal, a pipe) is opened as it is.
///
/// # Errors
/// Those of the system.
pub fn create(path: &Path) -> io::Result<File> {
    open_no_file(path).unwrap_or_else(|| File::create(path))
}

/// Opens for writing what exists and is not a file; `None` otherwise.
fn open_no_file(path: &Path) -> Option<io::Result<File>> {
    let there = fs::metadata(path).ok()?.file_type();
    if there.is_file() {
        None
    } else if pipe::is_one(there) {
        Some(pipe::open_to_write(path, pipe::Patience::USUAL))
    } else {
        Some(OpenOptions::new().write(true).open(path))
    }
}

/// Creates a new file beside the one that it is to replace.
fn beside(path: &Path) -> io::Result<(File, Put)> {
    // A link is followed, so that the file behind it is replaced.
    let to = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = to.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    for number in 0..100 {
        let mut new = std::ffi::OsString::from(".");
        new.push(name);
        new.push(format!(".{}-{number}.new", std::process::id()));
        let new = to.with_file_name(new);
        match options.open(&new) {
            Ok(file) => return Ok((file, Put { new, to, is_done: false })),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A new file that still has to be put in its place. Removes it on drop otherwise.
struct Put {
    new: PathBuf,
    to: PathBuf,
    is_done: bool,
}

impl Put {
    fn done(mut self) -> io::Result<()> {
        fs::rename(&self.new, &self.to)?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = fs::remove_file(&self.new);
        }
    }
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

    #[test]
    fn a_name_that_leads_nowhere_is_not_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("any-name");
        let below = folder.path().join("secrets/wifi");
        for shown in [Path::new("roster.csv"), Path::new("no/where/wifi.TXT"), &inside, &below] {
            assert_eq!(named(shown).as_str(), shown.to_str().expect("UTF-8"));
        }
        for hidden in [
            "hunter2-hunter2",
            "hunter2/hunter2",
            "/hunter2",
            "/hunter2/hunter2!x",
            "hunter2.hunter2",
        ] {
            assert!(!named(Path::new(hidden)).as_str().contains("hunter2"), "{hidden}");
            assert!(!named_in(folder.path(), Path::new(hidden)).as_str().contains("hunter2"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_replaces_one_that_others_may_read() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("label"), folder.path().join("link"));
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
        symlink(&path, &link).expect("a link");
        let mut before = File::open(&path).expect("it opens");
        write_private(&link, b"secret").expect("it is written");
        let mut seen = String::new();
        before.read_to_string(&mut seen).expect("it reads");
        assert_eq!(
            (seen.as_str(), fs::read(&path).expect("it reads")),
            ("old", b"secret".to_vec())
        );
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        create_private(&path).expect("made").write_all(b"more").expect("written");
        assert_eq!(fs::read(&path).expect("it reads"), b"more");
        assert!(write_private(Path::new("/dev/null"), b"x").is_ok());
        assert!(write_private(&folder.path().join("none/label"), b"x").is_err());
        assert!(write_private(folder.path(), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
