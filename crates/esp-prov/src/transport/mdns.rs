//! Devices that announce themselves on the network by mDNS. Firmware up to ESP-IDF v4.4 does so if
//! its application runs mDNS (`scheme_softap.c`).

use std::{io, net::IpAddr};

use mdns_sd::{Receiver, ServiceDaemon, ServiceEvent};

/// The service type, which is the same for all devices.
const SERVICE: &str = "_esp_wifi_prov._tcp.local.";

/// The most announcements to read in one call: they may arrive faster than they are read.
const AT_ONCE: usize = 1024;

/// A device that announces itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The name of the service. It is the same for all devices unless the firmware changes it.
    pub name: String,
    /// Its IP address and port, such as `192.168.4.1:80`. An IPv6 address is in brackets.
    pub address: String,
}

/// Listens on all networks of this machine until it is dropped.
pub struct Announcements {
    daemon: ServiceDaemon,
    events: Receiver<ServiceEvent>,
}

impl Announcements {
    /// Starts listening.
    ///
    /// # Errors
    /// The error of the system, if it can't provide a socket.
    pub fn listen() -> io::Result<Self> {
        let explain = |error: mdns_sd::Error| io::Error::other(error.to_string());
        let daemon = ServiceDaemon::new().map_err(explain)?;
        let events = daemon.browse(SERVICE).map_err(explain)?;
        Ok(Self { daemon, events })
    }

    /// Returns the announcements since the last call.
    pub fn heard(&self) -> Vec<Announced> {
        let resolved = self.events.try_iter().take(AT_ONCE).filter_map(|event| match event {
            ServiceEvent::ServiceResolved(service) => Some(service),
            _ => None,
        });
        let announced = resolved.filter_map(|service| {
            let address = service.addresses.iter().min_by_key(|address| address.to_ip_addr())?;
            let host = match address.to_ip_addr() {
                IpAddr::V4(address) => address.to_string(),
                // Includes the interface, without which a link-local address can't be reached.
                IpAddr::V6(_) => format!("[{address}]"),
            };
            let name = service.fullname.strip_suffix(SERVICE).unwrap_or(&service.fullname);
            Some(Announced {
                name: name.trim_end_matches('.').to_owned(),
                address: format!("{host}:{}", service.port),
            })
        });
        announced.collect()
    }
}

impl Drop for Announcements {
    fn drop(&mut self) {
        // The daemon's thread ends with the process at the latest.
        let _ = self.daemon.shutdown();
    }
}
