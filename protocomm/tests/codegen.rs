//! `src/wire.rs` and `src/schema.rs` are generated from `proto/` and committed. Without `BLESS`, a
//! difference fails; `BLESS=1 cargo test -p protocomm --test codegen` writes them again.

use std::{fmt::Write, fs, path::Path};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

const HEADER: &str = "\
// Generated from ../proto by prost-build and protox. Do not edit:
// `BLESS=1 cargo test -p protocomm --test codegen` writes this file again.

";

/// The fields that only the receiver should see.
const SECRETS: [(&str, &str); 3] = [
    ("CmdSetWifiConfig", "passphrase"),
    ("CmdSetThreadConfig", "dataset"),
    // Belongs to the application.
    ("CustomConfigRequest", "info"),
];

fn descriptors() -> FileDescriptorSet {
    let files = [
        "session.proto",
        "network_config.proto",
        "network_scan.proto",
        "network_ctrl.proto",
        "custom_config.proto",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    protox::compile(files, [folder]).expect("the schema compiles")
}

#[test]
fn wire_code_matches_the_schema() {
    let out = tempdir();
    prost_build::Config::new()
        .out_dir(&out)
        // These carry secrets; their Debug is written by hand in `wire_debug.rs`.
        .skip_debug([".protocomm.CmdSetWifiConfig", ".protocomm.CmdSetThreadConfig"])
        .compile_fds(descriptors())
        .expect("wire code is generated");
    let fresh = HEADER.to_owned()
        + &fs::read_to_string(out.join("protocomm.rs")).expect("generated file is there");
    fs::remove_dir_all(&out).expect("temporary folder goes away");
    compare("src/wire.rs", &fresh);
}

#[test]
fn tables_match_the_schema() {
    let mut fresh = HEADER.to_owned() + "use crate::tree::{Enum, Field, Kind, Message};\n";
    for file in descriptors().file {
        for table in &file.enum_type {
            words(&mut fresh, table);
        }
        for message in &file.message_type {
            fields(&mut fresh, message);
        }
    }
    compare("src/schema.rs", &fresh);
}

fn words(text: &mut String, table: &EnumDescriptorProto) {
    let name = table.name();
    let _ = writeln!(
        text,
        "\npub(crate) static {}: Enum = Enum {{\n    name: {name:?},\n    values: &[",
        constant(name)
    );
    for value in &table.value {
        let _ = writeln!(text, "        ({}, {:?}),", value.number(), value.name());
    }
    text.push_str("    ],\n};\n");
}

fn fields(text: &mut String, message: &DescriptorProto) {
    let name = message.name();
    let _ = writeln!(
        text,
        "\npub(crate) static {}: Message = Message {{\n    name: {name:?},\n    fields: &[",
        constant(name)
    );
    for field in &message.field {
        let (number, repeated) = (field.number(), field.label() == Label::Repeated);
        let optional = field.oneof_index.is_some();
        let secret = SECRETS.contains(&(name, field.name()));
        let _ = writeln!(
            text,
            "        Field {{ number: {number}, name: {:?}, kind: {}, repeated: {repeated}, \
             optional: {optional}, secret: {secret} }},",
            field.name(),
            kind(field)
        );
    }
    text.push_str("    ],\n};\n");
}

fn kind(field: &FieldDescriptorProto) -> String {
    let of = || constant(field.type_name().trim_start_matches(".protocomm."));
    match field.r#type() {
        Type::Bool => "Kind::Bool".to_owned(),
        Type::Int32 => "Kind::Int32".to_owned(),
        Type::Uint32 => "Kind::Uint32".to_owned(),
        Type::String => "Kind::Text".to_owned(),
        Type::Bytes => "Kind::Bytes".to_owned(),
        Type::Enum => format!("Kind::Enum(&{})", of()),
        Type::Message => format!("Kind::Message(&{})", of()),
        other => panic!("{}: the tables know no {other:?}", field.name()),
    }
}

/// Turns `SessionData` into `SESSION_DATA`.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    let mut before = 'A';
    for char in name.chars() {
        if char.is_uppercase() && !before.is_uppercase() {
            constant.push('_');
        }
        constant.extend(char.to_uppercase());
        before = char;
    }
    constant
}

fn compare(path: &str, fresh: &str) {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&committed, fresh).expect("the file is writable");
    }
    let current = fs::read_to_string(&committed).unwrap_or_default();
    assert!(current == fresh, "{path} is stale: BLESS=1 cargo test -p protocomm --test codegen");
}

fn tempdir() -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("protocomm-codegen-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("temporary folder can be made");
    dir
}
