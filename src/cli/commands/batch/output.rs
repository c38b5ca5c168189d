//! Where exports and reports go.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use esp_prov_input::files;

use crate::{cli::Failure, report};

/// The size of the write buffer, in bytes.
const PART: usize = 64 << 10;

/// A file, or stdout.
pub(super) struct Output<'a> {
    path: &'a Path,
    /// Opened at the first bytes, so an existing file is kept if the ledger can't be read.
    file: Option<File>,
}

impl<'a> Output<'a> {
    /// What is written to a file, or for `-` to stdout.
    pub(super) fn to(path: &'a Path) -> BufWriter<Self> {
        BufWriter::with_capacity(PART, Self { path, file: None })
    }

    fn file(&mut self) -> io::Result<&mut File> {
        Ok(match &mut self.file {
            Some(file) => file,
            none => none.insert(files::create(self.path)?),
        })
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.path == Path::new("-") {
            report::raw(bytes);
            return Ok(bytes.len());
        }
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.path == Path::new("-") { Ok(()) } else { self.file()?.flush() }
    }
}

/// The failure to write a file that `--output` names.
pub(super) fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("--output {}: {error}", files::named(path)))
}
