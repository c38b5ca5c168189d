//! Changes to a message, made in its fields. They know wire types and no schema, so that what comes
//! out is near to what a client expects, and wrong in one place. For the world `lies` of the seeds
//! and the fuzz target `lying_device`.

#![allow(clippy::cast_possible_truncation, reason = "what is drawn below a limit fits")]

/// One change, as plain data: drawn before anything runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which field, modulo their number, those within fields included.
    pub at: u8,
    /// What becomes of it.
    pub what: Change,
}

/// What becomes of a field, or of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another field number; 0 and more than 29 bits are none.
    Number(u32),
    /// Another wire type, also one that is none.
    WireType(u8),
    /// A number, or a field of another type: an unknown value, another status, a huge count.
    Set(u64),
    /// Numbers and lengths take so many bytes, of which 10 are allowed.
    Long(u8),
    /// A length that is not that of what follows.
    Length(u64),
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes cut off or filled up with this one: a key of a wrong length.
    Resize(u16, u8),
    /// All bytes the same: a key of zero.
    Fill(u8),
    /// One bit of the field's bytes.
    Flip(u16),
    /// So many of it.
    Repeat(u16),
    /// None of it.
    Remove,
    /// Another field after it.
    Insert(u32, u64),
    /// A message in messages, so deep.
    Nest(u8),
    /// The message cut off here.
    Cut(u16),
    /// One bit of the message.
    FlipRaw(u16),
    /// Bytes after the message.
    Append(Vec<u8>),
    /// Another message altogether.
    Replace(Vec<u8>),
}

/// No transport takes a longer reply: HTTP's limit is 64 KiB, that of the others below it.
const LONGEST: usize = 64 * 1024;

/// Text that a terminal obeys, that is no UTF-8, or that takes much room.
const TEXTS: &[&[u8]] = &[
    b"",
    b"\0",
    b"Home",
    b"Home\0hidden",
    b"\x1b[2J\x1b[1;31mowned\x1b]0;title\x07",
    b"line\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"\xff\xfe\xc0\x80\xed\xa0\x80",
    "\u{202e}txt.exe\u{2066}".as_bytes(),
    "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".as_bytes(),
    b"192.168.1.57",
    b"{\"event\":\"finished\"}\n",
    b"%s%n%x",
];

/// Points of small order on Curve25519: the shared secret of every key with one of them is zero.
const SMALL: &str = include_str!("../../../protocomm/tests/low_order.txt");

/// The prime of security 2 (RFC 5054, 3072 bits), which is zero modulo itself.
const PRIME: &str = "\
    ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
    ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
    ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
    83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
    e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
    15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
    abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
    bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff";

/// Replies of devices, one to each command: each fits another than the one it is given to.
pub const REPLIES: &[&str] = &[
    // Session: security 0, 1, 2, both halves.
    "5205080 1aa0100",
    "08015a0708 01aa01021000",
    "0801 5a27 0803 ba01 22 1a20 0000000000000000000000000000000000000000000000000000000000000000",
    "0802 6204 0801 aa01 00",
    "0802 6205 0803 ba01 00",
    // Status: connected, connecting, disconnected, failed, an attempt failed, refused.
    "08015a21 5a1f 0a0c3139322e3136382e312e3537 1803 1a04486f6d65 2206010203040506 2806",
    "08015a021001",
    "08015a021002",
    "08015a0410035000",
    "08015a0410035001",
    "08015a0610016202 0802",
    "08015a020805",
    // Wi-Fi and Thread set and applied, taken and refused.
    "08036a00",
    "08036a020804",
    "08057a00",
    "08057a020805",
    "08094a00",
    "08099a0100",
    "080baa0100",
    // Thread: attached to `Home-Thread`, attaching, failed.
    "08078a011f5a1d08feca031208dead00beef00cafe180f220b486f6d652d546872656164",
    "08078a01021001",
    "08078a010410035001",
    // Scan: started, done with 2, one entry, a page of nothing.
    "08015a00",
    "08036a0408011002",
    "08036a0808011080808008",
    "08057a180a160a04486f6d65100618d6ffffffffffffffff012803",
    "08057a00",
    "08078a0100",
    "08099a010408011001",
    "080baa0100",
    // Control.
    "08026200",
    "08047200",
    "0802100 56200",
    "08068201 00",
    // Of an application.
    "5355434345535300",
    "102f",
];

/// Bytes from hexadecimal digits; what is none is skipped.
pub fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        digits.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

impl Edit {
    /// Draws one; `below(n)` draws a number below `n`.
    pub fn draw(below: &mut dyn FnMut(u32) -> u32) -> Self {
        let at = below(24) as u8;
        let what = match below(20) {
            0 => Change::Number([0, 1, 2, 3, 10, 11, 12, 15, 20, 100, 1 << 29][below(11) as usize]),
            1 => Change::WireType(below(8) as u8),
            2..=4 => Change::Set(number(below)),
            5 => Change::Long(2 + below(11) as u8),
            6 => Change::Length(number(below)),
            7 | 8 => Change::Bytes(text(below)),
            9 => Change::Resize(
                [0, 1, 5, 6, 7, 11, 12, 13, 15, 16, 31, 32, 33, 63, 64, 65, 383, 384, 385, 4096]
                    [below(20) as usize],
                below(256) as u8,
            ),
            10 => Change::Fill([0, 0xff][below(2) as usize]),
            11 => Change::Flip(below(4096) as u16),
            12 => Change::Repeat([2, 3, 16, 17, 300, 5000][below(6) as usize]),
            13 => Change::Remove,
            14 => Change::Insert(1 + below(22), number(below)),
            15 => Change::Nest(1 + below(200) as u8),
            16 => Change::Cut(below(96) as u16),
            17 => Change::FlipRaw(below(4096) as u16),
            18 => Change::Append(match below(3) {
                0 => vec![0],
                1 => text(below),
                _ => vec![below(256) as u8; 1 + below(8) as usize],
            }),
            _ => Change::Replace(match below(8) {
                0 => Vec::new(),
                1 => text(below),
                _ => hex(REPLIES[below(REPLIES.len() as u32) as usize]),
            }),
        };
        Self { at, what }
    }

    /// The message with this change. A field is not repeated beyond `LONGEST`, however often
    /// others were before it.
    pub fn apply(&self, message: &[u8]) -> Vec<u8> {
        let whole = |field: &mut dyn FnMut(&mut Field)| match read(message, true) {
            Some(mut fields) => {
                let count = count(&fields);
                if count > 0 {
                    nth(&mut fields, usize::from(self.at) % count, field);
                }
                write(&fields)
            }
            None => message.to_vec(),
        };
        match &self.what {
            Change::Cut(at) => message[..message.len().min((*at).into())].to_vec(),
            Change::FlipRaw(bit) => flipped(message, *bit),
            Change::Append(bytes) => [message, bytes].concat(),
            Change::Replace(bytes) => bytes.clone(),
            change => whole(&mut |field| field.change(change)),
        }
    }
}

fn number(below: &mut dyn FnMut(u32) -> u32) -> u64 {
    match below(4) {
        0 | 1 => below(12).into(),
        2 => {
            [127, 128, 255, 256, 65535, 65536, u64::MAX, i64::MAX as u64, 1 << 31, u32::MAX.into()]
                [below(10) as usize]
        }
        _ => u64::from(below(u32::MAX)) << below(32),
    }
}

fn text(below: &mut dyn FnMut(u32) -> u32) -> Vec<u8> {
    match below(8) {
        0 => {
            let points: Vec<_> = SMALL.lines().collect();
            hex(points[below(points.len() as u32) as usize])
        }
        1 => hex(PRIME),
        2 => vec![b'A'; [33, 64, 1000, 70_000][below(4) as usize]],
        _ => TEXTS[below(TEXTS.len() as u32) as usize].to_vec(),
    }
}

/// With one bit changed.
pub fn flipped(bytes: &[u8], bit: u16) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if !bytes.is_empty() {
        let bit = usize::from(bit) % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes
}

/// A field, and how it is written.
#[derive(Clone, Debug)]
struct Field {
    number: u32,
    value: Value,
    /// Instead of the wire type that fits.
    wire: Option<u8>,
    /// Instead of the length that fits.
    length: Option<u64>,
    /// How many bytes numbers take at least.
    long: u8,
    times: u16,
    /// What follows it.
    after: Vec<Field>,
}

#[derive(Clone, Debug)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
    /// What reads as one.
    Message(Vec<Field>),
    Fixed(Vec<u8>),
}

impl Field {
    fn new(number: u32, value: Value) -> Self {
        Self { number, value, wire: None, length: None, long: 1, times: 1, after: Vec::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.value {
            Value::Number(_) => Vec::new(),
            Value::Bytes(bytes) | Value::Fixed(bytes) => bytes.clone(),
            Value::Message(fields) => write(fields),
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Number(number) => self.number = *number,
            Change::WireType(wire) => self.wire = Some(*wire),
            Change::Set(number) => self.value = Value::Number(*number),
            Change::Long(bytes) => self.long = *bytes,
            Change::Length(length) => self.length = Some(*length),
            Change::Bytes(bytes) => self.value = Value::Bytes(bytes.clone()),
            Change::Resize(length, byte) => {
                let mut bytes = self.bytes();
                bytes.resize((*length).into(), *byte);
                self.value = Value::Bytes(bytes);
            }
            Change::Fill(byte) => self.value = Value::Bytes(vec![*byte; self.bytes().len()]),
            Change::Flip(bit) => match &mut self.value {
                Value::Number(number) => *number ^= 1 << (bit % 8),
                _ => self.value = Value::Bytes(flipped(&self.bytes(), *bit)),
            },
            Change::Repeat(times) => self.times = *times,
            Change::Remove => self.times = 0,
            Change::Insert(number, value) => {
                self.after.push(Field::new(*number, Value::Number(*value)));
            }
            Change::Nest(depth) => {
                for _ in 0..*depth {
                    let inner = std::mem::replace(&mut self.value, Value::Number(0));
                    let number = self.number;
                    self.value = Value::Message(vec![Field::new(number, inner)]);
                }
            }
            Change::Cut(_) | Change::FlipRaw(_) | Change::Append(_) | Change::Replace(_) => {}
        }
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// What reads as a message: of text that does by chance, too, which does no harm.
fn read(mut bytes: &[u8], is_outer: bool) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = u32::try_from(key >> 3).ok().filter(|number| (1..64).contains(number))?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut bytes)?),
            1 => Value::Fixed(take(&mut bytes, 8)?.to_vec()),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let inner = take(&mut bytes, length)?;
                match read(inner, false) {
                    Some(fields) => Value::Message(fields),
                    None => Value::Bytes(inner.to_vec()),
                }
            }
            5 => Value::Fixed(take(&mut bytes, 4)?.to_vec()),
            _ => return None,
        };
        fields.push(Field::new(number, value));
    }
    (is_outer || !fields.is_empty()).then_some(fields)
}

fn count(fields: &[Field]) -> usize {
    let within = |field: &Field| match &field.value {
        Value::Message(fields) => count(fields),
        _ => 0,
    };
    fields.iter().map(|field| 1 + within(field)).sum()
}

/// Finds one field, in the order in which they are written.
fn nth(fields: &mut [Field], mut at: usize, found: &mut dyn FnMut(&mut Field)) -> usize {
    for field in fields {
        if at == 0 {
            found(field);
            return usize::MAX;
        }
        at -= 1;
        if let Value::Message(within) = &mut field.value {
            at = nth(within, at, found);
            if at == usize::MAX {
                return at;
            }
        }
    }
    at
}

fn write(fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        let mut one = Vec::new();
        let fits = match &field.value {
            Value::Number(_) => 0,
            Value::Fixed(bytes) if bytes.len() == 8 => 1,
            Value::Fixed(_) => 5,
            Value::Bytes(_) | Value::Message(_) => 2,
        };
        let wire = field.wire.unwrap_or(fits);
        put(&mut one, u64::from(field.number) << 3 | u64::from(wire), 1);
        match &field.value {
            Value::Number(number) => put(&mut one, *number, field.long),
            Value::Fixed(bytes) => one.extend(bytes),
            Value::Bytes(_) | Value::Message(_) => {
                let bytes = field.bytes();
                put(&mut one, field.length.unwrap_or(bytes.len() as u64), field.long);
                one.extend(bytes);
            }
        }
        let most = (LONGEST / one.len()).max(1);
        for _ in 0..most.min(field.times.into()) {
            out.extend(&one);
        }
        out.extend(write(&field.after));
    }
    out
}

/// A varint that takes `least` bytes or more.
fn put(out: &mut Vec<u8>, mut number: u64, least: u8) {
    for taken in 1.. {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 && taken >= least {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}
