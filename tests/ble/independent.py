"""A BLE peripheral that shares no code with esp-prov-rs: security 1 and the messages of provisioning anew, in Python.

    independent.py NAME POP [--numbered] [--limit BYTES] [--updated] [--nul]
        [--address ADDRESS] [--interval MS] [--radio VARIABLE]

Needs Bumble, cryptography, and RIG_H4: a unix socket with the HCI of a radio. With an empty name it advertises none. It knows one network, "Home" with the
passphrase "correct-horse", and joins it half a second after apply; it can neither scan nor reset.
With --numbered its endpoints have no names (0x2901), as in firmware before v4.0. With --limit it takes and gives no
value longer than that, as Bluedroid with 257 bytes. With --updated its endpoints stand in other places of the same service,
as after an update of the firmware. With --nul the names of its endpoints have bytes behind a NUL. With --address
and --radio it is another device, on the radio that this variable leads to.
Says on standard output what happens.
"""

import argparse
import asyncio
import hashlib
import json
import os

import peripheral
from bumble.att import ATT_Error, Attribute
from bumble.core import UUID
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

INVALID_PDU, INVALID_LENGTH = 0x04, 0x0D
CONNECTED, CONNECTING, FAILED = 0, 1, 3
WRONG_PASSPHRASE, NOT_FOUND = 0, 1


class Refused(Exception):
    """A request that gets no reply."""


def number(value):
    """A protobuf varint."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


def message(fields):
    """A protobuf message of numbers and bytes, by field."""
    encoded = b''
    for field, value in fields.items():
        if isinstance(value, int):
            encoded += number(field << 3) + number(value)
        else:
            encoded += number(field << 3 | 2) + number(len(value)) + value
    return encoded


def fields(encoded):
    """The fields of a protobuf message of numbers and bytes."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(encoded) or shift > 63:
                raise Refused('a message is cut off')
            byte = encoded[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(encoded):
        field, kind = divmod(varint(), 8)
        value = varint()
        if kind == 2:
            if at + value > len(encoded):
                raise Refused('a field is cut off')
            value, at = encoded[at : at + value], at + value
        elif kind != 0:
            raise Refused('a field of no known kind')
        found[field] = value
    return found


class Firmware:
    """A device that waits for a network."""

    def __init__(self, pop):
        self.pop = pop.encode()
        self.config = None
        self.applied = None
        self.forget_session()

    def forget_session(self):
        self.stream = self.verifier = None
        self.is_open = False

    def handle(self, endpoint, request):
        if endpoint == 'proto-ver':
            return json.dumps({'prov': {'ver': 'v1.1', 'sec_ver': 1, 'cap': []}}).encode()
        if endpoint == 'prov-session':
            return self.handshake(fields(request))
        if not self.is_open:
            raise Refused('there is no session')
        handlers = {'prov-config': self.configure, 'custom-data': self.take}
        if endpoint not in handlers:
            raise Refused('nobody is behind this endpoint')
        reply = handlers[endpoint](self.stream.update(request))
        return self.stream.update(reply)

    def handshake(self, session):
        if session.get(2, 0) != 1 or 11 not in session:
            raise Refused('not security 1')
        command = fields(session[11])
        if 20 in command:
            reply = {1: 1, 21: self.exchange_keys(fields(command[20]).get(1, b''))}
        elif 22 in command:
            reply = {1: 3, 23: self.verify(fields(command[22]).get(2, b''))}
        else:
            raise Refused('no step of a handshake')
        return message({2: 1, 11: message(reply)})

    def exchange_keys(self, client_key):
        own = X25519PrivateKey.generate()
        own_key = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        shared = own.exchange(X25519PublicKey.from_public_bytes(client_key))
        mask = hashlib.sha256(self.pop).digest() if self.pop else bytes(32)
        key = bytes(a ^ b for a, b in zip(shared, mask))
        random = os.urandom(16)
        self.stream = Cipher(algorithms.AES(key), modes.CTR(random)).encryptor()
        self.verifier = (own_key, client_key)
        return message({2: own_key, 3: random})

    def verify(self, proof):
        if not self.verifier:
            raise Refused('a proof before the keys')
        own_key, client_key = self.verifier
        self.verifier = None
        if self.stream.update(proof) != own_key:
            raise Refused('another proof of possession')
        self.is_open = True
        say('session')
        return message({3: self.stream.update(client_key)})

    def take(self, data):
        say(f'custom-data {len(data)}')
        return b'SUCCESS'

    def configure(self, request):
        request = fields(request)
        kind = request.get(1, 0)
        if kind == 2 and 12 in request:
            config = fields(request[12])
            self.config = (config.get(1, b''), config.get(2, b''))
            return message({1: 3, 13: b''})
        if kind == 4:
            self.applied, self.joins_at = self.config, asyncio.get_running_loop().time() + 0.5
            return message({1: 5, 15: b''})
        if kind == 0 and 10 in request:
            return message({1: 1, 11: self.state()})
        raise Refused('no request of prov-config')

    def state(self):
        if not self.applied or asyncio.get_running_loop().time() < self.joins_at:
            return message({2: CONNECTING})
        ssid, passphrase = self.applied
        if ssid != b'Home':
            return message({2: FAILED, 10: NOT_FOUND})
        if passphrase != b'correct-horse':
            return message({2: FAILED, 10: WRONG_PASSPHRASE})
        say('joined')
        return message({11: message({1: b'192.168.7.23', 2: 3, 3: ssid, 4: bytes.fromhex('240ac4000001'), 5: 6})})


def say(what):
    print(what, flush=True)


def characteristic(firmware, name, place, options):
    value = b''

    def write(_connection, request):
        nonlocal value
        if len(request) > options.limit:
            say(f'too long: {len(request)}')
            raise ATT_Error(INVALID_LENGTH)
        try:
            value = firmware.handle(name, bytes(request))
        except (Refused, ValueError) as why:
            say(f'refused: {name}: {why}')
            raise ATT_Error(INVALID_PDU) from None

    def read(_connection):
        return value[: options.limit]

    properties = Characteristic.Properties.READ | Characteristic.Properties.WRITE
    permissions = Attribute.Permissions.READABLE | Attribute.Permissions.WRITEABLE
    description = name.encode() + (b'\0\x17rest' if options.nul else b'')
    described = [] if options.numbered else [Descriptor(UUID.from_16_bits(0x2901), Attribute.Permissions.READABLE, description)]
    access = CharacteristicValue(read=read, write=write)
    return Characteristic(peripheral.uuid(place), properties, permissions, access, described)


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('name')
    arguments.add_argument('pop')
    arguments.add_argument('--numbered', action='store_true')
    arguments.add_argument('--limit', type=int, default=512)
    arguments.add_argument('--updated', action='store_true')
    arguments.add_argument('--nul', action='store_true')
    arguments.add_argument('--address', default='F1:F1:F1:F1:F1:F1')
    arguments.add_argument('--interval', type=int, default=160)
    arguments.add_argument('--radio', default='RIG_H4')
    options = arguments.parse_args()
    firmware = Firmware(options.pop)
    places = [('prov-session', 0xFF51), ('prov-config', 0xFF52), ('proto-ver', 0xFF53), ('custom-data', 0xFF54)]
    if options.updated:
        places = places[1:] + places[:1]
    characteristics = [characteristic(firmware, *place, options) for place in places]

    def connected(connection):
        connection.on('disconnection', lambda _reason: firmware.forget_session())

    # Without the GATT service there is no hash of the services, as in most firmware.
    await peripheral.serve(
        options.name, characteristics, connected, has_gatt_service=False,
        variable=options.radio, address=options.address, interval=options.interval,
    )


if __name__ == '__main__':
    asyncio.run(main())
