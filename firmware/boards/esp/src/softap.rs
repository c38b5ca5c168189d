//! The device's own access point: an address for clients, and HTTP.

use core::net::{Ipv4Addr, SocketAddr};

use edge_dhcp::{
    io::{DEFAULT_SERVER_PORT, server::run as serve_dhcp},
    server::{Server, ServerOptions},
};
use edge_nal::{TcpBind, UdpBind};
use edge_nal_embassy::{Tcp, TcpBuffers, Udp, UdpBuffers};
use embassy_futures::join::join3;
use embassy_net::{Config, Ipv4Cidr, StackResources, StaticConfigV4};
use embassy_time::Instant;
use esp_println::println;
use esp_radio::wifi::Interface;
use firmware::{Device, Http};
use protocomm::{device::Backend, rand_core::CryptoRng};

use crate::dice::Dice;

/// The device's address, as in ESP-IDF (`esp_netif_defaults.h`, v5.5).
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 4, 1);

/// The number of sockets: for the current connection, the next one, and two that are closing.
const SOCKETS: usize = 4;

/// The most clients with an address.
const LEASES: usize = 4;

/// The longest DHCP packet, in bytes.
const DHCP_PACKET: usize = 1500;

/// Serves the access point's clients for ever.
pub(crate) async fn run<B: Backend, R: CryptoRng>(
    interface: Interface,
    dice: Dice,
    device: &Device<B, R>,
) {
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(ADDRESS, 24),
        gateway: Some(ADDRESS),
        dns_servers: Default::default(),
    });
    let mut resources = StackResources::<{ SOCKETS + 2 }>::new();
    let (stack, mut runner) = embassy_net::new(interface, config, &mut resources, dice.seed());

    let http = async {
        let buffers = TcpBuffers::<SOCKETS, 1024, 1024>::new();
        let tcp = Tcp::new(stack, &buffers);
        loop {
            let acceptor = tcp.bind(SocketAddr::from((ADDRESS, 80))).await;
            let ended = match acceptor {
                Ok(acceptor) => Http::new(device).run(acceptor).await,
                Err(error) => Err(error),
            };
            println!("HTTP: {ended:?}");
            embassy_time::Timer::after_secs(1).await;
        }
    };
    let dhcp = async {
        let buffers = UdpBuffers::<1, DHCP_PACKET, DHCP_PACKET, 4>::new();
        let udp = Udp::new(stack, &buffers);
        let mut server = Server::<_, LEASES>::new(|| Instant::now().as_secs(), ADDRESS);
        let mut gateway = [ADDRESS];
        let options = ServerOptions::new(ADDRESS, Some(&mut gateway));
        let mut packet = [0; DHCP_PACKET];
        loop {
            let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, DEFAULT_SERVER_PORT));
            if let Ok(mut socket) = udp.bind(any).await {
                let ended = serve_dhcp(&mut server, &options, &mut socket, &mut packet).await;
                println!("DHCP: {ended:?}");
            }
            embassy_time::Timer::after_secs(1).await;
        }
    };
    join3(runner.run(), http, dhcp).await;
}
