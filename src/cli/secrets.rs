//! Secrets from a flag, a file, the environment or a prompt, in this order.

use std::{
    env, fs,
    io::{self, Read},
    path::Path,
};

use zeroize::Zeroizing;

use super::{Failure, args::SecretArg};

/// Far more than any secret has.
const LIMIT: u64 = 4096;

/// Where a secret may come from.
pub(super) struct Sources<'a> {
    /// The flag's name, for messages.
    pub(super) flag: &'static str,
    /// Its value.
    pub(super) value: Option<&'a SecretArg>,
    /// The file given instead.
    pub(super) file: Option<&'a Path>,
    /// The environment variable; empty counts as not set.
    pub(super) variable: &'static str,
}

/// Where a secret came from: a flag of this very command line weighs more than a setting of the
/// environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    CommandLine,
    Environment,
}

impl Sources<'_> {
    pub(super) fn read(&self) -> Result<Option<(Zeroizing<String>, Origin)>, Failure> {
        if let Some(secret) = self.value {
            return Ok(Some((secret.0.clone(), Origin::CommandLine)));
        }
        if let Some(path) = self.file {
            let secret = read_file(path).map_err(|error| {
                Failure::input(format!("--{}-file {}: {error}", self.flag, path.display()))
            })?;
            return Ok(Some((secret, Origin::CommandLine)));
        }
        match env::var(self.variable) {
            Ok(secret) if !secret.is_empty() => {
                Ok(Some((Zeroizing::new(secret), Origin::Environment)))
            }
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::input(format!("{} is not UTF-8", self.variable)))
            }
            _ => Ok(None),
        }
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("longer than {LIMIT} bytes, so it is no secret of this kind"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}
