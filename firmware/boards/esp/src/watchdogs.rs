//! Two watchdogs, fed by a task like any other: what keeps the executor for too long resets the
//! chip.

use embassy_time::Timer;
use esp_hal::{
    peripherals::TIMG0,
    rtc_cntl::{Rwdt, RwdtStage},
    time::Duration,
    timer::timg::{MwdtStage, Wdt},
};

/// Far longer than the processor is busy with the key of a network, on an emulator of it too (20 s).
const WITHIN: Duration = Duration::from_secs(60);

/// That of the real-time domain resets more, and comes later.
const WITHIN_AT_LAST: Duration = Duration::from_secs(90);

/// Feeds them for ever.
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
