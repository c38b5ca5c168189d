//! Who may import whom, read from the sources, and who may print.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each room of the house, and what it may use of the others.
const MAY_USE: &[(&str, &[&str])] = &[
    ("address", &[]),
    (
        "batch",
        &[
            "address",
            "error",
            "event",
            "exit",
            "files",
            "journal",
            "nearby",
            "plan",
            "provision",
            "tap",
            "transport",
        ],
    ),
    ("files", &[]),
    ("journal", &[]),
    ("operator", &["plan"]),
    ("transport", &["address"]),
    ("error", &["transport"]),
    ("tap", &[]),
    ("trace", &["tap"]),
    ("capture", &["tap", "trace"]),
    ("info", &["transport"]),
    ("event", &["address", "error", "info", "nearby", "scan", "tap"]),
    ("nearby", &[]),
    ("scan", &["address"]),
    ("plan", &["error", "event"]),
    ("exit", &["error", "event", "transport"]),
    ("doctor", &["exit", "files", "transport"]),
    ("client", &["error", "event", "plan", "tap", "transport"]),
    (
        "provision",
        &[
            "address",
            "client",
            "error",
            "event",
            "info",
            "journal",
            "nearby",
            "operator",
            "plan",
            "scan",
            "transport",
        ],
    ),
    ("simulate", &["tap", "trace", "transport"]),
    (
        "report",
        &[
            "address",
            "batch",
            "doctor",
            "exit",
            "error",
            "event",
            "info",
            "nearby",
            "scan",
            "simulate",
            "tap",
            "trace",
            "transport",
        ],
    ),
    (
        "cli",
        &[
            "address",
            "batch",
            "capture",
            "doctor",
            "error",
            "event",
            "exit",
            "files",
            "nearby",
            "operator",
            "plan",
            "provision",
            "report",
            "scan",
            "simulate",
            "tap",
            "trace",
            "transport",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

#[test]
fn rooms_use_only_what_they_may() {
    for (room, code) in sources() {
        let rule = MAY_USE.iter().find(|(name, _)| *name == room);
        let (_, allowed) = rule.unwrap_or_else(|| panic!("a new room: {room}"));
        for used in imports(&code) {
            let below = |path: &&str| {
                used.strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            };
            let may = below(&room.as_str()) || allowed.iter().any(below);
            assert!(may, "{room} must not know {used}");
        }
    }
}

#[test]
fn only_report_and_cli_print() {
    for (room, code) in sources() {
        let prints = ["print!", "println!", "dbg!", "stdout()", "stderr()"].iter();
        let prints = prints.filter(|word| code.contains(**word)).collect::<Vec<_>>();
        assert!(prints.is_empty() || room == "report" || room == "cli", "{room} has {prints:?}");
    }
}

#[test]
fn only_files_reads_files() {
    for (room, code) in sources() {
        let reads =
            ["fs::read(", "read_to_string(", "read_to_end(", "File::open(", "stdin().lock"].iter();
        let reads = reads.filter(|word| code.contains(**word)).collect::<Vec<_>>();
        assert!(
            reads.is_empty() || room == "files",
            "{room} has {reads:?}: files::read has a limit"
        );
    }
}

#[test]
fn imports_are_found() {
    let code = "use crate::{\n    a::{b, c::d},\n    e,\n};\nlet x = crate::f::g();\nuse crate::H;";
    assert_eq!(imports(code), ["a::{b, c::d}", "e", "f::g", "H"]);
}

/// The room and the code of each file, without comments.
fn sources() -> Vec<(String, String)> {
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// With what is in its folders.
    fn all(place: PathBuf) -> Vec<PathBuf> {
        if place.is_dir() { files(&place).into_iter().flat_map(all).collect() } else { vec![place] }
    }

    let mut sources = Vec::new();
    for place in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let name = place.file_stem().expect("a name").to_string_lossy().into_owned();
        for file in all(place).iter().filter(|file| file.extension().is_some_and(|end| end == "rs"))
        {
            let text = fs::read_to_string(file).expect("source is text");
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            sources.push((name.clone(), code.collect::<Vec<_>>().join("\n")));
        }
    }
    sources
}

/// What follows each `crate::`, one path for each member of a list.
fn imports(code: &str) -> Vec<&str> {
    let nesting = |char| i32::from(char == '{') - i32::from(char == '}');
    let mut paths = Vec::new();
    for text in code.split("crate::").skip(1) {
        let mut depth = 0;
        let (list, ends): (_, &dyn Fn(i32, char) -> bool) = match text.strip_prefix('{') {
            Some(list) => (list, &|depth, _| depth < 0),
            None => (text, &|_, char| !char.is_alphanumeric() && !"_:".contains(char)),
        };
        let end = list.find(|char| {
            depth += nesting(char);
            ends(depth, char)
        });
        depth = 0;
        let members = list[..end.unwrap_or(list.len())].split(|char| {
            depth += nesting(char);
            depth == 0 && char == ','
        });
        paths.extend(members.map(str::trim).filter(|path| !path.is_empty()));
    }
    paths
}
