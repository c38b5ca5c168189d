//! What the README generates from the program is what the program says. `BLESS=1` rewrites it.

use std::{env, fs};

use clap::CommandFactory;
use esp_prov_rs::{cli::args::Cli, exit::Exit};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

#[test]
fn its_generated_parts_are_current() {
    let help = Cli::command().term_width(96).render_help();
    let parts = [
        ("exit codes", Exit::table()),
        ("security", include_str!("../../crates/esp-prov/src/security.md").to_owned()),
        ("help", format!("```text\n{help}```\n")),
    ];

    let current = fs::read_to_string(README).expect("the README is there");
    let fresh = parts.iter().fold(current.clone(), |text, (name, part)| {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&begin).expect("the part begins");
        let (_, after) = rest.split_once(&end).expect("the part ends");
        format!("{before}{begin}{part}{end}{after}")
    });
    if env::var_os("BLESS").is_some() {
        fs::write(README, &fresh).expect("the README is writable");
        return;
    }
    assert!(current == fresh, "README.md is stale: BLESS=1 cargo test --test cli readme");
}
