//! Reading what people keep in files, and writing what is theirs alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

use protocomm::{Harmless, harmless};
use zeroize::Zeroizing;

/// Far more than any secret has.
const SECRET_LIMIT: u64 = 4096;

/// Endings by which a name that leads nowhere is one of a file, and no secret at the wrong place.
const ENDINGS: &[&str] = &[
    "bin", "btsnoop", "cfg", "csv", "db", "gz", "h", "ini", "jpeg", "jpg", "json", "jsonl",
    "ledger", "log", "ndjson", "pcap", "pcapng", "pklg", "png", "pop", "salt", "sqlite", "svg",
    "tlvs", "toml", "txt", "verifier", "xlsx", "zip",
];

/// Reads a secret from a file, or from stdin where it is `-`; one final line end is left out.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, Harmless> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = SECRET_LIMIT + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| system(&error))?;
    if bytes.len() as u64 > SECRET_LIMIT {
        let limit = SECRET_LIMIT;
        return Err(harmless!("longer than {} bytes, so it is no secret of this kind", limit));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "not UTF-8")?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

/// What a file is called in messages: by its path, where it is there or spelled as files are. A
/// word that leads nowhere may be a secret at the wrong place.
pub(crate) fn named(path: &Path) -> Harmless {
    named_in(Path::new(""), path)
}

/// The same for a path that starts at `folder`.
pub(crate) fn named_in(folder: &Path, path: &Path) -> Harmless {
    if is_one_in(folder, path) {
        Harmless::decided(path.display(), "there is such a file, or it is spelled as one")
    } else if path == Path::new("-") {
        "stdin".into()
    } else {
        "(name hidden, it may be a secret)".into()
    }
}

/// Whether it is there or spelled as files are.
pub(crate) fn is_spelled_as_one(path: &Path) -> bool {
    is_one_in(Path::new(""), path)
}

fn is_one_in(folder: &Path, path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    let spelled = || ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    let in_a_folder = || {
        let below_root =
            |parent: &&Path| parent.components().any(|part| part != Component::RootDir);
        path.parent().filter(below_root).is_some_and(|parent| folder.join(parent).is_dir())
    };
    folder.join(path).exists() || spelled() || in_a_folder()
}

/// What the system says of a file.
pub(crate) fn system(error: &io::Error) -> Harmless {
    Harmless::decided(error, "the system's words have nothing of the file")
}

/// What a reader of TOML says, without what it quotes of the file.
pub(crate) fn toml_words(message: &str) -> Harmless {
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

/// Makes a file for its owner alone. One that was there is replaced, so that whoever has it open
/// or may read it has the old one; what is no file (a terminal, a pipe) is opened as it is.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path);
    }
    let (file, put) = beside(path)?;
    put.done()?;
    Ok(file)
}

/// Writes such a file, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let (mut file, put) = beside(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    put.done()
}

/// A new file beside the one that it is to replace.
fn beside(path: &Path) -> io::Result<(File, Put)> {
    // Where a link leads, if it is one.
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

/// Takes away what was not put in its place.
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
    fn a_name_that_leads_nowhere_is_not_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("any-name");
        for shown in [Path::new("roster.csv"), Path::new("no/where/wifi.TXT"), &inside] {
            assert_eq!(named(shown).as_str(), shown.to_str().expect("UTF-8"));
        }
        for hidden in ["hunter2-hunter2", "hunter2/hunter2", "/hunter2", "hunter2.hunter2"] {
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
