"""Times over real BlueZ, ours beside the vendor's way, in one run; asserts nothing.

    cargo build --release && tests/ble/rig/run sh -c '$RIG_PYTHON tests/ble/times.py target/release/esp-prov-rs'

The device advertises every 160 ms, as stock firmware does, or every 100 ms, has security 1 and joins half a second after apply. The vendor's way is what
`esp_prov.py` does (`ble_cli.py`, `esp_prov.py`, network_provisioning 1.2.4): listen for 5 s, read the name of each
endpoint, ask for the version four times, wait for 5 s before each look at the state; here with esp-protocomm and bleak.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from esp_protocomm import Security1, WifiState, establish_session
from esp_protocomm.ble import BleTransport
from esp_protocomm.wifi import apply_config, get_status, set_config

NAME, POP, SSID, PASSPHRASE = 'PROV_1234', 'abcd1234', 'Home', 'correct-horse'
ADDRESS = 'F1:F1:F1:F1:F1:F1'
BRIDGE = Path(__file__).with_name('bridge.py')
RUNS = 5
PAUSE = 4


def ours(tool, device):
    """Seconds until the session, from apply to the result, until the result, and until the process has ended."""
    # A run does not wait for BlueZ to close its link; the next one does.
    time.sleep(PAUSE)
    command = [tool, '--transport', 'ble', '--service-name', device, '--pop', POP, '--ssid', SSID, '--passphrase', PASSPHRASE]
    began = time.monotonic()
    at = {}
    with subprocess.Popen([*command, '--json'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            at.setdefault(json.loads(line).get('event'), time.monotonic() - began)
    if process.returncode:
        sys.exit(f'{tool} ended with {process.returncode}')
    return at['established'], at['finished'] - at['applied'], at['finished'], time.monotonic() - began


async def the_vendors_way():
    began = time.monotonic()
    async with BleTransport(scan_timeout=5) as transport:
        await transport.connect(NAME)
        for question in (b'none', b'no_sec', b'no_pop', b'wifi_prov'):
            await transport.send('proto-ver', question)
        security = await establish_session(transport, Security1(POP))
        established = time.monotonic() - began
        await set_config(transport, security, SSID, PASSPHRASE)
        await apply_config(transport, security)
        applied = time.monotonic() - began
        state = None
        while state is not WifiState.CONNECTED:
            await asyncio.sleep(5)
            state = (await get_status(transport, security)).state
        joined = time.monotonic() - began
    return established, joined - applied, joined, time.monotonic() - began


def show(who, runs):
    median = [statistics.median(times) for times in zip(*runs)]
    established, joined, result, ended = median
    print(f'{who:24} established {established:5.2f} s, apply to result {joined:5.2f} s, result {result:5.2f} s, end {ended:5.2f} s')
    return median


def main(tool):
    simulate = subprocess.Popen(
        [tool, 'simulate', '--listen', '127.0.0.1:0', '--join-delay', '500ms', '--json'],
        stdout=subprocess.PIPE, text=True,
    )
    bridge = None

    def advertise(interval):
        nonlocal bridge
        if bridge:
            bridge.kill()
            bridge.wait()
        command = [sys.executable, BRIDGE, NAME, f'http://{address}', '--interval', str(interval)]
        bridge = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        while bridge.stdout.readline() != 'advertising\n':
            pass

    try:
        address = json.loads(simulate.stdout.readline())['address']
        advertise(100)
        show('ours, every 100 ms', [ours(tool, ADDRESS) for _ in range(RUNS)])
        advertise(160)
        runs = show('ours, by address', [ours(tool, ADDRESS) for _ in range(RUNS)])
        # With nobody at a terminal it listens for another device of the name.
        show('ours, by name', [ours(tool, NAME) for _ in range(RUNS)])
        vendor = show("the vendor's way", [asyncio.run(the_vendors_way())])
        ratios = ', '.join(f'{what} {b / a:.1f}' for what, a, b in zip(('established', 'apply to result', 'result', 'end'), runs, vendor))
        print(f'times as fast: {ratios}')
    finally:
        for process in (bridge, simulate):
            if process:
                process.kill()


if __name__ == '__main__':
    main(*sys.argv[1:])
