//! What goes wrong on real sockets: each ends in time, in the right exit code, and never in a
//! success that is none.

use std::{rc::Rc, time::Duration};

use esp_prov::{Policy, Scheme, Security};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault as DeviceFault, Settings, VirtualDevice};
use kit::{Mishap, Plan, Proxy, Ran, Step, When, connect, has_joined_home, hex, plan, run};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::{JoinSet, LocalSet},
};

const PROOFS_OF_TWO_SESSIONS: When = When::Each(&[3, 6]);

/// Two attempts, one second for everything, and some more for the join on a busy machine.
fn impatient(scheme: Scheme) -> Plan {
    let policy = Policy {
        connect_timeout: Duration::from_secs(1),
        reply_timeout: Duration::from_secs(1),
        join_timeout: Duration::from_secs(6),
        timeout: Duration::from_secs(60),
        poll_interval: Duration::from_millis(200),
        attempts: 2,
        deny_warnings: false,
        waits_for_adapter: true,
    };
    let pop = (scheme == Scheme::Sec1).then(|| "abcd1234".into());
    Plan { security: Security { pop, ..Security::default() }, policy, ..plan() }
}

fn device(scheme: Scheme) -> VirtualDevice {
    // So long that the first poll always comes before it, however busy this machine is.
    let join_delay = Duration::from_millis(600);
    VirtualDevice::new(Settings { scheme, join_delay, ..Settings::default() })
}

/// Where it strikes, what, and what comes of it.
struct Case {
    scheme: Scheme,
    when: When,
    mishap: Mishap,
    exit: Exit,
    /// How often the device was told to join.
    joins: u32,
}

/// With security 1, once.
fn once(step: Step, mishap: Mishap, exit: Exit, joins: u32) -> Case {
    Case { scheme: Scheme::Sec1, when: step.once(), mishap, exit, joins }
}

/// With security 1, from there on.
fn onwards(step: Step, mishap: Mishap, exit: Exit, joins: u32) -> Case {
    Case { when: step.onwards(), ..once(step, mishap, exit, joins) }
}

/// With security 0, once.
fn plain(step: Step, mishap: Mishap, exit: Exit, joins: u32) -> Case {
    let when = When::Once(step.exchange(Scheme::Sec0));
    Case { scheme: Scheme::Sec0, when, ..once(step, mishap, exit, joins) }
}

/// Runs them side by side, since most of their time is waiting, but not all at once, since
/// their limits are real.
async fn check(cases: Vec<Case>) {
    let room = Rc::new(Semaphore::new(12));
    let here = LocalSet::new();
    let mut running = JoinSet::new();
    for case in cases {
        let room = Rc::clone(&room);
        let turn = async move {
            let _turn = room.acquire().await.expect("nobody closes it");
            check_one(case).await;
        };
        running.spawn_local_on(turn, &here);
    }
    let all = async {
        while let Some(result) = running.join_next().await {
            if let Err(error) = result {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    };
    here.run_until(all).await;
}

async fn check_one(case: Case) -> (Ran, Proxy) {
    let Case { scheme, when, mishap, exit, joins } = case;
    let name = format!("{scheme}, {when:?}, {:.200}", format!("{mishap:?}"));
    let device = device(scheme);
    let proxy = Proxy::start(&device, when, mishap).await;
    let ran = run(&proxy.connect(), &impatient(scheme)).await;
    assert_eq!(ran.exit(), exit, "{name}: {ran}");
    assert_eq!(device.joins(), joins, "{name}: {ran}");
    assert!(!ran.is_connected() || has_joined_home(&device), "{name}: {ran}");
    assert!(ran.took < Duration::from_secs(10), "{name}: {ran}");
    (ran, proxy)
}

fn transient() -> [Mishap; 9] {
    [
        Mishap::ResetUnread,
        Mishap::Reset,
        Mishap::ResetAfter,
        Mishap::Close,
        Mishap::CloseAfter,
        Mishap::Silence,
        Mishap::SilenceAfter,
        Mishap::HalfThenClose,
        Mishap::HalfThenSilence,
    ]
}

const STEPS: [Step; 6] =
    [Step::Version, Step::Handshake, Step::Proof, Step::Set, Step::Apply, Step::FirstPoll];

#[tokio::test]
async fn a_single_transient_failure_at_any_step_is_got_over() {
    let mut cases = Vec::new();
    for step in STEPS {
        cases.extend(transient().map(|failure| once(step, failure, Exit::DONE, 1)));
    }
    cases.push(once(Step::Version, Mishap::ResetAtAccept, Exit::DONE, 1));
    check(cases).await;
}

#[tokio::test]
async fn a_transient_failure_that_does_not_stop_is_a_lost_link_or_unconfirmed() {
    let mut cases = Vec::new();
    for failure in transient() {
        let acts = matches!(
            failure,
            Mishap::ResetAfter
                | Mishap::CloseAfter
                | Mishap::SilenceAfter
                | Mishap::HalfThenClose
                | Mishap::HalfThenSilence
        );
        cases.push(onwards(Step::Version, failure.clone(), Exit::LINK_LOST, 0));
        cases.push(onwards(Step::Set, failure.clone(), Exit::LINK_LOST, 0));
        cases.push(onwards(Step::Apply, failure.clone(), Exit::UNCONFIRMED, u32::from(acts)));
        cases.push(onwards(Step::FirstPoll, failure, Exit::UNCONFIRMED, 1));
    }
    cases.push(onwards(Step::Version, Mishap::ResetAtAccept, Exit::LINK_LOST, 0));
    check(cases).await;
}

#[tokio::test]
async fn only_a_connection_closed_without_a_byte_is_a_rejected_proof() {
    let at_both_proofs =
        |mishap, exit| Case { when: PROOFS_OF_TWO_SESSIONS, ..once(Step::Proof, mishap, exit, 0) };
    check(vec![
        at_both_proofs(Mishap::Close, Exit::PROOF),
        at_both_proofs(Mishap::Reset, Exit::LINK_LOST),
        at_both_proofs(Mishap::Silence, Exit::LINK_LOST),
        at_both_proofs(Mishap::HalfThenClose, Exit::LINK_LOST),
        at_both_proofs(Mishap::HalfThenSilence, Exit::LINK_LOST),
    ])
    .await;
}

#[tokio::test]
async fn a_refused_connection_is_told_at_once() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
    let address = closed.local_addr().expect("a bound listener has an address");
    drop(closed);
    let ran = run(&connect(&address.to_string()), &impatient(Scheme::Sec1)).await;
    assert_eq!((ran.exit(), ran.links()), (Exit::CONNECT, 1), "{ran}");
    assert!(ran.took < Duration::from_secs(1), "{ran}");
}

#[tokio::test]
async fn a_device_that_leaves_right_after_apply_is_unconfirmed_in_time() {
    let fault = Some(DeviceFault::Vanish);
    let device = VirtualDevice::new(Settings { fault, ..Settings::default() });
    let proxy = Proxy::watching(&device).await;
    let ran = run(&proxy.connect(), &impatient(Scheme::Sec1)).await;
    assert_eq!((ran.exit(), device.joins()), (Exit::UNCONFIRMED, 1), "{ran}");
    assert!(ran.took < Duration::from_secs(5), "{ran}");
}

#[tokio::test]
async fn an_http_error_is_no_transient_failure() {
    let login = Mishap::http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"router\"\r\n");
    let mut cases = vec![
        once(Step::Version, Mishap::http("404 Not Found", ""), Exit::UNSUPPORTED, 0),
        once(Step::Set, Mishap::http("404 Not Found", ""), Exit::UNSUPPORTED, 0),
        once(Step::Version, login, Exit::PROTOCOL, 0),
        // It has not left.
        onwards(Step::Apply, Mishap::http("503 Service Unavailable", ""), Exit::PROTOCOL, 0),
        once(Step::FirstPoll, Mishap::http("404 Not Found", ""), Exit::UNSUPPORTED, 1),
    ];
    for status in [
        "204 No Content",
        "400 Bad Request",
        "405 Method Not Allowed",
        "431 Request Header Fields Too Large",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "999 What",
    ] {
        let mishap = Mishap::http(status, "");
        cases.push(once(Step::Version, mishap.clone(), Exit::PROTOCOL, 0));
        cases.push(once(Step::Set, mishap, Exit::PROTOCOL, 0));
    }
    check(cases).await;
}

/// The vendor's server answers 408 when the header is slow, and 500 when it is out of memory
/// (`httpd_parse.c`).
#[tokio::test]
async fn a_request_that_was_too_slow_is_sent_again_and_one_that_failed_inside_once() {
    let slow = || Mishap::http("408 Request Timeout", "");
    let failed = || Mishap::http("500 Internal Server Error", "");
    let steps = [Step::Version, Step::Handshake, Step::Proof, Step::Set, Step::Apply];
    let mut cases = Vec::new();
    for step in steps {
        cases.push(once(step, slow(), Exit::DONE, 1));
        cases.push(once(step, failed(), Exit::DONE, 1));
    }
    cases.push(onwards(Step::Version, slow(), Exit::LINK_LOST, 0));
    cases.push(onwards(Step::Set, slow(), Exit::LINK_LOST, 0));
    check(cases).await;
    let (ran, _) = check_one(onwards(Step::Version, failed(), Exit::PROTOCOL, 0)).await;
    assert_eq!(ran.links(), 2, "{ran}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback");
    let target = elsewhere.local_addr().expect("a bound listener has an address");
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let redirect = Mishap::http(status, &format!("Location: http://{target}/proto-ver\r\n"));
        let (ran, proxy) = check_one(once(Step::Version, redirect, Exit::PROTOCOL, 0)).await;
        assert_eq!((ran.links(), proxy.connections(), proxy.served().len()), (1, 1, 1), "{ran}");
    }
    let followed = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
    assert!(followed.is_err(), "it came to {target}");
}

#[tokio::test]
async fn what_is_not_http_is_told_as_such() {
    let raw = |text: &str| Mishap::Raw(text.as_bytes().to_vec());
    let endless_head = Mishap::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 0x1000]);
    check(vec![
        onwards(Step::Version, raw("SSH-2.0-OpenSSH_9.6\r\n"), Exit::PROTOCOL, 0),
        onwards(Step::Version, raw("\u{15}\u{3}\u{1}\0\u{2}\u{2}"), Exit::PROTOCOL, 0),
        onwards(Step::Version, raw("HTTP/1.1 abc OK\r\n\r\n"), Exit::PROTOCOL, 0),
        onwards(
            Step::Version,
            raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
            Exit::PROTOCOL,
            0,
        ),
        onwards(Step::Version, endless_head, Exit::PROTOCOL, 0),
    ])
    .await;
}

#[tokio::test]
async fn an_endless_reply_is_cut_off() {
    let head = |length: &str| format!("HTTP/1.1 200 OK\r\n{length}\r\n\r\n").into_bytes();
    let chunk = [b"1000\r\n".to_vec(), vec![b'x'; 0x1000], b"\r\n".to_vec()].concat();
    let bytes = vec![b'x'; 0x1000];
    for (head, more) in [
        (head("Transfer-Encoding: chunked"), chunk),
        (head("Content-Length: 65537"), bytes.clone()),
        (head("Content-Length: 4611686018427387904"), bytes.clone()),
        (head("Connection: close"), bytes),
    ] {
        let name = String::from_utf8_lossy(&head).into_owned();
        for (step, joins) in [(Step::Version, 0), (Step::FirstPoll, 1)] {
            let mishap = Mishap::Endless(head.clone(), more.clone());
            let (ran, proxy) = check_one(once(step, mishap, Exit::PROTOCOL, joins)).await;
            assert!(ran.took < Duration::from_millis(900), "not for want of time: {name}: {ran}");
            // What the sockets hold between us is not ours.
            assert!(proxy.poured() < 16 << 20, "{name}: {} bytes", proxy.poured());
        }
    }
}

#[tokio::test]
async fn a_wrong_body_is_told_at_the_beginning_and_got_over_in_a_session() {
    let body = |digits: &str| Mishap::Body(hex(digits));
    let damages = || {
        [
            Mishap::Body(vec![0xff; 100]),
            Mishap::Body(b"<html>Welcome to your router</html>".to_vec()),
            Mishap::Body(Vec::new()),
            Mishap::Change(|body| body.truncate(body.len() - 1)),
            Mishap::Change(|body| body.push(0x77)),
            Mishap::Change(|body| body.rotate_left(1)),
            body("52ffffffff0f"),
            body("5affffffffffffffffff01"),
        ]
    };
    let mut cases = Vec::new();
    for damage in damages() {
        // Firmware too old to say what security it has, if it is no page for people.
        let is_page = matches!(&damage, Mishap::Body(body) if body.starts_with(b"<html>"));
        let exit = if is_page { Exit::PROTOCOL } else { Exit::SECURITY };
        cases.push(once(Step::Version, damage.clone(), exit, 0));
        cases.push(plain(Step::Set, damage.clone(), Exit::DONE, 1));
        cases.push(plain(Step::FirstPoll, damage.clone(), Exit::DONE, 1));
        for step in [Step::Set, Step::Apply, Step::FirstPoll] {
            cases.push(once(step, damage.clone(), Exit::DONE, 1));
        }
        // It goes on answering, so it has not left.
        cases.push(onwards(Step::Apply, damage, Exit::SESSION_DESYNCHRONISED, 1));
    }
    cases.extend([
        once(Step::Handshake, Mishap::Body(vec![0xff; 100]), Exit::PROTOCOL, 0),
        once(Step::Proof, Mishap::Body(vec![0xff; 100]), Exit::PROTOCOL, 0),
        // Well-formed, but not what belongs here.
        once(Step::Handshake, body("52050801aa0100"), Exit::SECURITY, 0),
        once(Step::Handshake, body("10015a00"), Exit::PROTOCOL, 0),
        once(Step::Handshake, body("10015a050801aa0100"), Exit::PROTOCOL, 0),
        once(Step::Handshake, body("100152050801aa0100"), Exit::PROTOCOL, 0),
        once(Step::Proof, body("10015a050803ba0100"), Exit::PROOF, 0),
        plain(Step::Set, body("08037a00"), Exit::DONE, 1),
        plain(Step::Set, body("08057a00"), Exit::DONE, 1),
        plain(Step::Apply, body("08036a00"), Exit::DONE, 1),
        plain(Step::Apply, body("0805"), Exit::DONE, 1),
        plain(Step::FirstPoll, body("08015a00"), Exit::DONE, 1),
        plain(Step::FirstPoll, body("08015a020805"), Exit::REFUSED, 1),
    ]);
    check(cases).await;
}

#[tokio::test]
async fn a_reply_that_never_decrypts_is_out_of_step() {
    let at_both_sets = |mishap| Case {
        when: When::Each(&[4, 8]),
        ..once(Step::Set, mishap, Exit::SESSION_DESYNCHRONISED, 0)
    };
    check(vec![
        at_both_sets(Mishap::Change(|body| body[0] ^= 0x10)),
        at_both_sets(Mishap::Change(|body| body.truncate(body.len() - 1))),
    ])
    .await;
}

#[tokio::test]
async fn a_drifted_cipher_is_repaired_by_a_new_session() {
    let flip: fn(&mut Vec<u8>) = |body| body[0] ^= 0x10;
    let mut cases = Vec::new();
    for step in [Step::Set, Step::Apply, Step::FirstPoll] {
        cases.push(once(step, Mishap::Twice, Exit::DONE, 1));
        cases.push(once(step, Mishap::Change(flip), Exit::DONE, 1));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_reboot_is_got_over() {
    let mut cases = Vec::new();
    for step in STEPS {
        cases.push(once(step, Mishap::Reboot, Exit::DONE, 1));
    }
    check(cases).await;
}
