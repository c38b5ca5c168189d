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
    files.extend(
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| Path::new(ROOT).join(name)),
    );
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

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let mut seen = 0;
    for (page, text) in pages() {
        for (at, _) in text.match_indices("](") {
            let link = text[at + 2..].split(')').next().unwrap_or_default();
            if link.starts_with("http") {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let to = match file {
                "" => page.clone(),
                file => page.parent().expect("a folder").join(file),
            };
            assert!(to.exists(), "{}: {link}", page.display());
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
fn the_readme_is_short_and_its_pages_are_in_the_package() {
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).expect("text");
    assert!(readme.lines().count() <= 250);
    let manifest = fs::read_to_string(format!("{ROOT}/Cargo.toml")).expect("text");
    let include = manifest.lines().find(|line| line.starts_with("include")).expect("a list");
    for folder in ["/docs", "/completions", "/examples"] {
        assert!(include.contains(folder), "{include}");
    }
}
