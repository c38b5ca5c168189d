"""Partitions of a lot, made with the vendor's package esp-idf-nvs-partition-gen from what `esp-prov-rs secrets` makes,
and read back.

    nvs_partitions.py LOT

The package lacks mfg_gen.py, which comes with ESP-IDF and makes one table (key, type, encoding, value) for each line of the
values file: so does this. Prints what the namespace `prov` of each partition has, as a JSON list of objects; binary
values in hexadecimal.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE, ENTRY = 4096, 32
U8, STRING, BLOB_DATA = 0x01, 0x21, 0x42
WRITTEN = 0b10


def entries(partition):
    """The namespace, type, key, data of eight bytes, and what follows, of each entry that is written (ESP-IDF's guide
    of nvs_flash: a page has a header, two bits of state for each entry, and 126 entries)."""
    for page in range(0, len(partition), PAGE):
        states = int.from_bytes(partition[page + ENTRY : page + 2 * ENTRY], "little")
        number = 0
        while number < 126:
            at = page + (2 + number) * ENTRY
            entry, span = partition[at : at + ENTRY], partition[at + 2]
            if states >> 2 * number & 0b11 != WRITTEN:
                number += 1
                continue
            key = entry[8:24].rstrip(b"\0").decode()
            yield entry[0], entry[1], key, entry[24:], partition[at + ENTRY : at + span * ENTRY]
            number += span


def read(partition):
    namespaces, values = {}, {}
    for namespace, kind, key, data, following in entries(partition):
        content = following[: int.from_bytes(data[:2], "little")]
        if namespace == 0:
            namespaces[data[0]] = key
        elif kind == STRING:
            values[namespace, key] = content.rstrip(b"\0").decode()
        elif kind == BLOB_DATA:
            # A blob can begin on one page and end on the next.
            values[namespace, key] = values.get((namespace, key), "") + content.hex()
    return {key: value for (namespace, key), value in values.items() if namespaces[namespace] == "prov"}


def partition(config, line, folder):
    table, made = folder / "table.csv", folder / "made.bin"
    with open(table, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "type", "encoding", "value"])
        writer.writerows([*row, line.get(row[0], "")] for row in config)
    generate = [sys.executable, "-m", "esp_idf_nvs_partition_gen", "generate", table, made, "0x3000"]
    subprocess.run(generate, check=True, stdout=sys.stderr)
    return made.read_bytes()


def main():
    lot = Path(sys.argv[1])
    with open(lot / "mfg_config.csv", newline="", encoding="utf-8") as file:
        config = list(csv.reader(file))
    with open(lot / "mfg_values.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps([read(partition(config, line, Path(folder))) for line in lines]))


main()
