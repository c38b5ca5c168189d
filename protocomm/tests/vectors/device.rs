//! Our device in the place of the vendor's firmware.

use protocomm::{
    Status,
    commands::{AccessPoint, StartWifiScan, WifiScanStatus, WifiStatus},
    device::{Backend, Responder, WifiConfig},
};

use crate::recording::{Recording, networks, raw, start_scan, wifi_status};

#[test]
fn a_device_with_the_recorded_keys_answers_what_the_vendors_firmware_answered() {
    for recording in Recording::all() {
        let radio = Radio::of(&recording);
        let mut device =
            Responder::new(recording.security(), "", radio, recording.device_randomness());
        for (request, response) in recording.handshake() {
            let answer = device.handle("prov-session", request).expect("answers the handshake");
            assert_eq!(hex::encode(answer.body), hex::encode(response), "{}", recording.name);
        }
        for exchange in &recording.exchanges {
            if exchange.response.message.get("resp_get_wifi_status").is_some() {
                device.backend().status = wifi_status(&exchange.response.message);
            }
            let answer = device.handle(&exchange.endpoint, exchange.request.on_the_wire());
            let name = format!("{}, {}", recording.name, exchange.name);
            let answer = answer.unwrap_or_else(|none| panic!("{name}: no reply, {none}"));
            let expected = hex::encode(exchange.response.on_the_wire());
            assert_eq!(hex::encode(answer.body), expected, "{name}");
        }
        // Replies say little about what became of the requests.
        let joined = [("HomeNet", "wrong-password"), ("HomeNet", "correct horse battery")];
        assert_eq!(device.backend().joined, joined.map(|(a, b)| (a.into(), b.into())));
        assert_eq!(device.backend().scanned, [start_scan(&recording.exchanges[0].request.message)]);
        assert_eq!(device.backend().forgotten, 1);
    }
}

/// Sees and says what was recorded, and notes what it is told.
struct Radio {
    status: Result<WifiStatus, Status>,
    networks: Vec<AccessPoint>,
    custom: (Vec<u8>, Vec<u8>),
    joined: Vec<(Vec<u8>, Vec<u8>)>,
    scanned: Vec<StartWifiScan>,
    forgotten: u32,
}

impl Radio {
    fn of(recording: &Recording) -> Self {
        let replies = recording.exchanges.iter().map(|exchange| &exchange.response.message);
        let custom = recording.exchanges.iter().find(|exchange| exchange.endpoint == "custom-data");
        let custom = custom.expect("custom data is recorded");
        Self {
            status: Ok(WifiStatus::Connecting { attempts_remaining: None }),
            networks: replies.flat_map(networks).collect(),
            custom: (raw(&custom.request.message), raw(&custom.response.message)),
            joined: Vec::new(),
            scanned: Vec::new(),
            forgotten: 0,
        }
    }
}

impl Backend for Radio {
    fn join(&mut self, network: WifiConfig) -> Result<(), Status> {
        self.joined.push((network.ssid, network.passphrase.expose().to_vec()));
        Ok(())
    }

    fn status(&mut self) -> Result<WifiStatus, Status> {
        self.status.clone()
    }

    fn forget(&mut self) -> Result<(), Status> {
        self.forgotten += 1;
        Ok(())
    }

    fn start_scan(&mut self, scan: &StartWifiScan) -> Result<(), Status> {
        self.scanned.push(*scan);
        Ok(())
    }

    fn scan_status(&mut self) -> Result<WifiScanStatus, Status> {
        let count = u32::try_from(self.networks.len()).expect("a short list");
        Ok(WifiScanStatus { finished: true, count })
    }

    fn scan_result(&mut self, index: u32) -> Option<AccessPoint> {
        self.networks.get(usize::try_from(index).ok()?).cloned()
    }

    fn endpoints(&self) -> &[&str] {
        &["custom-data"]
    }

    fn custom(&mut self, _: &str, request: &[u8]) -> Option<Vec<u8>> {
        (request == self.custom.0).then(|| self.custom.1.clone())
    }
}
