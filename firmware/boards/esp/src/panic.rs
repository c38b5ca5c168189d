//! The end: it says why, and starts anew.

use core::panic::PanicInfo;

use esp_backtrace::Backtrace;
use esp_hal::{delay::Delay, system::software_reset};
use esp_println::println;

/// So that a monitor gets to read it all.
const READ_WITHIN_MS: u32 = 100;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    println!("\r\n{info}");
    for frame in Backtrace::capture().frames() {
        println!("at {:#x}", frame.program_counter());
    }
    Delay::new().delay_millis(READ_WITHIN_MS);
    software_reset()
}
