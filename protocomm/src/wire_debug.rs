//! `Debug` for the messages that carry secrets.

use core::fmt;

use crate::wire::{CmdSetThreadConfig, CmdSetWifiConfig};

impl fmt::Debug for CmdSetWifiConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CmdSetWifiConfig")
            .field("ssid", &self.ssid)
            .field("passphrase", &"[redacted]")
            .field("bssid", &self.bssid)
            .field("channel", &self.channel)
            .finish()
    }
}

impl fmt::Debug for CmdSetThreadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CmdSetThreadConfig").field("dataset", &"[redacted]").finish()
    }
}
