//! Every kind of message: `wire.rs` loses nothing of it, and the schema reads from it what the
//! recording says is in it.

use std::path::Path;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, Value as Field};
use protocomm::wire;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::recording::Hex;

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
    message: String,
    fields: Value,
    hex: Hex,
}

fn items() -> Vec<Item> {
    serde_json::from_str::<Items>(include_str!("protobuf.json")).expect("items").items
}

#[test]
fn every_message_comes_out_of_the_wire_code_as_it_went_in() {
    for Item { name, message, hex: Hex(bytes), .. } in items() {
        let again = match message.as_str() {
            "SessionData" => again::<wire::SessionData>(&bytes),
            "NetworkConfigPayload" => again::<wire::NetworkConfigPayload>(&bytes),
            "NetworkScanPayload" => again::<wire::NetworkScanPayload>(&bytes),
            "NetworkCtrlPayload" => again::<wire::NetworkCtrlPayload>(&bytes),
            other => panic!("{name}: {other} is not in the recordings so far"),
        };
        assert_eq!(hex::encode(again), hex::encode(bytes), "{name}");
    }
}

fn again<M: Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).expect("decodes").encode_to_vec()
}

#[test]
fn the_schema_reads_from_every_message_what_was_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let files =
        ["session.proto", "network_config.proto", "network_scan.proto", "network_ctrl.proto"];
    let schema = protox::compile(files, [folder]).expect("the schema compiles");
    let schema = DescriptorPool::from_file_descriptor_set(schema).expect("the schema is whole");
    for Item { name, message, fields, hex: Hex(bytes) } in items() {
        let descriptor = schema.get_message_by_name(&format!("protocomm.{message}"));
        let descriptor = descriptor.expect("a message of the schema");
        let message = DynamicMessage::decode(descriptor, bytes.as_slice()).expect("decodes");
        assert_eq!(as_recorded(&message), fields, "{name}");
    }
}

/// A message in the form of the file: only fields that are there, bytes as `{"hex": ".."}`,
/// enums by name or, where the schema has none, by number.
fn as_recorded(message: &DynamicMessage) -> Value {
    let field = |(field, value): (prost_reflect::FieldDescriptor, &Field)| {
        (field.name().to_owned(), value_as_recorded(&field.kind(), value))
    };
    message.fields().map(field).collect::<serde_json::Map<_, _>>().into()
}

fn value_as_recorded(kind: &Kind, value: &Field) -> Value {
    match (value, kind) {
        (Field::Bool(value), _) => json!(value),
        (Field::I32(value), _) => json!(value),
        (Field::U32(value), _) => json!(value),
        (Field::String(value), _) => json!(value),
        (Field::Bytes(value), _) => json!({ "hex": hex::encode(value) }),
        (Field::EnumNumber(number), Kind::Enum(names)) => {
            names.get_value(*number).map_or(json!(number), |value| json!(value.name()))
        }
        (Field::Message(message), _) => as_recorded(message),
        (Field::List(list), _) => list.iter().map(|one| value_as_recorded(kind, one)).collect(),
        (other, _) => panic!("{other:?} is in no message so far"),
    }
}
