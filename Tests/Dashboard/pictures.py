#!/usr/bin/env python3
"""Makes the pictures of the page for the documents, with made-up figures.

usage: pictures.py [FOLDER]

Serves the page as the gateway does, with figures of `figures.py` in place of the gateway's own, and writes
`ui-light.png`, `ui-dark.png` and `ui-narrow.png` to docs/images, or to FOLDER.
"""

import json
import re
import struct
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import Browser
from figures import figures

ROOT = Path(__file__).resolve().parents[2]


def smaller(file: Path) -> None:
    """Writes a picture anew with at most 256 colours, and compressed as much as possible."""
    data, place, pixels, size = file.read_bytes(), 8, b"", (0, 0)
    while place < len(data):
        (length,), kind = struct.unpack(">I", data[place:place + 4]), data[place + 4:place + 8]
        content = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            size, depth, colours = struct.unpack(">II", content[:8]), content[8], {2: 3, 6: 4}[content[9]]
            assert depth == 8
        elif kind == b"IDAT":
            pixels += content
        place += 12 + length
    width, height = size
    pixels, stride = zlib.decompress(pixels), width * colours
    above, lines = bytearray(stride), []
    for line in range(height):
        start = line * (stride + 1)
        filtered, row = pixels[start], bytearray(pixels[start + 1:start + 1 + stride])
        for at in range(stride):
            left, up = row[at - colours] if at >= colours else 0, above[at]
            corner = above[at - colours] if at >= colours else 0
            if filtered == 4:
                guess = left + up - corner
                predicted = min((left, up, corner), key=lambda value: abs(guess - value))
            else:
                predicted = (0, left, up, (left + up) // 2)[filtered]
            row[at] = (row[at] + predicted) & 255
        above = row
        lines.append(bytes(value for at, value in enumerate(row) if at % colours != 3))
    seen: dict[bytes, int] = {}
    for line in lines:
        for at in range(0, len(line), 3):
            seen[line[at:at + 3]] = seen.get(line[at:at + 3], 0) + 1
    # Text and lines have few colours but for their smooth edges, of which the rare ones are rounded.
    palette = sorted(seen, key=seen.get, reverse=True)[:256]
    nearest = {colour: at for at, colour in enumerate(palette)}
    for colour in seen.keys() - nearest.keys():
        nearest[colour] = min(range(len(palette)), key=lambda at: sum(
            (one - other) ** 2 for one, other in zip(colour, palette[at], strict=True)))
    rows = b"".join(b"\0" + bytes(nearest[line[at:at + 3]] for at in range(0, len(line), 3)) for line in lines)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    file.write_bytes(
        data[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/ui":
            source = (ROOT / "Sources/Gateway/Dashboard/PageDocument.swift").read_text()
            parts = re.findall(r'###"""\n(.*?)\n"""###', source, re.DOTALL)
            body, kind = "none".join(parts).encode(), "text/html; charset=utf-8"
        else:
            body, kind = json.dumps(figures()).encode(), "application/json"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images"
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Browser() as browser:
        for name, width, height, scheme in (
            ("ui-light", 1280, 885, "light"), ("ui-dark", 1280, 885, "dark"), ("ui-narrow", 390, 1200, "light"),
            ("ui-whole", 1280, 1900, "light"),
        ):
            if name == "ui-whole" and len(sys.argv) < 2:
                continue
            browser.resize(width, height)
            browser.prefer(prefers_color_scheme=scheme)
            browser.open(f"http://127.0.0.1:{server.server_port}/ui")
            browser.until("document.querySelectorAll('.plot path.line').length > 10", "the plots are drawn")
            browser.picture(folder / f"{name}.png")
            smaller(folder / f"{name}.png")
        for complaint in browser.complaints():
            print(complaint, file=sys.stderr)


if __name__ == "__main__":
    main()
