"""A hostile central for the host board of firmware/: connections that are over before the board sees them, then odd ATT
packets from a seeded generator, in several connections.

Usage: hostile.py PID, the process of the board. Needs Bumble, RIG_H4's device advertising, and RIG_THIRD_H4: a unix socket
with the HCI of a radio. Ends with 0 when all was sent.
"""

import asyncio
import os
import random
import signal
import sys

from bumble.device import Device
from bumble.hci import Address
from bumble.transport import open_transport

TARGET = Address('C0:00:00:00:00:01', Address.RANDOM_DEVICE_ADDRESS)
ATT_CID = 4
UNSEEN = 3
CONNECTIONS = 10
PACKETS = 200

# Requests and commands of ATT, then numbers that are none.
OPCODES = [0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x0E, 0x10, 0x12, 0x16, 0x18, 0x1E, 0x20, 0x52, 0xD2, 0x01, 0x13, 0x1B, 0xFF]


def packet(dice):
    """Of a good beginning: a handle in or beyond the table, an offset, a value that may be too long."""
    opcode = dice.choice(OPCODES)
    handle = dice.choice([0, dice.randrange(1, 40), 0xFFFF]).to_bytes(2, 'little')
    number = dice.choice([0, 1, 511, 512, 513, 0xFFFF, dice.randrange(0x10000)]).to_bytes(2, 'little')
    value = dice.randbytes(dice.choice([0, 1, 20, 200, 244]))
    shape = dice.randrange(4)
    if shape == 0:
        return dice.randbytes(dice.randrange(1, 60))
    if shape == 1:
        return bytes([opcode]) + handle + number + value[:dice.randrange(3)]
    if shape == 2:
        return bytes([0x16]) + handle + number + value
    return bytes([opcode]) + handle + value


async def until_it_advertises(central):
    heard = asyncio.Event()

    def hear(advertisement):
        if advertisement.address == TARGET:
            heard.set()

    central.on('advertisement', hear)
    await central.start_scanning()
    await asyncio.wait_for(heard.wait(), 10)
    await central.stop_scanning()
    central.remove_listener('advertisement', hear)


async def main(board):
    dice = random.Random(0x5EED)
    answers = 0
    answered = asyncio.Event()

    def heard(_connection, _pdu):
        nonlocal answers
        answers += 1
        answered.set()

    async with await open_transport('unix:' + os.environ['RIG_THIRD_H4']) as radio:
        central = Device.with_hci('hostile', Address('F2:F2:F2:F2:F2:F2'), radio.source, radio.sink)
        await central.power_on()
        # Bumble would take the answers apart.
        central.l2cap_channel_manager.register_fixed_channel(ATT_CID, heard)
        for _ in range(UNSEEN):
            await until_it_advertises(central)
            os.kill(board, signal.SIGSTOP)
            try:
                connection = await central.connect(TARGET, timeout=10)
                await asyncio.wait_for(connection.disconnect(), 5)
            finally:
                os.kill(board, signal.SIGCONT)
        for number in range(CONNECTIONS):
            connection = await central.connect(TARGET, timeout=10)
            lost = asyncio.Event()
            connection.on('disconnection', lambda _reason, lost=lost: lost.set())
            for _ in range(PACKETS):
                if lost.is_set():
                    break
                answered.clear()
                connection.send_l2cap_pdu(ATT_CID, packet(dice))
                # In even connections each waits for an answer, if there is one; in odd ones they come in a flood.
                if number % 2 == 0:
                    try:
                        await asyncio.wait_for(answered.wait(), 0.05)
                    except TimeoutError:
                        pass
            if not lost.is_set():
                # One that the device has just closed never ends for Bumble.
                try:
                    await asyncio.wait_for(connection.disconnect(), 5)
                except TimeoutError:
                    pass
    print(f'{CONNECTIONS * PACKETS} packets, {answers} answers')
    return 0 if answers else 1


if __name__ == '__main__':
    sys.exit(asyncio.run(asyncio.wait_for(main(int(sys.argv[1])), 120)))
