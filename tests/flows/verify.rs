//! A device is looked for on the network that it was given, on a paused clock.

use std::{sync::Arc, time::Duration};

use esp_prov::{
    Connect, Event, Outcome, Passphrase, Verification, Verify, transport::softap::Protection,
    verify::Knock,
};
use esp_prov_rs::exit::Exit;
use esp_prov_simulate::{Fault, Settings, VirtualDevice};
use kit::{Lan, Plan, Ran, WifiHost, access_point, passphrase, plan, watched};

const NAME: &str = "PROV_1234";

/// Where the device says that it is.
const THERE: [u8; 4] = [10, 9, 9, 57];

/// That of the device as a station, one before that of its access point in the kit.
const STATION: &str = "24:0a:c4:00:00:01";

fn joins() -> VirtualDevice {
    VirtualDevice::new(Settings { ip: THERE.into(), ..Settings::default() })
}

fn vanishes() -> VirtualDevice {
    VirtualDevice::new(Settings { fault: Some(Fault::Vanish), ..Settings::default() })
}

async fn run(connect: &dyn Connect, plan: &Plan, verify: &Verify) -> (Ran, Verification) {
    let work = async |device: esp_prov::Provisioner<'_>| {
        device.with_verification(verify).provision(&plan.given()).await
    };
    let ran = watched(connect, plan, &esp_prov::Unattended, work).await;
    let found = ran.events.iter().find_map(|(_, event)| match event {
        Event::Verified { verification } => Some(verification.clone()),
        _ => None,
    });
    let found = found.unwrap_or_else(|| panic!("no search: {}", ran.end()));
    let last = &ran.events.last().expect("events").1;
    assert!(matches!(last, Event::Finished { .. }), "{last:?}");
    (ran, found)
}

#[tokio::test(start_paused = true)]
async fn a_device_that_answers_where_it_says_it_is_is_verified() {
    for answer in [Knock::Accepted, Knock::Refused, Knock::Silent] {
        let lan = Lan::at([10, 9, 9, 1]).with(THERE, STATION, answer);
        let (ran, found) = run(&joins(), &plan(), &lan.verify()).await;
        assert!(ran.is_connected(), "{answer:?}: {}", ran.end());
        assert_eq!((found.verified, found.ip), (Some(true), Some(THERE.into())), "{answer:?}");
        assert_eq!(found.mac.map(|mac| mac.to_string()).as_deref(), Some(STATION));
        // Nobody else was asked.
        assert!(lan.knocked().iter().all(|one| one.octets() == THERE), "{:?}", lan.knocked());
        assert!(ran.took < Duration::from_secs(6), "{answer:?}: {:?}", ran.took);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_not_where_it_says_it_is_fails_the_run() {
    let lan = Lan::at([10, 9, 9, 1]);
    let (ran, found) = run(&joins(), &plan(), &lan.verify()).await;
    assert_eq!((found.verified, ran.exit()), (Some(false), Exit::NOT_VERIFIED), "{}", ran.end());
    assert_eq!(found.reason, "nothing answers at 10.9.9.57");
    let took = ran.took.as_secs();
    assert!((28..34).contains(&took), "{took} s");
}

/// Its entry is from another time, until the system has asked again.
#[tokio::test(start_paused = true)]
async fn an_old_neighbour_alone_proves_nothing() {
    let lan = Lan::at([10, 9, 9, 1]).knowing(THERE, STATION);
    let verify = Verify { within: Duration::from_secs(8), ..lan.verify() };
    let (ran, found) = run(&joins(), &plan(), &verify).await;
    assert_eq!((found.verified, ran.exit()), (Some(false), Exit::NOT_VERIFIED), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_can_not_look_says_why_and_the_report_of_the_device_stands() {
    let another = "24:0a:c4:00:00:99";
    for (lan, reason) in [
        (Lan::at([192, 168, 7, 1]), "this machine is not on the network of 10.9.9.57"),
        (Lan::default(), "this machine is not on the network of 10.9.9.57"),
        (Lan::at(THERE), "10.9.9.57 is an address of this machine"),
    ] {
        let (ran, found) = run(&joins(), &plan(), &lan.verify()).await;
        assert_eq!((found.verified, found.reason.as_str()), (None, reason));
        assert!(ran.is_connected() && ran.exit() == Exit::DONE && lan.knocked().is_empty());
    }
    // Somebody else has its address.
    let wifi = WifiHost::seeing(vec![access_point(NAME, 2, Protection::Wpa)]);
    let lan = Lan::at([10, 9, 9, 1]).with(THERE, another, Knock::Refused);
    let way = wifi.way_to(&joins(), NAME, passphrase("ap-passphrase"));
    let (ran, found) = run(&way, &plan(), &lan.verify()).await;
    assert_eq!(found.verified, None);
    assert!(found.reason.contains(another) && found.reason.contains(STATION), "{}", found.reason);
    assert_eq!(ran.exit(), Exit::DONE);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_left_unconfirmed_is_found_by_its_mac_address() {
    let open = || WifiHost::seeing(vec![access_point(NAME, 2, Protection::Open)]);
    let there = || Lan::at([10, 9, 9, 1]).with(THERE, STATION, Knock::Refused);
    for (lan, searches, verified, exit) in [
        // Known by chance.
        (there().knowing(THERE, STATION), false, Some(true), Exit::DONE),
        (there(), true, Some(true), Exit::DONE),
        (there(), false, None, Exit::UNCONFIRMED),
        (Lan::at([10, 9, 9, 1]), true, Some(false), Exit::UNCONFIRMED),
        (there().telling_no_neighbours(), true, None, Exit::UNCONFIRMED),
    ] {
        let (wifi, device) = (open(), vanishes());
        let way = wifi.way_to(&device, NAME, Passphrase::open());
        let verify = Verify { searches, ..lan.verify() };
        let (ran, found) = run(&way, &plan(), &verify).await;
        assert_eq!((found.verified, ran.exit()), (verified, exit), "{found:?}");
        // The network of this machine came back before.
        assert_eq!(wifi.joins_and_leaves().1, 1);
        let knocked = lan.knocked().len();
        assert!(if verified == Some(false) { knocked >= 253 } else { knocked < 253 }, "{knocked}");
        assert!(searches || knocked <= 1, "{knocked}");
        if exit == Exit::DONE {
            assert!(
                matches!(ran.result, Ok(Outcome::Verified { ip: Some(ip) }) if ip.octets() == THERE)
            );
        }
    }
    // Over a link that tells nothing of the device.
    let lan = there();
    let (ran, found) = run(&vanishes(), &plan(), &lan.verify()).await;
    assert_eq!((found.verified, ran.exit()), (None, Exit::UNCONFIRMED), "{found:?}");
}

/// Looks for a device that has vanished, by knocking at every address.
async fn searched(lan: &Lan, within: u64) -> (Ran, Verification) {
    let wifi = WifiHost::seeing(vec![access_point(NAME, 2, Protection::Open)]);
    let way = wifi.way_to(&vanishes(), NAME, Passphrase::open());
    let within = Duration::from_secs(within);
    run(&way, &plan(), &Verify { within, searches: true, ..lan.verify() }).await
}

/// The answer to the search is proof, also by a device that takes no connections.
#[tokio::test(start_paused = true)]
async fn a_device_is_found_while_the_search_goes_on() {
    let lan = || Lan::at([10, 9, 9, 1]).and_at([10, 10, 0, 1], 22);
    for answer in [Knock::Refused, Knock::Silent] {
        // All 1,274 addresses take 30 s.
        let lan = lan().with(THERE, STATION, answer);
        let (ran, found) = searched(&lan, 10).await;
        assert_eq!((found.verified, ran.exit()), (Some(true), Exit::DONE), "{found:?}");
        assert!(lan.knocked().len() < 400, "{}", lan.knocked().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_with_another_address_than_it_had_is_found() {
    let lan = Lan::at([10, 9, 9, 1]).knowing([10, 9, 9, 40], STATION);
    let (_, found) = searched(&lan.with(THERE, STATION, Knock::Silent), 20).await;
    assert_eq!((found.verified, found.ip), (Some(true), Some(THERE.into())), "{found:?}");
    // Without a search, it may be anywhere.
    let lan = Lan::at([10, 9, 9, 1]).knowing([10, 9, 9, 40], STATION);
    let wifi = WifiHost::seeing(vec![access_point(NAME, 2, Protection::Open)]);
    let way = wifi.way_to(&vanishes(), NAME, Passphrase::open());
    let verify = Verify { within: Duration::from_secs(8), ..lan.verify() };
    let (_, found) = run(&way, &plan(), &verify).await;
    assert_eq!(found.verified, None, "{found:?}");
    assert!(found.reason.contains("does not answer at 10.9.9.40"), "{}", found.reason);
}

#[tokio::test(start_paused = true)]
async fn a_search_of_a_part_does_not_show_that_a_device_is_not_there() {
    for (prefix, within, why) in [
        (22, 10, "in 10.9.9.0/24, 10.10.0.0/22, of which there was no time to search all"),
        (16, 20, "in 10.9.9.0/24; too large to search: 10.10.0.0/16"),
    ] {
        let lan = Lan::at([10, 9, 9, 1]).and_at([10, 10, 0, 1], prefix);
        let (ran, found) = searched(&lan, within).await;
        assert_eq!((found.verified, ran.exit()), (None, Exit::UNCONFIRMED), "{found:?}");
        assert!(found.reason.ends_with(why), "{}", found.reason);
    }
    // This machine's own is searched by nobody, and hides nobody.
    let lan = Lan::at([10, 9, 9, 1]).and_at([127, 0, 0, 1], 8);
    let (_, found) = searched(&lan, 20).await;
    assert_eq!(found.verified, Some(false), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_device_for_thread_can_not_be_looked_for() {
    let persona = esp_prov_simulate::Persona::NetprovThread;
    let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
    let lan = Lan::at([10, 9, 9, 1]);
    let (ran, found) = run(&device, &plan(), &lan.verify()).await;
    assert!(ran.is_connected() && found.verified.is_none(), "{}: {found:?}", ran.end());
}

/// The limit holds for a system that never answers, too.
#[tokio::test(start_paused = true)]
async fn the_search_has_a_limit() {
    let lan = Lan::at([10, 9, 9, 1]);
    let verify = Verify { within: Duration::from_secs(5), searches: true, ..lan.verify() };
    let wifi = WifiHost::seeing(vec![access_point(NAME, 2, Protection::Open)]);
    let way = wifi.way_to(&joins(), NAME, Passphrase::open());
    let (ran, _) = run(&way, &plan(), &verify).await;
    assert!(ran.took < Duration::from_secs(15), "{:?}", ran.took);
    let _: Arc<dyn esp_prov::verify::LocalNetworks> = verify.networks;
}
