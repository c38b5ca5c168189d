"""A service of provisioning firmware on a radio of a rig. Needs Bumble, and the variable that leads to the radio: a unix
socket with its HCI.
"""

import asyncio
import os

from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Service
from bumble.hci import Address
from bumble.pairing import PairingConfig
from bumble.transport import open_transport


def uuid(number):
    """The vendor's examples' service, with the number of an endpoint (`scheme_ble.c`, `app_main.c`)."""
    return UUID(f'021a{number:04x}-0382-4aea-bff4-6b3f1c5adfb4')


async def serve(
    name,
    characteristics,
    connected,
    *,
    has_gatt_service=True,
    variable='RIG_H4',
    address='F1:F1:F1:F1:F1:F1',
    interval=160,
    pairing=None,
):
    """Advertises at this interval, in ms, for ever; says so once. Calls `connected` with each connection. Without a name it
    advertises none. Pairs as `pairing` (a delegate of Bumble's) says."""
    # Bumble's virtual controller (0.0.236) takes the units of HCI, 0.625 ms, for milliseconds.
    interval *= 0.625
    service = uuid(0x9004)
    async with await open_transport('unix:' + os.environ[variable]) as radio:
        settings = DeviceConfiguration(name=name, gatt_service_enabled=has_gatt_service)
        settings.address = Address(address)
        # Else a peer that was paired with would know the device by another address.
        settings.identity_address_type = Address.RANDOM_DEVICE_ADDRESS
        device = Device.from_config_with_hci(settings, radio.source, radio.sink)
        device.add_service(Service(service, characteristics))
        device.advertising_data = bytes(AdvertisingData([
            (AdvertisingData.FLAGS, bytes([0x06])),
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(service)),
        ]))
        names = [(AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())] if name else []
        device.scan_response_data = bytes(AdvertisingData(names))
        if pairing:
            device.pairing_config_factory = lambda _connection: PairingConfig(delegate=pairing)
        device.on('connection', connected)
        await device.power_on()
        await device.start_advertising(auto_restart=True, advertising_interval_min=interval, advertising_interval_max=interval)
        print('advertising', flush=True)
        await asyncio.get_running_loop().create_future()
