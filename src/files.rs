//! Reading what people keep in files.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use zeroize::Zeroizing;

/// Far more than any secret has.
const SECRET_LIMIT: u64 = 4096;

/// Reads a secret from a file, or from stdin where it is `-`; one final line end is left out.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = SECRET_LIMIT + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > SECRET_LIMIT {
        return Err(format!("longer than {SECRET_LIMIT} bytes, so it is no secret of this kind"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}
