#!/usr/bin/env python3
"""Puts the page of `GET /ui` into the gateway.

usage: page.py [--check]

Joins the three files of Sources/Gateway/Dashboard/Page to one document, and writes it with the digests of its style and
its script, for the Content-Security-Policy, to Sources/Gateway/Dashboard/PageDocument.swift. With --check, exits with 1
if that is not what it would write.
"""

import base64
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "Sources/Gateway/Dashboard/Page"
OUTPUT = ROOT / "Sources/Gateway/Dashboard/PageDocument.swift"


def digest(text: str) -> str:
    """What a Content-Security-Policy has of a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def literal(text: str) -> str:
    assert '"""###' not in text and "\\###" not in text
    return f'###"""\n{text}\n"""###'


def generate() -> str:
    style, script, page = ((SOURCE / name).read_text().rstrip() for name in ("style.css", "script.js", "page.html"))
    # A carriage return would be another one in the document than in the digest.
    assert "</style" not in style and "</script" not in script and "\r" not in style + script + page
    before, after = page.replace("@STYLE@", style).replace("@SCRIPT@", script).split("@KEY@")
    return f"""// swift-format-ignore-file
// Made by scripts/page.py of Sources/Gateway/Dashboard/Page: `make page`.

/// The document of `GET /ui`.
enum PageDocument {{
    /// The digest of its style.
    static let styleDigest: StaticString = "{digest(style)}"

    /// The digest of its script.
    static let scriptDigest: StaticString = "{digest(script)}"

    /// What stands before the word that tells whether a key is needed.
    static let beginning: StaticString = {literal(before)}

    /// What follows that word.
    static let end: StaticString = {literal(after)}
}}
"""


def main() -> None:
    wanted = generate()
    if sys.argv[1:] == ["--check"]:
        if not OUTPUT.exists() or OUTPUT.read_text() != wanted:
            sys.exit(f"{OUTPUT.relative_to(ROOT)} is out of date; run 'make page'")
        return
    OUTPUT.write_text(wanted)


if __name__ == "__main__":
    main()
