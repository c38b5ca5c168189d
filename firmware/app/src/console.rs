//! The link over a UART.

use alloc::vec::Vec;

use protocomm::{
    console::{Call, LineReader, PROMPT, reply},
    device::Backend,
};
use rand_core::CryptoRng;

use crate::{Device, device::Link};

/// A device behind a console, which behaves as `protocomm_console.c` does (ESP-IDF v5.5): it echoes
/// a line of at most 255 characters, and prints a reply in hexadecimal or none, and a prompt.
pub struct Console<'device, B, R> {
    device: &'device Device<B, R>,
    reader: LineReader,
    session: Option<u32>,
}

impl<'device, B: Backend, R: CryptoRng> Console<'device, B, R> {
    /// Makes a console for `device`. The board prints [`PROMPT`] when it is ready.
    pub fn new(device: &'device Device<B, R>) -> Self {
        Self { device, reader: LineReader::default(), session: None }
    }

    /// Takes all bytes that have arrived, and prints echo, replies and prompts. Returns the last
    /// line that begins with `!`, if any: such lines are for the board, which then prints the
    /// prompt itself.
    pub fn take(&mut self, arrived: &[u8], print: &mut impl FnMut(&[u8])) -> Option<Vec<u8>> {
        let (mut rest, mut for_board) = (arrived, None);
        while !rest.is_empty() {
            let mut echo = Vec::new();
            let line = self.reader.read(&mut rest, &mut echo);
            print(&echo);
            let Some(line) = line else { continue };
            if line.trim_ascii_start().starts_with(b"!") {
                for_board = Some(line.trim_ascii().to_vec());
                continue;
            }
            if let Some(body) = self.answer(&line) {
                print(&reply(&body));
            }
            print(PROMPT.as_bytes());
        }
        for_board
    }

    fn answer(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let call = Call::parse(line)?;
        if self.device.serves(&call.endpoint) && call.begins_session(&mut self.session) {
            self.device.open_link(Link::Console);
        }
        self.device.handle(Link::Console, &call.endpoint, &call.request).ok()
    }
}
