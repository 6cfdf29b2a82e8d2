"""Recordings in the documented manner of each server: the files in `corpus`. They are checked as they stand, and the
generator makes others of them.

A file has a comment, then recordings, each below a line `=== stream TITLE` or `=== json TITLE`."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Recording:
    server: str
    title: str
    is_stream: bool
    data: bytes


def recordings() -> list[Recording]:
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        _, *parts = re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for part in parts:
            head, body = part.split("\n", 1)
            form, _, title = head.partition(" ")
            text = body.rstrip("\n") + ("\n\n" if form == "stream" else "")
            found.append(Recording(file.stem, title or "whole", form == "stream", text.encode()))
    return found
