//! A TCP proxy in front of a virtual device, which writes down every request and does something
//! bad to chosen ones.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use esp_prov::{address::HttpAddress, transport::HttpConnect};
use esp_prov_simulate::{VirtualDevice, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
};

use super::{When, lock};

/// What happens to an exchange. Unless it says otherwise, the device has not seen the request.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// Nothing.
    None,
    /// The connection is reset as soon as it is there.
    ResetAtAccept,
    /// The connection is reset with the request unread.
    ResetUnread,
    /// The connection is reset.
    Reset,
    /// The connection is reset when the device has acted.
    ResetAfter,
    /// The connection is closed.
    Close,
    /// The connection is closed when the device has acted.
    CloseAfter,
    /// The reply comes back, and behind it the connection is closed.
    ReplyThenClose,
    /// Nothing comes back.
    Silence,
    /// The device acts and nothing comes back.
    SilenceAfter,
    /// The device acts, half of its body comes back, and the connection is closed.
    HalfThenClose,
    /// The device acts and half of its body comes back.
    HalfThenSilence,
    /// These bytes come back, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes come back, and then these without an end.
    Endless(Vec<u8>, Vec<u8>),
    /// The device acts and its body is replaced.
    Body(Vec<u8>),
    /// The device acts and its body is changed.
    Change(fn(&mut Vec<u8>)),
    /// The device acts and its reply sets this cookie alone.
    SetCookie(&'static str),
    /// The device acts, and once more, which only it knows.
    Twice,
    /// The device forgets everything and closes the connection.
    Reboot,
}

impl Mishap {
    /// A whole HTTP response.
    pub fn http(status: &str, headers: &str) -> Self {
        let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 5\r\n\r\nerror");
        Self::Raw(text.into_bytes())
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Served {
    /// On which connection, from 1.
    pub connection: usize,
    pub raw: Vec<u8>,
}

impl Served {
    /// The head without its last empty line, line by line.
    pub fn head(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.raw);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        head.split("\r\n").map(str::to_owned).collect()
    }

    pub fn body(&self) -> &[u8] {
        &self.raw[head_length(&self.raw).expect("it was read to the end of its head")..]
    }
}

/// Fails the test if its mishap never struck.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    device: VirtualDevice,
    when: When,
    mishap: Mishap,
    served: Mutex<Vec<Served>>,
    exchanges: AtomicUsize,
    connections: AtomicUsize,
    /// Bytes of an endless reply.
    poured: AtomicU64,
    struck: AtomicBool,
    reboot: Notify,
}

impl Proxy {
    /// In front of `device`.
    pub async fn start(device: &VirtualDevice, when: When, mishap: Mishap) -> Self {
        Self::on((Ipv4Addr::LOCALHOST, 0).into(), device, when, mishap)
            .await
            .expect("a port on the loopback interface")
    }

    /// One that only writes down.
    pub async fn watching(device: &VirtualDevice) -> Self {
        Self::start(device, When::Each(&[]), Mishap::None).await
    }

    pub async fn on(
        address: SocketAddr,
        device: &VirtualDevice,
        when: When,
        mishap: Mishap,
    ) -> io::Result<Self> {
        let front = TcpListener::bind(address).await?;
        let address = front.local_addr()?;
        let back = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shared = Arc::new(Shared {
            device: device.clone(),
            when,
            struck: AtomicBool::new(matches!(mishap, Mishap::None)),
            mishap,
            served: Mutex::default(),
            exchanges: AtomicUsize::default(),
            connections: AtomicUsize::default(),
            poured: AtomicU64::default(),
            reboot: Notify::new(),
        });
        let task = tokio::spawn(live(front, back, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    pub fn connect(&self) -> HttpConnect {
        connect(&self.address.to_string())
    }

    pub fn served(&self) -> Vec<Served> {
        lock(&self.shared.served).clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    pub fn poured(&self) -> u64 {
        self.shared.poured.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        let Shared { when, mishap, struck, .. } = &*self.shared;
        let struck = struck.load(Ordering::Relaxed);
        assert!(struck || thread::panicking(), "{mishap:?} at {when:?} never struck");
    }
}

/// The way to an address as people type it.
pub fn connect(address: &str) -> HttpConnect {
    let address = address.parse::<HttpAddress>().expect("an address for a test is a valid one");
    HttpConnect::new(address)
}

/// Until the device leaves.
async fn live(front: TcpListener, back: TcpListener, shared: Arc<Shared>) {
    let backend = back.local_addr().expect("a bound listener has an address");
    let device = async {
        loop {
            tokio::select! {
                _ = serve(&back, &shared.device, Arc::new(|_| ())) => return,
                () = shared.reboot.notified() => shared.device.restart(),
            }
        }
    };
    let mut connections = JoinSet::new();
    let accepting = async {
        loop {
            let Ok((client, _)) = front.accept().await else { return };
            let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
            let shared = Arc::clone(&shared);
            connections.spawn(async move {
                // Whatever breaks here is seen by the client, and so by the test.
                let _ = shared.relay(client, number, backend).await;
            });
        }
    };
    tokio::select! { () = device => {}, () = accepting => {} }
}

impl Shared {
    async fn relay(
        &self,
        mut client: TcpStream,
        connection: usize,
        backend: SocketAddr,
    ) -> io::Result<()> {
        let next = self.exchanges.load(Ordering::Relaxed) + 1;
        if matches!(self.mishap, Mishap::ResetAtAccept) && self.when.strikes(next) {
            self.exchanges.store(next, Ordering::Relaxed);
            self.struck.store(true, Ordering::Relaxed);
            return rst(client);
        }
        let mut device = TcpStream::connect(backend).await?;
        loop {
            if client.peek(&mut [0]).await? == 0 {
                return Ok(());
            }
            let number = self.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
            let strikes = self.when.strikes(number);
            let mishap = if strikes { &self.mishap } else { &Mishap::None };
            if strikes {
                self.struck.store(true, Ordering::Relaxed);
            }
            if let Mishap::ResetUnread = mishap {
                return rst(client);
            }
            let raw = read_message(&mut client).await?;
            lock(&self.served).push(Served { connection, raw: raw.clone() });
            match mishap {
                Mishap::Reset => return rst(client),
                Mishap::Close => return Ok(()),
                Mishap::Silence => return silence(client).await,
                Mishap::Raw(bytes) => {
                    client.write_all(bytes).await?;
                    client.shutdown().await?;
                    return silence(client).await;
                }
                Mishap::Endless(head, more) => {
                    client.write_all(head).await?;
                    loop {
                        client.write_all(more).await?;
                        self.poured.fetch_add(more.len() as u64, Ordering::Relaxed);
                    }
                }
                Mishap::Reboot => {
                    self.reboot.notify_one();
                    // Wait until it has: its socket closes.
                    let _ = device.read(&mut [0]).await?;
                    return Ok(());
                }
                _ => {}
            }
            device.write_all(&raw).await?;
            let mut reply = read_message(&mut device).await?;
            match mishap {
                Mishap::ResetAfter => return rst(client),
                Mishap::CloseAfter => return Ok(()),
                Mishap::SilenceAfter => return silence(client).await,
                Mishap::HalfThenClose | Mishap::HalfThenSilence => {
                    let head = head_length(&reply).unwrap_or_default();
                    client.write_all(&reply[..usize::midpoint(head, reply.len())]).await?;
                    match mishap {
                        Mishap::HalfThenClose => return Ok(()),
                        _ => return silence(client).await,
                    }
                }
                Mishap::Body(body) => reply = with_body(&reply, body.clone()),
                Mishap::Change(change) => {
                    let head = head_length(&reply).unwrap_or_default();
                    let mut body = reply[head..].to_vec();
                    change(&mut body);
                    reply = with_body(&reply, body);
                }
                Mishap::SetCookie(cookie) => {
                    let body = reply[head_length(&reply).unwrap_or_default()..].to_vec();
                    let other = format!("Set-Cookie: {cookie}");
                    reply = with(&reply, "set-cookie:", &other, body);
                }
                Mishap::Twice => {
                    device.write_all(&raw).await?;
                    // Mostly it closes the connection instead of answering.
                    if read_message(&mut device).await.is_err() {
                        device = TcpStream::connect(backend).await?;
                    }
                }
                _ => {}
            }
            client.write_all(&reply).await?;
            if let Mishap::ReplyThenClose = mishap {
                return Ok(());
            }
        }
    }
}

/// Resets a connection by closing it.
fn rst(stream: TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

/// Says nothing until the other side has gone.
async fn silence(mut client: TcpStream) -> io::Result<()> {
    while client.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

/// A request or a reply with a Content-Length, whole.
async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        if let Some(head) = head_length(&raw)
            && raw.len() >= head + content_length(&raw[..head])
        {
            return Ok(raw);
        }
        if stream.read_buf(&mut raw).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn head_length(raw: &[u8]) -> Option<usize> {
    raw.windows(4).position(|four| four == b"\r\n\r\n").map(|end| end + 4)
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let value = |line: &str| line.strip_prefix("content-length:")?.trim().parse().ok();
    head.lines().find_map(value).unwrap_or(0)
}

/// The same reply with another body and the length that fits.
fn with_body(reply: &[u8], body: Vec<u8>) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    with(reply, "content-length:", &length, body)
}

/// The same reply with another line for one of its headers, and another body.
fn with(reply: &[u8], header: &str, line: &str, body: Vec<u8>) -> Vec<u8> {
    let head = String::from_utf8_lossy(&reply[..head_length(reply).unwrap_or_default()]);
    let is_other = |line: &&str| !line.to_lowercase().starts_with(header);
    let kept: Vec<_> = head.trim_end().split("\r\n").filter(is_other).collect();
    let head = format!("{}\r\n{line}\r\n\r\n", kept.join("\r\n"));
    [head.into_bytes(), body].concat()
}
