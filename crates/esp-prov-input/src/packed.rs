//! Compressed files and archives.

/// A file that has to be unpacked before it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// A zip archive. Office documents are zip archives, too.
    Zip,
    /// A single compressed file. The text names the format and the command to unpack it.
    Compressed(&'static str),
}

impl Packed {
    /// Recognises a packed file by its first bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => {
                Self::Compressed("compressed with gzip; unpack it with `gunzip` first")
            }
            [b'B', b'Z', b'h', ..] => {
                Self::Compressed("compressed with bzip2; unpack it with `bunzip2` first")
            }
            [0xfd, b'7', b'z', b'X', b'Z', ..] => {
                Self::Compressed("compressed with xz; unpack it with `unxz` first")
            }
            _ => return None,
        })
    }
}
