//! The files that are read, so that none is overwritten.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// The files that are read, each with the flag that named it.
#[derive(Debug, Default)]
pub struct Inputs(HashMap<Which, String>);

impl Inputs {
    /// Adds a file. One that was added before keeps its first flag. `-` stands for the file behind
    /// stdin.
    pub fn add(&mut self, flag: &str, path: &Path) {
        let path = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
        if let Some(which) = Which::of(path) {
            self.0.entry(which).or_insert_with(|| flag.to_owned());
        }
    }

    /// The flag of the input file that would be lost if this file were written.
    pub fn flag_of(&self, path: &Path) -> Option<&str> {
        self.0.get(&Which::of(path)?).map(String::as_str)
    }
}

/// The identity of a file, by whatever path it is reached.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Which {
    /// The device and inode of a file that exists.
    #[cfg(unix)]
    There(u64, u64),
    /// The path of a file that does not exist yet, or on a system without inodes.
    Named(PathBuf),
}

impl Which {
    /// `None` if nothing can be lost, as with a terminal or a pipe.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(there) if !there.is_file() => return None,
            #[cfg(unix)]
            Ok(there) => {
                use std::os::unix::fs::MetadataExt;
                return Some(Self::There(there.dev(), there.ino()));
            }
            _ => {}
        }
        let in_folder = || {
            let folder = path.parent()?;
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            Some(folder.canonicalize().ok()?.join(path.file_name()?))
        };
        path.canonicalize().ok().or_else(in_folder).map(Self::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_name_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("pop"), "x").expect("written");
        let mut inputs = Inputs::default();
        inputs.add("--pop-file", &at("pop"));
        inputs.add("--qr", &at("pop"));
        inputs.add("--ledger", &at("new.ledger"));
        inputs.add("--job", folder.path());
        let round = folder.path().join("..").join(folder.path().file_name().expect("a name"));
        assert_eq!(inputs.flag_of(&round.join("pop")), Some("--pop-file"));
        assert_eq!(inputs.flag_of(&round.join("new.ledger")), Some("--ledger"));
        assert_eq!(inputs.flag_of(&at("other")), None);
        assert_eq!(inputs.flag_of(folder.path()), None);
        assert_eq!(inputs.flag_of(&at("none/pop")), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("pop"), at("link")).expect("a link");
            fs::hard_link(at("pop"), at("hard")).expect("a link");
            assert_eq!(inputs.flag_of(&at("link")), Some("--pop-file"));
            assert_eq!(inputs.flag_of(&at("hard")), Some("--pop-file"));
            inputs.add("--job", Path::new("/dev/null"));
            assert_eq!(inputs.flag_of(Path::new("/dev/null")), None);
        }
    }
}
