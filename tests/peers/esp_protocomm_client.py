"""Scans and provisions with the package esp-protocomm, which brings the handshake, the encryption, the messages and
BLE (with bleak); the HTTP is ours.

    esp_protocomm_client.py HOST:PORT|ble:NAME POP SSID PASSPHRASE

Prints what the device said as one JSON object.
"""

import asyncio
import http.client
import json
import sys
from contextlib import asynccontextmanager

from esp_protocomm import Security1, SecurityError, establish_session, provision_wifi
from esp_protocomm.proto import wifi_config_pb2, wifi_scan_pb2
from esp_protocomm.wifi import get_status


class Http:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=10)
        self.headers = {"Content-Type": "application/x-www-form-urlencoded"}

    async def send(self, endpoint, data):
        self.connection.request("POST", f"/{endpoint}", data, self.headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise ConnectionError(f"{endpoint}: HTTP {response.status}")
        if cookie := response.getheader("Set-Cookie"):
            self.headers["Cookie"] = cookie
        return body


@asynccontextmanager
async def connected(address):
    kind, _, name = address.partition(":")
    if kind != "ble":
        yield Http(address)
        return
    from esp_protocomm.ble import BleTransport

    async with BleTransport(scan_timeout=2) as transport:
        await transport.connect(name)
        yield transport


async def ask(transport, security, endpoint, request):
    sealed = await transport.send(endpoint, security.encrypt(request.SerializeToString()))
    reply = type(request)()
    reply.ParseFromString(security.decrypt(sealed))
    return reply


async def scan(transport, security):
    request = wifi_scan_pb2.WiFiScanPayload(msg=wifi_scan_pb2.TypeCmdScanStart)
    request.cmd_scan_start.blocking = True
    await ask(transport, security, "prov-scan", request)
    request = wifi_scan_pb2.WiFiScanPayload(msg=wifi_scan_pb2.TypeCmdScanStatus)
    status = await ask(transport, security, "prov-scan", request)
    count = status.resp_scan_status.result_count
    networks = []
    while len(networks) < count:
        request = wifi_scan_pb2.WiFiScanPayload(msg=wifi_scan_pb2.TypeCmdScanResult)
        request.cmd_scan_result.start_index = len(networks)
        request.cmd_scan_result.count = min(4, count - len(networks))
        page = await ask(transport, security, "prov-scan", request)
        networks += [entry.ssid.decode() for entry in page.resp_scan_result.entries]
    return networks


async def provision(transport, pop, ssid, passphrase):
    try:
        security = await establish_session(transport, Security1(pop))
    except SecurityError as error:
        return {"handshake": str(error)}
    networks = await scan(transport, security)
    before = await get_status(transport, security)
    after = await provision_wifi(transport, security, ssid, passphrase, poll_interval=0.05)
    request = wifi_config_pb2.WiFiConfigPayload(msg=wifi_config_pb2.TypeCmdGetStatus)
    request.cmd_get_status.SetInParent()
    joined = (await ask(transport, security, "prov-config", request)).resp_get_status.connected
    return {
        "networks": networks,
        "before": before.describe(),
        "after": after.describe(),
        "connected": [joined.ssid.decode(), joined.ip4_addr],
    }


async def main(address, *wanted):
    async with connected(address) as transport:
        return await provision(transport, *wanted)


print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
