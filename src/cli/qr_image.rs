//! Finds QR codes in pictures.

use std::{io::Cursor, sync::mpsc, thread, time::Duration};

use image::{
    DynamicImage, GrayImage, ImageError, ImageFormat, ImageReader, Limits,
    imageops::{self, FilterType},
};
use rqrr::PreparedImage;
use zeroize::Zeroizing;

/// The longest side of a picture, in pixels. Photos from phones are smaller.
const LONGEST_SIDE: u32 = 12_000;

/// The most memory for a decoded picture, in bytes: 80 million pixels in colour.
const MEMORY: u64 = 256 << 20;

/// How long the search may take. It would never end for a picture of noise.
const WITHIN: Duration = Duration::from_secs(20);

/// The longest sides to scale a picture to, in pixels. The picture itself is searched first, if it
/// is not larger than the first of these. A smaller picture has less noise, a larger one finer
/// edges, so each shows codes that another does not.
const SIDES: [u32; 4] = [2400, 1600, 1000, 600];

/// Whether this is a picture.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(bytes).ok()?;
    matches!(format, ImageFormat::Png | ImageFormat::Jpeg).then_some(format)
}

/// The codes in a PNG or JPEG, each once: those up to the first size that shows a `wanted` one, or
/// all that were found.
pub(super) fn codes(
    bytes: Zeroizing<Vec<u8>>,
    wanted: fn(&[u8]) -> bool,
) -> Result<Vec<Zeroizing<Vec<u8>>>, String> {
    let (done, result) = mpsc::channel();
    // If it takes too long, the thread is left behind, and ends with the process.
    thread::spawn(move || done.send(decode(&bytes).map(|picture| search(&picture, wanted))));
    match result.recv_timeout(WITHIN) {
        Ok(found) => found,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let limit = humantime::format_duration(WITHIN);
            Err(format!("no QR code found in it within {limit}; cut the picture to the code"))
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("the picture can't be read".to_owned()),
    }
}

fn decode(bytes: &[u8]) -> Result<GrayImage, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.set_format(format(bytes).ok_or("no picture")?);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        ImageError::Limits(_) => {
            format!("the picture is too large: at most {LONGEST_SIDE} pixels a side, 80 million")
        }
        other => format!("the picture is damaged: {other}"),
    })?;
    Ok(on_white(&picture))
}

/// Converts to shades of grey, with white behind transparent parts.
fn on_white(picture: &DynamicImage) -> GrayImage {
    let grey = picture.to_luma_alpha8();
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let [light, alpha] = grey.get_pixel(x, y).0.map(u32::from);
        let light = (light * alpha + 255 * (255 - alpha)) / 255;
        image::Luma([u8::try_from(light).unwrap_or(255)])
    })
}

fn search(picture: &GrayImage, wanted: fn(&[u8]) -> bool) -> Vec<Zeroizing<Vec<u8>>> {
    let longest = picture.width().max(picture.height());
    let as_it_is = (longest <= SIDES[0]).then_some(longest);
    let sides = as_it_is.into_iter().chain(SIDES.into_iter().skip(as_it_is.iter().count()));
    let mut seen: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    for side in sides {
        let mut look = scaled(picture, side);
        // A dark screen shows codes light on dark.
        for _ in 0..2 {
            for code in look_at(&look) {
                if !seen.contains(&code) {
                    seen.push(code);
                }
            }
            if seen.iter().any(|code| wanted(code)) {
                return seen;
            }
            imageops::invert(&mut look);
        }
    }
    seen
}

fn scaled(picture: &GrayImage, side: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let longest = u64::from(width.max(height));
    if longest == u64::from(side) {
        return picture.clone();
    }
    let scale = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / longest;
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    imageops::resize(picture, scale(width), scale(height), FilterType::Triangle)
}

fn look_at(picture: &GrayImage) -> Vec<Zeroizing<Vec<u8>>> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.as_raw();
    let mut prepared =
        PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let codes = prepared.detect_grids().into_iter().filter_map(|grid| {
        let mut code = Zeroizing::new(Vec::new());
        grid.decode_to(&mut *code).ok().map(|_| code)
    });
    codes.collect()
}
