//! The device's UART console over any wire: one line out, one line back. All other output of the
//! console is ignored ([`protocomm::console`]).

use std::{io, time::Duration};

use async_trait::async_trait;
use protocomm::{
    Endpoint,
    console::{self, Heard, LINE_END, LINE_LIMIT, Listener, PROMPT},
};
use rand_core::{Rng, UnwrapErr};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    time::timeout,
};

use super::{EndpointList, EndpointLocation, Transport, TransportError};

/// A link over any wire that carries bytes in both directions.
pub struct ConsoleLink<S> {
    wire: BufReader<S>,
    listener: Listener,
    /// The number of the transport session. It is short, since every line contains it.
    session: u32,
}

/// The pause before waking a console again that does not answer: the device may be booting.
const WAKE_AGAIN: Duration = Duration::from_millis(500);

/// The most bytes to read of a list of commands; no list is longer.
const LISTED: usize = 64 * 1024;

/// How long to wait for a prompt that may never come.
const QUIET: Duration = Duration::from_millis(100);

/// How long to wait for the prompt after a reply. It comes after 10 to 20 ms, unless the radio
/// occupies the CPU, the console stops, or a log line cuts the prompt off.
const PROMPT_WITHIN: Duration = Duration::from_secs(1);

/// How often to read the list of commands.
const LOOKS: usize = 2;
const HELP_WITHIN: Duration = Duration::from_secs(2);

/// `help`, with a backslash that escapes the CR, which would otherwise become part of the word
/// (`split_argv.c`, ESP-IDF v4.0 to v6.0).
const HELP: &[u8] = b"help\\\r";

/// The most digits that the number of a session has.
const LONGEST_SESSION: usize = 4;

/// The longest request that fits into a line with any session number, in bytes.
pub fn longest_line(endpoint: &Endpoint) -> usize {
    let fixed = endpoint.as_str().len() + LONGEST_SESSION + "  \r".len();
    LINE_LIMIT.saturating_sub(fixed) / 2
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ConsoleLink<S> {
    /// Wakes the console with an empty line until it shows its prompt. There is no time limit: the
    /// caller sets one. The empty line also ends a partial line that an earlier client left.
    ///
    /// # Errors
    /// [`TransportError::Lost`] if the wire ends.
    pub async fn wake(wire: S) -> Result<Self, TransportError> {
        Self::wake_as(1 + UnwrapErr(getrandom::SysRng).next_u32() % 9999, wire).await
    }

    /// Like [`wake`](Self::wake), with a session number from 1 to 9999. A device starts a new
    /// session for each number that it has not seen before.
    ///
    /// # Errors
    /// As [`wake`](Self::wake).
    pub async fn wake_as(session: u32, wire: S) -> Result<Self, TransportError> {
        let mut link = Self { wire: BufReader::new(wire), listener: Listener::default(), session };
        let mut calls = 0;
        loop {
            link.write(&[LINE_END]).await?;
            calls += 1;
            if let Ok(prompted) = timeout(WAKE_AGAIN, link.prompt()).await {
                prompted?;
                break;
            }
        }
        // A line sent while the console still handles an earlier one would be joined to it.
        for _ in 1..calls {
            match timeout(QUIET, link.prompt()).await {
                Ok(prompted) => prompted?,
                Err(_) => break,
            }
        }
        Ok(link)
    }

    async fn prompt(&mut self) -> Result<(), TransportError> {
        while self.hear().await? != Heard::Prompt {}
        Ok(())
    }

    async fn write(&mut self, line: &[u8]) -> Result<(), TransportError> {
        self.wire.write_all(line).await.map_err(|error| TransportError::Lost(error.into()))
    }

    /// Whether the console lists commands but not this endpoint. A prompt alone can mean a missing
    /// endpoint or a refusal. Since a log line may cut the list off, it is read twice.
    async fn lacks(&mut self, endpoint: &Endpoint) -> bool {
        for _ in 0..LOOKS {
            match timeout(HELP_WITHIN, self.help()).await {
                Ok(Ok(Some(listed))) if !listed.is_empty() => {
                    if listed.iter().any(|name| name == endpoint.as_str()) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        true
    }

    /// Lists the console's commands, or returns `None` if the console does not list them.
    async fn help(&mut self) -> Result<Option<Vec<String>>, TransportError> {
        let lost = |error: io::Error| TransportError::Lost(error.into());
        self.write(HELP).await?;
        let mut listed = Vec::new();
        // The prompt after the last reply may still come before the echo.
        let ends = |listed: &[u8]| {
            let text = String::from_utf8_lossy(listed);
            text.split_once("help").is_some_and(|(_, after)| after.contains(PROMPT))
        };
        while !ends(&listed) {
            let length = self.wire.read_buf(&mut listed).await.map_err(lost)?;
            if length == 0 {
                return Err(TransportError::Lost("the serial port is gone".into()));
            }
            if listed.len() > LISTED {
                let (endpoint, limit) = (Endpoint::from_static("help"), LISTED);
                return Err(TransportError::TooLong { endpoint, limit });
            }
        }
        Ok(commands(&listed))
    }

    /// Waits for output that has a meaning to the protocol.
    async fn hear(&mut self) -> Result<Heard, TransportError> {
        loop {
            let arrived = self.wire.fill_buf();
            let bytes = if self.listener.awaits_prompt() {
                match timeout(PROMPT_WITHIN, arrived).await {
                    Ok(bytes) => bytes,
                    Err(_) => match self.listener.without_prompt() {
                        Some(heard) => return Ok(heard),
                        None => continue,
                    },
                }
            } else {
                arrived.await
            };
            let bytes = bytes.map_err(|error| TransportError::Lost(error.into()))?;
            if bytes.is_empty() {
                return Err(TransportError::Lost("the serial port is gone".into()));
            }
            let mut taken = 0;
            let heard = bytes.iter().find_map(|&byte| {
                taken += 1;
                self.listener.hear(byte)
            });
            self.wire.consume(taken);
            if let Some(heard) = heard {
                return Ok(heard);
            }
        }
    }
}

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Transport for ConsoleLink<S> {
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        body: &[u8],
    ) -> Result<Vec<u8>, TransportError> {
        let line = console::line(endpoint, self.session, body)?;
        self.listener.sent(&line);
        self.write(&line).await?;
        match self.hear().await? {
            Heard::Reply(reply) => Ok(reply),
            Heard::Prompt if self.lacks(endpoint).await => {
                Err(TransportError::NoSuchEndpoint(endpoint.clone()))
            }
            Heard::Prompt => Err(TransportError::NoReply),
            Heard::Garbled => {
                Err(TransportError::Lost("other output of the device interrupted its reply".into()))
            }
            Heard::Restarted => Err(TransportError::Lost("the device restarted".into())),
        }
    }

    async fn list_endpoints(
        &mut self,
        _names: &[Endpoint],
    ) -> Result<EndpointList, TransportError> {
        // A log line may cut the beginning of a list.
        let mut listed = self.help().await?;
        for _ in 1..LOOKS {
            if listed.is_none() {
                listed = self.help().await?;
            }
        }
        let endpoints = listed.map(|all| {
            all.into_iter().map(|endpoint| EndpointLocation::Command { endpoint }).collect()
        });
        Ok(EndpointList { endpoints, mtu: None })
    }
}

/// Parses the output of `help`, which also lists itself. Each command is on its own line, followed
/// by a space; more words follow if it is not a protocomm command (`help_command` in `commands.c`,
/// `protocomm_console_add_endpoint`, ESP-IDF v4.2 to v6.0). Returns `None` if there is no list.
fn commands(listed: &[u8]) -> Option<Vec<String>> {
    let mut commands: Vec<String> = Vec::new();
    let mut is_list = false;
    for line in String::from_utf8_lossy(listed).lines() {
        is_list |= line.starts_with("help ");
        let Some(name) = line.strip_suffix(' ') else { continue };
        let name = name.trim_end();
        let fits = |char: char| char.is_ascii_alphanumeric() || "-_.~".contains(char);
        let is_one = !name.is_empty() && name.chars().all(fits) && name != "help";
        if is_one && !commands.iter().any(|known| known == name) {
            commands.push(name.to_owned());
        }
    }
    is_list.then_some(commands)
}
