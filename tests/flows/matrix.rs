//! Every firmware generation with each security over each transport: the whole flow.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use esp_prov::{
    BleConnect, Connect, Policy, Scheme, Transport, TransportError,
    address::{BleAddress, BleSelector},
    transport::ConsoleLink,
};
use esp_prov_simulate::{Persona, Settings, VirtualDevice, serve, serve_console};
use kit::{Air, Plan, Ran, Station, connect, has_joined_home, run};
use tokio::{io::duplex, net::TcpListener, task::JoinHandle, time::timeout};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Over {
    Virtual,
    Http,
    Console,
    Ble,
}

#[tokio::test(start_paused = true)]
async fn every_firmware_takes_its_network_with_each_security_over_each_transport() {
    let mut cells = 0;
    for persona in Persona::ALL {
        for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
            for transport in [Over::Virtual, Over::Http, Over::Console, Over::Ble] {
                if !persona.has(scheme) {
                    continue;
                }
                if transport == Over::Console && scheme == Scheme::Sec2 {
                    // Its keys do not fit into a line.
                    continue;
                }
                let device =
                    VirtualDevice::new(Settings { persona, scheme, ..Settings::default() });
                let ran = over(transport, &device, &plan_for(persona, scheme)).await;
                let cell = format!("{persona}, {scheme}, {transport:?}");
                assert!(ran.is_connected() && has_joined_home(&device), "{cell}: {ran}");
                assert_eq!((device.joins(), ran.sessions(), ran.links()), (1, 1, 1), "{cell}");
                cells += 1;
            }
        }
    }
    assert_eq!(
        cells, 60,
        "6 personas, of which 2 lack security 2, over 4 transports, of which 1 does"
    );
}

fn plan_for(persona: Persona, scheme: Scheme) -> Plan {
    let mut plan = kit::plan_for(scheme);
    if persona == Persona::Legacy {
        // It does not say.
        plan.security.scheme = Some(scheme.number());
    }
    // Sockets know nothing of the paused clock.
    let long = Duration::from_secs(60 * 60);
    let policy = Policy { timeout: long, reply_timeout: long, ..Policy::default() };
    Plan { policy, ..plan }
}

async fn over(transport: Over, device: &VirtualDevice, plan: &Plan) -> Ran {
    match transport {
        Over::Virtual => run(device, plan).await,
        Over::Http => {
            let (address, server) = serving(device).await;
            let connect: &dyn Connect = &connect(&address.to_string());
            let ran = as_time_goes_by(run(connect, plan)).await;
            server.abort();
            ran
        }
        Over::Console => run(&Wire(device.clone()), plan).await,
        Over::Ble => {
            let address = BleAddress { wanted: BleSelector::from_text("PROV_1234"), adapter: None };
            let air = Arc::new(Air::with(vec![Station::of(device)]));
            run(&BleConnect::with_adapter(address, air), plan).await
        }
    }
}

/// A console at the other end of a wire in memory.
struct Wire(VirtualDevice);

#[async_trait]
impl Connect for Wire {
    async fn connect(&self, within: Duration) -> Result<Box<dyn Transport>, TransportError> {
        let (end, mut wire) = duplex(4096);
        let device = self.0.clone();
        tokio::spawn(async move {
            // Ends with the link. Log lines would cost one session more (see `console.rs`).
            let _ = serve_console(&mut wire, &device, false, Arc::new(|_| {})).await;
        });
        match timeout(within, ConsoleLink::wake(end)).await {
            Ok(link) => Ok(Box::new(link?)),
            Err(_) => Err(TransportError::Connect("no prompt".into())),
        }
    }
}

async fn serving(device: &VirtualDevice) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let device = device.clone();
    let server = tokio::spawn(async move {
        serve(&listener, &device, Arc::new(|_| {})).await.expect("the listener works");
    });
    (address, server)
}

/// Advances the paused clock turn by turn. A blocking task keeps it from jumping ahead while
/// bytes are on their way through a socket, which look like idleness.
async fn as_time_goes_by<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        let turn = tokio::task::spawn_blocking(|| {});
        tokio::select! {
            done = &mut work => return done,
            _ = turn => tokio::time::advance(Duration::from_millis(20)).await,
        }
    }
}
