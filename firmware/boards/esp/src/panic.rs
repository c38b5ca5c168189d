//! The panic handler: prints the reason and restarts.

use core::panic::PanicInfo;

use esp_backtrace::Backtrace;
use esp_hal::{delay::Delay, system::software_reset};
use esp_println::println;

/// The time before the restart, in which a serial monitor can read the output.
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
