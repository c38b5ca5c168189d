//! Who may import whom, read from the sources, and who may print.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// The crates whose rooms have an order, and what each room may use of the others. Between crates the
/// compiler keeps it.
const MAY_USE: &[(&str, Rooms)] = &[
    (
        "esp-prov",
        &[
            ("address", &[]),
            ("aside", &[]),
            ("client", &["error", "event", "plan", "exchange", "transport"]),
            ("error", &["shown", "transport"]),
            (
                "event",
                &[
                    "address",
                    "error",
                    "info",
                    "discovered_device",
                    "scan",
                    "shown",
                    "exchange",
                    "verify",
                ],
            ),
            ("few", &[]),
            ("info", &["transport"]),
            ("journal", &[]),
            ("lib", &[]),
            ("discovered_device", &["transport"]),
            ("operator", &["plan", "scan"]),
            ("plan", &["error", "event"]),
            (
                "provision",
                &[
                    "address",
                    "client",
                    "error",
                    "event",
                    "few",
                    "info",
                    "journal",
                    "discovered_device",
                    "operator",
                    "plan",
                    "scan",
                    "transport",
                    "verify",
                ],
            ),
            ("scan", &["address", "few"]),
            ("shown", &[]),
            ("exchange", &[]),
            ("transport", &["address", "aside", "few", "shown", "verify"]),
            ("verify", &[]),
        ],
    ),
    (
        COMMAND,
        &[
            ("cli", &["doctor", "exit", "report"]),
            ("doctor", &["exit"]),
            ("exit", &[]),
            ("lib", &[]),
            ("main", &[]),
            ("report", &["doctor", "exit"]),
        ],
    ),
];

/// Each with those it may use.
type Rooms = &'static [(&'static str, &'static [&'static str])];

/// The package at the root.
const COMMAND: &str = "esp-prov-rs";

#[test]
fn rooms_use_only_what_they_may() {
    for (package, rooms) in MAY_USE {
        for Source { room, code, .. } in sources().iter().filter(|one| one.package == *package) {
            let rule = rooms.iter().find(|(name, _)| name == room);
            let (_, allowed) = rule.unwrap_or_else(|| panic!("a new room of {package}: {room}"));
            for used in imports(code) {
                let below = |path: &&str| {
                    used.strip_prefix(path)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                };
                let may = below(&room.as_str()) || allowed.iter().any(below);
                assert!(may, "{room} of {package} must not know {used}");
            }
        }
    }
}

/// Whoever else writes to stdout or stderr can hold up the process, and shows what nobody has
/// cleaned.
#[test]
fn only_the_sink_writes_to_stdout_and_stderr() {
    const MAY: &[(&str, &[&str])] = &[
        ("print!", &[]),
        ("println!", &[]),
        ("dbg!", &[]),
        ("stdout()", &["report/sink.rs"]),
        // To see whether it is a terminal.
        ("stderr()", &["report/sink.rs", "report/mod.rs", "cli/prompt.rs", "cli/signals.rs"]),
        ("AutoStream", &["report/sink.rs"]),
        ("anstream::stdout", &[]),
        ("anstream::stderr", &[]),
        ("anstream::print", &[]),
        ("execute!", &[]),
        ("queue!", &[]),
        ("inquire::", &["report/ask.rs", "report/plain.rs", "cli/prompt.rs"]),
        ("indicatif::", &["report/terminal.rs", "report/batch.rs"]),
        // As they are: our own, or asked for.
        (
            "report::raw(",
            &[
                "report/sink.rs",
                "cli/commands/mod.rs",
                "cli/commands/completions.rs",
                "cli/commands/qr.rs",
                "cli/commands/send.rs",
                "cli/usage.rs",
                "cli/commands/sec2_credentials.rs",
                "cli/commands/batch/output.rs",
            ],
        ),
    ];
    for Source { file, code, .. } in sources() {
        // Clap's question whether an error is one.
        let code = code.replace(".use_stderr()", "");
        for (word, files) in MAY {
            let may = files.contains(&file.as_str());
            assert!(may || !code.contains(word), "{file} has {word}");
        }
    }
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/prompt.rs"));
    let text = text.expect("source is text");
    let only_errors = text.lines().filter(|line| line.contains("inquire::"));
    assert_eq!(only_errors.collect::<Vec<_>>(), ["use inquire::InquireError;"]);
}

/// They may grow (`#[non_exhaustive]`), so the compiler does not find a variant without words.
#[test]
fn what_is_told_has_words_in_the_command() {
    const TOLD: &[(&str, &str)] = &[
        ("esp-prov/event.rs", "Event"),
        ("esp-prov/event.rs", "Outcome"),
        ("esp-prov-batch/event.rs", "BatchEvent"),
    ];
    let sources = sources();
    let command = sources.iter().filter(|one| one.package == COMMAND);
    let command = command.map(|one| one.code.as_str()).collect::<String>();
    for (file, name) in TOLD {
        let source = sources.iter().find(|one| one.file == *file).expect("it is there");
        let (_, rest) = source.code.split_once(&format!("pub enum {name} {{\n")).expect("an enum");
        let (body, _) = rest.split_once("\n}").expect("its end");
        let variants =
            body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
        let variants = variants.map(str::trim).filter(|line| line.starts_with(char::is_uppercase));
        let variants = variants.map(|line| line.split(|c: char| !c.is_alphanumeric()).next());
        let variants = variants.flatten().collect::<Vec<_>>();
        assert!(variants.len() > 1, "{name}");
        for variant in variants {
            let is_named =
                command.match_indices(&format!("{name}::{variant}")).any(|(at, used)| {
                    !command[at + used.len()..].starts_with(|c: char| c.is_alphanumeric())
                });
            assert!(is_named, "{name}::{variant} has no words in src/");
        }
    }
}

/// A name that leads nowhere may be a secret: `files::named` decides.
#[test]
fn only_one_function_shows_paths() {
    const MAY: &[&str] = &[
        "esp-prov-input/files/mod.rs",
        "esp-prov-batch/ledger/mod.rs",
        "esp-prov-batch/hook/program.rs",
        // In an argument of the system's own program, for a file of ours.
        "esp-prov/transport/softap/windows.rs",
    ];
    for Source { file, code, .. } in sources() {
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(MAY.contains(&file.as_str()) || !code.contains(".display()"), "{file}");
    }
}

/// What a secret may be read from stands in one list, and is kept from what this program starts.
#[test]
fn variables_with_secrets_have_one_list() {
    const NO_SECRETS: &[&str] = &["ESP_PROV_SEC2_USERNAME", "ESP_PROV_SIMULATED_ADDRESS"];
    // The user's own command, with the user's own variables, as `env` and `timeout` start it.
    const LIKE_ENV: &str = "cli/commands/simulate/beside.rs";
    let sources = sources();
    let is_list = |one: &&Source| one.file == "esp-prov-input/environment.rs";
    let list = sources.iter().find(is_list).expect("the list");
    for Source { file, code, .. } in &sources {
        for (at, _) in code.match_indices("\"ESP_PROV_") {
            let name = code[at + 1..].split('"').next().unwrap_or_default();
            let is_in_it = list.code.contains(&format!("\"{name}\""));
            assert!(is_in_it || NO_SECRETS.contains(&name), "{file}: {name}");
        }
        let starts = code.contains("Command::new(") && !code.contains("clap::Command::new(");
        let has_none = code.contains("secret_variables()") || code.contains(".env_clear()");
        let may = file == LIKE_ENV || has_none;
        assert!(!starts || may, "{file} starts a program");
    }
}

/// A warning can be an error (`--deny-warnings`): whoever tells of one in a run has to ask.
#[test]
fn warnings_of_a_run_go_through_the_one_way_that_can_deny_them() {
    let tells = |one: &Source| {
        one.package == "esp-prov" && ["provision", "client"].contains(&one.room.as_str())
    };
    let told = sources().into_iter().filter(tells);
    let told = told.map(|one| one.code.matches("Event::Warning").count()).sum::<usize>();
    assert_eq!(told, 1, "provision::warnings::warn is the one place");
}

#[test]
fn only_files_reads_files() {
    for Source { file, code, .. } in sources() {
        if file.starts_with("esp-prov-batch/ledger/sqlite") {
            // Whether it may be read, and a few bytes to see whether it is one.
            continue;
        }
        // The system's own tables, which are short: of neighbours, and in a test of locks.
        if ["esp-prov/verify.rs", "esp-prov/transport/http/quick_acks.rs"].contains(&&*file) {
            continue;
        }
        // Labels as they come, each with a limit.
        if file == "cli/commands/station/input.rs" {
            continue;
        }
        let reads =
            ["fs::read(", "read_to_string(", "read_to_end(", "File::open(", "stdin().lock"].iter();
        let reads = reads.filter(|word| code.contains(**word)).collect::<Vec<_>>();
        assert!(
            reads.is_empty() || file.starts_with("esp-prov-input/files/"),
            "{file} has {reads:?}: files::read has a limit"
        );
    }
}

/// `Given` has no `Display`; this is the other way into a message. Nobody but who was asked to
/// show it (`--show-secrets`) goes it: what may be shown is `harmless`.
#[test]
fn what_was_given_is_formatted_nowhere() {
    const MAY: &[&str] = &["report/words.rs"];
    const MACROS: &[&str] =
        &["format!(", "write!(", "writeln!(", "json!(", "Failure::input(", "Failure::Internal("];
    for Source { file, code, .. } in sources() {
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, begin) in MACROS.iter().flat_map(|begin| code.match_indices(begin)) {
            let mut depth = 1;
            let rest = &code[at + begin.len()..];
            let end = rest.find(|char| {
                depth += i32::from(char == '(') - i32::from(char == ')');
                depth == 0
            });
            let formatted = &rest[..end.unwrap_or(rest.len())];
            let may = MAY.contains(&file.as_str()) || !formatted.contains(".expose()");
            assert!(may, "{file} formats what was given: {begin}{formatted}");
        }
    }
}

/// Files, types and functions that docs/architecture.md names, in its walks and its glossary.
#[test]
fn the_architecture_names_what_there_is() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["Cargo.toml", "crates", "docs", "protocomm/src", "src", "tests"];
    let files: Vec<_> = places.iter().flat_map(|place| all(here.join(place))).collect();
    let is_code =
        |file: &&PathBuf| file.extension().is_some_and(|end| end == "rs" || end == "toml");
    let code = files.iter().filter(is_code).map(|file| fs::read_to_string(file).expect("text"));
    let code = code.collect::<Vec<_>>().join("\n");
    let words = |text: &'_ str| -> Vec<String> {
        let parts = text.split(|char: char| !char.is_alphanumeric() && char != '_');
        parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let known: HashSet<_> = words(&code).into_iter().collect();

    let page = fs::read_to_string(here.join("docs/architecture.md")).expect("text");
    let prose = page.split("```").step_by(2).collect::<String>();
    let quoted = prose.split('`').skip(1).step_by(2);
    let (_, glossary) = page.split_once("| word | meaning |").expect("a glossary");
    let rows = glossary.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let terms = rows.flat_map(|row| row.split(", "));
    // The others are plain words.
    let terms = terms.filter(|term| term.contains('_') || term.starts_with(char::is_uppercase));

    let mut seen = 0;
    for name in quoted.chain(terms).filter(|name| !name.contains(' ')) {
        seen += 1;
        if name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "rs") {
            let end = format!("/{}", name.trim_end_matches('/'));
            let is_there = |file: &PathBuf| {
                let file = file.to_string_lossy().replace('\\', "/");
                file.ends_with(&end) || file.contains(&format!("{end}/"))
            };
            assert!(here.join(name).exists() || files.iter().any(is_there), "{name}");
        } else {
            let missing = words(name).into_iter().find(|word| !known.contains(word));
            assert_eq!(missing, None, "{name}");
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn imports_are_found() {
    let code = "use crate::{\n    a::{b, c::d},\n    e,\n};\nlet x = crate::f::g();\nuse crate::H;";
    assert_eq!(imports(code), ["a::{b, c::d}", "e", "f::g", "H"]);
}

/// A file of the command or of a crate; protocomm has no IO to begin with.
struct Source {
    package: String,
    /// The module at the top.
    room: String,
    /// Below `src`; of a crate with its name before.
    file: String,
    /// Without comments.
    code: String,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// With what is in its folders.
fn all(place: PathBuf) -> Vec<PathBuf> {
    if place.is_dir() { files(&place).into_iter().flat_map(all).collect() } else { vec![place] }
}

fn sources() -> Vec<Source> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut packages = vec![(COMMAND.to_owned(), here.to_owned())];
    packages.extend(files(&here.join("crates")).into_iter().map(|folder| {
        (folder.file_name().expect("a name").to_string_lossy().into_owned(), folder)
    }));
    let mut sources = Vec::new();
    for (package, folder) in packages {
        let src = folder.join("src");
        for place in files(&src) {
            let room = place.file_stem().expect("a name").to_string_lossy().into_owned();
            let is_code = |file: &PathBuf| file.extension().is_some_and(|end| end == "rs");
            for file in all(place).into_iter().filter(is_code) {
                let text = fs::read_to_string(&file).expect("source is text");
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                let path = file.strip_prefix(&src).expect("below it").to_string_lossy();
                let path = path.replace('\\', "/");
                sources.push(Source {
                    package: package.clone(),
                    room: room.clone(),
                    file: if package == COMMAND { path } else { format!("{package}/{path}") },
                    code: code.collect::<Vec<_>>().join("\n"),
                });
            }
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
