"""A service of provisioning firmware on the second radio of a rig. Needs Bumble, and RIG_H4: a unix socket with the
HCI of that radio. RIG_ADDRESS is another address than the usual one.
"""

import asyncio
import os

from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Service
from bumble.hci import Address
from bumble.transport import open_transport


def uuid(number):
    """The vendor's examples' service, with the number of an endpoint (`scheme_ble.c`, `app_main.c`)."""
    return UUID(f'021a{number:04x}-0382-4aea-bff4-6b3f1c5adfb4')


async def serve(name, characteristics, connected, *, has_gatt_service=True):
    """Advertises every 100 ms, for ever; says so once. Calls `connected` with each connection."""
    service = uuid(0x9004)
    async with await open_transport('unix:' + os.environ['RIG_H4']) as radio:
        settings = DeviceConfiguration(name=name, gatt_service_enabled=has_gatt_service)
        settings.address = Address(os.environ.get('RIG_ADDRESS', 'F1:F1:F1:F1:F1:F1'))
        device = Device.from_config_with_hci(settings, radio.source, radio.sink)
        device.add_service(Service(service, characteristics))
        device.advertising_data = bytes(AdvertisingData([
            (AdvertisingData.FLAGS, bytes([0x06])),
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(service)),
        ]))
        device.scan_response_data = bytes(AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())]))
        device.on('connection', connected)
        await device.power_on()
        await device.start_advertising(auto_restart=True, advertising_interval_min=100, advertising_interval_max=100)
        print('advertising', flush=True)
        await asyncio.get_running_loop().create_future()
