#!/usr/bin/env python3
"""Writes the manual pages, from what the executable says about itself.

usage: manual.py GATEWAY FOLDER [PLUGIN-DIR]

They are in FOLDER/man1 and FOLDER/man5.
gateway(1) and a page for each command are made from the declaration of the command line, which the argument parser
prints as JSON; gateway.yaml(5) is made from `gateway reference`, with the parameters of the plugins beside the
executable. The pages are in mdoc(7). Their date is SOURCE_DATE_EPOCH, where that is set.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Command = dict[str, Any]
Argument = dict[str, Any]

ROW = re.compile(r"(?<!\\)\|")
SENTENCE = re.compile(r"(?<=[a-z0-9)`'\"][.?!]) +(?=[A-Z`'\"(])|(?<=[A-Z]{2}[.?!]) +(?=[A-Z])")


def escaped(text: str) -> str:
    """Text as roff takes it: no character of it is an instruction."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti").replace('"', "\\(dq")
    text = "".join(character if character.isascii() else f"\\[u{ord(character):04X}]" for character in text)
    return re.sub(r"^\.", "\\\\&.", text)


def inline(text: str) -> str:
    """A paragraph of Markdown with `code` and [links](…) as roff text."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = text.split("`")
    return "".join(f"\\fB{escaped(part)}\\fP" if place % 2 else escaped(part) for place, part in enumerate(parts))


def paragraph(text: str) -> list[str]:
    """The lines of a paragraph. Each sentence begins a line, as roff wants it, and long ones are divided."""
    sentences = [inline(sentence) for sentence in SENTENCE.split(" ".join(text.split()))]
    wrapped = [textwrap.wrap(sentence, 79, break_long_words=False, break_on_hyphens=False) for sentence in sentences]
    return [re.sub(r"^\.", r"\\&.", line) for lines in wrapped for line in lines]


def argument(text: str) -> str:
    """Text as one argument of a macro. What would be read as another macro or as punctuation stays text."""
    return '"' + escaped(text) + '"' if " " in text else "\\&" + escaped(text)


@dataclass
class Page:
    """A page under construction."""

    name: str
    section: int
    summary: str
    date: str
    version: str
    lines: list[str] = field(default_factory=list)

    def heading(self, title: str) -> None:
        self.lines.append(f".Sh {argument(title)}" if re.match(r"[a-z]", title) else f".Sh {escaped(title)}")

    def paragraphs(self, text: str) -> None:
        for place, part in enumerate(text.split("\n\n")):
            self.lines += ([".Pp"] if place else []) + paragraph(part)

    def text(self) -> str:
        head = [
            f'.\\" Made by scripts/manual.py of the gateway {self.version}.',
            f".Dd {self.date}",
            f".Dt {self.name.upper()} {self.section}",
            f".Os gateway {self.version}",
            ".Sh NAME",
            f".Nm {self.name}",
            f".Nd {escaped(self.summary.rstrip('.'))}",
        ]
        return "\n".join(head + self.lines) + "\n"

    def write(self, folder: Path) -> None:
        path = folder / f"man{self.section}" / f"{self.name}.{self.section}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text())
        path.chmod(0o644)


# MARK: gateway(1)


def spelled(option: Argument) -> list[str]:
    """An option's names with its value, as arguments of a macro."""
    value = f" Ar {argument(option['valueName'])}" if option["kind"] == "option" else ""
    names = []
    for name in option.get("names", []):
        dashes = "-" if name["kind"] == "long" else ""
        names.append(f"Fl {dashes}{escaped(name['name'])}{value}")
    return names


def synopsis(page: Page, path: list[str], command: Command, subcommands: list[Command]) -> None:
    page.heading("SYNOPSIS")
    page.lines.append(f".Nm {' '.join(path)}")
    for item in shown(command):
        repeated = " ..." if item.get("isRepeating") else ""
        if item["kind"] == "positional":
            name = f"Ar {argument(item['valueName'])}"
            page.lines.append(f".{'Op ' if item['isOptional'] else ''}{name}{repeated}")
        else:
            preferred = spelled(item)[-1]
            page.lines.append(f".{'Op ' if item['isOptional'] else ''}{preferred}{repeated}")
    if subcommands:
        page.lines += [f".Nm {' '.join(path)}", ".Ar command", ".Op Ar argument ..."]


def shown(command: Command) -> list[Argument]:
    return [item for item in command.get("arguments", []) if item["shouldDisplay"]]


def option_list(page: Page, items: list[Argument]) -> None:
    page.lines.append(".Bl -tag -width Ds")
    for item in items:
        if item["kind"] == "positional":
            page.lines.append(f".It Ar {argument(item['valueName'])}")
        else:
            page.lines.append(".It " + " , ".join(spelled(item)))
        texts = [item.get("abstract", ""), item.get("discussion", "")]
        if item.get("allValues"):
            texts.append("Values: " + ", ".join(f"`{value}`" for value in item["allValues"]) + ".")
        if item.get("defaultValue"):
            texts.append(f"Default: `{item['defaultValue']}`.")
        for text in filter(None, texts):
            page.lines += paragraph(text)
    page.lines.append(".El")


def command_pages(command: Command, date: str, version: str, path: list[str]) -> list[Page]:
    """The page of a command, and those of the commands below it."""
    path = [*path, command["commandName"]]
    below = [item for item in command.get("subcommands", []) if item["shouldDisplay"] and item["commandName"] != "help"]
    page = Page("-".join(path), 1, command.get("abstract", ""), date, version)
    synopsis(page, path, command, below)
    page.heading("DESCRIPTION")
    page.paragraphs("\n\n".join(filter(None, [command.get("abstract", ""), command.get("discussion", "")])))
    items = shown(command)
    if items:
        page.heading("OPTIONS")
        option_list(page, items)
    if below:
        page.heading("COMMANDS")
        page.lines.append(".Bl -tag -width Ds")
        for item in below:
            page.lines.append(f".It Ic {argument(item['commandName'])}")
            page.lines += paragraph(item.get("abstract", ""))
            page.lines += ["See", f".Xr {'-'.join([*path, item['commandName']])} 1 ."]
        page.lines.append(".El")
    if len(path) == 1:
        gateway_sections(page)
    others = {"-".join(path[:-1])} | {f"{page.name}-{item['commandName']}" for item in below}
    references = [f"{name} 1" for name in sorted(filter(None, others))] + ["gateway.yaml 5"]
    page.heading("SEE ALSO")
    page.lines += [f".Xr {name} ," for name in references[:-1]] + [f".Xr {references[-1]}"]
    pages = [page]
    for item in below:
        pages += command_pages(item, date, version, path)
    return pages


def gateway_sections(page: Page) -> None:
    """What the page of the executable has besides."""
    page.heading("FILES")
    page.lines.append(".Bl -tag -width Ds")
    for path, meaning in [
        ("/etc/gateway/config.yaml", "The configuration of the service, as Debian's package installs it."),
        ("/etc/gateway/.env", "Its secrets, lines of NAME=VALUE, which the service gets as a credential."),
        ("/usr/lib/gateway", "The cache plugins."),
    ]:
        page.lines += [f".It Pa {path}", meaning]
    page.lines.append(".El")
    page.heading("EXIT STATUS")
    page.lines.append(".Bl -tag -width Ds")
    for code, meaning in [
        ("0", "It stopped as it was asked to."),
        ("1", "It could not run."),
        ("64", "The command line is wrong."),
        ("78", "The configuration is wrong."),
    ]:
        page.lines += [f".It {code}", meaning]
    page.lines.append(".El")
    page.heading("EXAMPLES")
    page.paragraphs("Check a configuration, serve with it, and have it read again:")
    page.lines += [
        ".Bd -literal -offset indent",
        "gateway check config.yaml",
        "gateway \\-\\-config config.yaml \\-\\-pid\\-file gateway.pid",
        "gateway reload \\-\\-pid\\-file gateway.pid",
        ".Ed",
    ]


# MARK: gateway.yaml(5)


def cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in ROW.split(row.strip())[1:-1]]


def table(page: Page, rows: list[list[str]]) -> None:
    """A table of the reference as a list: the first column is what the item is called."""
    header, *body = [rows[0], *rows[2:]]
    page.lines.append(".Bl -tag -width Ds")
    for row in body:
        named = dict(zip(header, row, strict=True))
        name = named.pop(header[0])
        kind = named.pop("Value", None) or named.pop("Type", None)
        page.lines.append(f".It {argument_of_code(name)}" + (f" Pq {argument(kind.replace('`', ''))}" if kind else ""))
        meaning = named.pop("Meaning", "")
        if meaning:
            page.lines += paragraph(meaning if meaning.endswith(".") else meaning + ".")
        for title, value in named.items():
            if value:
                page.lines += paragraph(f"{title}: {value}" + ("" if value.endswith(".") else "."))
    page.lines.append(".El")


def argument_of_code(name: str) -> str:
    return f"Sy {argument(name.replace('`', ''))}"


def configuration_page(reference: str, date: str, version: str) -> Page:
    """gateway.yaml(5), from the reference in Markdown."""
    page = Page("gateway.yaml", 5, "the configuration of the gateway", date, version)
    page.heading("DESCRIPTION")
    page.paragraphs(
        "The file that `gateway --config` names is YAML with the keys below, which are LiteLLM's where it has them. "
        "`os.environ/NAME` as a value stands for a variable of the environment or of the file of secrets. "
        "`gateway check` reads a file and reports every mistake with its place."
    )
    for block in re.split(r"\n{2,}", reference.strip()):
        if block.startswith(("<!--", "# ")):
            continue
        title = re.match(r"#{2,} (.*)", block)
        if title:
            heading = title.group(1).replace("`", "")
            page.heading(heading)
        elif block.startswith("|"):
            table(page, [cells(row) for row in block.splitlines()])
        else:
            if not page.lines[-1].startswith(".Sh"):
                page.lines.append(".Pp")
            page.lines += paragraph(block)
    page.heading("EXAMPLES")
    page.lines += [".Bd -literal -offset indent"]
    page.lines += [
        escaped(line)
        for line in (
            "model_list:\n"
            "  - model_name: gpt-4o\n"
            "    litellm_params:\n"
            "      model: openai/gpt-4o\n"
            "      api_key: os.environ/OPENAI_API_KEY\n"
            "litellm_settings:\n"
            "  cache: true\n"
            "  cache_params:\n"
            "    type: local\n"
            "    ttl: 600"
        ).splitlines()
    ]
    page.lines.append(".Ed")
    page.heading("SEE ALSO")
    page.lines += [".Xr gateway 1 ,", ".Xr gateway\\-check 1"]
    return page


# MARK: The pages


def said(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.split("\n\n")[1])
    gateway, folder = sys.argv[1], Path(sys.argv[2])
    plugins = ["--plugin-dir", sys.argv[3]] if len(sys.argv) == 4 else []
    now = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    date = time.strftime("%B %-d, %Y", now)
    version = said(gateway, "--version").strip()
    pages = command_pages(json.loads(said(gateway, "--experimental-dump-help"))["command"], date, version, [])
    pages.append(configuration_page(said(gateway, "reference", *plugins), date, version))
    for page in pages:
        page.write(folder)
    print(f"manual: {len(pages)} pages in {folder}")


if __name__ == "__main__":
    main()
