//! The files of a ledger. The ledger itself is `NAME`. While it is in use, SQLite's `NAME-wal` and
//! `NAME-shm` also belong to it. `NAME-station` marks that a batch is using it.

mod content;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use esp_prov_input::files::named;
use rusqlite::{Connection, OpenFlags};

use self::content::Content;
pub(super) use self::content::Mark;
use super::{super::LedgerError, BUSY_WITHIN, become_one_file};

/// The maximum number of rescued copies beside a ledger.
const RESCUED: u32 = 100;

/// The maximum number of symbolic links to follow, as on Linux.
const LINKS: usize = 40;

/// Resolves the path of a ledger, so that all processes agree on its companion files. Nothing is
/// opened: opening a pipe would block, and a device would get a journal beside it.
pub(super) fn find(path: &Path) -> Result<PathBuf, LedgerError> {
    let cannot = |error: io::Error| LedgerError::of_file(&error, error.to_string());
    match fs::metadata(path) {
        Ok(file) => {
            alone(&file).map_err(LedgerError::Unusable)?;
            fs::canonicalize(path).map_err(cannot)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut path = path.to_owned();
            for _ in 0..LINKS {
                let Ok(target) = fs::read_link(&path) else { break };
                path = folder_of(&path).join(target);
            }
            let folder = folder_of(&path);
            let name = path.file_name().ok_or_else(|| cannot(error))?;
            let real = fs::canonicalize(folder);
            Ok(real.map_err(|error| in_folder(folder, &error))?.join(name))
        }
        Err(error) => Err(cannot(error)),
    }
}

/// Checks that the ledger is a regular file with one name. Under a second name, it would have other
/// companion files.
fn alone(file: &fs::Metadata) -> Result<(), String> {
    if !file.is_file() {
        return Err(format!("it is {}, not a file", what_is(file.file_type())));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if file.nlink() > 1 {
            return Err(format!(
                "it has {} names (hard links), and a batch that uses another of them would not be \
                 noticed: copy it to a file of its own",
                file.nlink()
            ));
        }
    }
    Ok(())
}

fn what_is(kind: fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        } else if kind.is_socket() {
            return "a socket";
        }
    }
    if kind.is_dir() { "a directory" } else { "a device" }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn in_folder(folder: &Path, error: &io::Error) -> LedgerError {
    LedgerError::of_file(error, format!("its folder {}: {error}", named(folder)))
}

/// The ledger and all companion files of SQLite and of this tool.
pub(in crate::ledger) fn files(path: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal", "-station"].map(|end| beside(path, end)).into()
}

/// The path of a companion file of the ledger.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(end);
    beside.into()
}

/// The device and inode of a file, which identify it whatever its name.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| Some((file.dev(), file.ino())))
}

/// Not needed here: on this platform, an open file can't be deleted or replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let _ = path;
    Ok(None)
}

/// Guarantees that only this process uses a ledger, as long as this value lives.
pub(super) struct Alone {
    path: PathBuf,
    file: File,
    /// The ledger itself, locked in case the file beside it is deleted.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "see `hold`"))]
    held: Option<File>,
}

impl Alone {
    /// Locks a file beside the ledger, so that locks on the ledger itself do not interfere.
    pub(super) fn with(ledger: &Path) -> Result<Self, LedgerError> {
        let path = beside(ledger, "-station");
        let cannot = |error| {
            if path.exists() {
                LedgerError::of_file(&error, format!("{}: {error}", named(&path)))
            } else {
                in_folder(folder_of(ledger), &error)
            }
        };
        loop {
            let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            let file = open.map_err(cannot)?;
            match file.try_lock() {
                // Valid unless the previous owner has deleted the file meanwhile.
                Ok(()) if is_at(&file, &path) => {
                    return Ok(Self { path, file, held: None });
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(LedgerError::Busy),
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
            }
        }
    }

    /// Also locks the ledger itself once it exists, because the file beside it may be deleted. On
    /// other platforms, such a lock would get in SQLite's way.
    #[cfg(target_os = "linux")]
    pub(super) fn hold(&mut self, ledger: &Path) -> Result<(), LedgerError> {
        let file =
            File::open(ledger).map_err(|error| LedgerError::of_file(&error, error.to_string()))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Busy),
            // Not every file system supports locks.
            Ok(()) | Err(TryLockError::Error(_)) => drop(self.held.replace(file)),
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn hold(&mut self, _: &Path) -> Result<(), LedgerError> {
        Ok(())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // On other platforms, an open file can't be deleted.
        if cfg!(unix) && is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata().map(|file| (file.dev(), file.ino()));
    let there = fs::metadata(path).map(|file| (file.dev(), file.ino()));
    matches!((open, there), (Ok(open), Ok(there)) if open == there)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Whether nobody can be writing: the ledger was used with a log, and there is no log now.
pub(super) fn is_at_rest(ledger: &Path) -> bool {
    // In SQLite's format, bytes 18 and 19 are 2 for a write-ahead log. Closing the file releases no
    // locks of SQLite: without a log, this process does not have the ledger open.
    let uses_log = || {
        let mut head = [0; 20];
        File::open(ledger)?.read_exact(&mut head)?;
        io::Result::Ok(head[18..] == [2, 2])
    };
    !beside(ledger, "-wal").exists() && uses_log().unwrap_or(false)
}

/// Returns a URI that tells SQLite that nobody writes to the ledger.
pub(super) fn as_immutable(ledger: &Path) -> io::Result<String> {
    let path = fs::canonicalize(ledger)?;
    let spell = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
            char::from(*byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let spelled: String = path.as_os_str().as_encoded_bytes().iter().map(spell).collect();
    Ok(format!("file:{spelled}?immutable=1"))
}

/// The files of an open ledger, to notice when they are deleted, replaced or overwritten.
pub(super) struct Files {
    ledger: PathBuf,
    /// The files that existed when the ledger was opened.
    known: Vec<Known>,
    content: Option<Content>,
}

struct Known {
    path: PathBuf,
    /// The file's name in messages.
    name: String,
    identity: (u64, u64),
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Gone,
    Replaced,
    /// The file is the same, but has contents that this process did not write.
    Overwritten,
}

impl Files {
    /// The files of an open ledger.
    pub(super) fn of(ledger: &Path) -> Self {
        Self::with(ledger, &["", "-wal", "-shm"], None)
    }

    /// The files of a ledger that only this process uses and that has this mark.
    pub(super) fn of_batch(ledger: &Path, mark: Mark) -> Self {
        let content = Content::open(ledger, mark);
        Self::with(ledger, &["", "-wal", "-shm", "-station"], content)
    }

    fn with(ledger: &Path, ends: &[&str], content: Option<Content>) -> Self {
        let paths = ends.iter().map(|end| beside(ledger, end));
        let known = paths.filter_map(|path| {
            let identity = identity(&path).ok().flatten()?;
            Some(Known { name: named(&path).into(), path, identity })
        });
        Self { ledger: ledger.to_owned(), known: known.collect(), content }
    }

    fn change_of(&self, path: &Path) -> Option<Change> {
        let known = self.known.iter().find(|known| known.path == path)?;
        match identity(path) {
            Ok(Some(found)) if found != known.identity => Some(Change::Replaced),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Change::Gone),
            // A file that can't be queried may still be there.
            _ => self.is_overwritten(path).then_some(Change::Overwritten),
        }
    }

    fn is_overwritten(&self, path: &Path) -> bool {
        self.content.as_ref().is_some_and(|content| {
            path == self.ledger && !content.is_marked()
                || path == beside(&self.ledger, "-wal") && !content.has_log()
        })
    }

    /// Checks that the open files are still in place and unchanged. If not, saves all records where
    /// the next run or its operator finds them; the error says where. After an error, `connection`
    /// may be closed only if the records are [`Here`](Kept::Here): SQLite would delete files by
    /// name, and somebody else may have put them there.
    pub(super) fn are_there(&self, connection: &Connection) -> Result<(), Lost> {
        let changes =
            self.known.iter().map(|known| Some((&known.name, self.change_of(&known.path)?)));
        let Some((name, change)) = changes.flatten().next() else { return Ok(()) };
        let happened = match change {
            Change::Gone => "was deleted or moved",
            Change::Replaced => "was replaced by another file",
            Change::Overwritten => "was overwritten by another program",
        };
        let happened = format!("{name} {happened} while the batch used it");
        Err(self.lost(&happened, self.save(connection)))
    }

    /// Saves the readable contents of a damaged ledger beside it.
    pub(super) fn damaged(&self, connection: &Connection, why: &str) -> Lost {
        let happened = format!("{} is damaged ({why})", named(&self.ledger));
        self.lost(&happened, self.copy(connection))
    }

    pub(super) fn ledger(&self) -> &Path {
        &self.ledger
    }

    /// The number of pages in the log; `None` if it can't be determined.
    pub(super) fn log_frames(&self) -> Option<u64> {
        self.content.as_ref().and_then(Content::log_frames)
    }

    fn lost(&self, happened: &str, saved: Result<PathBuf, String>) -> Lost {
        let kept = match &saved {
            // If a copy was put in its place, another file is open.
            Ok(place) if *place == self.ledger && self.change_of(place).is_none() => Kept::Here,
            Ok(place) => Kept::In(place.clone()),
            Err(_) => Kept::Nowhere,
        };
        let told = match saved {
            Ok(place) if place == self.ledger => format!(
                "{happened}; its records are saved in {}: start the same batch again",
                named(&place)
            ),
            Ok(place) => format!(
                "{happened}; its records are saved in {}: put that file in its place, without \
                 -wal and -shm beside it, and start the same batch again",
                named(&place)
            ),
            Err(why) => format!("{happened}, and its records could not be saved ({why})"),
        };
        Lost { error: LedgerError::Lost(told), kept }
    }

    /// The files that SQLite has open.
    fn database(&self) -> impl Iterator<Item = PathBuf> {
        ["", "-wal", "-shm"].into_iter().map(|end| beside(&self.ledger, end))
    }

    /// Saves all records in one file, and returns its path: the ledger itself if it is intact or
    /// can be put back, otherwise a new file. Never overwrites another file.
    fn save(&self, connection: &Connection) -> Result<PathBuf, String> {
        let changes: Vec<_> = self.database().map(|path| self.change_of(&path)).collect();
        let is_other = |change: &Option<Change>| !matches!(change, None | Some(Change::Gone));
        let other_log = changes[1..].iter().any(is_other);
        if changes[0].is_none() && !other_log {
            // If companion files are missing, the ledger becomes one file, and work goes on with
            // that.
            let is_kept = if changes.iter().all(Option::is_none) {
                let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
                let is_busy = connection.query_row(checkpoint, [], |row| row.get::<_, i64>(0));
                is_busy.map_err(|error| error.to_string())? == 0
            } else {
                become_one_file(connection)
            };
            if is_kept {
                return Ok(self.ledger.clone());
            }
        }
        let rescued = self.copy(connection)?;
        if changes[0].is_none() {
            return Ok(rescued);
        }
        // SQLite would use our companion files for any file that is put in the ledger's place.
        let mut is_tidy = true;
        for path in self.database().skip(1) {
            if self.known.iter().any(|known| known.path == path) && self.change_of(&path).is_none()
            {
                is_tidy &= fs::remove_file(path).is_ok();
            }
        }
        if is_other(&changes[0]) || other_log || !is_tidy {
            return Ok(rescued);
        }
        // Unlike a rename, a link never replaces a file.
        if fs::hard_link(&rescued, &self.ledger).is_err() {
            return Ok(rescued);
        }
        let _ = fs::remove_file(&rescued);
        Ok(self.ledger.clone())
    }

    /// Copies the ledger beside the original or, if that fails, to the folder for temporary files.
    fn copy(&self, connection: &Connection) -> Result<PathBuf, String> {
        copy(connection, &self.ledger).or_else(|why| {
            let name = self.ledger.file_name().ok_or_else(|| why.clone())?;
            copy(connection, &std::env::temp_dir().join(name)).map_err(|_| why)
        })
    }
}

/// Copies the ledger to `path` with `-rescued` appended, and a number if that name is taken.
fn copy(connection: &Connection, path: &Path) -> Result<PathBuf, String> {
    let name = |number| match number {
        1 => beside(path, "-rescued"),
        number => beside(path, &format!("-rescued-{number}")),
    };
    let free = (1..=RESCUED).map(name).find(|path| fs::symlink_metadata(path).is_err());
    let path = free.ok_or("too many were rescued before")?;
    let text = path.to_str().ok_or("its path is not text")?;
    connection.execute("VACUUM INTO ?1", [text]).map_err(|error| error.to_string())?;
    let synced = File::open(&path).and_then(|file| file.sync_all());
    synced.map_err(|error| error.to_string())?;
    Ok(path)
}

/// Why the ledger can't be used any longer, and where its records are.
pub(super) struct Lost {
    pub(super) error: LedgerError,
    pub(super) kept: Kept,
}

/// Where the committed records are, and where later results are written.
pub(super) enum Kept {
    /// In the open database, which can be closed.
    Here,
    /// In a file that is not open.
    In(PathBuf),
    Nowhere,
}

impl Lost {
    /// Runs `work` on the saved records.
    pub(super) fn go_on<T>(
        &self,
        connection: &mut Connection,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let done = match &self.kept {
            Kept::Here => work(connection),
            // Opened by name each time, so that what is reported as done is in the file that will
            // be found.
            Kept::In(place) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(place, flags).and_then(|mut kept| {
                    kept.busy_timeout(BUSY_WITHIN)?;
                    work(&mut kept)
                })
            }
            Kept::Nowhere => return Err(self.error.clone()),
        };
        done.map_err(|_| self.error.clone())
    }
}
