//! Files that hold another one.

/// A file that has to be unpacked before it is what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// An archive, which office documents are, too.
    Zip,
    /// One file; what with, and what to do.
    Compressed(&'static str),
}

impl Packed {
    /// By the first bytes.
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
