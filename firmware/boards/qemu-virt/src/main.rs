//! The companion device on a bare RISC-V CPU without an operating system, in QEMU: the console on
//! its UART, a simulated radio, and protocomm on RV32.
//!
//! Lines that begin with `!` are for the board: `!stats` prints how much memory is and was in use,
//! `!handshakes` how many instructions the handshakes of security 1 and 2 take, and `!quit` ends
//! QEMU.
#![no_std]
#![no_main]

extern crate alloc;

mod machine;
mod measure;
mod memory;

use alloc::vec::Vec;
use core::{fmt::Write, panic::PanicInfo};

use firmware::{Console, Device, Settings, Simulated};
use protocomm::{Scheme, console::PROMPT};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use {bytes as _, portable_atomic as _};

use crate::machine::Uart;

/// What a chip's ROM and bootloader print at each reset, by which a client notices it.
const ROM: &str = "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n\
    rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\nSPIWP:0xee\r\nmode:DIO, clock div:2\r\n\
    I (24) boot: ESP-IDF v5.5 2nd stage bootloader\r\nI (312) boot: Loaded app from partition at \
    offset 0x10000\r\n";

/// The number of polls without a byte after which the line is taken to be quiet.
const QUIET: u32 = 200;

#[riscv_rt::entry]
#[allow(missing_docs, reason = "of what the macro makes")]
fn main() -> ! {
    memory::begin();
    // The setting is the number of the security scheme plus one.
    let scheme = machine::setting().checked_sub(1).and_then(Scheme::from_number);
    let scheme = scheme.unwrap_or(Settings::BUILT_IN.scheme);
    let device = start(&Settings { scheme, ..Settings::BUILT_IN });
    let mut console = Console::new(&device);
    Uart.send(PROMPT.as_bytes());
    let mut arrived = Vec::with_capacity(64);
    loop {
        let mut quiet = 0;
        while quiet < QUIET && arrived.len() < 64 {
            match Uart.receive() {
                Some(byte) => {
                    arrived.push(byte);
                    quiet = 0;
                }
                None => quiet += 1,
            }
        }
        let command = console.take(&arrived, &mut |text| Uart.send(text));
        arrived.clear();
        if let Some(command) = command {
            obey(&command);
            Uart.send(PROMPT.as_bytes());
        }
    }
}

/// Makes a device, fresh from the factory.
fn start(settings: &Settings) -> Device<Simulated, ChaCha20Rng> {
    let _ = writeln!(
        Uart,
        "\r\n{ROM}{} of {}, security {}\r",
        settings.name(),
        env!("CARGO_PKG_NAME"),
        settings.scheme.number()
    );
    Device::new(settings, Simulated::new(machine::milliseconds), dice())
}

/// Random numbers for tests. They come from the clock, so no real device may make its keys from
/// them.
fn dice() -> ChaCha20Rng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&machine::real_time().to_le_bytes());
    seed[8..16].copy_from_slice(&riscv::register::minstret::read64().to_le_bytes());
    ChaCha20Rng::from_seed(seed)
}

/// Carries out a line for the board.
fn obey(command: &[u8]) {
    match command {
        b"!stats" => {
            let memory::Use { heap, heap_most, stack_most } = memory::usage();
            let _ = writeln!(Uart, "heap={heap} heap_most={heap_most} stack_most={stack_most}\r");
        }
        b"!handshakes" => measure::handshakes(),
        b"!quit" => machine::exit(0),
        _ => {
            let _ = writeln!(Uart, "!stats, !handshakes, !quit\r");
        }
    }
}

/// The exit status of QEMU after a panic, as that of a Rust program.
const PANICKED: u8 = 101;

/// The exit status of QEMU after a trap.
const TRAPPED: u8 = 102;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Uart, "\r\n{info}\r");
    machine::exit(PANICKED)
}

#[unsafe(no_mangle)]
extern "C" fn ExceptionHandler(_frame: &riscv_rt::TrapFrame) -> ! {
    let cause = riscv::register::mcause::read().bits();
    let at = riscv::register::mepc::read();
    let _ = writeln!(Uart, "\r\ntrap {cause:#x} at {at:#x}\r");
    machine::exit(TRAPPED)
}
