//! Labels as SVG: one alone, and many on a sheet of paper. All lengths are in hundredths of a
//! millimetre.

use std::{fmt::Write, str::FromStr};

use protocomm::{Harmless, harmless};

use crate::cli::{
    Failure,
    qr_drawing::{QUIET, code, for_xml, modules},
};

/// Width and height, or what belongs to them.
type Pair = [i32; 2];

const A4: Pair = [21_000, 29_700];
const LETTER: Pair = [21_590, 27_940];

/// A sheet of labels.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    paper: Pair,
    label: Pair,
    /// How many there are beside and below each other.
    count: Pair,
    /// Where the first begins.
    first: Pair,
    /// From one to the next.
    step: Pair,
    /// Whether they are to be cut out, so that their edges are drawn.
    is_cut: bool,
}

/// The sheets of Avery, by the measures of the templates of gLabels (those of L7120 are printed on
/// its package).
const SHEETS: &[(&str, Sheet)] = &[
    // 35, 35 x 35 mm.
    ("L7120", of(A4, [3500, 3500], [5, 7], [750, 1100], [4000, 4000])),
    // 21, 63.5 x 38.1 mm.
    ("L7160", of(A4, [6350, 3810], [3, 7], [720, 1515], [6604, 3810])),
    // 65, 38.1 x 21.2 mm.
    ("L7651", of(A4, [3810, 2120], [5, 13], [470, 1090], [4060, 2120])),
    // 40, 45.7 x 25.4 mm.
    ("L7654", of(A4, [4570, 2540], [4, 10], [970, 2150], [4830, 2540])),
    // 30, 2 5/8 x 1 inches.
    ("5160", of(LETTER, [6668, 2540], [3, 10], [397, 1270], [7064, 2540])),
    // 18, 2 3/8 x 1 1/4 inches.
    ("6871", of(LETTER, [6033, 3175], [3, 6], [946, 2858], [6833, 3810])),
];

const fn of(paper: Pair, label: Pair, count: Pair, first: Pair, step: Pair) -> Sheet {
    Sheet { paper, label, count, first, step, is_cut: false }
}

/// What printers leave white around a page.
const MARGIN: i32 = 800;

/// The least width of a module: three dots of a printer with 300 dpi.
const MODULE: i32 = 25;

/// The height of a line of text below a code, and the most that its letters have of it.
const LINE: i32 = 280;
const LETTERS: i32 = 240;

/// What is left white at the ends of a line.
const PADDING: i32 = 100;

impl FromStr for Sheet {
    type Err = Harmless;

    fn from_str(text: &str) -> Result<Self, Harmless> {
        let known = SHEETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        known.map(|(_, sheet)| *sheet).or_else(|| cut_out(text)).ok_or_else(|| {
            let names: Vec<_> = SHEETS.iter().map(|(name, _)| *name).collect();
            let names = Harmless::decided(names.join(", "), "our own names");
            harmless!(
                "one of {}; or paper, width and height in mm (10 to 190) to cut out, such as \
                 a4-30x30 or letter-50x25",
                names
            )
        })
    }
}

/// Labels to cut out of plain paper, such as `a4-30x30`.
fn cut_out(text: &str) -> Option<Sheet> {
    let (paper, size) = text.split_once('-')?;
    let paper = match () {
        () if paper.eq_ignore_ascii_case("a4") => A4,
        () if paper.eq_ignore_ascii_case("letter") => LETTER,
        () => return None,
    };
    let (width, height) = size.split_once(['x', 'X'])?;
    let millimetres = |text: &str| {
        let length = text.parse().ok().filter(|length| (10..=190).contains(length));
        length.map(|length: i32| length * 100)
    };
    let label = [millimetres(width)?, millimetres(height)?];
    let count = [0, 1].map(|side| (paper[side] - 2 * MARGIN) / label[side]);
    let first = [0, 1].map(|side| (paper[side] - count[side] * label[side]) / 2);
    Some(Sheet { paper, label, count, first, step: label, is_cut: true })
}

impl Sheet {
    /// How many labels are on a sheet.
    pub(super) fn places(&self) -> usize {
        usize::try_from(self.count[0] * self.count[1]).unwrap_or(1).max(1)
    }

    /// The side of the code's square, and whether the lines are beside it rather than below.
    fn square(&self, lines: usize) -> (i32, bool) {
        let [width, height] = self.label;
        let below = LINE * i32::try_from(lines).unwrap_or(i32::MAX);
        if 2 * width >= 3 * height { (height, true) } else { (width.min(height - below), false) }
    }

    /// Refuses labels that are too small for this code and so many lines.
    pub(super) fn fits(&self, text: &str, lines: usize) -> Result<(), Failure> {
        let least = (code(text)?.size() + 2 * QUIET) * MODULE;
        let (side, is_beside) = self.square(lines);
        if side >= least {
            return Ok(());
        }
        let wanted = if is_beside { least } else { self.label[1] + least - side };
        Err(Failure::input(format!(
            "--labels: too small for these codes, whose labels have to be at least {} mm wide and {} \
             mm high",
            (least + 99) / 100,
            (wanted + 99) / 100,
        )))
    }

    /// A label with the code of a text, and lines beside it or below.
    pub(super) fn label(&self, text: &str, lines: &[&str]) -> Result<String, Failure> {
        let code = code(text)?;
        let (side, is_beside) = self.square(lines.len());
        let [width, height] = self.label;
        let of_code = code.size() + 2 * QUIET;
        let left = if is_beside { 0 } else { (width - side) / 2 };
        let mut body = format!(
            "<svg x=\"{left}\" width=\"{side}\" height=\"{side}\" viewBox=\"0 0 {of_code} \
             {of_code}\">{}</svg>",
            modules(&code)
        );
        let count = i32::try_from(lines.len()).unwrap_or(i32::MAX);
        let (middle, room, top) = if is_beside {
            let room = width - side - PADDING;
            (side + room / 2, room, (height - count * LINE) / 2)
        } else {
            (width / 2, width - 2 * PADDING, side)
        };
        for (line, top) in lines.iter().zip((top..).step_by(LINE.unsigned_abs() as usize)) {
            let letters = i32::try_from(line.chars().count()).unwrap_or(i32::MAX).max(1);
            // The letters of a monospaced font are 0.6 times as wide as they are high.
            let height = (room * 10 / 6 / letters).min(LETTERS);
            let _ = write!(
                body,
                "<text x=\"{middle}\" y=\"{}\" font-family=\"monospace\" font-size=\"{height}\" \
                 text-anchor=\"middle\">{}</text>",
                top + LETTERS * 4 / 5,
                for_xml(line)
            );
        }
        Ok(body)
    }

    /// A label as a picture of its own.
    pub(super) fn alone(&self, body: &str) -> String {
        picture(self.label, body)
    }

    /// A sheet with these labels.
    pub(super) fn page(&self, bodies: &[String]) -> String {
        let [columns, _] = self.count;
        let mut all = String::new();
        for (at, body) in (0..).zip(bodies) {
            let [x, y] = [(0, at % columns), (1, at / columns)]
                .map(|(side, at)| self.first[side] + at * self.step[side]);
            let _ = write!(all, "<g transform=\"translate({x},{y})\">");
            if self.is_cut {
                let [width, height] = self.label;
                let _ = write!(
                    all,
                    "<path fill=\"none\" stroke=\"#bbb\" stroke-width=\"10\" \
                     d=\"M0,0h{width}v{height}h-{width}z\"/>"
                );
            }
            let _ = writeln!(all, "{body}</g>");
        }
        picture(self.paper, &all)
    }
}

fn picture([width, height]: Pair, body: &str) -> String {
    let millimetres = |length: i32| format!("{}.{:02}mm", length / 100, length % 100);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} \
         {height}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}\n</svg>\n",
        millimetres(width),
        millimetres(height),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_is_on_its_paper_and_no_label_on_another() {
        let plain = ["a4-30x30", "A4-10x190", "letter-50x25", "Letter-190X190"];
        let plain = plain.map(|name| (name, name.parse().expect("a size")));
        for (name, sheet) in SHEETS.iter().chain(&plain) {
            let Sheet { paper, label, count, first, step, .. } = sheet;
            for side in [0, 1] {
                let end = first[side] + (count[side] - 1) * step[side] + label[side];
                assert!(step[side] >= label[side] || count[side] == 1, "{name}");
                // As far from one edge as from the other, to a millimetre and a half.
                let (before, after) = (first[side], paper[side] - end);
                assert!((before - after).abs() <= 150 && before > 300, "{name}: {before} {after}");
            }
        }
    }

    #[test]
    fn sizes_are_known_by_name_and_others_are_refused_without_being_shown() {
        assert_eq!("l7651".parse().map(|sheet: Sheet| sheet.places()).ok(), Some(65));
        assert_eq!("a4-30x30".parse().map(|sheet: Sheet| sheet.places()).ok(), Some(54));
        for text in ["", "a4", "a4-30", "a5-30x30", "a4-9x30", "a4-30x191", "a4-1e9x30", "hunter2"]
        {
            let told = text.parse::<Sheet>().expect_err(text).to_string();
            assert!(
                told.starts_with("one of L7120, L7160, ") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_label_that_is_too_small_says_how_large_it_has_to_be() {
        let text = "x".repeat(100);
        let fits = |name: &str| {
            let told = name.parse::<Sheet>().expect("a size").fits(&text, 2);
            told.map_err(|failure| match failure {
                Failure::Input(message) => message,
                other => panic!("{other:?}"),
            })
        };
        let small = "--labels: too small for these codes, whose labels have to be at least 13 mm wide \
                     and 13 mm high";
        assert_eq!(fits("a4-30x12"), Err(small.to_owned()));
        assert_eq!(fits("a4-30x13"), Ok(()));
        assert_eq!(fits("a4-13x17"), Err(small.replace("and 13", "and 18")));
        assert_eq!(fits("a4-13x18"), Ok(()));
    }
}
