//! The pictures in the README and in docs/: what was shown at a terminal.
//! `BLESS=1 cargo test --test cli picture` draws them anew.

use std::{env, fmt::Write, fs, path::Path};

use crate::{
    farms::{command, farm},
    run::{Simulator, esp_prov_rs},
    terminal::Terminal,
};

const POP: &str = "7bn4-x2kq";

#[test]
fn it_shows_what_a_run_shows() {
    let device = Simulator::start(["--pop", POP, "--once", "--whole-replies"]);
    let address = device.address.to_string();
    let typed = ["--service-name", &address, "--pop", POP];
    let mut terminal = Terminal::in_color(esp_prov_rs(typed));
    terminal.until(&["Network (type to filter):"]);
    terminal.answer("Home");
    terminal.until(&["Passphrase for"]);
    terminal.answer("correct-horse");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");

    let mut screen = Screen::default();
    screen.show(&format!("\x1b[2m$\x1b[0m esp-prov-rs --service-name 192.168.4.1 --pop {POP}\r\n"));
    screen.show(&shown);
    let title = "A run at a terminal: the network is chosen, and the device joins it";
    keep("run.svg", &screen.draw(title));
}

#[test]
fn they_show_what_a_station_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let roster = folder.path().join("line.csv");
    let (_farm, _) = farm(&["--count", "3", "--roster", roster.to_str().expect("text")]);
    let lines = fs::read_to_string(&roster).expect("a roster");
    // The label of another unit is on the second.
    let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    lines[2] = lines[2].replace("abcd1234", "abcd9999");
    fs::write(&roster, lines.join("\n")).expect("written");

    let bench = ["--retries", "0", "--station", "bench-3"];
    let mut station = command("station", Path::new("line.csv"), &bench);
    station.current_dir(folder.path());
    let mut terminal = Terminal::in_color_sized(station, (24, 80));
    let mut screen = |device: &str, words: &str, title: &str| {
        terminal.until(&["Ctrl-D ends"]);
        terminal.press(&format!("{device}\r"));
        terminal.until(&[words]);
        terminal.until(&["Ctrl-D ends"]);
        // The last that was drawn to its end.
        let shown = terminal.shown();
        let whole = |drawn: &&str| drawn.contains(words) && drawn.contains("Ctrl-D ends");
        let mut screen = Screen::default();
        screen.show(shown.rsplit("\x1b[H").find(whole).expect("it was drawn"));
        screen.draw(title)
    };
    screen("PROV_000001", "1 passed", "");
    let passed = screen("PROV_000003", "2 passed", "The screen of a station: a unit passed");
    let failed = screen("PROV_000002", "1 failed", "The screen of a station: a unit failed");
    terminal.press("\x04");
    assert_eq!(terminal.end().0, Some(60));
    keep("station-pass.svg", &passed);
    keep("station-fail.svg", &failed);
}

/// Compares a picture in docs/ with what was drawn now, or replaces it.
fn keep(file: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if env::var_os("BLESS").is_some() {
        return fs::write(path, drawn).expect("a picture can be written");
    }
    let kept = fs::read_to_string(path).expect("the picture is there");
    assert_eq!(without_times(&kept), without_times(drawn), "docs/{file} is stale");
}

/// With `#` for each time, such as `1.2 s`, and one blank for several.
fn without_times(text: &str) -> String {
    let mut left = String::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let number = word.trim_start_matches('(');
        let is_number = number.chars().all(|char| char.is_ascii_digit() || char == '.');
        let unit = |next: &&str| {
            let end = next.find(|char: char| !char.is_ascii_alphabetic());
            matches!(&next[..end.unwrap_or(next.len())], "s" | "ms" | "min")
        };
        let is_time = is_number && words.next_if(unit).is_some();
        left.push_str(if is_time { "#" } else { word });
        left.push(' ');
    }
    left
}

/// How a character looks: the names of classes.
#[derive(Clone, Copy, Default, PartialEq)]
struct Look {
    color: &'static str,
    weight: &'static str,
}

/// What is left on a terminal that knows as much as this program uses.
#[derive(Default)]
struct Screen {
    lines: Vec<Vec<(char, Look)>>,
    row: usize,
    column: usize,
    look: Look,
}

impl Screen {
    fn show(&mut self, text: &str) {
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            match char {
                '\x07' => {}
                '\r' => self.column = 0,
                '\n' => self.row += 1,
                '\x1b' => {
                    assert_eq!(chars.next(), Some('['), "a sequence that is known here");
                    let mut numbers = String::new();
                    let end = chars.by_ref().find(|char| {
                        let ends = char.is_ascii_alphabetic();
                        numbers.extend((!ends).then_some(*char));
                        ends
                    });
                    self.obey(end.expect("a whole sequence"), &numbers);
                }
                char => {
                    let (column, look) = (self.column, self.look);
                    let line = self.line();
                    if line.len() <= column {
                        line.resize(column + 1, (' ', Look::default()));
                    }
                    line[column] = (char, look);
                    self.column += 1;
                }
            }
        }
    }

    fn line(&mut self) -> &mut Vec<(char, Look)> {
        if self.lines.len() <= self.row {
            self.lines.resize(self.row + 1, Vec::new());
        }
        &mut self.lines[self.row]
    }

    fn obey(&mut self, what: char, numbers: &str) {
        let count = numbers.parse().unwrap_or(1);
        let column = self.column;
        match what {
            'A' => self.row = self.row.saturating_sub(count),
            'B' => self.row += count,
            'C' => self.column += count,
            'D' => self.column = column.saturating_sub(count),
            'K' if numbers == "2" => self.line().clear(),
            'K' => self.line().truncate(column),
            'J' => {
                self.line().truncate(column);
                self.lines.truncate(self.row + 1);
            }
            // The cursor is shown or hidden, pasting is told from typing.
            'h' | 'l' => {}
            'm' => self.dress(numbers),
            other => panic!("{numbers}{other} is not known here"),
        }
    }

    fn dress(&mut self, numbers: &str) {
        self.look = match numbers {
            "" | "0" => Look::default(),
            "1" => Look { weight: "bold", ..self.look },
            "2" => Look { color: "dim", ..self.look },
            "39" => Look { color: "", ..self.look },
            "31" | "38;5;9" => Look { color: "red", ..self.look },
            "32" | "38;5;10" => Look { color: "green", ..self.look },
            "33" | "38;5;11" => Look { color: "yellow", ..self.look },
            "36" | "38;5;14" => Look { color: "cyan", ..self.look },
            other => panic!("{other} is not known here"),
        };
    }

    /// With a ground of its own, so that it can be read on light and on dark pages.
    fn draw(&self, title: &str) -> String {
        const WIDTH: usize = 680;
        const MARGIN: usize = 16;
        const LINE: usize = 20;
        /// The width of ten characters.
        const CELL: usize = 78;
        let trimmed = |line: &Vec<(char, Look)>| {
            let length = line.iter().rposition(|(char, _)| *char != ' ').map_or(0, |last| last + 1);
            line[..length].to_vec()
        };
        let mut lines: Vec<_> = self.lines.iter().map(trimmed).collect();
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        let height = 2 * MARGIN + LINE * lines.len();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
             <title>{title}</title>\n\
             <style>text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans \
             Mono\", monospace; fill: #e6edf3; white-space: pre }} .bold {{ font-weight: bold }} \
             .dim {{ fill: #9198a1 }} .red {{ fill: #ff7b72 }} .green {{ fill: #56d364 }} \
             .yellow {{ fill: #e3b341 }} .cyan {{ fill: #56d4dd }}</style>\n\
             <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"#0d1117\" \
             stroke=\"#59636e\"/>\n",
            WIDTH - 1,
            height - 1,
        );
        for (number, line) in lines.iter_mut().enumerate() {
            // As areas, so that they touch each other.
            let mut column = 0;
            for part in line.chunk_by_mut(|one, other| one == other) {
                if part[0].0 == '█' && part.len() > 1 {
                    let (x, y) = (MARGIN + column * CELL / 10, MARGIN + LINE * number);
                    let width = MARGIN + (column + part.len()) * CELL / 10 - x;
                    let color = part[0].1.color;
                    let _ = writeln!(
                        svg,
                        "<rect class=\"{color}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{LINE}\"/>"
                    );
                    part.fill((' ', Look::default()));
                }
                column += part.len();
            }
            if line.iter().all(|(char, _)| *char == ' ') {
                continue;
            }
            let y = MARGIN + LINE * number + 14;
            let _ = write!(svg, "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">");
            for part in line.chunk_by(|one, other| one.1 == other.1) {
                let text: String = part.iter().map(|(char, _)| *char).collect();
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                let Look { color, weight } = part[0].1;
                match format!("{color} {weight}").trim() {
                    "" => svg.push_str(&text),
                    names => {
                        let _ = write!(svg, "<tspan class=\"{names}\">{text}</tspan>");
                    }
                }
            }
            svg.push_str("</text>\n");
        }
        svg + "</svg>\n"
    }
}
