//! `src/wire.rs` is generated from `../proto` and committed. `BLESS=1 cargo test -p protocomm
//! --test codegen` writes it again; without `BLESS` a difference fails.

use std::{fs, path::Path};

const HEADER: &str = "\
// Generated from ../../proto by prost-build and protox. Do not edit:
// `BLESS=1 cargo test -p protocomm --test codegen` writes this file again.

";

#[test]
fn wire_code_matches_the_schema() {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let proto_dir = crate_dir.join("../proto");
    let out = tempdir();

    let files = [
        "session.proto",
        "network_config.proto",
        "network_scan.proto",
        "network_ctrl.proto",
        "custom_config.proto",
    ];
    let descriptors = protox::compile(files, [&proto_dir]).expect("the schema compiles");
    prost_build::Config::new()
        .out_dir(&out)
        // These carry secrets; their Debug is written by hand in `wire_debug.rs`.
        .skip_debug([".protocomm.CmdSetWifiConfig", ".protocomm.CmdSetThreadConfig"])
        .compile_fds(descriptors)
        .expect("wire code is generated");
    let fresh = HEADER.to_owned()
        + &fs::read_to_string(out.join("protocomm.rs")).expect("generated file is there");
    fs::remove_dir_all(&out).expect("temporary folder goes away");

    let committed = crate_dir.join("src/wire.rs");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&committed, &fresh).expect("wire.rs is writable");
    }
    let current = fs::read_to_string(&committed).unwrap_or_default();
    assert!(
        current == fresh,
        "src/wire.rs is stale: BLESS=1 cargo test -p protocomm --test codegen"
    );
}

fn tempdir() -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("protocomm-codegen-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("temporary folder can be made");
    dir
}
