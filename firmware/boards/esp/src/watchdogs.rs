//! Two watchdogs, fed by a task like any other, so that whatever blocks the executor for too long
//! resets the chip.

use embassy_time::Timer;
use esp_hal::{
    peripherals::TIMG0,
    rtc_cntl::{Rwdt, RwdtStage},
    time::Duration,
    timer::timg::{MwdtStage, Wdt},
};

/// The time of the main watchdog: far longer than the processor takes to derive the key of a
/// network, even on an emulator (20 s).
const WITHIN: Duration = Duration::from_secs(60);

/// The time of the watchdog in the real-time domain, which resets more and comes later.
const WITHIN_AT_LAST: Duration = Duration::from_secs(90);

/// Feeds both watchdogs for ever.
pub(crate) async fn feed(mut main: Wdt<TIMG0<'_>>, mut last: Rwdt) {
    main.set_timeout(MwdtStage::Stage0, WITHIN);
    last.set_timeout(RwdtStage::Stage0, WITHIN_AT_LAST);
    main.enable();
    last.enable();
    loop {
        main.feed();
        last.feed();
        Timer::after_secs(1).await;
    }
}
