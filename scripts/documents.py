#!/usr/bin/env python3
"""Checks the documents: their links and images, the paths they name, the index, and the list of decisions.

usage: documents.py

Prints what is wrong, a line each, and exits with 1 if there is something:
- a link to a file that is not there, or to a heading that the file does not have;
- an image that is not there, or that has no text for those who do not see it;
- a page in docs/ that docs/README.md, the index, does not name, or one in a folder below to which no links lead from
  there;
- an image below docs/images that no page shows;
- a path in backticks (`Sources/…`, `Tests/…`, …) that leads nowhere. Decisions and the change log are left out: they
  tell of how things were;
- a folder of the gateway that the table in docs/ARCHITECTURE.md does not have, or one that it has and is not there;
- a decision that docs/decisions/README.md does not list, lists under another title, or lists although it is not there.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
#: An image: its text and its file. Those of HTML have a choice of files, for light and dark.
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
TAG = re.compile(r"<(?:img|source)\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(src|srcset|alt)="([^"]*)"')
PICTURES = {".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp"}
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:Sources|Plugins|Tests|docs|scripts|Benchmarks|examples|packaging|\.ci)/[\w.+/-]*)`")
ENTRY = re.compile(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \| .+ \|$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them: of equal ones, the second ends with -1."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = next(number for number in range(len(found) + 1) if numbered(anchor, number) not in found)
        found.add(numbered(anchor, number))
    return found


def numbered(anchor: str, number: int) -> str:
    """The anchor of the heading with that number, from 0, among those with the same words."""
    return f"{anchor}-{number}" if number else anchor


def images(text: str) -> list[tuple[str, str | None]]:
    """The files of the images that a document shows, each with its text. It is None where the tag needs none."""
    text = FENCE.sub("", text)
    found: list[tuple[str, str | None]] = [(file, alt) for alt, file in IMAGE.findall(text)]
    for tag in TAG.findall(text):
        attributes = dict(ATTRIBUTE.findall(tag))
        is_image = tag.startswith("<img")
        file = attributes.get("src" if is_image else "srcset", "").split(" ")[0]
        found.append((file, attributes.get("alt", "") if is_image else None))
    return found


def wrong_images(document: Path, text: str) -> list[str]:
    wrong = []
    for file, alt in images(text):
        if not re.match(r"[a-z]+:", file) and not (document.parent / file).is_file():
            wrong.append(f"there is no image {file}")
        if alt is not None and not alt.strip():
            wrong.append(f"the image {file} has no text for those who do not see it")
    return wrong


def linked(document: Path, text: str) -> set[Path]:
    """The files to which the links of a document lead. A link to a folder leads to its README.md."""
    found = set()
    for link in LINK.findall(FENCE.sub("", text)):
        file = link.partition("#")[0]
        if not file or re.match(r"[a-z]+:", link):
            continue
        target = (document.parent / file).resolve()
        found.add(target / "README.md" if target.is_dir() else target)
    return found


def orphans(folder: Path, documents: list[Path]) -> list[str]:
    """What is missing in the README.md of a folder: pages beside it that it does not name, pages in the folders below
    to which no links lead from page to page, and images that no page shows."""
    folder = folder.resolve()
    pages = {path.resolve() for path in documents if path.is_file() and folder in path.resolve().parents}
    index = folder / "README.md"
    if index not in pages:
        return ["there is no README.md, the index"]
    named = linked(index, index.read_text())
    wrong = [
        f"the index does not name {path.name}"
        for path in sorted(pages) if path.parent == folder and path != index and path not in named
    ]
    reached: set[Path] = set()
    left = [index]
    while left:
        page = left.pop()
        if page in pages and page not in reached:
            reached.add(page)
            left += linked(page, page.read_text())
    wrong += [
        f"no link leads from the index to {path.relative_to(folder)}"
        for path in sorted(pages - reached) if path.parent != folder
    ]
    shown = {(page.parent / file).resolve() for page in pages for file, _ in images(page.read_text())}
    pictures = {path for path in (folder / "images").rglob("*") if path.suffix in PICTURES}
    return wrong + [f"no page shows {path.relative_to(folder)}" for path in sorted(pictures - shown)]


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


def wrong_folders(text: str, folders: list[str]) -> list[str]:
    """What is wrong with the table of the gateway's folders, which begins with `| folder | is |`."""
    rows = text.partition("| folder | is |")[2].partition("\n\n")[0].splitlines()
    listed = [folder for row in rows for folder in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    wrong = [f"the table of folders lacks {folder}" for folder in sorted(set(folders) - set(listed))]
    wrong += [f"the table of folders has {folder}, which is not there" for folder in sorted(set(listed) - set(folders))]
    twice = sorted(folder for folder in set(listed) if listed.count(folder) > 1)
    return wrong + [f"the table of folders has {folder} twice" for folder in twice]


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
        path = document.relative_to(ROOT)
        text = document.read_text()
        found = wrong_links(document, text) + wrong_images(document, text)
        if path.parts[:2] != ("docs", "decisions") and path.name != "CHANGELOG.md":
            found += wrong_paths(ROOT, text)
        wrong += [f"{path}: {what}" for what in found]
    wrong += [f"docs/README.md: {what}" for what in orphans(ROOT / "docs", documents)]
    folders = [path.name for path in (ROOT / "Sources" / "Gateway").iterdir() if path.is_dir()]
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    wrong += [f"docs/ARCHITECTURE.md: {what}" for what in wrong_folders(architecture, folders)]
    wrong += [f"docs/decisions/README.md: {what}" for what in wrong_decisions(ROOT / "docs" / "decisions")]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
