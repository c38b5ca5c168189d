//! The console: against a virtual device over a wire in memory on which things go wrong, on a
//! paused clock.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{
    Client, Connect, Credentials, Event, FailureKind, Network, Outcome, Policy, Scheme, Transport,
    TransportError,
    commands::{Custom, SetWifiConfig},
    transport::ConsoleLink,
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Persona, Settings, VirtualDevice, serve_console};
use kit::{Plan, Ran, has_joined_home, plan};
use protocomm::{Endpoint, console::PROMPT};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::JoinHandle,
    time::{sleep, timeout},
};

const SCHEMES: [Scheme; 2] = [Scheme::Sec0, Scheme::Sec1];

fn plan_for(scheme: Scheme) -> Plan {
    kit::plan_for(scheme)
}

fn device_of(scheme: Scheme) -> VirtualDevice {
    let join_delay = Duration::from_millis(300);
    VirtualDevice::new(Settings { scheme, join_delay, ..Settings::default() })
}

/// However slow the client is.
#[cfg(unix)]
#[tokio::test]
async fn a_device_that_leaves_its_console_takes_nothing_along_that_it_said() {
    use esp_prov_simulate::PseudoTerminal;
    const SOON: Duration = Duration::from_secs(3);
    for speaks in [false, true] {
        let mut terminal = PseudoTerminal::open().expect("a pseudo-terminal");
        let port = tokio_serial::new(&terminal.path, 115_200);
        let mut client = tokio_serial::SerialStream::open(&port).expect("a port");
        terminal.device.write_all(b"reply").await.expect("it is written");
        let closing = tokio::spawn(terminal.close());
        sleep(Duration::from_millis(200)).await;
        let mut read = [0; 5];
        let said = timeout(SOON, client.read_exact(&mut read)).await.expect("it is there");
        assert!(said.is_ok() && &read == b"reply", "{said:?}");
        if speaks {
            client.write_all(b"more").await.expect("it is written");
        } else {
            drop(client);
        }
        timeout(SOON, closing).await.expect("nobody needs it").expect("no panic");
    }
}

/// It may be shorter, unlike what a handshake needs.
#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_fit_into_a_line_is_the_callers_mistake() {
    let port = Port::new(&device_of(Scheme::Sec0), false, None);
    let (policy, nobody) = (Policy::default(), |_: Event| ());
    let mut client = Client::open(&port, &policy, &nobody).await.expect("a link");
    let told = client.capabilities().await.expect("a version");
    client.establish(&Credentials::Sec0, &told).await.expect("a session");
    let long = Custom { endpoint: Endpoint::CUSTOM_DATA, body: vec![b'x'; 200] };
    let error = client.call(&long).await.expect_err("a line has 255 bytes");
    assert!(error.to_string().contains("has 200 bytes; a console line has room for"), "{error}");
    assert_eq!(error.kind(), FailureKind::InvalidInput, "{error}");
}

/// What goes wrong with one exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mishap {
    /// The request never arrives.
    LoseRequest,
    /// The reply is left out, the prompt behind it is not.
    LoseReply,
    /// Nothing comes back at all.
    Silence,
    /// The reply lacks its last digit.
    Truncate,
    /// The reply comes twice.
    Duplicate,
    /// Everything comes so late.
    Delay(Duration),
    /// Lines of garbage come before, between and after, and the echo is cut by one.
    Garbage,
    /// This cuts the reply in the middle.
    Cut(&'static str),
    /// The prompt behind the reply never comes.
    LosePrompt,
    /// The device restarts when the request arrives.
    Reboot,
    /// The port is pulled when the request arrives, and stays away.
    Unplug,
}

/// A serial port: one wire to the device, which stays when links come and go.
#[derive(Clone)]
struct Port(Arc<Shared>);

struct Shared {
    device: VirtualDevice,
    log_lines: bool,
    /// By the number of the request, from 1.
    mishap: Option<(usize, Mishap)>,
    requests: AtomicUsize,
    unplugged: AtomicBool,
    wire: tokio::sync::Mutex<DuplexStream>,
    server: Mutex<JoinHandle<()>>,
}

impl Port {
    fn new(device: &VirtualDevice, log_lines: bool, mishap: Option<(usize, Mishap)>) -> Self {
        let (wire, server) = start(device, log_lines);
        Self(Arc::new(Shared {
            device: device.clone(),
            log_lines,
            mishap,
            requests: AtomicUsize::default(),
            unplugged: AtomicBool::default(),
            wire: tokio::sync::Mutex::new(wire),
            server: Mutex::new(server),
        }))
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // The last but for a pump that ends with its link.
        if let Some((at, mishap)) = self.0.mishap
            && Arc::strong_count(&self.0) == 1
        {
            let struck = self.0.requests.load(Ordering::Relaxed) >= at;
            assert!(struck || thread::panicking(), "{mishap:?} at {at} never struck");
        }
    }
}

fn start(device: &VirtualDevice, log_lines: bool) -> (DuplexStream, JoinHandle<()>) {
    let (wire, mut end) = duplex(4096);
    let device = device.clone();
    let server = tokio::spawn(async move {
        // Ends with the wire, or when the device leaves.
        let _ = serve_console(&mut end, &device, log_lines, Arc::new(|_| {})).await;
        // A device that has left says nothing more.
        std::future::pending::<()>().await;
    });
    (wire, server)
}

#[async_trait]
impl Connect for Port {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if self.0.unplugged.load(Ordering::Relaxed) {
            return Err(TransportError::NotFound("unplugged by the test".into()));
        }
        let (end, link) = duplex(4096);
        tokio::spawn(pump(Arc::clone(&self.0), link));
        match timeout(within, ConsoleLink::wake(end)).await {
            Ok(link) => Ok(Box::new(link?)),
            Err(_) => Err(TransportError::Connect("no prompt".into())),
        }
    }
}

/// Carries bytes both ways until the link ends.
async fn pump(port: Arc<Shared>, mut link: DuplexStream) -> Option<()> {
    let mut wire = port.wire.lock().await;
    let (mut from_link, mut from_wire) = ([0; 1024], [0; 1024]);
    loop {
        tokio::select! {
            length = link.read(&mut from_link) => {
                let sent = &from_link[..length.ok().filter(|&length| length > 0)?];
                let number = match sent {
                    b"\r" => 0,
                    _ => port.requests.fetch_add(1, Ordering::Relaxed) + 1,
                };
                match port.mishap {
                    Some((at, mishap)) if at == number => {
                        let came = go_wrong(&port, &mut wire, sent, mishap).await?;
                        link.write_all(&came).await.ok()?;
                    }
                    _ => wire.write_all(sent).await.ok()?,
                }
            }
            length = wire.read(&mut from_wire) => {
                // In pieces of any length.
                for piece in from_wire[..length.ok()?].chunks(7) {
                    link.write_all(piece).await.ok()?;
                }
            }
        }
    }
}

/// What comes back for a request when something goes wrong; `None` where the port goes, too.
async fn go_wrong(
    shared: &Shared,
    wire: &mut DuplexStream,
    request: &[u8],
    mishap: Mishap,
) -> Option<Vec<u8>> {
    match mishap {
        Mishap::LoseRequest => return Some(Vec::new()),
        Mishap::Unplug => {
            shared.unplugged.store(true, Ordering::Relaxed);
            return None;
        }
        Mishap::Reboot => {
            shared.device.restart();
            let (fresh, server) = start(&shared.device, shared.log_lines);
            *wire = fresh;
            let mut running = shared.server.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *running, server).abort();
            return Some(request[..5].to_vec());
        }
        _ => wire.write_all(request).await.ok()?,
    }
    let echo = String::from_utf8_lossy(request).trim().to_owned();
    let mut came = String::new();
    let mut part = [0; 1024];
    while !(came.contains(&echo) && came.ends_with(PROMPT)) {
        let length = wire.read(&mut part).await.ok()?;
        came += &String::from_utf8_lossy(&part[..length]);
    }
    let (before, after) = came.split_once(&echo)?;
    let reply = after.trim_end_matches(PROMPT).trim();
    let came = match mishap {
        Mishap::LoseReply => format!("{before}{echo}\r\n{PROMPT}"),
        Mishap::Silence => String::new(),
        Mishap::Truncate => came.replace(reply, &reply[1..]),
        Mishap::Duplicate => came.replace(reply, &format!("{reply}\r\n{reply}")),
        Mishap::Delay(time) => {
            sleep(time).await;
            came
        }
        Mishap::Garbage => {
            let (head, tail) = echo.split_at(echo.len() - 8);
            let noise = "\u{fffd}\u{1b}[31m noise >> \r\n";
            format!("{noise}{head}{noise}{tail}\r\n{noise}0\r\n\r\n{reply}\r\n{noise}{PROMPT}")
        }
        Mishap::Cut(with) => {
            let (head, tail) = reply.split_at(reply.len() / 4 * 2);
            came.replace(reply, &format!("{head}{with}{tail}"))
        }
        Mishap::LosePrompt => came.trim_end_matches(PROMPT).to_owned(),
        _ => unreachable!("handled above"),
    };
    Some(came.into_bytes())
}

async fn run_with(scheme: Scheme, mishap: Option<(usize, Mishap)>) -> (Ran, VirtualDevice) {
    let device = device_of(scheme);
    let ran = kit::run(&Port::new(&device, false, mishap), &plan_for(scheme)).await;
    assert!(device.joins() <= 1, "{scheme}, {mishap:?}: {ran}");
    (ran, device)
}

#[tokio::test(start_paused = true)]
async fn a_device_takes_its_network_between_log_lines_in_echo_and_reply() {
    for scheme in SCHEMES {
        for log_lines in [false, true] {
            let device = device_of(scheme);
            let ran = kit::run(&Port::new(&device, log_lines, None), &plan_for(scheme)).await;
            assert!(ran.is_connected() && has_joined_home(&device), "{scheme}: {ran}");
            // One log line has no end, so that the reply it cuts is asked for again.
            let links = if log_lines { 2 } else { 1 };
            assert_eq!((ran.links(), ran.sessions()), (links, links), "{scheme}: {ran}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_mishap_up_to_the_first_poll_is_got_over() {
    use Mishap::{Delay, Duplicate, Garbage, LoseReply, LoseRequest, Silence, Truncate};
    let patient = Delay(Duration::from_secs(5));
    let too_late = Delay(Duration::from_secs(15));
    for mishap in [LoseRequest, LoseReply, Silence, Truncate, Duplicate, Garbage, patient, too_late]
    {
        for scheme in SCHEMES {
            let apply = if scheme == Scheme::Sec0 { 4 } else { 5 };
            for request in 1..=apply + 1 {
                let (ran, device) = run_with(scheme, Some((request, mishap))).await;
                let case = format!("{scheme}, {mishap:?} at {request}: {ran}");
                assert!(ran.is_connected() && has_joined_home(&device), "{case}");
                let harmless = mishap == Garbage || mishap == patient;
                assert_eq!(ran.links(), if harmless { 1 } else { 2 }, "{case}");
            }
        }
    }
}

/// Other output of the device in the middle of each reply: pieces are joined, or the reply is asked
/// for again in a new session. A piece was taken for the whole before.
#[tokio::test(start_paused = true)]
async fn a_reply_that_is_cut_is_joined_or_asked_for_again() {
    for (with, links) in [
        ("I (24-11-05 12:34:56.789) wifi: up\r\n", Some(1)),
        ("I (12:34:56.789) wifi: up\r\n", Some(1)),
        ("I wifi: up\r\n", Some(1)),
        ("\x1b[0;32mI wifi: up\x1b[0m\r\n", Some(1)),
        ("[ 23458][D][WiFiGeneric.cpp:929] _eventCallback(): Event: 8\r\n", Some(1)),
        ("Heap: 182044\r\n", Some(1)),
        ("wifi:new:<6,0>, old:<1,0>, ap:<255,255>, sta:<6,0>, prof:1\r\n", None),
        ("hello\r\n", None),
        ("182044 bytes free\r\n", Some(2)),
        ("I (5) wifi: up", Some(2)),
        ("\x1b[0;33mW (1) x: y\x1b[0m", Some(2)),
        ("\r\nHeap: 182044\r\n", Some(2)),
        ("Heap: ", Some(2)),
    ] {
        for scheme in SCHEMES {
            let apply = if scheme == Scheme::Sec0 { 4 } else { 5 };
            for request in 1..=apply + 1 {
                let mishap = Some((request, Mishap::Cut(with)));
                let (ran, device) = run_with(scheme, mishap).await;
                let case = format!("{scheme}, {with:?} in {request}: {ran}");
                assert!(ran.is_connected() && has_joined_home(&device), "{case}");
                // Small letters may be digits of an encrypted reply.
                assert_eq!(ran.links(), links.unwrap_or(ran.links().clamp(1, 2)), "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_is_lost_costs_a_second_and_nothing_else() {
    for request in 1..=6 {
        let (ran, _) = run_with(Scheme::Sec1, Some((request, Mishap::LosePrompt))).await;
        assert!(ran.is_connected(), "{request}: {ran}");
        assert_eq!(ran.links(), 1, "{request}: {ran}");
        assert!(ran.took < Duration::from_secs(3), "{request}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_heard_and_the_run_begins_again() {
    for scheme in SCHEMES {
        let apply = if scheme == Scheme::Sec0 { 4 } else { 5 };
        for request in 1..=apply {
            let (ran, device) = run_with(scheme, Some((request, Mishap::Reboot))).await;
            assert!(ran.is_connected() && has_joined_home(&device), "{scheme}, {request}: {ran}");
            assert_eq!((ran.links(), device.joins()), (2, 1), "{scheme}, {request}: {ran}");
            assert!(ran.took < Duration::from_secs(5), "heard at once: {ran}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pulled_port_is_a_missing_device_until_apply_and_a_probable_success_after() {
    for (request, exit) in [
        (1, Exit::NOT_FOUND),
        (2, Exit::NOT_FOUND),
        (3, Exit::NOT_FOUND),
        (4, Exit::NOT_FOUND),
        (5, Exit::UNCONFIRMED),
        (6, Exit::UNCONFIRMED),
    ] {
        let (ran, _) = run_with(Scheme::Sec1, Some((request, Mishap::Unplug))).await;
        assert_eq!(ran.exit(), exit, "{request}: {ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_proof_is_a_prompt_without_a_reply_twice() {
    let device = device_of(Scheme::Sec1);
    let mut plan = plan();
    plan.security.pop = Some("wrong".into());
    let ran = kit::run(&Port::new(&device, true, None), &plan).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::PROOF, 2), "{ran}");
}

/// A console gives nothing but its prompt for both, so that its list of commands is asked.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_not_there_is_told_from_a_refusal() {
    let persona = Persona::IdfV4_4;
    let device =
        VirtualDevice::new(Settings { scheme: Scheme::Sec1, persona, ..Settings::default() });
    for log_lines in [false, true] {
        let port = Port::new(&device, log_lines, None);
        for (endpoint, is_there) in [
            (Endpoint::CONTROL, false),
            (Endpoint::from_static("nope"), false),
            (Endpoint::SESSION, true),
            (Endpoint::CONFIG, true),
        ] {
            let mut link = port.connect(Duration::from_secs(10)).await.expect("it is there");
            let error = link.exchange(&endpoint, b"\xff").await.expect_err("no message");
            let is_told = matches!(&error, TransportError::NoSuchEndpoint(it) if *it == endpoint);
            let is_refused = matches!(error, TransportError::NoReply);
            assert_eq!((is_told, is_refused), (!is_there, is_there), "{endpoint}: {error}");
        }
    }
    // Where the console has no list it stays a request without a reply.
    let (end, mut wire) = duplex(4096);
    tokio::spawn(async move {
        let mut typed = [0; 256];
        while let Ok(length @ 1..) = wire.read(&mut typed).await {
            let _ = wire.write_all(&typed[..length]).await;
            let _ = wire.write_all(b"\n\n>> ").await;
        }
    });
    let mut link = ConsoleLink::wake(end).await.expect("it has a prompt");
    let error = link.exchange(&Endpoint::from_static("nope"), b"x").await.expect_err("no reply");
    assert!(matches!(error, TransportError::NoReply), "{error}");
}

#[tokio::test(start_paused = true)]
async fn security_2_does_not_fit_and_is_not_tried_again() {
    let device = device_of(Scheme::Sec2);
    let ran = kit::run(&Port::new(&device, false, None), &kit::plan_for(Scheme::Sec2)).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::UNSUPPORTED, 1), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn the_longest_network_fits_into_the_line() {
    let (device, mut plan) = (device_of(Scheme::Sec1), plan());
    plan.network = Network::Wifi(SetWifiConfig {
        ssid: kit::ssid(&"x".repeat(32)),
        passphrase: kit::passphrase(&"x".repeat(63)),
        bssid: "24:0a:c4:11:22:33".parse().ok(),
        channel: Some(14),
    });
    let ran = kit::run(&Port::new(&device, true, None), &plan).await;
    // There is no such network, which the device found out itself.
    assert_eq!(ran.exit(), Exit::NETWORK, "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_wire_with_nobody_at_its_end_is_no_device() {
    struct Dead;
    #[async_trait]
    impl Connect for Dead {
        async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
            let (end, mut other) = duplex(64);
            // It says something, but has no prompt.
            tokio::spawn(async move {
                let mut byte = [0];
                while let Ok(1) = other.read(&mut byte).await {
                    let _ = other.write_all(b"login: ").await;
                }
            });
            let woken = timeout(within, ConsoleLink::wake(end)).await;
            let link = woken.map_err(|_| TransportError::Connect("no prompt".into()))?;
            Ok(Box::new(link?))
        }
    }
    let ran = kit::run(&Dead, &plan()).await;
    assert_eq!((ran.exit(), ran.took), (Exit::CONNECT, Duration::from_secs(10)), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_second_link_finds_the_next_device_at_the_same_port() {
    let device = device_of(Scheme::Sec1);
    let port = Port::new(&device, false, None);
    for _ in 0..2 {
        let ran = kit::run(&port, &plan()).await;
        assert!(matches!(ran.result, Ok(Outcome::Connected { .. })), "{ran}");
        sleep(Duration::from_secs(2)).await;
        device.restart();
        let (wire, server) = start(&device, false);
        *port.0.wire.lock().await = wire;
        *port.0.server.lock().expect("no panic") = server;
    }
}
