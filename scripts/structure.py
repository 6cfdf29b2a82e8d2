#!/usr/bin/env python3
"""Measures what makes the sources hard to follow, and finds dependency cycles between the folders of a target and JSON
that is put together of strings.

usage: structure.py [--check | --all]

Without an option it prints the cycles of each target and, for all targets together, type names that several of them
declare, the sizes of files, public declarations without a doc comment, and the classes with the most variables.
--check prints only cycles and literals that begin a JSON object outside of Sources/JSON, where JSONWriter is, and exits
with 1 if there is one. --all lists every undocumented declaration, not just five.

All of this is read from the text, so that it needs no build. A folder uses another one if a file of the first names a
type that a file of the second declares at its top level. Three things that look like uses are none: what comments and
string literals say, a name after a period (it belongs to the type in front of it), and a name that the file itself
declares, at whatever depth. What is used without being named, such as a function of an extension or a value whose
type is inferred, is not seen.

Of public declarations these need no doc comment of their own and are not counted: the cases of an enum, which its own
comment explains; members whose name is that of a documented requirement of one of our protocols, or of a well-known one
of the standard library's, since documentation tools show the requirement's comment; and initializers without
parameters. Conformance is not looked up: the name decides.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ATTRIBUTES = r"(?:@\w+(?:\([^)]*\))?\s+)*"
ACCESS = r"(?:public|package|internal|fileprivate|private|open)(?:\(set\))?"
MODIFIERS = (
    rf"(?:(?:{ACCESS}|static|final|class|indirect|lazy|weak|mutating|nonmutating|override|convenience|required"
    r"|unowned(?:\(\w+\))?|nonisolated(?:\(\w+\))?)\s+)*"
)
TYPE = re.compile(
    rf"^(?P<indent>[ ]*){ATTRIBUTES}(?P<modifiers>{MODIFIERS})"
    r"(?P<kind>struct|class|enum|protocol|actor|typealias)\s+(?P<name>[A-Z]\w*)",
    re.MULTILINE,
)
NAME = re.compile(r"(?<![.\w])[A-Z]\w*")
PUBLIC = re.compile(
    rf"^\s*{ATTRIBUTES}(?:public|open)\s+{MODIFIERS}"
    r"(?P<kind>struct|class|enum|protocol|actor|typealias|func|var|let|init|subscript)\b\s*(?P<rest>.*)"
)
STORED = re.compile(rf"^    {ATTRIBUTES}{MODIFIERS}var\s+\w+(?P<rest>.*)", re.MULTILINE)

#: Requirements of the standard library's protocols that everybody knows.
WELL_KNOWN = {
    "description", "debugDescription", "==", "<", "hash", "rawValue", "init(rawValue:", "allCases",
    "next", "makeIterator", "startIndex", "endIndex", "count", "subscript",
}


# MARK: Reading Swift


class Blanking:
    """Takes comments and the text of string literals out of Swift code, and leaves the lines where they are. What is
    interpolated into a literal is code and stays."""

    def __init__(self, text: str):
        self.text, self.position = text, 0
        self.result: list[str] = []

    def run(self) -> str:
        while self.position < len(self.text):
            self.code()
        return "".join(self.result)

    def take(self, count: int, isKept: bool = False) -> None:
        """Goes on by so many characters. Of those that are not kept, line ends remain."""
        part = self.text[self.position : self.position + count]
        self.result.append(part if isKept else "\n" * part.count("\n"))
        self.position += count

    def code(self) -> None:
        """Reads one comment, one literal or one other character."""
        if self.text.startswith("//", self.position):
            end = self.text.find("\n", self.position)
            self.take((len(self.text) if end < 0 else end) - self.position)
        elif self.text.startswith("/*", self.position):
            self.comment()
        elif opening := re.compile(r'(#*)("""|")').match(self.text, self.position):
            self.literal(opening[1], opening[2])
        else:
            self.take(1, isKept=True)

    def comment(self) -> None:
        """A block comment, which may contain others."""
        depth = 0
        while self.position < len(self.text):
            mark = self.text[self.position : self.position + 2]
            depth += {"/*": 1, "*/": -1}.get(mark, 0)
            self.take(2 if mark in ("/*", "*/") else 1)
            if depth == 0:
                break
        self.result.append(" ")

    def literal(self, hashes: str, quote: str) -> None:
        """A string literal. With number signs around it a backslash needs as many to be an escape."""
        self.take(len(hashes + quote))
        self.result.append('""')
        escape = "\\" + hashes
        while self.position < len(self.text):
            if self.text.startswith(quote + hashes, self.position):
                self.take(len(quote + hashes))
                return
            if self.text.startswith(escape + "(", self.position):
                self.take(len(escape))
                self.interpolation()
            elif self.text.startswith(escape, self.position):
                self.take(len(escape) + 1)
            elif quote == '"' and self.text[self.position] == "\n":
                # Not Swift; it harms one line only.
                return
            else:
                self.take(1)

    def interpolation(self) -> None:
        """The code from an opening parenthesis to the one that closes it."""
        depth = 0
        self.result.append(" ")
        while self.position < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[self.position], 0)
            self.code()
            if depth == 0:
                break


def code(text: str) -> str:
    """The text without comments and without the text of string literals, line for line."""
    return Blanking(text).run()


@dataclass(eq=False)
class SwiftFile:
    """A source file: what it declares and what it names."""

    path: Path
    target: str
    folder: str
    text: str

    @cached_property
    def code(self) -> str:
        return code(self.text)

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def own(self) -> set[str]:
        """The names of all types that it declares, nested and private ones too."""
        return {match["name"] for match in TYPE.finditer(self.code)}

    @cached_property
    def declared(self) -> set[str]:
        """The names of the types that it declares for other files."""
        return {
            match["name"]
            for match in TYPE.finditer(self.code)
            if not match["indent"] and not re.search(r"\b(?:file)?private\b", match["modifiers"])
        }

    @cached_property
    def named(self) -> set[str]:
        """The names of types of other files, and of whatever else begins with a capital letter."""
        return set(NAME.findall(self.code)) - self.own


def sources() -> list[SwiftFile]:
    """All Swift files of the targets, without tests."""
    files = []
    for parent in ("Sources", "Plugins"):
        for target in sorted((ROOT / parent).iterdir()):
            if not target.is_dir() or target.name == "SystemLibraries":
                continue
            for path in sorted(target.rglob("*.swift")):
                folders = path.parent.relative_to(target).parts
                files.append(SwiftFile(path, target.name, folders[0] if folders else ".", path.read_text()))
    return files


# MARK: Dependencies

#: For each folder, the folders it uses, and by which names.
Graph = dict[str, dict[str, set[str]]]


def uses(files: list[SwiftFile]) -> Graph:
    """The dependencies between the folders of one target's files."""
    places = defaultdict(set)
    for file in files:
        for name in file.declared:
            places[name].add(file.folder)
    graph: Graph = defaultdict(lambda: defaultdict(set))
    for file in files:
        for name in file.named & places.keys():
            # A folder's own type goes before one of the same name elsewhere.
            for place in places[name] if file.folder not in places[name] else ():
                graph[file.folder][place].add(name)
    return graph


def cycles(graph: Graph) -> list[list[str]]:
    """The groups of folders that depend on each other, directly or through others (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in graph.get(node, {}):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found


def pairs(graph: Graph) -> list[tuple[str, str]]:
    """The pairs of folders that use each other directly."""
    return [(a, b) for a in sorted(graph) for b in sorted(graph[a]) if a < b and a in graph.get(b, {})]


def tell_cycles(files: list[SwiftFile], isBrief: bool) -> int:
    """Prints each target's cycles, and returns how many there are. Brief: says nothing of targets without one."""
    count = 0
    for target in sorted({file.target for file in files}):
        graph = uses([file for file in files if file.target == target])
        found = cycles(graph)
        count += len(found)
        if found or not isBrief:
            print(f"{target}: {len(pairs(graph))} pairs of folders use each other")
        for group in found:
            print(f"  cycle through {', '.join(group)}")
            for one in group:
                for other in sorted(set(graph[one]) & set(group)):
                    names = sorted(graph[one][other])
                    print(f"    {one} uses {other}: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}")
    return count


# MARK: JSON

#: A string literal that begins with an open brace and a quote.
OBJECT = re.compile(r'^(?!\s*//).*?(?:#"\{"|"\{\\")', re.MULTILINE)


def object_literals(file: SwiftFile) -> list[int]:
    """The lines on which a literal begins a JSON object. Comments of their own line may contain one."""
    return [file.text.count("\n", 0, match.end()) + 1 for match in OBJECT.finditer(file.text)]


def tell_object_literals(files: list[SwiftFile]) -> int:
    """Prints where the gateway's own targets begin JSON in a literal, and returns how often. Plugins have no writer."""
    found = [
        (file.path.relative_to(ROOT), line)
        for file in files
        if file.path.is_relative_to(ROOT / "Sources") and file.target != "JSON"
        for line in object_literals(file)
    ]
    for path, line in found:
        print(f"{path}:{line}: JSON in a string literal")
    return len(found)


# MARK: Other figures


def tell_duplicates(files: list[SwiftFile]) -> None:
    targets = defaultdict(set)
    for file in files:
        for name in file.declared:
            targets[name].add(file.target)
    shared = {name: where for name, where in targets.items() if len(where) > 1}
    print(f"{len(shared)} type names are declared in several targets")
    for name in sorted(shared):
        print(f"  {name}: {', '.join(sorted(shared[name]))}")


def tell_sizes(files: list[SwiftFile]) -> None:
    lines = sorted(file.lines for file in files)
    print(
        f"{len(files)} files, median {lines[len(lines) // 2]} lines, "
        f"{sum(count > 400 for count in lines)} over 400, {sum(count > 600 for count in lines)} over 600, "
        f"{sum(count < 30 for count in lines)} under 30"
    )
    for file in sorted(files, key=lambda file: -file.lines)[:8]:
        print(f"  {file.lines} {file.path.relative_to(ROOT)}")


def member(kind: str, rest: str) -> str:
    """What a declaration declares, in short: `close`, `==`, `init(rawValue:`, `init()`."""
    if kind == "init":
        return "init" + (re.match(r"[?!]?(?:<[^>]*>)?(\(\)|\(\w+:|\()", rest) or ["", "("])[1]
    if kind == "subscript":
        return kind
    return (re.match(r"\w+|[^\w\s(]+", rest) or [rest])[0]


def documented_requirements(files: list[SwiftFile]) -> set[str]:
    """The names of what our protocols require with a doc comment."""
    found = set()
    for file in files:
        for protocol in re.finditer(r"^(?:\w+ )*protocol \w.*?^}", file.text, re.MULTILINE | re.DOTALL):
            pattern = r"///[^\n]*\n(?:\s*@[^\n]*\n)*\s*(?:(?:static|mutating) )*(var|func|init|subscript)\b\s*(.*)"
            for requirement in re.finditer(pattern, protocol[0]):
                found.add(member(requirement[1], requirement[2]))
    return found


@dataclass
class Undocumented:
    """Public declarations of a file that lack a doc comment: line numbers and lines."""

    file: SwiftFile
    inherited: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        lines = self.file.text.split("\n")
        for index, line in enumerate(lines):
            found = PUBLIC.match(line)
            if not found or member(found["kind"], found["rest"]) in {"init()", *self.inherited, *WELL_KNOWN}:
                continue
            above = index - 1
            while above >= 0 and lines[above].lstrip().startswith("@"):
                above -= 1
            if above < 0 or not lines[above].lstrip().startswith("///"):
                yield index + 1, line.strip()


def tell_undocumented(files: list[SwiftFile], isWhole: bool) -> None:
    inherited = documented_requirements(files)
    missing = [(file, *found) for file in files for found in Undocumented(file, inherited)]
    print(f"{len(missing)} public declarations have no doc comment")
    for file, number, line in missing if isWhole else missing[:5]:
        print(f"  {file.path.relative_to(ROOT)}:{number}: {line}")


def stored_variables(body: str) -> int:
    """How many stored variables the body of a top-level class has. Those with a getter are computed."""
    count = 0
    for match in STORED.finditer(body):
        head, brace, block = match["rest"].partition("{")
        block = block or body[match.end() :].lstrip().partition("\n")[0]
        isObserved = re.match(r"\s*(?:willSet|didSet)\b", block)
        isStatic = re.search(r"\b(?:static|class)\s", match[0].partition("var")[0])
        if not isStatic and (not brace or "=" in head or isObserved):
            count += 1
    return count


def tell_variables(files: list[SwiftFile]) -> None:
    counts = []
    for file in files:
        for match in TYPE.finditer(file.code):
            if match["kind"] == "class" and not match["indent"]:
                body = file.code[match.end() :].split("\n}", 1)[0]
                counts.append((stored_variables(body), match["name"], file))
    print("classes with the most variables")
    for count, name, file in sorted(counts, key=lambda entry: (-entry[0], entry[1]))[:10]:
        print(f"  {count} {name} ({file.path.relative_to(ROOT)})")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"], ["--all"]):
        print(__doc__, file=sys.stderr)
        return 2
    files = sources()
    if arguments == ["--check"]:
        found_cycles = tell_cycles(files, isBrief=True)
        if found_cycles:
            print("structure: folders of a target use each other; move what both need below both", file=sys.stderr)
        found_literals = tell_object_literals(files)
        if found_literals:
            print("structure: JSON is written by JSONWriter, not put together of strings", file=sys.stderr)
        return 1 if found_cycles or found_literals else 0
    tell_cycles(files, isBrief=False)
    tell_duplicates(files)
    tell_sizes(files)
    tell_undocumented(files, isWhole=arguments == ["--all"])
    tell_variables(files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
