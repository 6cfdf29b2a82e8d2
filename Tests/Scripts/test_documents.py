"""Tests of scripts/documents.py. `make lint` runs them."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from documents import anchors, wrong_decisions, wrong_links, wrong_paths


class Documents(unittest.TestCase):
    """What is wrong with a document is found, and nothing else."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_links_lead_to_files_and_headings(self):
        self.write("other.md", "# A *title*: of `two` words\n\n```\n# no heading\n```\n")
        text = "[a](other.md) [b](other.md#a-title-of-two-words) [c](https://example.org/x#y) [d](#here)\n# Here\n"
        self.assertEqual(wrong_links(self.write("one.md", text), text), [])
        text = "[a](gone.md) [b](other.md#no-heading) [c](#there)\n```\n[d](in-an-example.md)\n```\n"
        self.assertEqual(
            wrong_links(self.folder / "one.md", text),
            [
                "there is no gone.md",
                "other.md has no heading for #no-heading",
                "the document has no heading for #there",
            ],
        )

    def test_a_heading_that_is_a_link_has_the_anchor_of_its_words(self):
        self.assertEqual(anchors("## See [the notes](a.md), twice\n"), {"see-the-notes-twice"})

    def test_paths_in_backticks_exist(self):
        self.write("Sources/A/B.swift", "")
        text = "`Sources/A` `Sources/A/B.swift` `Sources/C` Sources/D `make test`"
        self.assertEqual(wrong_paths(self.folder, text), ["there is no Sources/C"])

    def test_every_decision_is_listed_under_its_title(self):
        self.write("0001-a.md", "# 0001: A: b\n")
        self.write("0002-b.md", "# 0002: B\n")
        self.write("0003-c.md", "# 0003: C\n")
        entries = ["| [0001](0001-a.md) | A: b | Why. |", "| [0002](0002-b.md) | Bee | Why. |"]
        entries += ["| [0004](0004-d.md) | D | Why. |", ""]
        self.write("README.md", "\n".join(entries))
        self.assertEqual(wrong_decisions(self.folder), [
            "0002-b.md is listed as '0002: Bee'; it is '0002: B'",
            "0003-c.md is not listed",
            "0004-d.md is listed, and is not there",
        ])


if __name__ == "__main__":
    unittest.main()
