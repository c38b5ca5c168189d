//! Runs the built binary as a user would: nothing in the environment, nobody at a terminal, and
//! an end in bounded time.

use std::{
    env, fs,
    io::Read,
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use kit::schema;

/// No process here runs longer.
const LIMIT: Duration = Duration::from_secs(60);

/// What a user gets to see.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary with arguments and nothing else.
pub(crate) fn esp_prov_rs<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = hearing_hangups(env!("CARGO_BIN_EXE_esp-prov-rs"));
    command.args(arguments);
    bare(command)
}

/// A program that SIGHUP ends. Under `nohup` it would inherit from this process that it does not.
fn hearing_hangups(program: &str) -> Command {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_none_or(|mask| mask & 1 == 0) {
        return Command::new(program);
    }
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", program]);
    command
}

/// A line for the shell, in which `esp-prov-rs` is the binary, in a folder of its own.
pub(crate) fn shell(line: &str, home: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_esp-prov-rs"));
    let folder = binary.parent().expect("a file is in a folder").as_os_str();
    let mut path = folder.to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let mut command = bare(Command::new("sh"));
    command.args(["-c", line]).env("PATH", path).env("HOME", home).current_dir(home);
    command
}

fn bare(mut command: Command) -> Command {
    command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub(crate) fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    Process::start(esp_prov_rs(arguments)).end()
}

/// A running process. It ends with its owner.
pub(crate) struct Process {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program is there");
        let stdout = Stream::of(child.stdout.take().expect("stdout is piped"));
        let stderr = Stream::of(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr }
    }

    /// With the other end of its stdin, which was made a pipe.
    pub(crate) fn with_stdin(command: Command) -> (Self, ChildStdin) {
        let mut process = Self::start(command);
        let stdin = process.child.stdin.take().expect("stdin is piped");
        (process, stdin)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said this on either stream, and returns the line.
    pub(crate) fn until(&mut self, words: &str) -> String {
        self.wait_for(words, |process| {
            let said = process.stdout.text() + &process.stderr.text();
            let mut lines = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            lines.find(|line| line.contains(words)).map(|line| line.trim_end().to_owned())
        })
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let status = self.wait_for("its end", |process| {
            process.child.try_wait().expect("a child can be waited for")
        });
        let (stdout, stderr) = (self.stdout.all(), self.stderr.all());
        schema::check_lines(&stdout);
        Ended { code: status.code(), stdout, stderr }
    }

    /// Ends it.
    pub(crate) fn stop(mut self) -> Ended {
        self.child.kill().expect("a child can be killed");
        self.end()
    }

    fn wait_for<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let ended = matches!(self.child.try_wait(), Ok(Some(_)));
            if ended {
                // All it said, before the last look.
                self.stdout.all();
                self.stderr.all();
            }
            if let Some(seen) = look(self) {
                return seen;
            }
            let waits = !ended && began.elapsed() < LIMIT;
            assert!(waits, "no {what} in time:\n{}\n{}", self.stdout.text(), self.stderr.text());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes out of a pipe, collected as it comes.
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let shared = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut part) {
                shared.lock().expect("no reader panics").extend_from_slice(&part[..length]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("no reader panics")).into_owned()
    }

    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("no reader panics");
        }
        self.text()
    }
}

/// A virtual device on a socket of its own, telling in JSON.
pub(crate) struct Simulator {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// The event it began with.
    pub(crate) listening: serde_json::Value,
}

impl Simulator {
    pub(crate) fn start<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let fixed = ["simulate", "--listen", "127.0.0.1:0", "--json"];
        Self::of(Process::start(esp_prov_rs(fixed.into_iter().chain(arguments))))
    }

    /// That was started so.
    pub(crate) fn of(mut process: Process) -> Self {
        let line = process.until("\"listening\"");
        let event: serde_json::Value = serde_json::from_str(&line).expect("an event is JSON");
        let address = event["address"].as_str().expect("an address is text");
        let address = address.parse().expect("an address and a port");
        Self { process, address, listening: event }
    }

    /// Provisions it with the default network.
    pub(crate) fn provision<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
        let mut command = esp_prov_rs(["--ssid", "Home", "--passphrase", "correct-horse"]);
        command.arg("--service-name").arg(self.address.to_string()).args(arguments);
        Process::start(command).end()
    }
}
