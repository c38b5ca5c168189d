//! A serial port on which things go wrong, with the vendor's console behind it.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use esp_prov::{Connect, Endpoint, Transport, TransportError, transport::ConsoleLink};
use esp_prov_simulate::serve_console;
use protocomm::console::PROMPT;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::Mutex,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{scenario::Fault, trouble::Trouble};

/// One wire to the device, which stays when links come and go.
pub(super) struct Port(Arc<Shared>);

struct Shared {
    trouble: Trouble,
    logs: bool,
    wire: Mutex<Wire>,
    sessions: AtomicU32,
}

struct Wire {
    end: DuplexStream,
    server: JoinHandle<()>,
}

impl Wire {
    /// The device starts.
    fn new(trouble: &Trouble, logs: bool) -> Self {
        let (end, mut device_end) = duplex(4096);
        let device = trouble.device().clone();
        let server = tokio::spawn(async move {
            let _ = serve_console(&mut device_end, &device, logs, Arc::new(|_| {})).await;
            // One that has left says nothing more.
            pending::<()>().await;
        });
        Self { end, server }
    }
}

impl Port {
    pub(super) fn new(trouble: &Trouble, logs: bool) -> Self {
        let (trouble, wire) = (trouble.clone(), Mutex::new(Wire::new(trouble, logs)));
        Self(Arc::new(Shared { trouble, logs, wire, sessions: AtomicU32::new(1) }))
    }
}

#[async_trait]
impl Connect for Port {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        if !self.0.trouble.is_there() {
            return Err(TransportError::NotFound("the port is not there".into()));
        }
        let (end, link) = duplex(4096);
        tokio::spawn(pump(Arc::clone(&self.0), link));
        let session = self.0.sessions.fetch_add(1, Ordering::Relaxed);
        match timeout(within, ConsoleLink::wake_as(session, end)).await {
            Ok(link) => Ok(Box::new(link?)),
            Err(_) => Err(TransportError::Connect("no prompt".into())),
        }
    }

    fn longest(&self, endpoint: &Endpoint) -> usize {
        esp_prov::transport::longest_line(endpoint)
    }
}

/// Carries bytes both ways until the link ends.
async fn pump(port: Arc<Shared>, mut link: DuplexStream) -> Option<()> {
    let mut wire = port.wire.lock().await;
    let (mut from_link, mut from_wire) = ([0; 1024], [0; 1024]);
    loop {
        tokio::select! {
            biased;
            length = link.read(&mut from_link) => {
                let sent = &from_link[..length.ok().filter(|length| *length > 0)?];
                let is_request = sent.len() > 1 && !sent.starts_with(b"help");
                let fault = if is_request { port.trouble.next() } else { None };
                if !port.trouble.is_there() {
                    // It was pulled.
                    return None;
                }
                match fault {
                    Some(fault) => go_wrong(&port, &mut wire, &mut link, sent, fault).await?,
                    None => wire.end.write_all(sent).await.ok()?,
                }
            }
            length = wire.end.read(&mut from_wire) => {
                link.write_all(&from_wire[..length.ok()?]).await.ok()?;
            }
        }
    }
}

/// What comes back for a request when something goes wrong; `None` where the link goes, too.
async fn go_wrong(
    port: &Shared,
    wire: &mut Wire,
    link: &mut DuplexStream,
    request: &[u8],
    fault: Fault,
) -> Option<()> {
    let echo = String::from_utf8_lossy(request).trim().to_owned();
    match fault {
        Fault::LoseRequest => return Some(()),
        Fault::CutBefore | Fault::Leave | Fault::Away(_) => return None,
        Fault::NoReply => {
            return link.write_all(format!("{echo}\r\n{PROMPT}").as_bytes()).await.ok();
        }
        Fault::Reboot | Fault::Restart => {
            if fault == Fault::Reboot {
                port.trouble.device().reboot();
            } else {
                port.trouble.device().restart();
            }
            let before = std::mem::replace(wire, Wire::new(&port.trouble, port.logs));
            before.server.abort();
            return Some(());
        }
        Fault::FlipRequest(digit) => {
            let changed = with_other_digit(&echo, digit);
            wire.end.write_all(changed.as_bytes()).await.ok()?;
            return wire.end.write_all(b"\r").await.ok();
        }
        _ => wire.end.write_all(request).await.ok()?,
    }
    let mut came = String::new();
    let mut piece = [0; 1024];
    let mut closed = [0; 64];
    while !(came.contains(&echo) && came.ends_with(PROMPT)) {
        tokio::select! {
            biased;
            length = wire.end.read(&mut piece) => {
                came += &String::from_utf8_lossy(&piece[..length.ok()?]);
            }
            // Nobody waits any more.
            length = link.read(&mut closed) => {
                length.ok().filter(|length| *length > 0)?;
            }
        }
    }
    let (before, after) = came.split_once(&echo)?;
    let reply = after.trim_end_matches(PROMPT).trim();
    let came = match fault {
        Fault::LoseReply => String::new(),
        Fault::CutAfter => return None,
        Fault::NoReplyAfter => format!("{before}{echo}\r\n{PROMPT}"),
        Fault::Delay(time) => {
            sleep(Duration::from_millis(time)).await;
            came
        }
        Fault::Duplicate => format!("{before}{echo}\r\n{reply}\r\n{reply}\r\n{PROMPT}"),
        Fault::Garbage(length) => {
            let noise = "\u{fffd}\u{1b}[31m noise >> \r\n".repeat(length / 16 + 1);
            format!("{noise}{before}{echo}\r\n{noise}{reply}\r\n{noise}{PROMPT}")
        }
        Fault::Truncate(by) => {
            let kept = reply.len().saturating_sub(by);
            let kept = reply.get(..kept).unwrap_or_default();
            format!("{before}{echo}\r\n{kept}\r\n{PROMPT}")
        }
        Fault::FlipReply(digit) => {
            let changed = with_other_digit(reply, digit);
            format!("{before}{echo}\r\n{changed}\r\n{PROMPT}")
        }
        _ => came,
    };
    link.write_all(came.as_bytes()).await.ok()
}

/// With one of its last digits changed.
fn with_other_digit(text: &str, digit: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let last = bytes.iter().rposition(|byte| *byte == b' ').map_or(0, |at| at + 1);
    let length = bytes.len() - last;
    if length > 0 {
        let at = last + digit % length;
        bytes[at] = if bytes[at] == b'0' { b'8' } else { b'0' };
    }
    String::from_utf8(bytes).unwrap_or_default()
}
