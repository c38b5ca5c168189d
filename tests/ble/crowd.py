"""Many devices that advertise, on the third radio of a rig, which takes the turn of each.

    crowd.py COUNT

They are CROWD_0, CROWD_1, …, with addresses that end in the number. Needs what peripheral.py does, and RIG_THIRD_H4.
"""

import asyncio
import os
import sys

from bumble import hci
from bumble.core import AdvertisingData
from bumble.host import Host
from bumble.transport import open_transport

import peripheral

TURN = 0.02


async def main(count):
    async with await open_transport('unix:' + os.environ['RIG_THIRD_H4']) as radio:
        host = Host(radio.source, radio.sink)
        await host.reset()
        await host.send_command(hci.HCI_LE_Set_Advertising_Parameters_Command(
            advertising_interval_min=20,
            advertising_interval_max=20,
            advertising_type=hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType.ADV_IND,
            own_address_type=hci.Address.RANDOM_DEVICE_ADDRESS,
            peer_address_type=hci.Address.PUBLIC_DEVICE_ADDRESS,
            peer_address=hci.Address.ANY,
            advertising_channel_map=7,
            advertising_filter_policy=0,
        ))
        print('advertising', flush=True)
        service = bytes(peripheral.uuid(0x9004))
        while True:
            for number in range(count):
                name = AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, f'CROWD_{number}'.encode())])
                data = AdvertisingData([
                    (AdvertisingData.FLAGS, bytes([0x06])),
                    (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, service),
                ])
                for command in (
                    hci.HCI_LE_Set_Random_Address_Command(random_address=hci.Address(f'F5:F5:F5:F5:F5:{number:02X}')),
                    hci.HCI_LE_Set_Advertising_Data_Command(advertising_data=bytes(data)),
                    hci.HCI_LE_Set_Scan_Response_Data_Command(scan_response_data=bytes(name)),
                    hci.HCI_LE_Set_Advertising_Enable_Command(advertising_enable=1),
                ):
                    await host.send_command(command)
                await asyncio.sleep(TURN)
                await host.send_command(hci.HCI_LE_Set_Advertising_Enable_Command(advertising_enable=0))


if __name__ == '__main__':
    asyncio.run(main(int(sys.argv[1])))
