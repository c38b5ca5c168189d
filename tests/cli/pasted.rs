//! Every block of the README, of docs/ and of CONTRIBUTING that says that it runs does so as it
//! stands, pasted into a shell in an empty folder, which is the home of its user, too. What
//! `cargo run` would build is built already.
//!
//! A block for a shell begins with ```` ```sh run ```` (`run=50` if it ends with that code), or says
//! what it wants that is not here: `device` (a board, a radio, a terminal or files of the reader's)
//! or `build` (this folder and time).

use std::{fs, path::PathBuf, thread};

use crate::run::{Process, shell};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Blocks for a shell: where each begins, its mark and its text.
fn blocks() -> Vec<(String, String, String)> {
    let docs = fs::read_dir(format!("{ROOT}/docs")).expect("a folder");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    files.extend(["README.md", "CONTRIBUTING.md"].map(|name| format!("{ROOT}/{name}").into()));
    files.sort();
    let mut blocks = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some(language) = line.trim_start().strip_prefix("```") else { continue };
            let block: Vec<_> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| !line.trim_start().starts_with("```"))
                .collect();
            if let Some(mark) = language.strip_prefix("sh") {
                let at = format!("{}:{}", file.display(), number + 1);
                blocks.push((at, mark.trim().to_owned(), block.join("\n") + "\n"));
            }
        }
    }
    blocks
}

#[test]
fn every_block_says_whether_it_runs() {
    for (at, mark, _) in blocks() {
        let known = mark == "run" || mark.starts_with("run=");
        assert!(known || ["device", "build"].contains(&mark.as_str()), "{at}: `{mark}`");
    }
}

#[cfg(unix)]
#[test]
fn what_runs_does_as_it_stands() {
    let runs = |mark: &str| mark == "run" || mark.starts_with("run=");
    let blocks: Vec<_> = blocks().into_iter().filter(|(_, mark, _)| runs(mark)).collect();
    assert!(blocks.len() > 1, "{blocks:?}");
    thread::scope(|scope| {
        for (at, mark, block) in &blocks {
            scope.spawn(move || {
                let code = mark.strip_prefix("run=").unwrap_or("0");
                let folder = tempfile::tempdir().expect("a folder");
                let block = block.replace("cargo run --release --", "esp-prov-rs");
                let ended = Process::start(shell(&format!("set -e\n{block}"), folder.path())).end();
                let told = format!("{at}: {}{}", ended.stdout, ended.stderr);
                assert_eq!(ended.code, Some(code.parse().expect("a number")), "{told}");
            });
        }
    });
}
