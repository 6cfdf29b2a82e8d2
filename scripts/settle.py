#!/usr/bin/env python3
"""Takes out of ELF files what differs from one build of the same sources to the next.

usage: settle.py FILE...

- `.swift_modhash`: digests with which the compiler decides what to compile again. They depend on the folder that the
  sources are in, and nothing reads them at run time. They become zeros.
- The build ID, which the linker computes over everything, debugging information and those digests included. It becomes
  one of what the file is now.

The files are changed in place, and have to be stripped already.
"""

import hashlib
import struct
import sys
from pathlib import Path

SECTION = struct.Struct("<IIQQQQIIQQ")
BUILD_ID = b"\x04\x00\x00\x00\x14\x00\x00\x00\x03\x00\x00\x00GNU\x00"


def sections(file: bytes) -> dict[str, tuple[int, int]]:
    """The offset and the size of each section of a 64-bit ELF file."""
    if file[:6] != b"\x7fELF\x02\x01":
        raise ValueError("it is no 64-bit ELF file in little-endian order")
    (table,) = struct.unpack_from("<Q", file, 0x28)
    size, count, names = struct.unpack_from("<HHH", file, 0x3A)
    headers = [SECTION.unpack_from(file, table + place * size) for place in range(count)]
    start = headers[names][4]
    found = {}
    for name, _, _, _, offset, length, *_ in headers:
        end = file.index(b"\0", start + name)
        found[file[start + name : end].decode()] = (offset, length)
    return found


def settled(file: bytes) -> bytes:
    """The file without what differs."""
    changed = bytearray(file)
    places = sections(file)
    if ".swift_modhash" in places:
        offset, length = places[".swift_modhash"]
        changed[offset : offset + length] = bytes(length)
    if ".note.gnu.build-id" in places:
        offset, length = places[".note.gnu.build-id"]
        if length != len(BUILD_ID) + 20 or changed[offset : offset + len(BUILD_ID)] != BUILD_ID:
            raise ValueError("its build ID is of a kind that is not known")
        identifier = slice(offset + len(BUILD_ID), offset + length)
        changed[identifier] = bytes(20)
        changed[identifier] = hashlib.sha1(changed, usedforsecurity=False).digest()
    return bytes(changed)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__.split("\n\n")[1])
    for path in map(Path, sys.argv[1:]):
        try:
            changed = settled(path.read_bytes())
        except (OSError, ValueError) as error:
            sys.exit(f"settle: {path}: {error}")
        path.write_bytes(changed)


if __name__ == "__main__":
    main()
