//! Programs that a test runs, as their user sees them. Each wait for one has a limit; a program
//! that is over it is ended and named.

use std::{
    fs,
    io::{self, BufRead, Read, Write},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel},
    thread,
    time::{Duration, Instant},
};

/// No program here runs longer, or is silent longer. Far more than any needs on a loaded machine:
/// it is there so that a test fails, and does not hang.
pub const LIMIT: Duration = Duration::from_secs(300);

/// What a run of a program left.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code(), stdout, stderr }
    }
}

impl Ended {
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// What is run to its end.
pub trait ToTheEnd {
    /// As `Command::output` and `Child::wait_with_output`, which wait for ever.
    fn output_in_time(self) -> Output;
}

impl ToTheEnd for &mut Command {
    #[track_caller]
    fn output_in_time(self) -> Output {
        self.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.spawn().unwrap_or_else(|error| panic!("{self:?}: {error}"));
        child.output_in_time()
    }
}

impl ToTheEnd for Child {
    #[track_caller]
    fn output_in_time(mut self) -> Output {
        let (stdout, stderr) = (collected(self.stdout.take()), collected(self.stderr.take()));
        let ended = wait(&mut self);
        // What it started may hold a pipe.
        let all = |pipe: Receiver<Vec<u8>>, limit| pipe.recv_timeout(limit);
        match ended {
            Ok(status) => {
                let said = |pipe| all(pipe, LIMIT).expect("nobody holds its pipes");
                Output { status, stdout: said(stdout), stderr: said(stderr) }
            }
            Err(killed) => {
                let said = |pipe| all(pipe, Duration::from_secs(1)).unwrap_or_default();
                let said = [said(stdout), said(stderr)].concat();
                panic!("{killed}:\n{}", String::from_utf8_lossy(&said));
            }
        }
    }
}

/// What somebody else reads from, or nobody.
pub trait InTime {
    /// As `Child::wait`, which waits for ever.
    fn wait_in_time(&mut self) -> ExitStatus;
}

impl InTime for Child {
    #[track_caller]
    fn wait_in_time(&mut self) -> ExitStatus {
        wait(self).unwrap_or_else(|killed| panic!("{killed}"))
    }
}

/// How it ended by itself, or what was killed.
fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    drop(child.stdin.take());
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Ok(status);
        }
        if began.elapsed() > LIMIT {
            let killed = format!("{} ran for {LIMIT:?} and was killed", name_of(child.id()));
            child.kill().expect("a child can be killed");
            child.wait().expect("it was killed");
            return Err(killed);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// What runs, where the system tells.
fn name_of(process: u32) -> String {
    let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let line = line.trim_end_matches('\0').replace('\0', " ");
    if line.is_empty() { format!("process {process}") } else { line }
}

fn collected(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, all) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before an error counts.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // After the limit nobody wants it.
        let _ = sender.send(bytes);
    });
    all
}

/// What a running program says on stdout. No more is taken out of its pipe than is asked for, but for one part.
pub struct Said {
    who: String,
    parts: Receiver<Vec<u8>>,
    part: Vec<u8>,
    read: usize,
}

impl Said {
    /// What this one says, whose stdout is a pipe.
    pub fn by(child: &mut Child) -> Self {
        let mut pipe = child.stdout.take().expect("piped");
        let (sender, parts) = sync_channel(0);
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut part) {
                if sender.send(part[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { who: name_of(child.id()), parts, part: Vec::new(), read: 0 }
    }

    /// A line, or what is before the end.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.read_line(&mut line).expect("it speaks text");
        line
    }
}

impl BufRead for Said {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.part.len() {
            self.read = 0;
            self.part = match self.parts.recv_timeout(LIMIT) {
                Ok(part) => part,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
                Err(RecvTimeoutError::Timeout) => {
                    self.part.clear();
                    let silent = format!("{} was silent for {LIMIT:?}", self.who);
                    return Err(io::Error::new(io::ErrorKind::TimedOut, silent));
                }
            };
        }
        Ok(&self.part[self.read..])
    }

    fn consume(&mut self, length: usize) {
        self.read += length;
    }
}

impl Read for Said {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

/// Starts what says in its first line where it is.
pub fn start(command: &mut Command) -> (Child, String, Said) {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut said = Said::by(&mut child);
    let line = said.line();
    (child, line, said)
}

/// Whether a program is here that a test needs. Where it is not, the test says so and is over;
/// with `CI=true`, where all is to be here, it fails.
#[track_caller]
pub fn is_here(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let is_here = command.spawn().is_ok_and(|mut child| child.wait_in_time().success());
    if !is_here {
        let what = format!("`{program} {}`", arguments.join(" "));
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} does not work here");
        skip(&what, "it does not work here");
    }
    is_here
}

/// Says that a test, or a part of it, is skipped.
pub fn skip(what: &str, why: &str) {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    // Not by `eprintln!`, of which a test that passes shows nothing.
    let told = writeln!(io::stderr(), "skipped: {test} needs {what}: {why}");
    told.expect("stderr is open");
}

/// Sends a signal to a program, once it has a handler for it if it is one that it is asked to end
/// with: before that it would be ended by the system.
#[cfg(unix)]
#[track_caller]
pub fn signal(process: u32, signal: nix::sys::signal::Signal) {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    if let Signal::SIGINT | Signal::SIGQUIT | Signal::SIGTERM | Signal::SIGHUP = signal {
        until_it_heeds(signal, process);
    }
    kill(Pid::from_raw(process.cast_signed()), signal).expect("it runs");
}

/// Waits until a program has a handler for this signal, where the system tells.
#[cfg(unix)]
#[track_caller]
pub fn until_it_heeds(signal: nix::sys::signal::Signal, process: u32) {
    let heeds = || {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        caught.is_some_and(|mask| mask & 1 << (signal as u32 - 1) != 0)
    };
    until(|| !cfg!(target_os = "linux") || heeds());
}

/// Waits until this is so.
#[track_caller]
pub fn until(is_so: impl Fn() -> bool) {
    assert!(is_so_within(LIMIT, is_so), "it is not so within {LIMIT:?}");
}

fn is_so_within(limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if began.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process ends, now or soon: a signal takes effect a moment after it was sent.
pub fn goes(process: u32) -> bool {
    is_so_within(Duration::from_secs(20), || is_gone(process))
}

/// Whether a process has ended; its parent may not have taken note yet.
pub fn is_gone(process: u32) -> bool {
    let mut ps = Command::new("ps");
    let state = ps.args(["-o", "stat=", "-p", &process.to_string()]).output_in_time().stdout;
    state.is_empty() || state.starts_with(b"Z")
}
