//! A virtual device behind a UART console that behaves like the vendor's (`protocomm_console.c`,
//! ESP-IDF v4.2 to v5.5). The console prints a prompt and echoes its input. A line has at most 255
//! characters and ends at a CR, which stays in its last word. A reply, if there is one, is
//! hexadecimal. Before each line and each prompt there is a pause. Log lines share the wire.

use std::{
    io, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use protocomm::{
    Endpoint,
    console::{Call, LineReader, PROMPT, reply, words},
    device::Answer,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::sleep,
};

use super::{Request, Response, VirtualDevice};

/// The output of a starting device, up to its first prompt.
const BOOT: &str = "\
ESP-ROM:esp32c3-api1-20210207\r
Build:Feb  7 2021\r
rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r
\x1b[0;32mI (24) boot: ESP-IDF v5.5 2nd stage bootloader\x1b[0m\r
\x1b[0;32mI (312) app: Starting provisioning\x1b[0m\r
";

/// The pause before the device executes a line and before the next prompt: firmware checks for so
/// long whether it should stop.
const LOOK: Duration = Duration::from_millis(10);

/// Log lines of various firmware: ESP-IDF with the time since its start, with the date, and without
/// a time (v6.0); Arduino; the Wi-Fi library; and an application that prints.
const LOGGED: [&str; 9] = [
    "\x1b[0;32mI (4711) wifi:state: run -> run (0)\x1b[0m\r\n",
    "I (24-11-05 12:34:56.789) wifi: new:<6,0>, old:<1,0>, ap:<1,1>\r\n",
    "I wifi: station: 24:0a:c4:11:22:33 join, AID=1\r\n",
    "W (12:34:56.789) app: low on memory\r\n",
    "[ 23458][D][WiFiGeneric.cpp:929] _eventCallback(): Arduino Event: 8\r\n",
    "Heap: 182044 bytes free\r\n",
    "wifi:new:<6,0>, old:<1,0>, ap:<255,255>, sta:<6,0>, prof:1\r\n",
    "\x1b[0;33mW wifi: sta is connecting\x1b[0m\r\n",
    "heap: 182044\r\n",
];

/// A log line without a line end. It appears once, in the middle of a reply from `prov-config`. The
/// client then has to repeat its request.
const WITHOUT_END: &str = "\x1b[0;33mW (4712) app: still running\x1b[0m";

/// Starts a device and serves it until it leaves; `log` gets each request. With `log_lines`, a log
/// line appears before each echo and each reply, and one in the middle. Their formats vary, and one
/// of them has no line end. In the middle of a reply, only one log line may begin with a small
/// letter: it can make the digits of the reply ambiguous, and a client that repeats its request
/// three times should get an answer.
///
/// # Errors
/// Returns an I/O error of the wire; its end is an [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
pub async fn serve_console(
    wire: &mut (impl AsyncRead + AsyncWrite + Send + Unpin),
    device: &VirtualDevice,
    log_lines: bool,
    log: Arc<dyn Fn(Request) + Send + Sync>,
) -> io::Result<()> {
    let mut console = Console {
        wire,
        device,
        session: None,
        served: 0,
        log_lines,
        logged: 0,
        has_spoiled: false,
        has_blurred: false,
        log,
    };
    let mut left = std::pin::pin!(device.left());
    console.wire.write_all(BOOT.as_bytes()).await?;
    let (mut reader, mut arrived) = (LineReader::default(), Vec::new());
    loop {
        console.wire.write_all(PROMPT.as_bytes()).await?;
        let line = loop {
            if arrived.is_empty() {
                let mut part = [0; 1024];
                let length = tokio::select! {
                    length = console.wire.read(&mut part) => length?,
                    () = &mut left => {
                        let stopped = b"I (9876) protocomm_console: Console stopped\r\n";
                        return console.wire.write_all(stopped).await;
                    }
                };
                if length == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                arrived.extend_from_slice(&part[..length]);
            }
            let (mut rest, mut echo) = (arrived.as_slice(), Vec::new());
            let line = reader.read(&mut rest, &mut echo);
            arrived = rest.to_vec();
            console.print(&echo, false).await?;
            if let Some(line) = line {
                break line;
            }
        };
        sleep(LOOK).await;
        console.run(&line).await?;
        sleep(LOOK).await;
    }
}

struct Console<'a, S> {
    wire: &'a mut S,
    device: &'a VirtualDevice,
    session: Option<u32>,
    served: u64,
    log_lines: bool,
    logged: usize,
    /// Whether [`WITHOUT_END`] was printed.
    has_spoiled: bool,
    /// Whether a log line that begins with a small letter has cut a reply. The letter may look like
    /// a digit of the reply.
    has_blurred: bool,
    log: Arc<dyn Fn(Request) + Send + Sync>,
}

impl<S: AsyncWrite + Send + Unpin> Console<'_, S> {
    /// Executes a line. Prints nothing if there is no reply.
    async fn run(&mut self, line: &[u8]) -> io::Result<()> {
        let began = Instant::now();
        if line.trim_ascii().is_empty() {
            // A client sends empty lines to see whether the console answers.
            return Ok(());
        }
        if words(line).first().is_some_and(|word| word.as_slice() == b"help") {
            return self.wire.write_all(self.help().as_bytes()).await;
        }
        let call = Call::parse(line);
        let endpoint = call.as_ref().map_or("", |call| call.endpoint.as_str());
        if self.device.reply_mode(endpoint).is_some() {
            // On a console, a recorded HTTP status can only be silence.
            std::future::pending::<()>().await;
        }
        let (body, response) = match self.answer(call.as_ref()) {
            Ok(Answer { body, action }) => {
                self.device.scanned().await;
                let response = Response::Replied(body.len(), action);
                (Some(body), response)
            }
            Err(why) => (None, Response::Silent(why)),
        };
        self.served += 1;
        let bytes = call.as_ref().map_or(0, |call| call.request.len());
        let endpoint = call.map_or_else(|| first_word(line), |call| call.endpoint);
        let spoils = self.log_lines && !self.has_spoiled && endpoint == Endpoint::CONFIG.as_str();
        let took = began.elapsed();
        (self.log)(Request { number: self.served, endpoint, bytes, took, response });
        match body {
            Some(body) if spoils => {
                self.has_spoiled = true;
                let text = reply(&body);
                let (head, tail) = text.split_at(text.len() / 2);
                self.wire.write_all(&[head, WITHOUT_END.as_bytes(), tail].concat()).await
            }
            Some(body) => self.print(&reply(&body), true).await,
            None => Ok(()),
        }
    }

    /// The output of `help`, which lists the commands.
    fn help(&self) -> String {
        let mut text = "help  \r\n  Print the list of registered commands\r\n\r\n".to_owned();
        for endpoint in Endpoint::MANAGER.iter().chain(&Endpoint::EXAMPLES) {
            if self.device.serves(endpoint.as_str()) {
                text += endpoint.as_str();
                text += " \r\n  \r\n\r\n";
            }
        }
        text
    }

    fn answer(&mut self, call: Option<&Call>) -> Result<Answer, String> {
        let call =
            call.ok_or("a line consists of an endpoint, a session and a request in hexadecimal")?;
        if self.device.serves(&call.endpoint) && call.begins_session(&mut self.session) {
            self.device.open_link();
        }
        self.device.handle(&call.endpoint, &call.request).map_err(|why| why.to_string())
    }

    /// Prints an echo or a reply, perhaps with a log line in the middle.
    async fn print(&mut self, text: &[u8], is_reply: bool) -> io::Result<()> {
        if !self.log_lines || text.trim_ascii().is_empty() {
            return self.wire.write_all(text).await;
        }
        let (head, tail) = text.split_at(text.len() / 2);
        let (before, inside) = (self.logged(false), self.logged(is_reply));
        for part in [before.as_bytes(), head, inside.as_bytes(), tail] {
            self.wire.write_all(part).await?;
        }
        Ok(())
    }

    /// Chooses the next log line.
    fn logged(&mut self, is_inside: bool) -> &'static str {
        loop {
            let line = LOGGED[self.logged % LOGGED.len()];
            self.logged += 1;
            let blurs = is_inside && line.starts_with(|first: char| first.is_ascii_lowercase());
            if !blurs || !mem::replace(&mut self.has_blurred, true) {
                return line;
            }
        }
    }
}

fn first_word(line: &[u8]) -> String {
    let word = line.split(|&byte| byte == b' ').next().unwrap_or_default();
    String::from_utf8_lossy(word).trim().to_owned()
}

/// Both ends of a pseudo-terminal: the device's end, and the path of the client's end.
#[cfg(unix)]
pub struct PseudoTerminal {
    /// The device's end, for [`serve_console`].
    pub device: tokio_serial::SerialStream,
    /// Kept open, because otherwise the device's end would break whenever a client leaves.
    client: tokio_serial::SerialStream,
    /// The path for a client to open.
    pub path: String,
}

#[cfg(unix)]
impl PseudoTerminal {
    /// Opens a pseudo-terminal.
    ///
    /// # Errors
    /// Returns the error of the operating system.
    pub fn open() -> io::Result<Self> {
        let (device, client) = tokio_serial::SerialStream::pair()?;
        let path = tokio_serial::SerialPort::name(&client).unwrap_or_default();
        Ok(Self { device, client, path })
    }

    /// Closes the pseudo-terminal when the client has closed its end or writes again, which it does
    /// after it has read the output: closing earlier would lose what it has not read. Waits for at
    /// most five seconds.
    pub async fn close(self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let Self { mut device, client, .. } = self;
        // Without our own copy, the device's end breaks when the client closes its end.
        drop(client);
        let _ = tokio::time::timeout(PATIENCE, device.read(&mut [0; 64])).await;
    }
}
