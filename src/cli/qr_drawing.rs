//! QR codes as SVG, for one label (`qr`) and for many (`secrets`).

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

use super::Failure;

/// The width of the quiet zone around a code, in modules (ISO/IEC 18004).
pub(super) const QUIET: i32 = 4;

/// Makes the code, with as much error correction as its size allows.
pub(super) fn code(text: &str) -> Result<QrCode, Failure> {
    QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| {
        Failure::input(format!(
            "{} bytes are too many for a QR code (at most about 2300)",
            text.len()
        ))
    })
}

/// The dark modules of a code, within its quiet zone.
pub(super) fn modules(code: &QrCode) -> String {
    let mut path = "<path shape-rendering=\"crispEdges\" d=\"".to_owned();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let dark = (x..code.size()).take_while(|&x| code.get_module(x, y)).count();
            if dark > 0 {
                let _ = write!(path, "M{},{}h{dark}v1h-{dark}z", x + QUIET, y + QUIET);
            }
            x += i32::try_from(dark).unwrap_or_default() + 1;
        }
    }
    path + "\"/>"
}

/// Text for XML, which can't represent control characters.
pub(super) fn for_xml(text: &str) -> String {
    let mut written = String::new();
    for char in text.chars() {
        match char {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            char if char.is_control() => written.push('\u{fffd}'),
            char => written.push(char),
        }
    }
    written
}
