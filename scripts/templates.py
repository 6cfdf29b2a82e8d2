#!/usr/bin/env python3
"""Puts the projects of `gateway plugins new` into the gateway.

usage: templates.py [--check]

A project is an example of examples/plugins under another name, with the README and the Makefile of
packaging/projects. Writes Sources/Gateway/PluginProjects/ProjectTemplates.swift; with --check, exits with 1 if that is
not what it would write.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "Sources/Gateway/PluginProjects/ProjectTemplates.swift"

LANGUAGES = {
    "c": {
        "example": "memory-c",
        "files": {"memory.c": "plugin.c"},
        "LANGUAGE": "C",
        "PLACE": "`plugin.c`",
        "TOOLS": "a C compiler, make, pkg-config",
        "BUILT": "",
    },
    "cpp": {
        "example": "memory-cpp",
        "files": {"memory.cpp": "plugin.cpp"},
        "LANGUAGE": "C++",
        "PLACE": "`plugin.cpp`",
        "TOOLS": "a C++17 compiler, make, pkg-config",
        "BUILT": "",
    },
    "rust": {
        "example": "memory-rust",
        "files": {
            name: name
            for name in ("Cargo.toml", "Cargo.lock", "build.rs", "src/abi.rs", "src/lib.rs", "src/store.rs")
        },
        "LANGUAGE": "Rust",
        "PLACE": "`src/store.rs`",
        "TOOLS": "cargo with Rust 1.63 or later, make, pkg-config",
        "BUILT": "target",
    },
    "swift": {
        "example": "memory-swift",
        "files": {
            name: name
            for name in ("Package.swift", "Sources/MemoryCache/Export.swift", "Sources/MemoryCache/MemoryCache.swift")
        },
        "LANGUAGE": "Swift",
        "PLACE": "`Sources/MemoryCache/MemoryCache.swift`",
        "TOOLS": "Swift 6.2 or later, make, pkg-config",
        "BUILT": ".build",
    },
}


def fill(text: str, language: dict) -> str:
    """A text with the marks of its language replaced; the name is left for the gateway to fill in."""
    for mark, value in language.items():
        if mark.isupper():
            text = text.replace(f"@{mark}@", value)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def files(name: str, language: dict) -> dict[str, str]:
    """The files of a project, by their paths."""
    example = language["example"]
    rules = (ROOT / f"packaging/projects/{name}.mk").read_text().rstrip()
    texts = {
        "README.md": fill((ROOT / "packaging/projects/README.md").read_text(), language),
        "Makefile": fill((ROOT / "packaging/projects/Makefile").read_text(), {**language, "BUILD": rules}),
        ".gitignore": "\n".join(["*.so", *language["BUILT"].split()]) + "\n",
    }
    for source, target in language["files"].items():
        text = (ROOT / "examples/plugins" / example / source).read_text()
        text = text.replace(f"; an example in {language['LANGUAGE']}", "")
        texts[target] = text.replace(example, "@NAME@")
    return texts


def literal(text: str) -> str:
    assert '"""##' not in text and "\\##" not in text
    return f'##"""\n{text}\n"""##'


def generate() -> str:
    parts = [
        "// swift-format-ignore-file\n"
        "// Made by scripts/templates.py of examples/plugins and packaging/projects: `make templates`.\n\n"
        "extension PluginProject {\n"
        "    /// The files of each language's project, in which `@NAME@` stands for the plugin's name.\n"
        "    static let templates: [Language: [(path: String, text: String)]] = [\n"
    ]
    for name, language in LANGUAGES.items():
        parts.append(f"        .{name}: [\n")
        for path, text in sorted(files(name, language).items()):
            parts.append(f'            ("{path}", {literal(text)}),\n')
        parts.append("        ],\n")
    return "".join(parts) + "    ]\n}\n"


def main() -> None:
    wanted = generate()
    if sys.argv[1:] == ["--check"]:
        if not OUTPUT.exists() or OUTPUT.read_text() != wanted:
            sys.exit(f"{OUTPUT.relative_to(ROOT)} is out of date; run 'make templates'")
        return
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(wanted)


if __name__ == "__main__":
    main()
