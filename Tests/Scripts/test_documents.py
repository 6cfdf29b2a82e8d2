"""Tests of scripts/documents.py. `make lint` runs them."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from documents import anchors, orphans, wrong_decisions, wrong_folders, wrong_images, wrong_links, wrong_paths


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

    def test_headings_of_the_same_words_have_numbered_anchors(self):
        text = "# Redis\n## Redis\n## Redis\n## Redis 1\n"
        self.assertEqual(anchors(text), {"redis", "redis-1", "redis-2", "redis-1-1"})
        text = "[a](#redis-1) [b](#redis-2)\n# Redis\n# Redis\n"
        self.assertEqual(wrong_links(self.write("one.md", text), text), ["the document has no heading for #redis-2"])

    def test_images_exist_and_have_a_text(self):
        self.write("images/a.png", "")
        text = "![The page](images/a.png) ![](images/a.png) ![Gone](images/b.png) ![There](https://example.org/c.png)\n"
        text += '<source srcset="images/d.png 2x"> <img src="images/a.png" alt="The page"> <img src="images/a.png">\n'
        self.assertEqual(
            wrong_images(self.folder / "one.md", text),
            [
                "the image images/a.png has no text for those who do not see it",
                "there is no image images/b.png",
                "there is no image images/d.png",
                "the image images/a.png has no text for those who do not see it",
            ],
        )
        self.assertEqual(wrong_images(self.folder / "one.md", "```\n![](no.png)\n```\n"), [])

    def test_every_page_is_reached_from_the_index(self):
        pages = [
            self.write("docs/README.md", "[a](a.md#b) [c](c) [out](../README.md) [web](https://example.org)\n"),
            self.write("docs/a.md", "![An image](images/a.png) [back](README.md)\n```\n[d](d.md)\n```\n[b](b.md)\n"),
            self.write("docs/b.md", "B\n"), self.write("docs/c/README.md", "[d](d.md)\n"),
            self.write("docs/c/d.md", "D\n"), self.write("docs/c/e.md", "E\n"),
            self.write("README.md", "[e](docs/c/e.md)\n"),
        ]
        self.write("docs/images/a.png", "")
        self.write("docs/images/b.svg", "")
        docs = self.folder / "docs"
        self.assertEqual(orphans(docs, pages), [
            "the index does not name b.md", "no link leads from the index to c/e.md", "no page shows images/b.svg",
        ])
        pages[0].write_text("[a](a.md) [b](b.md#x) [c](c/README.md) ![Another](images/b.svg)\n")
        pages[4].write_text("[e](e.md)\n")
        self.assertEqual(orphans(docs, pages), [])
        self.assertEqual(orphans(docs, pages[1:]), ["there is no README.md, the index"])

    def test_paths_in_backticks_exist(self):
        self.write("Sources/A/B.swift", "")
        text = "`Sources/A` `Sources/A/B.swift` `Sources/C` Sources/D `make test`"
        self.assertEqual(wrong_paths(self.folder, text), ["there is no Sources/C"])

    def test_every_folder_of_the_gateway_is_in_the_table(self):
        text = "`X` | folder | is |\n| --- | --- |\n| `A`, `B` | `Y` |\n| `C` | see `D` |\n\n`E`\n"
        self.assertEqual(wrong_folders(text, ["A", "B", "C"]), [])
        self.assertEqual(wrong_folders(text.replace("| `C`", "| `A`"), ["A", "B", "D"]), [
            "the table of folders lacks D", "the table of folders has A twice",
        ])
        self.assertEqual(wrong_folders(text, ["A", "B"]), ["the table of folders has C, which is not there"])

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
