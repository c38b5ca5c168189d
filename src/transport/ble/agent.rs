//! Pairing on Linux: BlueZ pairs with nobody unless a process stands for the user.

use std::{sync::Arc, time::Duration};

use dbus::{
    Message, Path,
    blocking::SyncConnection,
    channel::{MatchingReceiver, Sender},
    message::MatchRule,
};

/// What BlueZ may take to answer, and how long the thread that serves it may outlive us.
const WITHIN: Duration = Duration::from_secs(2);

/// Agrees to be paired with one device, until it is dropped. It has no display and no keys, like
/// the devices, so that pairing is Just Works (`protocomm_nimble.c`); where a desktop has an agent
/// of its own, that one is asked.
pub(super) struct Agent {
    _bus: Option<Arc<SyncConnection>>,
}

impl Agent {
    /// For the device of this address.
    pub(super) async fn for_device(address: &str) -> Self {
        let path = format!("/dev_{}", address.replace(':', "_"));
        let registered = tokio::task::spawn_blocking(move || register(path)).await;
        // Without it all works but pairing.
        Self { _bus: registered.ok().and_then(Result::ok) }
    }
}

fn register(device: String) -> Result<Arc<SyncConnection>, dbus::Error> {
    let bus = Arc::new(SyncConnection::new_system()?);
    let manager = bus.with_proxy("org.bluez", "/org/bluez", WITHIN);
    let agent = (Path::from("/esp_prov/agent"), "NoInputNoOutput");
    manager.method_call::<(), _, _, _>("org.bluez.AgentManager1", "RegisterAgent", agent)?;
    let answer = move |call: Message, bus: &SyncConnection| {
        let is_ours = call.get1::<Path>().is_some_and(|path| path.ends_with(&device));
        let answer = match call.member().as_deref() {
            Some("RequestAuthorization") if is_ours => call.method_return(),
            Some("Release" | "Cancel") => call.method_return(),
            _ => call.error(&"org.bluez.Error.Rejected".into(), c"not ours"),
        };
        // BlueZ that is gone asks nothing.
        let _ = bus.send(answer);
        true
    };
    bus.start_receive(MatchRule::new_method_call(), Box::new(answer));
    let served = Arc::downgrade(&bus);
    std::thread::spawn(move || {
        while let Some(bus) = served.upgrade()
            && bus.process(WITHIN).is_ok()
        {}
    });
    Ok(bus)
}
