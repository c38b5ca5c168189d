"""A device that disconnects as soon as it is connected to, which makes bluetoothd crash (BlueZ 5.66).

    slammer.py NAME VARIABLE ADDRESS

Needs what peripheral.py does.
"""

import asyncio
import sys

import peripheral


async def main(name, variable, address):
    def connected(connection):
        print('connected', flush=True)
        asyncio.get_running_loop().create_task(connection.disconnect())

    await peripheral.serve(name, [], connected, variable=variable, address=address)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
