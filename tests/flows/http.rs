//! HTTP byte by byte: what the client sends, and how the virtual device's server behaves.

use std::{
    net::{Ipv6Addr, SocketAddr, SocketAddrV6},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use esp_prov::{Policy, Scheme};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Persona, Quirk, Settings, VirtualDevice, serve};
use kit::process::{ToTheEnd, skip};
use kit::{
    ClosedPort, Mishap, Plan, Proxy, Served, When, connect, has_joined_home, plain_plan, plan, run,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
    time::timeout,
};

fn device() -> VirtualDevice {
    device_of(Persona::Netprov)
}

fn device_of(persona: Persona) -> VirtualDevice {
    let join_delay = Duration::from_millis(50);
    VirtualDevice::new(Settings { persona, join_delay, ..Settings::default() })
}

fn plain_device() -> VirtualDevice {
    let join_delay = Duration::from_millis(50);
    VirtualDevice::new(Settings { scheme: Scheme::Sec0, join_delay, ..Settings::default() })
}

// What the client sends.

/// All header lines but one, in lower case, sorted, and the value of that one.
fn headers(request: &Served, apart: &str) -> (Vec<String>, Vec<String>) {
    let mut lines: Vec<_> = request.head()[1..].iter().map(|line| line.to_lowercase()).collect();
    lines.sort();
    lines.into_iter().partition(|line| !line.starts_with(apart))
}

#[tokio::test]
async fn a_request_is_a_post_with_exactly_the_headers_a_device_expects() {
    let device = device();
    let proxy = Proxy::watching(&device).await;
    let ran = run(&proxy.connect(), &plan()).await;
    assert!(ran.is_connected(), "{ran}");

    let served = proxy.served();
    let paths: Vec<_> = served.iter().map(|request| request.head()[0].clone()).collect();
    let config = "POST /prov-config HTTP/1.1";
    let session = "POST /prov-session HTTP/1.1";
    assert_eq!(paths[..5], ["POST /proto-ver HTTP/1.1", session, session, config, config]);
    assert!(paths[5..].iter().all(|path| path == config), "{paths:?}");
    assert_eq!(served[0].body(), b"none");

    let mut cookies = Vec::new();
    for (number, request) in served.iter().enumerate() {
        let (others, cookie) = headers(request, "cookie:");
        let host = format!("host: {}", proxy.address);
        let length = format!("content-length: {}", request.body().len());
        assert_eq!(
            others,
            [
                "accept: text/plain",
                &length,
                "content-type: application/x-www-form-urlencoded",
                &host
            ]
        );
        assert_eq!(cookie.len(), usize::from(number > 0), "{number}: {:?}", request.head());
        cookies.extend(cookie);
        assert!(request.head().join("\r\n").len() < 400, "firmware takes 512 bytes of headers");
    }
    cookies.dedup();
    let [cookie] = &cookies[..] else { panic!("{cookies:?}") };
    let number = cookie.strip_prefix("cookie: session=").expect("the cookie of the device");
    assert!(number.parse::<u32>().is_ok(), "{cookie}");
}

#[tokio::test]
async fn a_session_is_one_connection_and_a_new_session_brings_no_old_cookie() {
    let device = device();
    let proxy = Proxy::watching(&device).await;
    let ran = run(&proxy.connect(), &plan()).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!(proxy.connections(), 1);

    let device = self::device();
    let proxy = Proxy::start(&device, When::Once(5), Mishap::Close).await;
    let ran = run(&proxy.connect(), &plan()).await;
    assert!(ran.is_connected(), "{ran}");
    assert_eq!((ran.sessions(), proxy.connections()), (2, 2), "{ran}");
    let second = proxy.served().into_iter().find(|request| request.connection == 2);
    let second = second.expect("the second connection asked something");
    assert_eq!(second.head()[0], "POST /proto-ver HTTP/1.1");
    assert_eq!(headers(&second, "cookie:").1, [""; 0]);
}

/// Even without encryption, where every message makes sense to the device that came back.
#[tokio::test]
async fn a_connection_that_is_gone_ends_the_session_whatever_the_scheme() {
    let join_delay = Duration::from_millis(500);
    for (scheme, plan) in [(Scheme::Sec0, plain_plan()), (Scheme::Sec1, plan())] {
        // It restarts while nobody asks anything.
        let quirks = vec![Quirk::RestartsOnce];
        let device =
            VirtualDevice::new(Settings { scheme, join_delay, quirks, ..Settings::default() });
        let (address, _server) = serving(&device).await;
        let ran = run(&connect(&address.to_string()), &plan).await;
        assert!(ran.is_connected() && has_joined_home(&device), "{scheme}: {ran}");
        assert_eq!((ran.sets(), device.joins()), (2, 1), "{scheme}: {ran}");

        // Behind each reply up to that to apply.
        for number in 1..=if scheme == Scheme::Sec0 { 4 } else { 5 } {
            let device = VirtualDevice::new(Settings { scheme, join_delay, ..Settings::default() });
            let proxy = Proxy::start(&device, When::Once(number), Mishap::ReplyThenClose).await;
            let ran = run(&proxy.connect(), &plan).await;
            let case = format!("{scheme}, {number}: {ran}");
            assert!(ran.is_connected() && has_joined_home(&device), "{case}");
            assert_eq!(proxy.connections(), 2, "{case}");
            let second = proxy.served().into_iter().find(|request| request.connection == 2);
            let second = second.expect("the second connection asked something");
            assert_eq!(second.head()[0], "POST /proto-ver HTTP/1.1", "{case}");
        }
    }
}

#[tokio::test]
async fn any_cookie_goes_back_as_it_came_without_its_attributes() {
    for (set, back) in [
        ("session=5", "session=5"),
        ("session=5; Path=/; HttpOnly", "session=5"),
        ("other=a=b", "other=a=b"),
    ] {
        let device = plain_device();
        let proxy = Proxy::start(&device, When::From(1), Mishap::SetCookie(set)).await;
        let ran = run(&proxy.connect(), &plain_plan()).await;
        assert!(ran.is_connected(), "{set}: {ran}");
        for request in &proxy.served()[1..] {
            assert_eq!(headers(request, "cookie:").1, [format!("cookie: {back}")], "{set}");
        }
    }
}

#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    let closed = ClosedPort::bind();
    let device = device();
    let (address, _server) = serving(&device).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
    command.args(["--no-input", "--service-name", &address.to_string(), "--ssid", "Home"]);
    command.env("ESP_PROV_POP", "abcd1234").env("ESP_PROV_PASSPHRASE", "correct-horse");
    for variable in
        ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    {
        command.env(variable, format!("http://{}", closed.address()));
    }
    command.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || command.output_in_time());
    let output = output.await.expect("it does not panic");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(has_joined_home(&device));
}

// Addresses.

#[tokio::test]
async fn a_device_is_reached_by_every_way_to_write_its_address() {
    for written in ["127.0.0.1:PORT", "http://127.0.0.1:PORT/", "localhost:PORT"] {
        let device = device();
        let proxy = Proxy::watching(&device).await;
        let port = proxy.address.port().to_string();
        let written = written.replace("PORT", &port);
        let ran = run(&connect(&written), &plan()).await;
        assert!(ran.is_connected(), "{written}: {ran}");
        let host = written.trim_start_matches("http://").trim_end_matches('/');
        assert_eq!(headers(&proxy.served()[0], "host:").1, [format!("host: {host}")]);
    }
}

#[tokio::test]
async fn ipv6_is_reached_with_and_without_a_zone() {
    let mut ways = vec![(SocketAddr::from((Ipv6Addr::LOCALHOST, 0)), "[::1]:PORT".to_owned())];
    if let Some((address, index, zone)) = link_local() {
        let socket = SocketAddrV6::new(address, 0, 0, index);
        ways.push((socket.into(), format!("[{address}%{zone}]:PORT")));
    } else {
        skip("a zone", "this machine has no link-local IPv6 address");
    }
    for (socket, written) in ways {
        let device = device();
        let mishap = Mishap::None;
        let Ok(proxy) = Proxy::on(socket, &device, When::Each(&[]), mishap).await else {
            skip(&written, "this machine does not let us listen there");
            continue;
        };
        let written = written.replace("PORT", &proxy.address.port().to_string());
        let ran = run(&connect(&written), &plan()).await;
        assert!(ran.is_connected(), "{written}: {ran}");
        // Without the zone, which means nothing to the device.
        let host = format!("host: [{}]:{}", socket.ip(), proxy.address.port());
        assert_eq!(headers(&proxy.served()[0], "host:").1, [host]);
    }
}

/// A link-local address of this machine, with the number and the name of its interface.
fn link_local() -> Option<(Ipv6Addr, u32, String)> {
    let table = std::fs::read_to_string("/proc/net/if_inet6").ok()?;
    let line = table.lines().find(|line| line.starts_with("fe80"))?;
    let mut words = line.split_whitespace();
    let address = Ipv6Addr::from(u128::from_str_radix(words.next()?, 16).ok()?);
    let index = u32::from_str_radix(words.next()?, 16).ok()?;
    Some((address, index, words.next_back()?.to_owned()))
}

fn hasty() -> Plan {
    let limit = Duration::from_millis(300);
    let policy = Policy { connect_timeout: limit, reply_timeout: limit, ..Policy::default() };
    Plan { policy, ..plan() }
}

#[tokio::test]
async fn a_name_nobody_has_is_not_found() {
    let ran = run(&connect("no-such-device.invalid"), &hasty()).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::NOT_FOUND, 1), "{ran}");
}

/// Whether it speaks before or after the request is sent is a matter of luck, the diagnosis is not.
#[tokio::test]
async fn who_speaks_unasked_speaks_no_http() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address").to_string();
    let babble = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move { while stream.write_all(&[0; 4096]).await.is_ok() {} });
        }
    });
    for _ in 0..20 {
        let ran = run(&connect(&address), &plan()).await;
        assert_eq!((ran.exit(), ran.links()), (Exit::PROTOCOL, 1), "{ran}");
        assert!(!ran.to_string().contains("unexpected message"), "{ran}");
    }
    babble.abort();
}

#[tokio::test]
async fn a_device_that_does_not_accept_is_given_up_in_time() {
    // A queue of one that nobody empties.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).expect("a port on the loopback");
    let listener = socket.listen(1).expect("a bound socket listens");
    let address = listener.local_addr().expect("a bound listener has an address");
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        waiting.push(stream);
        if waiting.len() > 20 {
            return skip("a full queue", "this machine's never is");
        }
    }
    let ran = run(&connect(&address.to_string()), &hasty()).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::CONNECT, 1), "{ran}");
    assert!(ran.took < Duration::from_secs(2), "{ran}");
}

// How the virtual device's server behaves.

/// A device on a socket; the task ends with the time it left.
async fn serving(device: &VirtualDevice) -> (SocketAddr, JoinHandle<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback");
    let address = listener.local_addr().expect("a bound listener has an address");
    let device = device.clone();
    let server = tokio::spawn(async move {
        serve(&listener, &device, Arc::new(|_| ())).await.expect("the listener works");
        Instant::now()
    });
    (address, server)
}

/// A client that sends what it is told to.
struct Raw(TcpStream);

#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Closed,
    Http(u16, Vec<String>, Vec<u8>),
}

impl Raw {
    async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("the server listens"))
    }

    async fn ask(&mut self, request: &[u8]) -> Reply {
        // It may close while we still write.
        let _ = self.0.write_all(request).await;
        self.hear().await
    }

    /// One reply, or the end. A reset is an end, too: there was more to read than it did.
    async fn hear(&mut self) -> Reply {
        let mut raw = Vec::new();
        let reply =
            async { while !is_whole(&raw) && self.0.read_buf(&mut raw).await.unwrap_or(0) > 0 {} };
        timeout(Duration::from_secs(2), reply).await.expect("a reply or the end in time");
        if raw.is_empty() {
            return Reply::Closed;
        }
        let reply = Served { connection: 0, raw };
        let head = reply.head();
        let status = head[0].split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.expect("a status line");
        Reply::Http(status, head[1..].to_vec(), reply.body().to_vec())
    }
}

fn is_whole(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    raw.len() >= head.len() + 4 + length
}

impl Reply {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Closed => None,
            Self::Http(status, ..) => Some(*status),
        }
    }

    /// In exactly this spelling, as the vendor's tool looks for it.
    fn set_cookie(&self) -> Option<&str> {
        let Self::Http(_, headers, _) = self else { return None };
        headers.iter().find_map(|line| line.strip_prefix("Set-Cookie: "))
    }
}

fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn version(headers: &str) -> Vec<u8> {
    post("/proto-ver", headers, b"none")
}

#[tokio::test]
async fn the_server_answers_wrong_requests_as_the_vendors_does() {
    let pad = |bytes: usize| format!("X: {}\r\n", "x".repeat(bytes));
    let head = |line: &str, rest: &str| format!("{line} HTTP/1.1\r\n{rest}\r\n").into_bytes();
    let no_length = head("POST /proto-ver", "Host: x\r\n");
    let chunked = [
        head("POST /proto-ver", "Transfer-Encoding: chunked\r\n"),
        b"4\r\nnone\r\n0\r\n\r\n".to_vec(),
    ];
    for (persona, name, request, status) in [
        (Persona::Netprov, "good", version(""), Some(200)),
        (Persona::Netprov, "another path", post("/nothing", "", b"x"), Some(404)),
        (Persona::Netprov, "the root", post("/", "", b"x"), Some(404)),
        (Persona::Netprov, "another case", post("/Proto-Ver", "", b"x"), Some(404)),
        (Persona::IdfV5_0, "no control", post("/prov-ctrl", "", b"x"), Some(404)),
        (Persona::Legacy, "no scan", post("/prov-scan", "", b"x"), Some(404)),
        (Persona::Netprov, "GET", head("GET /proto-ver", ""), Some(405)),
        (Persona::Netprov, "PUT", head("PUT /prov-session", ""), Some(405)),
        (Persona::Netprov, "GET of nothing", head("GET /nothing", ""), Some(404)),
        (Persona::IdfV5_0, "headers within 512", version(&pad(400)), Some(200)),
        (Persona::IdfV5_0, "headers over 512", version(&pad(520)), Some(431)),
        (Persona::Netprov, "headers within 1024", version(&pad(900)), Some(200)),
        (Persona::Netprov, "headers over 1024", version(&pad(1030)), Some(431)),
        (Persona::Netprov, "no length", no_length, None),
        (Persona::Netprov, "chunked", chunked.concat(), None),
        (Persona::Netprov, "empty", post("/proto-ver", "", b""), None),
        (Persona::Netprov, "4096 bytes", post("/proto-ver", "", &[b'x'; 4096]), Some(200)),
        (Persona::Netprov, "4097 bytes", post("/proto-ver", "", &[b'x'; 4097]), None),
        (Persona::Netprov, "a query", post("/proto-ver?x", "", b"none"), None),
        (Persona::Netprov, "no session", post("/prov-config", "", b"\x52\x00"), None),
        (Persona::Netprov, "not protobuf", post("/prov-session", "", b"\xff"), None),
    ] {
        let (address, server) = serving(&device_of(persona)).await;
        let mut client = Raw::to(address).await;
        let reply = client.ask(&request).await;
        assert_eq!(reply.status(), status, "{persona}, {name}: {reply:?}");
        let cookie = status == Some(200) && persona != Persona::Legacy;
        assert_eq!(reply.set_cookie().is_some(), cookie, "{persona}, {name}: {reply:?}");
        if status != Some(200) {
            assert_eq!(client.hear().await, Reply::Closed, "{persona}, {name}");
        }
        server.abort();
    }
}

/// In every generation, and so is a message it can't decrypt.
#[tokio::test]
async fn a_wrong_proof_is_a_closed_socket_without_a_byte() {
    for persona in Persona::ALL {
        let (address, _server) = serving(&device_of(persona)).await;
        let mut client = Raw::to(address).await;
        // A key of security 1, and a proof that nobody could have made.
        let hello = [&b"\x10\x01\x5a\x25\xa2\x01\x22\x0a\x20"[..], &[9; 32]].concat();
        let greeted = client.ask(&post("/prov-session", "", &hello)).await;
        assert_eq!(greeted.status(), Some(200), "{persona}: {greeted:?}");
        let cookie = greeted.set_cookie().map(|cookie| format!("Cookie: {cookie}\r\n"));
        let proof = [&b"\x10\x01\x5a\x27\x08\x02\xb2\x01\x22\x12\x20"[..], &[7; 32]].concat();
        let request = post("/prov-session", &cookie.unwrap_or_default(), &proof);
        assert_eq!(client.ask(&request).await, Reply::Closed, "{persona}");
    }
}

/// On a clock that jumps: nobody waits.
#[tokio::test(start_paused = true)]
async fn a_header_that_comes_too_slowly_is_answered_with_408_and_an_idle_socket_is_kept() {
    let (address, _server) = serving(&device()).await;
    let mut idle = TcpStream::connect(address).await.expect("the server listens");
    tokio::time::sleep(Duration::from_secs(60)).await;
    idle.write_all(&version("")).await.expect("it is still there");
    let mut reply = [0; 12];
    idle.read_exact(&mut reply).await.expect("a reply");
    assert_eq!(&reply, b"HTTP/1.1 200");

    let mut slow = TcpStream::connect(address).await.expect("the server listens");
    slow.write_all(b"POST /proto-ver HTTP/1.1\r\nContent").await.expect("it takes a piece");
    let mut reply = String::new();
    slow.read_to_string(&mut reply).await.expect("an answer and the end");
    assert!(reply.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{reply:?}");
}

#[tokio::test]
async fn a_cookie_comes_with_the_first_reply_alone_and_names_the_session() {
    let (address, _server) = serving(&device()).await;
    let mut client = Raw::to(address).await;
    let first = client.ask(&version("")).await;
    let cookie = first.set_cookie().expect("a new session has a cookie").to_owned();
    let number = cookie.strip_prefix("session=").expect("a session and no attributes");
    assert!(number.parse::<u32>().is_ok(), "{cookie}");

    let by_socket = client.ask(&version("")).await;
    assert_eq!((by_socket.status(), by_socket.set_cookie()), (Some(200), None));
    let too_long = client.ask(&version("Cookie: session=12345678901234567890\r\n")).await;
    assert_eq!((too_long.status(), too_long.set_cookie()), (Some(200), None), "it counts as none");
    let by_cookie = client.ask(&version(&format!("cookie: {cookie}\r\n"))).await;
    assert_eq!((by_cookie.status(), by_cookie.set_cookie()), (Some(200), None));
    let elsewhere = Raw::to(address).await.ask(&version(&format!("Cookie: {cookie}\r\n"))).await;
    assert_eq!((elsewhere.status(), elsewhere.set_cookie()), (Some(200), None));

    let mut client = Raw::to(address).await;
    let forgotten = client.ask(&version("")).await;
    let other = forgotten.set_cookie().expect("another socket without the cookie is new");
    assert_ne!(other, cookie);
    let wrong = client.ask(&version(&format!("Cookie: {cookie}\r\n"))).await;
    assert!(
        wrong.set_cookie().is_some_and(|new| new != cookie),
        "a stale cookie is new: {wrong:?}"
    );
}

#[tokio::test]
async fn a_failed_first_request_brings_no_cookie() {
    let (address, _server) = serving(&device()).await;
    let mut client = Raw::to(address).await;
    assert_eq!(client.ask(&post("/prov-config", "", b"\x52\x00")).await, Reply::Closed);
    let next = Raw::to(address).await.ask(&version("")).await;
    assert!(next.set_cookie().is_some(), "{next:?}");
}

#[tokio::test]
async fn a_wrong_cookie_ends_the_session_of_the_right_one() {
    let device = plain_device();
    let hello = b"\x52\x02\x08\x00";
    let (address, _server) = serving(&device).await;
    let mut client = Raw::to(address).await;
    let first = client.ask(&post("/prov-session", "", hello)).await;
    let cookie = first.set_cookie().expect("a new session has a cookie").to_owned();
    let wrong = client.ask(&version("Cookie: session=x\r\n")).await;
    let new = wrong.set_cookie().expect("a wrong cookie opens a session").to_owned();
    assert_ne!(cookie, new);
    let old = client.ask(&version(&format!("Cookie: {cookie}\r\n"))).await;
    assert!(old.set_cookie().is_some(), "{old:?}");
}

#[tokio::test]
async fn old_firmware_has_no_cookies() {
    let (address, _server) = serving(&device_of(Persona::Legacy)).await;
    let mut client = Raw::to(address).await;
    for _ in 0..2 {
        let reply = client.ask(&version("Cookie: session=1\r\n")).await;
        let Reply::Http(200, _, body) = &reply else { panic!("{reply:?}") };
        assert_eq!((body.as_slice(), reply.set_cookie()), (&b"V0.1"[..], None));
    }
}

#[tokio::test]
async fn a_second_connection_kicks_out_the_first() {
    let (address, _server) = serving(&device()).await;
    let mut first = Raw::to(address).await;
    assert_eq!(first.ask(&version("")).await.status(), Some(200));
    let mut second = Raw::to(address).await;
    assert_eq!(second.ask(&version("")).await.status(), Some(200));
    assert_eq!(first.hear().await, Reply::Closed);
    assert_eq!(second.ask(&version("")).await.status(), Some(200));
}

#[tokio::test]
async fn the_device_leaves_a_second_after_it_told_that_it_is_connected() {
    let device = device();
    let (address, server) = serving(&device).await;
    let ran = run(&connect(&address.to_string()), &plan()).await;
    let told = Instant::now();
    assert!(ran.is_connected(), "{ran}");
    let mut late = Raw::to(address).await;
    assert_eq!(late.ask(&version("")).await.status(), Some(200), "it is still there");

    let left = timeout(Duration::from_secs(5), server).await.expect("it leaves in time");
    let stayed = left.expect("the server works") - told;
    assert!((900..2000).contains(&stayed.as_millis()), "{stayed:?}");
    assert_eq!(late.hear().await, Reply::Closed);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
