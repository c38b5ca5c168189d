//! QR codes in pictures: our own, photos of them, and pictures that hold none or too much.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use image::{
    DynamicImage, GrayImage, ImageFormat, Luma,
    imageops::{self, FilterType},
};
use kit::process::ToTheEnd;
use qrcodegen::{QrCode, QrCodeEcc};
use tempfile::TempDir;

use crate::run::{Ended, Process, Simulator, esp_prov_rs, run};

const LABEL: &str = r#"{"ver":"v1","name":"PROV_1234","pop":"abcd1234","transport":"softap"}"#;

/// Our code of this text.
fn code(label: &str) -> GrayImage {
    let command = esp_prov_rs(["qr", "--qr", label, "--format", "png"]);
    let mut command = command;
    let output = command.output_in_time();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    image::load_from_memory(&output.stdout).expect("a picture").to_luma8()
}

/// A picture in a file.
struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn of(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for files");
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file can be written");
        Self { _folder: folder, path }
    }

    /// What is in it, according to us.
    fn read(&self) -> Ended {
        let mut command = esp_prov_rs(["qr", "--qr"]);
        command.arg(&self.path);
        Process::start(command).end()
    }

    fn says(&self, label: &str) {
        let ended = self.read();
        assert_eq!(ended.stdout.trim_end(), label, "{}: {}", self.path.display(), ended.stderr);
        assert_eq!(ended.code, Some(0));
    }

    fn is_refused(&self, words: &str) {
        let ended = self.read();
        let path = self.path.display();
        assert_eq!(ended.stderr.trim_end(), format!("error: --qr {path}: {words}"));
        assert_eq!((ended.stdout.as_str(), ended.code), ("", Some(3)));
    }
}

fn bytes(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageLuma8(picture.clone());
    picture.write_to(&mut bytes, format).expect("a picture can be written");
    bytes.into_inner()
}

fn png(picture: &GrayImage) -> File {
    File::of("picture.png", &bytes(picture, ImageFormat::Png))
}

/// The code on a grey table, turned by `degrees` and seen from the side: far off it is smaller by
/// `tilt` than close by.
fn photo(code: &GrayImage, degrees: f32, tilt: f32) -> GrayImage {
    let side = 900;
    let (sin, cos) = degrees.to_radians().sin_cos();
    #[allow(clippy::cast_precision_loss)]
    let (half, middle) = (code.width() as f32 / 2.0, side as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        #[allow(clippy::cast_precision_loss)]
        let (x, y) = (x as f32 - middle, y as f32 - middle);
        let depth = 1.0 + tilt * y / middle;
        let (x, y) = (x / depth, y / depth);
        let (x, y) = (cos * x + sin * y + half, cos * y - sin * x + half);
        let inside = |at: f32| (0.0..2.0 * half).contains(&at);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if inside(x) && inside(y) { *code.get_pixel(x as u32, y as u32) } else { Luma([140]) }
    })
}

#[test]
fn a_device_is_provisioned_from_the_picture_of_its_own_code() {
    let device = Simulator::start(["--once", "--join-delay", "0"]);
    let label = device.listening["label"].as_str().expect("the label is text").to_owned();
    let file = png(&code(&label));
    let path = file.path.to_str().expect("a path of text");
    let ended = device.provision(["--qr", path]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_simulated_device_shows_its_own_code_unless_that_tells_a_secret() {
    let label = |arguments: &[&str]| {
        let device = Simulator::start(arguments.iter().copied());
        device.listening["label"].as_str().map(str::to_owned)
    };
    let begin = r#"{"ver":"v1","name":"PROV_123456""#;
    for (arguments, expected) in [
        (&["--pop", "Qx7-proof-Zk"][..], None),
        (
            &["--pop", "Qx7-proof-Zk", "--show-secrets"],
            Some(r#","pop":"Qx7-proof-Zk","transport":"softap"}"#),
        ),
        (&[], Some(r#","pop":"abcd1234","transport":"softap"}"#)),
        (&["--no-pop"], Some(r#","transport":"softap","network":"wifi"}"#)),
        (&["--no-pop", "--persona", "idf-v5.5"], Some(r#","transport":"softap"}"#)),
        (
            &["--sec-ver", "2"],
            Some(r#","username":"wifiprov","pop":"abcd1234","transport":"softap"}"#),
        ),
        (&["--sec-ver", "2", "--sec2-pwd", "Qx7-proof-Zk"], None),
        (&["--sec-ver", "0"], Some(r#","transport":"softap","network":"wifi"}"#)),
    ] {
        let expected = expected.map(|end| format!("{begin}{end}"));
        assert_eq!(label(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn photos_are_read() {
    let code = code(LABEL);
    for degrees in [0.0, 12.0, 45.0, 100.0, 180.0, 283.0] {
        png(&photo(&code, degrees, 0.0)).says(LABEL);
    }
    for tilt in [-0.3, 0.2, 0.4] {
        png(&photo(&code, 20.0, tilt)).says(LABEL);
    }
    let photo = photo(&code, 15.0, 0.15);
    png(&imageops::blur(&photo, 2.0)).says(LABEL);

    let mut pale = photo.clone();
    pale.pixels_mut().for_each(|Luma([light])| *light = *light / 8 + 100);
    png(&pale).says(LABEL);

    let mut dark_mode = photo.clone();
    imageops::invert(&mut dark_mode);
    png(&dark_mode).says(LABEL);

    File::of("photo.jpg", &bytes(&photo, ImageFormat::Jpeg)).says(LABEL);
    // A picture is known by its bytes.
    File::of("photo.txt", &bytes(&photo, ImageFormat::Jpeg)).says(LABEL);

    let large = imageops::resize(&imageops::blur(&photo, 1.0), 2500, 2500, FilterType::Triangle);
    File::of("large.jpg", &bytes(&large, ImageFormat::Jpeg)).says(LABEL);
    // A pixel a module.
    let side = code.width() / 8;
    png(&imageops::resize(&code, side, side, FilterType::Nearest)).says(LABEL);
}

#[test]
fn a_code_without_a_background_is_read() {
    let code = code(LABEL);
    let transparent = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        image::LumaA([0, 255 - code.get_pixel(x, y).0[0]])
    });
    let mut bytes = Cursor::new(Vec::new());
    transparent.write_to(&mut bytes, ImageFormat::Png).expect("a picture can be written");
    File::of("transparent.png", &bytes.into_inner()).says(LABEL);
}

/// Pictures side by side.
fn beside(pictures: &[GrayImage]) -> GrayImage {
    let height = pictures.iter().map(GrayImage::height).max().unwrap_or(1);
    let mut all =
        GrayImage::from_pixel(pictures.iter().map(GrayImage::width).sum(), height, Luma([255]));
    let mut x = 0;
    for picture in pictures {
        imageops::replace(&mut all, picture, x, 0);
        x += i64::from(picture.width());
    }
    all
}

/// Codes of other things, by an encoder of our own tests.
fn other_code(text: impl AsRef<[u8]>) -> GrayImage {
    let code = QrCode::encode_binary(text.as_ref(), QrCodeEcc::Low).expect("short");
    let side = u32::try_from(code.size() + 8).expect("small") * 6;
    let module = |pixel: u32| i32::try_from(pixel / 6).expect("small") - 4;
    GrayImage::from_fn(side, side, |x, y| {
        Luma([if code.get_module(module(x), module(y)) { 0 } else { 255 }])
    })
}

#[test]
fn among_several_codes_the_one_of_a_device_counts() {
    let ours = code(LABEL);
    let wifi = || other_code("WIFI:T:WPA;S:Home;P:Qx7-proof-Zk;;");
    let page = || other_code("https://example.org/manual");
    png(&beside(&[wifi(), ours.clone(), page()])).says(LABEL);
    // Twice the same is one.
    png(&beside(&[ours.clone(), ours.clone()])).says(LABEL);

    let another = code(&LABEL.replace("1234", "5678"));
    png(&beside(&[another, ours])).is_refused(
        "it shows the QR codes of \"PROV_1234\", \"PROV_5678\"; cut the picture to the one you mean",
    );
    png(&beside(&[wifi(), page()])).is_refused("none of its 2 QR codes is that of a device");
    png(&page()).is_refused(
        "its QR code is not that of a device: the link has no readable data; it ends with ?data= \
         and a JSON object",
    );
    png(&other_code(&LABEL[..40]))
        .is_refused("its QR code is not that of a device: the JSON is cut off at byte 40");
}

#[test]
fn a_code_in_iso_8859_1_is_read() {
    let label = LABEL.replace("PROV_1234", "Küche");
    let bytes: Vec<u8> = label.chars().map(|char| u8::try_from(char).expect("below 256")).collect();
    png(&other_code(bytes)).says(&label);
    png(&other_code(label.as_bytes())).says(&label);
}

#[test]
fn pictures_without_a_code_are_refused() {
    let none = "no QR code in it that could be read; come closer, with less glare";
    png(&GrayImage::from_pixel(1, 1, Luma([0]))).is_refused(none);
    png(&GrayImage::from_pixel(640, 480, Luma([90]))).is_refused(none);
    // Half of a code.
    let mut half = code(LABEL);
    let half = imageops::crop(&mut half, 0, 0, 180, 360).to_image();
    png(&half).is_refused(none);
}

#[test]
fn damaged_pictures_are_refused() {
    let code = code(LABEL);
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let whole = bytes(&code, format);
        for length in [8, 40, whole.len() / 2] {
            let ended = File::of("cut", &whole[..length]).read();
            assert_eq!((ended.stdout.as_str(), ended.code), ("", Some(3)), "{format:?} {length}");
            let damaged = ended.stderr.contains("/cut: the picture is damaged: ");
            // What is left of a JPEG is a picture, with grey below.
            let unread = ended.stderr.contains("/cut: no QR code in it");
            assert!(damaged || format == ImageFormat::Jpeg && unread, "{}", ended.stderr);
        }
    }
}

#[test]
fn bombs_are_not_unpacked() {
    let whole = bytes(&GrayImage::from_pixel(8, 8, Luma([255])), ImageFormat::Png);
    let too_large = "the picture is too large: at most 12000 pixels a side, 80 million";
    for (width, height) in [(12_001, 8), (8, 12_001), (65_535, 65_535), (u32::MAX >> 1, 8)] {
        File::of("bomb.png", &with_size(&whole, width, height)).is_refused(too_large);
    }
    // Colours of 16 bits.
    let mut colours = with_size(&whole, 12_000, 12_000);
    colours[24..26].copy_from_slice(&[16, 6]);
    File::of("bomb.png", &with_size(&colours, 12_000, 12_000)).is_refused(too_large);

    let file = File::of("long.png", b"\x89PNG\r\n\x1a\n");
    let long = fs::OpenOptions::new().write(true).open(&file.path).expect("a file");
    long.set_len((32 << 20) + 1).expect("a file with a hole");
    file.is_refused("larger than 32 MB");
}

/// A PNG that says to be larger than it is.
fn with_size(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut png = png.to_vec();
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// Of PNG's chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[test]
fn a_png_is_written_as_asked() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let path = folder.path().join("label.png");
    let ended = run(["qr", "--qr", LABEL, "--output", path.to_str().expect("a path of text")]);
    assert_eq!((ended.stdout.as_str(), ended.code), ("", Some(0)), "{}", ended.stderr);
    assert_eq!(read(&path), code(LABEL));
}

fn read(path: &Path) -> GrayImage {
    image::open(path).expect("a picture").to_luma8()
}

/// A terminal as a picture: its own two colours, and those that a line asks for.
fn screen(text: &str, ink: u8, paper: u8) -> GrayImage {
    let mut rows: Vec<Vec<[u8; 2]>> = Vec::new();
    for line in text.lines().map(|line| line.trim_end_matches('\r')) {
        let (mut row, mut colours, mut rest) = (Vec::new(), (ink, paper), line);
        while let Some(char) = rest.chars().next() {
            rest = &rest[char.len_utf8()..];
            if char == '\u{1b}' {
                let (code, after) = rest.split_once('m').expect("a colour");
                rest = after;
                let shade = |number: &str| if number == "231" { 255 } else { 0 };
                if let Some(number) = code.strip_prefix("[38;5;") {
                    colours.0 = shade(number);
                } else if let Some(number) = code.strip_prefix("[48;5;") {
                    colours.1 = shade(number);
                } else {
                    colours = (ink, paper);
                }
                continue;
            }
            let (on, off) = colours;
            row.push(match char {
                '█' => [on, on],
                '▀' => [on, off],
                '▄' => [off, on],
                ' ' => [off, off],
                other => panic!("{other:?} in {line:?}"),
            });
        }
        rows.push(row);
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    // What a terminal shows beside and below it.
    let (margin, scale) = (3, 8);
    let side = |cells: usize| u32::try_from(cells + 2 * margin).expect("small") * scale;
    GrayImage::from_fn(side(width), side(2 * rows.len()), |x, y| {
        let at = |pixel: u32| (pixel / scale) as usize;
        let cell = at(y).checked_sub(margin).zip(at(x).checked_sub(margin));
        let cell = cell.and_then(|(y, x)| Some(rows.get(y / 2)?.get(x)?[y % 2]));
        Luma([cell.unwrap_or(paper)])
    })
}

#[test]
fn a_code_on_a_terminal_is_read_from_a_light_one_and_a_dark_one() {
    for color in ["always", "never"] {
        let words = ["qr", "--qr", LABEL, "--format", "terminal", "--color", color];
        let mut command = esp_prov_rs(words);
        let output = command.output_in_time();
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(text.contains('\u{1b}'), color == "always");
        for (ink, paper) in [(230, 20), (30, 250)] {
            png(&screen(&text, ink, paper)).says(LABEL);
        }
    }
}

/// With `NO_COLOR`, as whoever sets it has it everywhere: the colours of a code are the picture.
#[cfg(unix)]
#[test]
fn a_code_on_a_terminal_without_colours_is_dark_on_light_all_the_same() {
    let command = esp_prov_rs(["qr", "--qr", LABEL, "--format", "terminal"]);
    let (code, shown) = crate::terminal::Terminal::run(command).end();
    assert_eq!(code, Some(0), "{shown}");
    for (ink, paper) in [(230, 20), (30, 250)] {
        let picture = screen(&shown, ink, paper);
        // The first module of the quiet zone is light, as a telephone wants it.
        assert_eq!(picture.get_pixel(3 * 8 + 1, 3 * 8 + 1).0, [255]);
        png(&picture).says(LABEL);
    }
}

#[test]
fn a_label_as_svg_has_its_size_and_the_name_of_its_device() {
    let label = LABEL.replace("PROV_1234", "a<b>&c");
    let ended = run(["qr", "--qr", &label, "--format", "svg"]);
    let (svg, code) = (ended.stdout, code(&label));
    // A module has 8 pixels in a PNG, and half a millimetre on paper.
    let modules = code.width() / 8;
    let size = format!("width=\"{}.{}mm\"", modules / 2, modules % 2 * 5);
    assert!(svg.contains(&size) && svg.contains("height=\""), "{svg}");
    assert!(svg.contains(">a&lt;b&gt;&amp;c</text>"), "{svg}");
}
