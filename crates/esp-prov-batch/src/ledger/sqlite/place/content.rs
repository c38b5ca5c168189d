//! Whether a ledger and its log still have what we wrote: another program may write over them
//! without replacing them, as `cp` does.
//!
//! Neither file is ever closed before the database: that would give back SQLite's locks.

use std::{cell::Cell, fs::File, io, path::Path};

use super::beside;

/// A number that a batch writes into the head of its ledger, and nobody else does.
pub(in super::super) type Mark = i32;

/// Where SQLite's format has it (the "application ID"), and its first words.
#[cfg(unix)]
const MARK_AT: u64 = 68;
#[cfg(unix)]
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Of the wal-index, in `-shm`: numbers in the machine's order.
#[cfg(unix)]
const INDEX: usize = 48;

/// Of the log: its head, and what is before each page in it.
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
    /// It has been seen there.
    was_marked: Cell<bool>,
}

impl Content {
    /// `None` where it can't be looked at.
    pub(super) fn open(ledger: &Path, mark: Mark) -> Option<Self> {
        let open = |end| File::open(beside(ledger, end)).ok();
        let (ledger, log, index) = (open("")?, open("-wal")?, open("-shm")?);
        Some(Self { ledger, log, index, mark, was_marked: Cell::new(false) })
    }
}

#[cfg(unix)]
impl Content {
    /// Whether the head of the ledger is ours, or can't be read for now.
    pub(super) fn is_marked(&self) -> bool {
        let (Ok(magic), Ok(mark)) = (at::<16>(&self.ledger, 0), at(&self.ledger, MARK_AT)) else {
            return true;
        };
        let is_ours = magic == Some(*MAGIC) && mark == Some(self.mark.to_be_bytes());
        // Somebody who reads may keep it in the log for a while.
        self.was_marked.set(self.was_marked.get() || is_ours);
        is_ours || !self.was_marked.get()
    }

    pub(super) fn log_frames(&self) -> Option<u64> {
        at(&self.index, 0).ok().flatten().map(|index| frames(&index))
    }

    /// Whether the log has what the index says it has, or can't be read for now. Others may write
    /// meanwhile: they change the index last when the log grows, and first when it begins anew.
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

/// `None` where the file is too short.
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

/// Elsewhere nobody else can write to what is open with locks.
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
