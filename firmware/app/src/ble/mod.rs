//! The link over BLE.

mod guard;

use alloc::{string::String, vec, vec::Vec};

use embassy_futures::select::{Either, select};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use protocomm::{
    ble::{CUSTOM, LONGEST, NUMBERS, SERVICES, numbered},
    device::Backend,
};
use rand_core::CryptoRng;
use trouble_host::prelude::*;

use self::guard::Guarded;
use crate::{Device, device::Link};

/// One connection at a time, as in the vendor's firmware.
const CONNECTIONS: usize = 1;

/// Signalling, ATT, security manager.
const CHANNELS: usize = 3;

/// The most attributes: those of any peripheral, the service, and a declaration, a value and a
/// description for each of eight endpoints.
const ATTRIBUTES: usize = 8 + 1 + 3 * 8;

/// The handle of an endpoint's value.
struct Place {
    endpoint: String,
    handle: u16,
}

type Server<'values> =
    AttributeServer<'values, NoopRawMutex, DefaultPacketPool, ATTRIBUTES, CONNECTIONS>;

/// Serves a device over GATT for ever, as `protocomm_nimble.c` does (ESP-IDF v5.5). It advertises
/// its service and `name` (at most 22 bytes) while nobody is connected. A request is written and
/// its reply is read; no reply shows as ATT error 0x04, and the connection stays open. Each
/// connection is a session. `address` is a static random address, whose last byte is at least 0xc0.
///
/// # Errors
/// Those of the controller.
///
/// # Panics
/// If `name` is too long.
pub async fn serve_ble<C, B, R>(
    controller: C,
    address: [u8; 6],
    name: &str,
    device: &Device<B, R>,
) -> Result<(), BleHostError<C::Error>>
where
    C: Controller,
    B: Backend,
    R: CryptoRng,
{
    let custom = device.custom_endpoints();
    let custom = custom.iter().map(String::as_str).zip(CUSTOM..);
    let endpoints: Vec<_> = NUMBERS.into_iter().chain(custom).collect();
    let mut values = vec![[0; LONGEST]; endpoints.len()];

    let mut table = AttributeTable::new();
    let gap = PeripheralConfig { name, appearance: &appearance::UNKNOWN };
    if let Err(reason) = GapConfig::Peripheral(gap).build(&mut table) {
        panic!("{name}: {reason}");
    }
    let mut service = table.add_service(Service::new(uuid(SERVICES[0])));
    let mut places = Vec::new();
    for ((endpoint, number), value) in endpoints.iter().zip(&mut values) {
        let access = [CharacteristicProp::Read, CharacteristicProp::Write];
        let at = uuid(numbered(SERVICES[0], *number));
        let mut one = service.add_characteristic(at, access, [0; LONGEST], value);
        let description = descriptors::CHARACTERISTIC_USER_DESCRIPTION;
        let _ = one.add_descriptor_ro(description, PermissionLevel::Allowed, endpoint.as_bytes());
        places.push(Place { endpoint: (*endpoint).into(), handle: one.build().handle });
    }
    service.build();
    let server = Server::new(table);

    let mut resources: HostResources<DefaultPacketPool, CONNECTIONS, CHANNELS> =
        HostResources::new();
    let stack = trouble_host::new(Guarded(controller), &mut resources)
        .set_random_address(Address::random(address))
        .build();
    let (mut runner, mut peripheral) = (stack.runner(), stack.peripheral());
    let services = [SERVICES[0].to_le_bytes()];
    let (mut said, mut named) = ([0; 31], [0; 31]);
    let flags = AdStructure::Flags(LE_GENERAL_DISCOVERABLE | BR_EDR_NOT_SUPPORTED);
    let advertised = [flags, AdStructure::CompleteServiceUuids128(&services)];
    let said_length = AdStructure::encode_slice(&advertised, &mut said)?;
    let advertised = [AdStructure::CompleteLocalName(name.as_bytes())];
    let named_length = AdStructure::encode_slice(&advertised, &mut named)?;
    let serve = async {
        loop {
            let (adv_data, scan_data) = (&said[..said_length], &named[..named_length]);
            let data = Advertisement::ConnectableScannableUndirected { adv_data, scan_data };
            let offer = peripheral.advertise(&AdvertisementParameters::default(), data).await?;
            let connection = offer.accept().await?.with_attribute_server(&server)?;
            device.open_link(Link::Ble);
            for place in &places {
                let _ = server.table().write(place.handle, 0, &[]);
            }
            serve_connection(&connection, &server, &places, device).await;
        }
    };
    match select(runner.run(), serve).await {
        Either::First(ended) | Either::Second(ended) => ended,
    }
}

fn uuid(number: u128) -> Uuid {
    Uuid::new_long(number.to_le_bytes())
}

/// Serves a connection until it is lost.
async fn serve_connection<B: Backend, R: CryptoRng>(
    connection: &GattConnection<'_, '_, DefaultPacketPool>,
    server: &Server<'_>,
    places: &[Place],
    device: &Device<B, R>,
) {
    loop {
        let reply = match connection.next().await {
            GattConnectionEvent::Disconnected { .. } => return,
            GattConnectionEvent::Gatt { event: GattEvent::Write(event) } => {
                let place = places.iter().find(|place| place.handle == event.handle());
                let taken = match place {
                    Some(place) => event.with_data(|offset, request| match offset {
                        0 => take(server, place, device, request),
                        _ => Err(AttErrorCode::INVALID_OFFSET),
                    }),
                    None => Err(AttErrorCode::WRITE_NOT_PERMITTED),
                };
                match taken {
                    Ok(()) => event.accept_unprocessed(),
                    Err(code) => event.reject(code),
                }
            }
            GattConnectionEvent::Gatt { event } => event.accept(),
            _ => continue,
        };
        // Without memory for a reply, the client runs into its time limit.
        if let Ok(reply) = reply {
            reply.send().await;
        }
    }
}

/// Handles a request. Its reply becomes the value that is read next.
fn take<B: Backend, R: CryptoRng>(
    server: &Server<'_>,
    place: &Place,
    device: &Device<B, R>,
    request: &[u8],
) -> Result<(), AttErrorCode> {
    // NimBLE's handler ignores an empty write.
    if request.is_empty() {
        return Ok(());
    }
    if request.len() > LONGEST {
        return Err(AttErrorCode::INVALID_ATTRIBUTE_VALUE_LENGTH);
    }
    let reply = device.handle(Link::Ble, &place.endpoint, request);
    let reply = reply.map_err(|_| AttErrorCode::INVALID_PDU)?;
    server.table().write(place.handle, 0, &reply).map_err(|_| AttErrorCode::UNLIKELY_ERROR)
}
