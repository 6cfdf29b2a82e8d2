#!/usr/bin/env python3
"""Checks the documents: their links, the paths they name, and the list of decisions.

usage: documents.py

Prints what is wrong, a line each, and exits with 1 if there is something:
- a link to a file that is not there, or to a heading that the file does not have;
- a path in backticks (`Sources/…`, `Tests/…`, …) that leads nowhere. Decisions and the change log are left out: they
  tell of how things were;
- a decision that docs/decisions/README.md does not list, lists under another title, or lists although it is not there.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:Sources|Plugins|Tests|docs|scripts|Benchmarks|examples|packaging|\.ci)/[\w.+/-]*)`")
ENTRY = re.compile(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \| .+ \|$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def wrong_links(document: Path, text: str) -> list[str]:
    wrong = []
    for link in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists():
            wrong.append(f"there is no {link}")
        elif anchor and anchor not in anchors(target.read_text()):
            wrong.append(f"{name or 'the document'} has no heading for #{anchor}")
    return wrong


def wrong_paths(root: Path, text: str) -> list[str]:
    return [f"there is no {path}" for path in PATH.findall(text) if not (root / path).exists()]


def wrong_decisions(folder: Path) -> list[str]:
    """What is wrong with the list of the decisions in a folder."""
    listed = {file: (number, title) for number, file, title in ENTRY.findall((folder / "README.md").read_text())}
    wrong = []
    for path in sorted(folder.glob("[0-9]*.md")):
        number, _, title = path.read_text().partition("\n")[0].removeprefix("# ").partition(": ")
        if path.name not in listed:
            wrong.append(f"{path.name} is not listed")
        elif listed[path.name] != (number, title):
            wrong.append(f"{path.name} is listed as '{': '.join(listed[path.name])}'; it is '{number}: {title}'")
    wrong += [f"{name} is listed, and is not there" for name in listed if not (folder / name).exists()]
    return wrong


def main() -> int:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()
    # Without git, as in an archive of the sources, where nothing else is.
    documents = [ROOT / name for name in names] or [
        path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    wrong = []
    for document in documents:
        if not document.exists():
            continue
        name = document.relative_to(ROOT)
        text = document.read_text()
        found = wrong_links(document, text)
        if name.parts[:2] != ("docs", "decisions") and name.name != "CHANGELOG.md":
            found += wrong_paths(ROOT, text)
        wrong += [f"{name}: {what}" for what in found]
    wrong += [f"docs/decisions/README.md: {what}" for what in wrong_decisions(ROOT / "docs" / "decisions")]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
