//! Programs that a test runs, as their user sees them.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// What a run of the binary left.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code(), stdout, stderr }
    }
}

impl Ran {
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Starts what says in its first line where it is.
pub fn start(command: &mut Command) -> (Child, String) {
    let (child, line, _) = start_and_listen(command);
    (child, line)
}

/// As [`start`]; with what it says afterwards.
pub fn start_and_listen(command: &mut Command) -> (Child, String, BufReader<ChildStdout>) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let (mut said, mut line) = (BufReader::new(child.stdout.take().expect("piped")), String::new());
    said.read_line(&mut line).expect("it speaks text");
    (child, line, said)
}
