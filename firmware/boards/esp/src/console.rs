//! UART0 as the console's link.

use alloc::vec::Vec;

use esp_hal::{
    gpio::{InputPin, OutputPin},
    peripherals::UART0,
    uart::{Config, Uart},
};
use firmware::{Console, Device};
use protocomm::{console::PROMPT, device::Backend, rand_core::CryptoRng};

/// Serves the console for ever, at 115,200 baud.
pub(crate) async fn run<B: Backend, R: CryptoRng>(
    uart: UART0<'_>,
    receives: impl InputPin,
    sends: impl OutputPin,
    device: &Device<B, R>,
) {
    let uart = Uart::new(uart, Config::default());
    let uart = uart.unwrap_or_else(|error| panic!("UART0: {error:?}"));
    let mut uart = uart.with_rx(receives).with_tx(sends).into_async();
    let mut console = Console::new(device);
    let mut printed = PROMPT.as_bytes().to_vec();
    let mut arrived = [0; 64];
    loop {
        let mut rest = &printed[..];
        while !rest.is_empty() {
            // Output that can't be sent is lost, as with any console.
            let Ok(sent) = uart.write_async(rest).await else { break };
            rest = &rest[sent..];
        }
        printed = Vec::new();
        // After an overrun or a break, this line is damaged but the next one is good.
        let Ok(length) = uart.read_async(&mut arrived).await else { continue };
        if console.take(&arrived[..length], &mut |text| printed.extend_from_slice(text)).is_some() {
            printed.extend_from_slice(PROMPT.as_bytes());
        }
    }
}
