"""A device that disconnects as soon as it is connected to, which makes bluetoothd crash (BlueZ 5.66).

    slammer.py NAME

Needs what peripheral.py does.
"""

import asyncio
import sys

import peripheral


async def main(name):
    def connected(connection):
        print('connected', flush=True)
        asyncio.get_running_loop().create_task(connection.disconnect())

    await peripheral.serve(name, [], connected)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
