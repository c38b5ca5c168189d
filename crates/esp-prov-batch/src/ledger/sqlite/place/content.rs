//! Checks whether a ledger and its log still have the contents that this process wrote. Another
//! program, such as `cp`, may overwrite them without replacing the files.
//!
//! None of these files may be closed before the database, because that would release SQLite's
//! locks.

#[cfg(unix)]
use std::io;
use std::{cell::Cell, fs::File, path::Path};

use super::beside;

/// A random number that a batch writes into the header of its ledger, to recognize it.
pub(in super::super) type Mark = i32;

/// The offset of the mark in the ledger, where SQLite's format has the "application ID".
#[cfg(unix)]
const MARK_AT: u64 = 68;
#[cfg(unix)]
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The size of the header of the wal-index (`-shm`). Its numbers are in the machine's byte order.
#[cfg(unix)]
const INDEX: usize = 48;

/// The size of the log's header. Each page in the log has a header as well.
#[cfg(unix)]
const LOG_HEAD: u64 = 32;
#[cfg(unix)]
const FRAME_HEAD: u64 = 24;

#[cfg_attr(not(unix), allow(dead_code))]
pub(super) struct Content {
    ledger: File,
    log: File,
    index: File,
    mark: Mark,
    /// Whether the mark was ever seen in the file. Before that, it may be only in the log.
    was_marked: Cell<bool>,
}

impl Content {
    /// Returns `None` if the files can't be opened.
    pub(super) fn open(ledger: &Path, mark: Mark) -> Option<Self> {
        let open = |end| File::open(beside(ledger, end)).ok();
        let (ledger, log, index) = (open("")?, open("-wal")?, open("-shm")?);
        Some(Self { ledger, log, index, mark, was_marked: Cell::new(false) })
    }
}

#[cfg(unix)]
impl Content {
    /// Whether the ledger's header has our mark, or may not have it yet, or can't be read at the
    /// moment.
    pub(super) fn is_marked(&self) -> bool {
        let (Ok(magic), Ok(mark)) = (at::<16>(&self.ledger, 0), at(&self.ledger, MARK_AT)) else {
            return true;
        };
        let is_ours = magic == Some(*MAGIC) && mark == Some(self.mark.to_be_bytes());
        // While another process reads, the mark may stay in the log.
        self.was_marked.set(self.was_marked.get() || is_ours);
        is_ours || !self.was_marked.get()
    }

    pub(super) fn log_frames(&self) -> Option<u64> {
        at(&self.index, 0).ok().flatten().map(|index| frames(&index))
    }

    /// Whether the log is as long as the index says and belongs to it, or can't be read at the
    /// moment. Others may write at the same time: they change the index last when the log grows,
    /// and first when the log restarts.
    pub(super) fn has_log(&self) -> bool {
        for _ in 0..3 {
            let (Ok(Some(index)), Ok(head), Ok(len)) =
                (at::<INDEX>(&self.index, 0), at::<LOG>(&self.log, 0), self.log.metadata())
            else {
                return true;
            };
            let frames = frames(&index);
            let page = match u16::from_ne_bytes([index[14], index[15]]) {
                1 => 1 << 16,
                page => u64::from(page),
            };
            let has_room = len.len() >= LOG_HEAD + frames * (FRAME_HEAD + page);
            let is_same = head.is_some_and(|head| head[16..24] == index[32..40]);
            if frames == 0 || has_room && is_same {
                return true;
            }
            if at::<INDEX>(&self.index, 0).is_ok_and(|again| again == Some(index)) {
                return false;
            }
        }
        true
    }
}

#[cfg(unix)]
const LOG: usize = 32;

#[cfg(unix)]
fn frames(index: &[u8; INDEX]) -> u64 {
    u32::from_ne_bytes([16, 17, 18, 19].map(|at| index[at])).into()
}

/// Reads `LEN` bytes at an offset; `None` if the file is too short.
#[cfg(unix)]
fn at<const LEN: usize>(file: &File, offset: u64) -> io::Result<Option<[u8; LEN]>> {
    use std::os::unix::fs::FileExt;
    let mut bytes = [0; LEN];
    match file.read_exact_at(&mut bytes, offset) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// On other platforms, nobody else can write to open files that are locked.
#[cfg(not(unix))]
impl Content {
    pub(super) fn is_marked(&self) -> bool {
        true
    }

    pub(super) fn has_log(&self) -> bool {
        true
    }

    pub(super) fn log_frames(&self) -> Option<u64> {
        None
    }
}
