//! Provisioning over HTTP: reassembles TCP streams and finds the requests and responses in them.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::SystemTime,
};

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};
use protocomm::Endpoint;

use super::{
    Exchange, Found,
    container::{Network, Packet},
};

/// The source and the destination of one direction of a connection.
type Ends = (SocketAddr, SocketAddr);

/// All directions of all connections.
#[derive(Default)]
pub(super) struct Streams {
    open: BTreeMap<Ends, Vec<Stream>>,
}

/// One direction of a connection.
#[derive(Default)]
struct Stream {
    /// The sequence number of its first byte.
    base: u32,
    segments: Vec<Segment>,
    is_closed: bool,
}

struct Segment {
    sequence: u32,
    bytes: Vec<u8>,
    packet: u64,
    time: Option<SystemTime>,
}

impl Streams {
    pub(super) fn take(&mut self, packet: &Packet<'_>, link: Network) {
        let bytes = packet.bytes;
        // Lax, because with segmentation offload the length in the IP header may be 0.
        let ip = |after: usize| bytes.get(after..).and_then(|ip| LaxSlicedPacket::from_ip(ip).ok());
        let sliced = match link {
            Network::Ethernet => LaxSlicedPacket::from_ethernet(bytes).ok(),
            Network::Ip => ip(0),
            Network::Loopback => ip(4),
            Network::Cooked => ip(16),
            Network::Cooked2 => ip(20),
        };
        let Some(LaxSlicedPacket { net: Some(net), transport: Some(transport), .. }) = sliced
        else {
            return;
        };
        let (from, to): (IpAddr, IpAddr) = match net {
            LaxNetSlice::Ipv4(ip) => {
                (ip.header().source_addr().into(), ip.header().destination_addr().into())
            }
            LaxNetSlice::Ipv6(ip) => {
                (ip.header().source_addr().into(), ip.header().destination_addr().into())
            }
            LaxNetSlice::Arp(_) => return,
        };
        let TransportSlice::Tcp(tcp) = transport else { return };
        let ends = ((from, tcp.source_port()).into(), (to, tcp.destination_port()).into());
        let streams = self.open.entry(ends).or_default();
        let sequence = tcp.sequence_number();
        if tcp.syn() || streams.is_empty() {
            let base = sequence.wrapping_add(u32::from(tcp.syn()));
            // A repeated SYN begins the same connection.
            if streams.last().is_none_or(|stream| stream.base != base) {
                streams.push(Stream { base, ..Stream::default() });
            }
        }
        let Some(stream) = streams.last_mut() else { return };
        stream.is_closed |= tcp.fin() || tcp.rst();
        if !tcp.payload().is_empty() {
            let bytes = tcp.payload().to_vec();
            let (packet, time) = (packet.number, packet.time);
            stream.segments.push(Segment { sequence, bytes, packet, time });
        }
    }

    pub(super) fn end(self, found: &mut Found) {
        for ((client, device), streams) in &self.open {
            for (index, stream) in streams.iter().enumerate() {
                let asked = stream.whole();
                if !asked.bytes.starts_with(b"POST /") && !asked.bytes.starts_with(b"GET /") {
                    continue;
                }
                let back = self.open.get(&(*device, *client)).and_then(|back| back.get(index));
                let requests = requests(&asked);
                // A request for one of these shows that this is provisioning.
                let is_ours = |request: &HttpRequest| {
                    Endpoint::MANAGER.iter().any(|one| one.as_str() == request.endpoint)
                };
                if !requests.iter().any(is_ours) {
                    continue;
                }
                let told = back.map(Stream::whole).unwrap_or_default();
                let closed = stream.is_closed || back.is_some_and(|back| back.is_closed);
                let between = format!("{} > {device}", client.ip());
                pair(requests, &told, closed, &between, found);
                for packet in [&asked, &told].into_iter().filter_map(|whole| whole.gap) {
                    found.notes.add(format!(
                        "packet {packet}: bytes before it are missing from the capture; the rest \
                         of this connection is not read"
                    ));
                }
            }
        }
    }
}

/// A reassembled stream.
#[derive(Default)]
struct Whole {
    bytes: Vec<u8>,
    /// Where each segment begins, and its packet and time.
    marks: Vec<(usize, u64, Option<SystemTime>)>,
    /// The packet before which bytes are missing.
    gap: Option<u64>,
}

impl Whole {
    /// The number and the time of the packet that contains a byte.
    fn packet(&self, at: usize) -> (u64, Option<SystemTime>) {
        let after = self.marks.partition_point(|(start, ..)| *start <= at);
        let before = after.checked_sub(1).and_then(|index| self.marks.get(index));
        before.map_or((0, None), |(_, packet, time)| (*packet, *time))
    }
}

impl Stream {
    fn whole(&self) -> Whole {
        let mut segments: Vec<_> = self.segments.iter().collect();
        // A segment is less than half the sequence space from the first byte.
        let place = |segment: &Segment| segment.sequence.wrapping_sub(self.base).cast_signed();
        segments.sort_by_key(|segment| (place(segment), segment.packet));
        let mut whole = Whole::default();
        for segment in segments {
            let at = i64::from(place(segment));
            let have = i64::try_from(whole.bytes.len()).unwrap_or(i64::MAX);
            if at > have {
                whole.gap = Some(segment.packet);
                break;
            }
            let known = usize::try_from(have - at).unwrap_or(usize::MAX);
            // Bytes that came before are a retransmission.
            let Some(fresh) = segment.bytes.get(known..).filter(|fresh| !fresh.is_empty()) else {
                continue;
            };
            whole.marks.push((whole.bytes.len(), segment.packet, segment.time));
            whole.bytes.extend_from_slice(fresh);
        }
        whole
    }
}

struct HttpRequest {
    endpoint: String,
    is_post: bool,
    body: Vec<u8>,
    packet: u64,
    time: Option<SystemTime>,
}

fn requests(stream: &Whole) -> Vec<HttpRequest> {
    let (mut requests, mut at) = (Vec::new(), 0);
    while at < stream.bytes.len() {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = request.parse(&stream.bytes[at..]) else {
            break;
        };
        let rest = &stream.bytes[at + head..];
        let Some((body, length)) = body(request.headers, rest, false) else { break };
        let (packet, time) = stream.packet(at);
        let path = request.path.unwrap_or_default().trim_start_matches('/');
        requests.push(HttpRequest {
            endpoint: path.to_owned(),
            is_post: request.method == Some("POST") && !path.is_empty() && !path.contains('/'),
            body,
            packet,
            time,
        });
        at += head + length;
    }
    requests
}

/// Matches each request with its response.
fn pair(requests: Vec<HttpRequest>, told: &Whole, closed: bool, between: &str, found: &mut Found) {
    let mut at = 0;
    for request in requests {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let rest = told.bytes.get(at..).unwrap_or_default();
        let mut exchange = Exchange {
            packet: request.packet,
            time: request.time,
            took: None,
            between: between.to_owned(),
            endpoint: request.endpoint,
            request: request.body,
            reply: None,
            failure: None,
            http_status: None,
        };
        let no_reply = if closed {
            ("no-reply", "the connection was closed without a response")
        } else {
            ("cut-off", "the response is not in the capture")
        };
        let no_reply = Some((no_reply.0, no_reply.1.to_owned()));
        let head = response.parse(rest);
        match head {
            Ok(httparse::Status::Complete(head)) => {
                let (_, time) = told.packet(at);
                exchange.took = time.zip(request.time).and_then(|(a, b)| a.duration_since(b).ok());
                match (body(response.headers, &rest[head..], true), response.code) {
                    (Some((body, length)), Some(200)) => {
                        exchange.reply = Some(body);
                        at += head + length;
                    }
                    (Some((_, length)), Some(status)) => {
                        exchange.failure = Some(("http", format!("HTTP {status}")));
                        exchange.http_status = Some(status);
                        at += head + length;
                    }
                    _ => {
                        exchange.failure = no_reply;
                        at = told.bytes.len();
                    }
                }
            }
            Ok(httparse::Status::Partial) => {
                exchange.failure = no_reply;
                at = told.bytes.len();
            }
            Err(error) => {
                exchange.failure = Some(("not-http", format!("the answer is not HTTP: {error}")));
                at = told.bytes.len();
            }
        }
        if request.is_post {
            found.exchanges.push(exchange);
        }
    }
}

/// A body and the number of bytes it takes; `None` if it is incomplete.
fn body(
    headers: &[httparse::Header<'_>],
    rest: &[u8],
    to_the_end: bool,
) -> Option<(Vec<u8>, usize)> {
    let value = |name: &str| {
        let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    if let Some(length) = value("content-length") {
        let length = length.trim().parse().ok()?;
        return Some((rest.get(..length)?.to_vec(), length));
    }
    if value("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        let (mut body, mut at) = (Vec::new(), 0);
        loop {
            let Ok(httparse::Status::Complete((head, size))) =
                httparse::parse_chunk_size(rest.get(at..)?)
            else {
                return None;
            };
            at += head;
            let end = at.checked_add(usize::try_from(size).ok()?)?;
            body.extend_from_slice(rest.get(at..end)?);
            // The line end after the chunk.
            at = end.checked_add(2)?;
            if size == 0 {
                return Some((body, at.min(rest.len())));
            }
        }
    }
    Some(if to_the_end { (rest.to_vec(), rest.len()) } else { (Vec::new(), 0) })
}
