//! What docs/ generates from the program is what the program says (`BLESS=1` rewrites it), and links
//! lead somewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use esp_prov_rs::{cli::args::Cli, exit::Exit};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn its_generated_parts_are_current() {
    let help = Cli::command().term_width(96).render_help();
    let parts = [
        ("exit codes", Exit::table()),
        ("security", include_str!("../../crates/esp-prov/src/security.md").to_owned()),
        ("help", format!("```text\n{help}```\n")),
    ];

    keep_current("docs/commands.md", &parts);
}

/// Compares the generated parts of a page, or writes them anew.
pub(crate) fn keep_current(page: &str, parts: &[(&str, String)]) {
    let path = format!("{ROOT}/{page}");
    let current = fs::read_to_string(&path).expect("the page is there");
    let fresh = parts.iter().fold(current.clone(), |text, (name, part)| {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&begin).expect("the part begins");
        let (_, after) = rest.split_once(&end).expect("the part ends");
        format!("{before}{begin}{part}{end}{after}")
    });
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &fresh).expect("the page is writable");
        return;
    }
    assert!(current == fresh, "{page} is stale: BLESS=1 cargo test --test cli current");
}

/// Pages for people: each file and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(format!("{ROOT}/docs")).expect("a folder");
    let mut files: Vec<_> = docs.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    let others = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
    files.extend(others.map(|name| Path::new(ROOT).join(name)));
    let page = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        (path, text)
    };
    files.into_iter().map(page).collect()
}

/// What a heading is called in links, as GitHub does it.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|char| char.is_alphanumeric() || "-_".contains(*char)).collect()
    };
    headings.map(anchor).collect()
}

/// Files on the project's page, which a link from the published package has to name in full.
const ONLINE: &str = "https://github.com/esp-prov-rs/esp-prov-rs/blob/main/";

/// Whether the published package has this file.
fn is_packed(file: &Path) -> bool {
    let manifest = fs::read_to_string(format!("{ROOT}/Cargo.toml")).expect("text");
    let include = manifest.lines().find(|line| line.starts_with("include")).expect("a list");
    let root = Path::new(ROOT).canonicalize().expect("it is there");
    let path = file.canonicalize().expect("it is there");
    let path = path.strip_prefix(&root).expect("of this project");
    let top = path.components().next().expect("a name").as_os_str().to_str().expect("ASCII");
    include.contains(&format!("\"/{top}\""))
}

#[test]
fn links_lead_to_files_and_headings_that_are_there_and_in_the_package() {
    let mut seen = 0;
    for (page, text) in pages() {
        for (at, _) in text.match_indices("](") {
            let link = text[at + 2..].split(')').next().unwrap_or_default();
            let local = link.strip_prefix(ONLINE);
            if link.starts_with("http") && local.is_none() {
                continue;
            }
            seen += 1;
            let path = local.unwrap_or(link);
            let (file, anchor) = path.split_once('#').unwrap_or((path, ""));
            let to = match (local, file) {
                (Some(_), file) => Path::new(ROOT).join(file),
                (None, "") => page.clone(),
                (None, file) => page.parent().expect("a folder").join(file),
            };
            assert!(to.exists(), "{}: {link}", page.display());
            assert!(local.is_some() || is_packed(&to), "{}: {link}: use {ONLINE}", page.display());
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&to).expect("text"));
                assert!(
                    there.iter().any(|one| one == anchor),
                    "{}: {link}: {there:?}",
                    page.display()
                );
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).expect("text");
    assert!(readme.lines().count() <= 250);
}

#[test]
fn rust_in_the_readme_is_from_an_example_that_runs() {
    let flat = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let examples = fs::read_dir(format!("{ROOT}/examples")).expect("a folder");
    let examples = examples.map(|file| fs::read_to_string(file.expect("an entry").path()));
    let examples: Vec<_> = examples.map(|text| flat(&text.expect("text"))).collect();
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).expect("text");
    let blocks = readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    let blocks: Vec<_> = blocks.map(|block| flat(block.trim())).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(examples.iter().any(|example| example.contains(&block)), "{block}");
    }
}
