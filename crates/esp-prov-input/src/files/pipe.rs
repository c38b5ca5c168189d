//! Named pipes. Opening one blocks until another process opens its other end, with no limit. So a
//! thread of its own opens it, and is left behind if nobody comes.

use std::{
    fs::{File, FileType, OpenOptions},
    io::{self, Read},
    path::Path,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use zeroize::Zeroizing;

/// How long to wait for the other end.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// For another process to open it.
    opens: Duration,
    /// For the next bytes, or the end.
    speaks: Duration,
}

impl Patience {
    pub(super) const USUAL: Self =
        Self { opens: Duration::from_secs(10), speaks: Duration::from_secs(60) };
}

/// Whether a file is a named pipe.
#[cfg_attr(not(unix), allow(unused_variables))]
pub(super) fn is_one(file: FileType) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::FileTypeExt::is_fifo(&file);
    #[cfg(not(unix))]
    return false;
}

/// Opens a pipe to read from.
pub(super) fn open_to_read(path: &Path, patience: Patience) -> io::Result<impl Read> {
    let (send, parts) = mpsc::sync_channel(1);
    let path = path.to_owned();
    thread::Builder::new().spawn(move || {
        let (mut file, opened) = match File::open(path) {
            Ok(file) => (Some(file), Ok(Part::default())),
            Err(error) => (None, Err(error)),
        };
        let mut is_wanted = send.send(opened).is_ok();
        while is_wanted && let Some(from) = &mut file {
            let mut part = Part::new(vec![0; 1 << 16]);
            match from.read(&mut part) {
                Ok(0) => return,
                Ok(length) => {
                    part.truncate(length);
                    is_wanted = send.send(Ok(part)).is_ok();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let _ = send.send(Err(error));
                    return;
                }
            }
        }
    })?;
    let opened = next(&parts, patience.opens, "nobody writes to this pipe");
    opened?;
    Ok(Reader { parts, part: Part::default(), read: 0, patience })
}

/// Opens a pipe to write to.
pub(super) fn open_to_write(path: &Path, patience: Patience) -> io::Result<File> {
    let (send, opened) = mpsc::sync_channel(1);
    let path = path.to_owned();
    thread::Builder::new()
        .spawn(move || drop(send.send(OpenOptions::new().write(true).open(path))))?;
    let opened = next(&opened, patience.opens, "nobody reads from this pipe")?;
    opened.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}

/// What the thread sends next; `None` if it has ended.
fn next<T>(from: &Receiver<io::Result<T>>, within: Duration, else_: &str) -> io::Result<Option<T>> {
    match from.recv_timeout(within) {
        Ok(given) => given.map(Some),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => {
            let waited = humantime::format_duration(within);
            Err(io::Error::new(io::ErrorKind::TimedOut, format!("{else_} (waited {waited})")))
        }
    }
}

/// A piece of what was read, which may contain secrets.
type Part = Zeroizing<Vec<u8>>;

struct Reader {
    parts: Receiver<io::Result<Part>>,
    part: Part,
    /// How many bytes of the part were read.
    read: usize,
    patience: Patience,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.part.len() {
            let silence = "the writer of this pipe sends nothing";
            match next(&self.parts, self.patience.speaks, silence)? {
                Some(part) => (self.part, self.read) = (part, 0),
                None => return Ok(0),
            }
        }
        let length = (&self.part[self.read..]).read(into)?;
        self.read += length;
        Ok(length)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{io::Write, path::PathBuf, time::Instant};

    use nix::{sys::stat::Mode, unistd::mkfifo};
    use tempfile::TempDir;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(20);

    fn pipe() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        mkfifo(&path, Mode::S_IRWXU).expect("a pipe");
        (folder, path)
    }

    #[test]
    fn a_pipe_with_one_end_is_given_up() {
        let (_folder, path) = pipe();
        let began = Instant::now();
        let patience = Patience { opens: SHORT, speaks: LONG };
        let error = open_to_read(&path, patience).err().expect("nobody writes");
        assert_eq!(error.to_string(), "nobody writes to this pipe (waited 20ms)");
        // This needs a pipe of its own, since the thread that was left behind still waits.
        let (_folder, path) = pipe();
        let error = open_to_write(&path, patience).expect_err("nobody reads");
        assert_eq!(error.to_string(), "nobody reads from this pipe (waited 20ms)");
        assert!(began.elapsed() < LONG);
        assert_eq!(Patience::USUAL.opens, Duration::from_secs(10));
    }

    #[test]
    fn a_silent_writer_is_given_up() {
        let (_folder, path) = pipe();
        let to = path.clone();
        let writer = thread::spawn(move || {
            let mut file = open_to_write(&to, Patience::USUAL).expect("somebody reads");
            file.write_all(b"half").expect("written");
            file
        });
        let patience = Patience { opens: LONG, speaks: SHORT };
        let mut said = Vec::new();
        let reader = open_to_read(&path, patience);
        let error = reader.expect("it opens").read_to_end(&mut said).expect_err("no end");
        let words = "the writer of this pipe sends nothing (waited 20ms)";
        assert_eq!(error.to_string(), words);
        drop(writer.join().expect("no panic"));
    }

    #[test]
    fn all_that_is_written_is_read() {
        let (_folder, path) = pipe();
        let long: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let (to, sent) = (path.clone(), long.clone());
        let writer = thread::spawn(move || {
            let mut file = open_to_write(&to, Patience::USUAL).expect("somebody reads");
            file.write_all(&sent).expect("written");
        });
        let mut read = Vec::new();
        let mut reader = open_to_read(&path, Patience::USUAL).expect("it opens");
        reader.read_to_end(&mut read).expect("to its end");
        writer.join().expect("no panic");
        assert!(read == long, "{} bytes", read.len());
    }
}
