"""A BLE peripheral whose endpoints are those of a virtual device on HTTP, on the second radio of a rig.

    bridge.py NAME http://127.0.0.1:8080 [--secure] [--refuse] [--vanish] [--odd KIND N] [--interval MS]

Needs Bumble, and RIG_H4: a unix socket with the HCI of a radio. A write goes to the device as a request; its reply is
what the next read gives. A request without a reply is the ATT error 0x04, as with NimBLE (`protocomm_nimble.c`).
A connection is a session of its own, whose operations are told at its end; when the device leaves, so does the radio.
With --secure it demands an encrypted link, as firmware with BLE secure connections does; with --refuse it then refuses to be
paired with. With --vanish it is unplugged
right after the second request to prov-config, which is apply. With --odd its Nth request is answered as a healthy device does
once in a while: `empty` (the reply is gone), `late` (after 12 s) or the number of an ATT error, not processed. 0 is each.
"""

import asyncio
import http.client
import os
import socket
import sys
from collections import Counter
from urllib.parse import urlsplit

import peripheral
from bumble.att import ATT_Error, Attribute
from bumble.core import UUID
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor
from bumble.pairing import PairingDelegate

NUMBERS = {
    'prov-ctrl': 0xFF4F,
    'prov-scan': 0xFF50,
    'prov-session': 0xFF51,
    'prov-config': 0xFF52,
    'proto-ver': 0xFF53,
    'custom-data': 0xFF54,
}
INVALID_PDU = 0x04


class Refusing(PairingDelegate):
    async def accept(self):
        return False


class Session:
    """The HTTP connection that stands for the BLE connection."""

    def __init__(self, device, vanishes, odd):
        self.device = device
        self.connection = None
        self.cookie = None
        self.counts = Counter()
        self.vanishes = vanishes
        self.configs = 0
        self.odd = odd
        self.requests = 0
        self.links = 0

    def end(self):
        if self.connection:
            self.connection.close()
        self.connection = self.cookie = None

    def vanish_after_apply(self, endpoint):
        self.configs += endpoint == 'prov-config'
        if self.configs == 2 and self.vanishes:
            asyncio.get_running_loop().call_later(0.05, os._exit, 0)

    def leave_if_gone(self):
        try:
            socket.create_connection((self.device.hostname, self.device.port), 2).close()
        except OSError:
            os._exit(0)

    def post(self, endpoint, body):
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.device.hostname, self.device.port, timeout=5)
        headers = {'Cookie': self.cookie} if self.cookie else {}
        self.connection.request('POST', '/' + endpoint, body, headers)
        response = self.connection.getresponse()
        reply = response.read()
        if response.status != 200:
            raise http.client.HTTPException(response.status)
        self.cookie = response.getheader('Set-Cookie') or self.cookie
        return reply


def characteristic(name, number, session, secure):
    value = b''

    async def write(_connection, request):
        nonlocal value
        session.counts['writes'] += 1
        session.requests += 1
        odd = session.odd.get(session.requests) or session.odd.get(0, '')
        if odd.startswith('0x'):
            raise ATT_Error(int(odd, 16))
        try:
            value = session.post(name, bytes(request))
            session.vanish_after_apply(name)
            if odd == 'empty':
                value = b''
            elif odd == 'late':
                link = session.links
                await asyncio.sleep(12)
                if session.links != link:
                    # Bumble would answer on the next link, as its number is the same.
                    await asyncio.get_running_loop().create_future()
        except (http.client.HTTPException, OSError):
            session.end()
            session.leave_if_gone()
            raise ATT_Error(INVALID_PDU) from None

    def read(_connection):
        session.counts['reads'] += 1
        return value

    def describe(_connection):
        session.counts['names'] += 1
        return name.encode()

    properties = Characteristic.Properties.READ | Characteristic.Properties.WRITE
    permissions = Attribute.Permissions.READABLE | Attribute.Permissions.WRITEABLE
    if secure:
        permissions |= (
            Attribute.Permissions.READ_REQUIRES_ENCRYPTION | Attribute.Permissions.WRITE_REQUIRES_ENCRYPTION
        )
    description = Descriptor(UUID.from_16_bits(0x2901), Attribute.Permissions.READABLE, CharacteristicValue(read=describe))
    access = CharacteristicValue(read=read, write=write)
    return Characteristic(peripheral.uuid(number), properties, permissions, access, [description])


async def main(name, url, *options):
    odd = {}
    if '--odd' in options:
        kind, number = options[options.index('--odd') + 1 :][:2]
        odd[int(number)] = kind
    interval = int(options[options.index('--interval') + 1]) if '--interval' in options else 160
    session = Session(urlsplit(url), '--vanish' in options, odd)
    endpoints = [characteristic(endpoint, number, session, '--secure' in options) for endpoint, number in NUMBERS.items()]

    def connected(connection):
        print('connected', flush=True)
        session.links += 1
        session.counts.clear()
        connection.on('disconnection', disconnected)

    def disconnected(_reason):
        session.end()
        counts = session.counts
        print(f'disconnected reads={counts["reads"]} writes={counts["writes"]} names={counts["names"]}', flush=True)

    pairing = Refusing() if '--refuse' in options else None
    await peripheral.serve(name, endpoints, connected, interval=interval, pairing=pairing)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
