//! Reads any message by the schema: every field by its name, and the byte from which it is invalid.
//! For people who look at traffic; the protocol itself does not use this.
//!
//! The wire format is protobuf's (<https://protobuf.dev/programming-guides/encoding>), the names
//! are those of `proto/`.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use crate::{Endpoint, schema};

/// A message of the schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Message {
    /// Its name in the schema.
    pub name: &'static str,
    /// The fields it may have.
    pub fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its number on the wire.
    pub number: u32,
    /// Its name in the schema.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// Whether it may occur several times.
    pub repeated: bool,
    /// Whether it is a member of a oneof, of which at most one is present.
    pub optional: bool,
    /// Whether it holds a secret, which only the receiver should see.
    pub secret: bool,
}

/// The type of a field, as in the schema.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
#[non_exhaustive]
pub enum Kind {
    Bool,
    Int32,
    Uint32,
    Enum(&'static Enum),
    Text,
    Bytes,
    Message(&'static Message),
}

/// An enum of the schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Enum {
    /// Its name in the schema.
    pub name: &'static str,
    /// The number and the name of each value.
    pub values: &'static [(i32, &'static str)],
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the device.
    Request,
    /// From the device.
    Reply,
}

impl Message {
    /// The message that an endpoint receives or sends: those of the provisioning manager, and
    /// `custom-config` of the legacy example. `None` for `proto-ver`, which has text, and for other
    /// endpoints of applications.
    pub fn of(endpoint: &str, direction: Direction) -> Option<&'static Self> {
        let is = |one: &Endpoint| one.as_str() == endpoint;
        match direction {
            _ if is(&Endpoint::SESSION) => Some(&schema::SESSION_DATA),
            _ if is(&Endpoint::CONFIG) => Some(&schema::NETWORK_CONFIG_PAYLOAD),
            _ if is(&Endpoint::SCAN) => Some(&schema::NETWORK_SCAN_PAYLOAD),
            _ if is(&Endpoint::CONTROL) => Some(&schema::NETWORK_CTRL_PAYLOAD),
            Direction::Request if is(&Endpoint::CUSTOM_CONFIG) => {
                Some(&schema::CUSTOM_CONFIG_REQUEST)
            }
            Direction::Reply if is(&Endpoint::CUSTOM_CONFIG) => {
                Some(&schema::CUSTOM_CONFIG_RESPONSE)
            }
            _ => None,
        }
    }

    /// Reads bytes as this message, as far as they are valid.
    pub fn read(&'static self, bytes: &[u8]) -> Tree {
        read(self, bytes, 0)
    }
}

/// A message that was read. It contains its secrets, which neither `Debug` nor [`Tree::redacted`]
/// shows, and which are wiped on drop.
#[non_exhaustive]
pub struct Tree {
    /// The message it was read as.
    pub message: &'static Message,
    /// The fields that were present, in the order of the wire.
    pub nodes: Vec<Node>,
    /// What is invalid in this message itself, not in the messages within it.
    pub trouble: Option<Trouble>,
}

/// A field that was present in a message.
#[non_exhaustive]
pub struct Node {
    /// The field; `None` for a number that is not in the schema.
    pub field: Option<&'static Field>,
    /// Its number on the wire.
    pub number: u32,
    /// Where it begins, in bytes from the start of the outermost message.
    pub at: usize,
    /// Its value.
    pub value: Value,
}

/// The value of a field.
#[non_exhaustive]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// A number, or a varint of a field that is not in the schema.
    Number(i64),
    /// A value of an enum, which may be a number without a name.
    Enum(&'static Enum, i32),
    /// Text.
    Text(Zeroizing<String>),
    /// Bytes, or a field of any other wire type that is not in the schema.
    Bytes(Zeroizing<Vec<u8>>),
    /// A message within the message.
    Message(Tree),
}

/// What is invalid in a message, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// The first invalid byte, counted from 0 at the start of the outermost message.
    pub at: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.why)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({}, {} fields)", self.message.name, self.nodes.len())
    }
}

impl Tree {
    /// The first thing that is invalid in this message or in one within it.
    pub fn trouble(&self) -> Option<&Trouble> {
        let inside = self.nodes.iter().filter_map(|node| match &node.value {
            Value::Message(tree) => tree.trouble(),
            _ => None,
        });
        inside.chain(&self.trouble).min_by_key(|trouble| trouble.at)
    }

    /// Whether it contains anything that [`redacted`](Self::redacted) leaves out.
    pub fn holds_secrets(&self) -> bool {
        self.nodes.iter().any(|node| match &node.value {
            Value::Message(tree) => tree.holds_secrets(),
            value => node.is_secret() && value.len() > 0,
        })
    }

    /// The name of its message type: the value of `msg`, in this message or, in a handshake, in the
    /// one within it. If there is none on the wire, it is the type with the number 0.
    pub fn kind(&self) -> Option<&'static str> {
        let named = self.nodes.iter().find_map(|node| match (node.field?.name, &node.value) {
            ("msg", Value::Enum(table, number)) => table.name_of(*number),
            _ => None,
        });
        let inside = self.nodes.iter().find_map(|node| match &node.value {
            Value::Message(tree) => tree.kind(),
            _ => None,
        });
        let zero = self.message.fields.iter().find_map(|field| match (field.name, field.kind) {
            ("msg", Kind::Enum(table)) => table.name_of(0),
            _ => None,
        });
        named.or(inside).or(zero)
    }

    /// The message for a serializer. Secrets, and bytes of fields that are not in the schema, are
    /// replaced by their size.
    pub fn redacted(&self) -> impl Serialize {
        Shown { tree: self, secrets: false }
    }

    /// The message for a serializer, including its secrets.
    pub fn revealed(&self) -> impl Serialize {
        Shown { tree: self, secrets: true }
    }
}

impl Node {
    fn name(&self) -> Cow<'static, str> {
        match self.field {
            Some(field) => field.name.into(),
            None => format!("#{}", self.number).into(),
        }
    }

    /// Whether it is a secret. A field that is not in the schema counts as one.
    fn is_secret(&self) -> bool {
        self.field.is_none_or(|field| field.secret)
    }
}

impl Value {
    /// The length of text or bytes; 0 for other values.
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

impl Enum {
    /// The name of a number; `None` if the schema does not have it.
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        self.values.iter().find(|(one, _)| *one == number).map(|(_, name)| *name)
    }
}

/// Reads a message that begins `base` bytes into the outermost one.
fn read(message: &'static Message, bytes: &[u8], base: usize) -> Tree {
    let mut reader = Reader { bytes, at: 0, base };
    let (mut nodes, mut trouble) = (Vec::new(), None);
    while trouble.is_none() && !reader.is_at_end() {
        match node(message, &mut reader) {
            Ok(node) => nodes.push(node),
            Err(found) => trouble = Some(found),
        }
    }
    Tree { message, nodes, trouble }
}

fn node(message: &'static Message, reader: &mut Reader<'_>) -> Result<Node, Trouble> {
    let at = reader.position();
    let trouble = |why: String| Trouble { at, why };
    let key = reader.varint("a field's key")?;
    let number = u32::try_from(key >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number =
        number.ok_or_else(|| trouble(format!("{} has no field {}", message.name, key >> 3)))?;
    let field = message.fields.iter().find(|field| field.number == number);
    let name = field.map_or_else(|| format!("field {number}"), |field| field.name.into());
    let wire = Wire::of(key).ok_or_else(|| {
        trouble(format!(
            "{name} of {} has the wire type {}, which does not exist",
            message.name,
            key & 7
        ))
    })?;
    if let Some(field) = field
        && wire != field.kind.wire()
    {
        let (should, is) = (field.kind.wire().words(), wire.words());
        return Err(trouble(format!("{name} of {} should be {should}, but is {is}", message.name)));
    }
    let value = match wire {
        Wire::Varint => {
            let number = reader.varint(&name)?;
            // A negative number takes ten bytes, of which the lower 32 bits count.
            #[allow(clippy::cast_possible_truncation)]
            let low = number as u32;
            match field.map(|field| field.kind) {
                Some(Kind::Bool) => Value::Bool(number != 0),
                Some(Kind::Enum(table)) => Value::Enum(table, low.cast_signed()),
                Some(Kind::Int32) => Value::Number(low.cast_signed().into()),
                Some(_) => Value::Number(low.into()),
                None => Value::Number(number.cast_signed()),
            }
        }
        Wire::Fixed64 => Value::Bytes(reader.take(8, &name)?.to_vec().into()),
        Wire::Fixed32 => Value::Bytes(reader.take(4, &name)?.to_vec().into()),
        Wire::Length => {
            let length = reader.varint(&name)?;
            let start = reader.position();
            let bytes = reader.take(length, &name)?;
            match field.map(|field| field.kind) {
                Some(Kind::Message(inner)) => Value::Message(read(inner, bytes, start)),
                Some(Kind::Text) => match core::str::from_utf8(bytes) {
                    Ok(text) => Value::Text(String::from(text).into()),
                    Err(error) => {
                        let at = start + error.valid_up_to();
                        return Err(Trouble { at, why: format!("{name} is not UTF-8") });
                    }
                },
                _ => Value::Bytes(bytes.to_vec().into()),
            }
        }
    };
    Ok(Node { field, number, at, value })
}

/// How a field is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Varint,
    Fixed64,
    Length,
    Fixed32,
}

impl Wire {
    fn of(key: u64) -> Option<Self> {
        match key & 7 {
            0 => Some(Self::Varint),
            1 => Some(Self::Fixed64),
            2 => Some(Self::Length),
            5 => Some(Self::Fixed32),
            _ => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Varint => "a number",
            Self::Fixed64 => "8 bytes",
            Self::Length => "bytes with a length",
            Self::Fixed32 => "4 bytes",
        }
    }
}

impl Kind {
    fn wire(self) -> Wire {
        match self {
            Self::Bool | Self::Int32 | Self::Uint32 | Self::Enum(_) => Wire::Varint,
            Self::Text | Self::Bytes | Self::Message(_) => Wire::Length,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
}

impl<'a> Reader<'a> {
    fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn position(&self) -> usize {
        self.base + self.at
    }

    fn varint(&mut self, what: &str) -> Result<u64, Trouble> {
        let at = self.position();
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else {
                let why = format!("{what} is cut off");
                return Err(Trouble { at: self.position(), why });
            };
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Trouble { at, why: format!("{what} is a number of more than ten bytes") })
    }

    fn take(&mut self, length: u64, what: &str) -> Result<&'a [u8], Trouble> {
        let left = &self.bytes[self.at.min(self.bytes.len())..];
        let taken = usize::try_from(length).ok().and_then(|length| left.get(..length));
        let taken = taken.ok_or_else(|| Trouble {
            at: self.position(),
            why: format!("{what} should have {length} bytes, but {} are left", left.len()),
        })?;
        self.at += taken.len();
        Ok(taken)
    }
}

/// A tree as JSON. Messages are objects. Bytes have `hex`, and `text` if they are text; what is
/// left out has `redacted_bytes`; a message that is invalid has `trouble`. Numbers, enums and
/// booleans that were not sent because they are zero are shown, too.
struct Shown<'a> {
    tree: &'a Tree,
    secrets: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(
            self.tree.message.name,
            &Fields { tree: self.tree, secrets: self.secrets },
        )?;
        map.end()
    }
}

struct Fields<'a> {
    tree: &'a Tree,
    secrets: bool,
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let shown = |node| ShownNode { node, secrets: self.secrets };
        let of = |number: u32| self.tree.nodes.iter().filter(move |node| node.number == number);
        for field in self.tree.message.fields {
            let nodes: Vec<_> = of(field.number).map(shown).collect();
            match nodes.as_slice() {
                [] => match field.kind {
                    _ if field.optional || field.repeated => {}
                    Kind::Enum(table) => map.serialize_entry(field.name, &table.name_of(0))?,
                    Kind::Bool => map.serialize_entry(field.name, &false)?,
                    Kind::Int32 | Kind::Uint32 => map.serialize_entry(field.name, &0)?,
                    Kind::Text | Kind::Bytes | Kind::Message(_) => {}
                },
                [one] if !field.repeated => map.serialize_entry(field.name, one)?,
                several => map.serialize_entry(field.name, several)?,
            }
        }
        for node in self.tree.nodes.iter().filter(|node| node.field.is_none()) {
            map.serialize_entry(&node.name(), &shown(node))?;
        }
        if let Some(Trouble { at, why }) = &self.tree.trouble {
            map.serialize_entry("trouble", &TroubleEntry { at: *at, why })?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct TroubleEntry<'a> {
    at: usize,
    why: &'a str,
}

struct ShownNode<'a> {
    node: &'a Node,
    secrets: bool,
}

impl Serialize for ShownNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hidden = !self.secrets && self.node.is_secret();
        match &self.node.value {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Enum(table, number) => match table.name_of(*number) {
                Some(name) => serializer.serialize_str(name),
                None => serializer.serialize_i32(*number),
            },
            value @ (Value::Text(_) | Value::Bytes(_)) if hidden && value.len() > 0 => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("redacted_bytes", &value.len())?;
                map.end()
            }
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("hex", &Hex(bytes))?;
                let text = core::str::from_utf8(bytes).ok();
                let text = text.filter(|text| !text.is_empty() && !text.contains(char::is_control));
                if let Some(text) = text {
                    map.serialize_entry("text", text)?;
                }
                map.end()
            }
            Value::Message(tree) => Fields { tree, secrets: self.secrets }.serialize(serializer),
        }
    }
}

struct Hex<'a>(&'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
