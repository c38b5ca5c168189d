//! Every firmware generation with each security over each transport: the whole flow.

mod support;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use esp_prov::{
    Connect, Plan, Policy, Scheme,
    simulate::{Persona, Settings, VirtualDevice, serve},
};
use support::{Ran, connect, has_joined_home, plain_plan, plan, run};
use tokio::{net::TcpListener, task::JoinHandle};

#[derive(Clone, Copy, Debug)]
enum Transport {
    Virtual,
    Http,
}

#[tokio::test(start_paused = true)]
async fn every_firmware_takes_its_network_with_each_security_over_each_transport() {
    let mut cells = 0;
    for persona in Persona::ALL {
        for scheme in [Scheme::Sec0, Scheme::Sec1, Scheme::Sec2] {
            for transport in [Transport::Virtual, Transport::Http] {
                if !persona.has(scheme) {
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
    assert_eq!(cells, 32, "6 personas, of which 2 lack security 2, over 2 transports");
}

fn plan_for(persona: Persona, scheme: Scheme) -> Plan {
    let mut plan = if scheme == Scheme::Sec0 { plain_plan() } else { plan() };
    if persona == Persona::Legacy {
        // It does not say.
        plan.security.scheme = Some(scheme.number());
    }
    // Sockets know nothing of the paused clock.
    let long = Duration::from_secs(60 * 60);
    let policy = Policy { timeout: long, reply_within: long, ..Policy::default() };
    Plan { policy, ..plan }
}

async fn over(transport: Transport, device: &VirtualDevice, plan: &Plan) -> Ran {
    match transport {
        Transport::Virtual => run(device, plan).await,
        Transport::Http => {
            let (address, server) = serving(device).await;
            let connect: &dyn Connect = &connect(&address.to_string());
            let ran = as_time_goes_by(run(connect, plan)).await;
            server.abort();
            ran
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
