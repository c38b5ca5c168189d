//! Where to do what a hint says, by the system that runs this.

use esp_prov::transport::RadioError;

/// A system whose words differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// Linux, and whatever is neither of the others.
    Linux,
    MacOs,
    Windows,
}

impl System {
    /// The one that this is built for.
    pub(crate) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_vendor = "apple") {
        Self::MacOs
    } else {
        Self::Linux
    };

    fn choose(
        self,
        linux: &'static str,
        macos: &'static str,
        windows: &'static str,
    ) -> &'static str {
        match self {
            Self::Linux => linux,
            Self::MacOs => macos,
            Self::Windows => windows,
        }
    }

    /// What to do about an adapter.
    pub(crate) fn radio(self, error: &RadioError) -> &'static str {
        match error {
            RadioError::NoAdapter => {
                self.choose("plug one in; `bluetoothctl list` lists them", "plug one in", "plug one in")
            }
            RadioError::OtherAdapter { .. } => "leave out --adapter to use the first",
            RadioError::Off => self.choose(
                "switch it on: `rfkill unblock bluetooth`, `bluetoothctl power on`",
                "switch it on in System Settings > Bluetooth",
                "switch it on in Settings > Bluetooth & devices",
            ),
            RadioError::DiscoveryUnavailable => self.choose(
                "wait ten seconds, or switch it off and on: `bluetoothctl power off`, \
                 `bluetoothctl power on`",
                "wait ten seconds, or switch Bluetooth off and on in System Settings > Bluetooth",
                "wait ten seconds, or switch Bluetooth off and on in Settings > Bluetooth & devices",
            ),
            RadioError::NoBus(_) => {
                "start D-Bus; in a container, mount the host's socket (/run/dbus/system_bus_socket)"
            }
            RadioError::NoService(_) => self.choose(
                "start BlueZ: `systemctl start bluetooth`",
                "restart this computer",
                "start the Bluetooth Support Service: `net start bthserv` as administrator",
            ),
            RadioError::Died(_) => {
                "try again; if it dies each time, this device makes it crash (as BlueZ 5.66 does \
                 when a device disconnects at once): update BlueZ, or use another adapter"
            }
            RadioError::Denied(_) => self.choose(
                "allow this user to use Bluetooth: `sudo usermod -aG bluetooth $USER`, then log in \
                 again",
                "allow this terminal to use Bluetooth in System Settings > Privacy & Security > \
                 Bluetooth",
                "allow apps to use Bluetooth in Settings > Privacy & security > Radios",
            ),
            RadioError::Unpaired(_) => self.choose(
                "make the system forget the device (`bluetoothctl remove ADDRESS`) and try again: \
                 pairing failed; or build its firmware without link encryption, or with pairing \
                 that needs no number (Just Works)",
                "make the system forget the device (System Settings > Bluetooth) and try again: \
                 pairing failed; or build its firmware without link encryption, or with pairing \
                 that needs no number (Just Works)",
                "remove the device (Settings > Bluetooth & devices) and try again: pairing failed; \
                 or build its firmware without link encryption, or with pairing that needs no \
                 number (Just Works)",
            ),
            RadioError::Forbidden(_) => {
                "check that it has provisioning firmware, and that its application does not require \
                 another step first"
            }
            _ => "move closer, or switch Bluetooth off and on again",
        }
    }

    /// What to do about a Bluetooth service that does not answer.
    pub(crate) fn silent_radio(self) -> &'static str {
        self.choose(
            "restart it: `systemctl restart bluetooth`",
            "switch Bluetooth off and on in System Settings > Bluetooth",
            "restart the Bluetooth Support Service, or this computer",
        )
    }

    /// What a connection that is refused may be, beside what else is told.
    pub(crate) fn failed_pairing(self) -> &'static str {
        self.choose(
            "; a failed pairing looks the same: make the system forget the device (`bluetoothctl \
             remove ADDRESS`)",
            "; a failed pairing looks the same: make the system forget the device (System Settings > \
             Bluetooth)",
            "; a failed pairing looks the same: remove the device (Settings > Bluetooth & devices)",
        )
    }

    /// How to set the clock.
    pub(crate) fn clock(self) -> &'static str {
        self.choose(
            "set it (`timedatectl set-ntp true`): traces and logs use it",
            "set it (System Settings > General > Date & Time): traces and logs use it",
            "set it (`w32tm /resync` as administrator): traces and logs use it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_system_gets_the_commands_of_another() {
        for system in [System::MacOs, System::Windows] {
            let radio = [
                RadioError::NoAdapter,
                RadioError::Off,
                RadioError::DiscoveryUnavailable,
                RadioError::NoService("x".into()),
                RadioError::Denied("x".into()),
                RadioError::Unpaired("x".into()),
            ];
            let mut all: Vec<_> = radio.iter().map(|error| system.radio(error)).collect();
            all.extend([system.silent_radio(), system.failed_pairing(), system.clock()]);
            for hint in all {
                for command in ["bluetoothctl", "systemctl", "rfkill", "timedatectl", "usermod"] {
                    assert!(!hint.contains(command), "{system:?}: {hint}");
                }
            }
        }
    }
}
