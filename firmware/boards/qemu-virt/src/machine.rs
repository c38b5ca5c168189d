//! QEMU's `virt` machine: UART, clocks and exit (`hw/riscv/virt.c`, QEMU 10.0).

use core::{
    fmt,
    ptr::{read_volatile, write_volatile},
};

const UART: usize = 0x1000_0000;
const CLINT_TIME: usize = 0x0200_bff8;
const REAL_TIME_CLOCK: usize = 0x0010_1000;
const TEST_DEVICE: usize = 0x0010_0000;

/// The ticks of the timer in a millisecond.
const TICKS: u64 = 10_000;

fn read<T>(address: usize) -> T {
    // SAFETY: only called with addresses of this machine's registers, which are always there.
    unsafe { read_volatile(address as *const T) }
}

fn write<T>(address: usize, value: T) {
    // SAFETY: only called with addresses of this machine's registers, which are always there.
    unsafe { write_volatile(address as *mut T, value) }
}

/// The 16550 UART, polled.
pub(crate) struct Uart;

impl Uart {
    /// Returns a byte that has arrived, if any.
    pub(crate) fn receive(&self) -> Option<u8> {
        let has_data = read::<u8>(UART + 5) & 1 != 0;
        has_data.then(|| read(UART))
    }

    /// Sends bytes, waiting until the UART takes each of them.
    pub(crate) fn send(&self, bytes: &[u8]) {
        for &byte in bytes {
            while read::<u8>(UART + 5) & 0x20 == 0 {}
            write(UART, byte);
        }
    }
}

impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.send(text.as_bytes());
        Ok(())
    }
}

/// The number that QEMU's loader put at the end of the memory for code (see run-qemu); 0 for none.
pub(crate) fn setting() -> u32 {
    read(0x801f_fffc)
}

/// Milliseconds since the start.
pub(crate) fn milliseconds() -> u64 {
    loop {
        let (high, low) = (read::<u32>(CLINT_TIME + 4), read::<u32>(CLINT_TIME));
        if read::<u32>(CLINT_TIME + 4) == high {
            return (u64::from(high) << 32 | u64::from(low)) / TICKS;
        }
    }
}

/// The host's clock in nanoseconds. Reading the low half latches the high one.
pub(crate) fn real_time() -> u64 {
    let low = read::<u32>(REAL_TIME_CLOCK);
    u64::from(read::<u32>(REAL_TIME_CLOCK + 4)) << 32 | u64::from(low)
}

/// Ends QEMU with this status.
pub(crate) fn exit(status: u8) -> ! {
    write(TEST_DEVICE, if status == 0 { 0x5555 } else { u32::from(status) << 16 | 0x3333 });
    loop {
        riscv::asm::wfi();
    }
}
