"""Compares what the gateway makes of controls and of an entry's age with the specification, to the millisecond.

From outside nothing can be asked exactly when an entry's time ends, and not often. Here a small program around the
gateway's own code, Tests/ControlsProbe, is asked instead.
"""

import json
import math
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from controls import Controls, Refused, read
from freshness import Entry, Verdict
from generate import HARMLESS, STRANGE, WRONG

CASES_AT_A_TIME = 20_000
NAMES = {
    Verdict.FRESH: "fresh", Verdict.ACCEPTED: "accepted", Verdict.REVALIDATED: "revalidated", Verdict.KEPT: "kept",
    Verdict.EXPIRED: "expired", Verdict.TOO_OLD: "too-old",
}


class Case:
    """A request, an entry and a moment. All times are whole milliseconds."""

    def __init__(self, chance: random.Random):
        self.ttl = chance.choice((1, 999, 1_000, 1_001, 2_000, 60_000))
        self.revalidate = chance.choice((0, 0, 1, 1_000, 1_500, 3_000))
        self.on_error = chance.choice((0, 0, 1, 1_000, 2_500))
        # At every limit, a little before and behind it, and anywhere.
        limits = [0, 1_000, 2_000, 3_000, self.ttl, self.ttl + self.revalidate, self.ttl + self.on_error]
        limits += [self.ttl + 1_000, self.ttl + 2_000, self.ttl - 1_000]
        self.age = max(0, chance.choice(limits) + chance.choice((-1, 0, 0, 1, chance.randrange(-1_500, 1_500))))
        self.members: dict[str, object] = {}
        if chance.random() < 0.6:
            self.members["cache"] = dict(member(chance, self.age) for _ in range(chance.choice((1, 1, 2, 3))))
        elif chance.random() < 0.1:
            self.members["cache"] = chance.choice((None, {}, [], "no-cache", 1, True))
        if chance.random() < 0.1:
            self.members["caching"] = chance.choice((False, True, None, "false", 0))
        self.fields: list[tuple[str, str]] = []
        for _ in range(chance.choices((0, 1, 2), (30, 50, 20))[0]):
            text = [directive(chance, self.age, self.ttl) for _ in range(chance.choice((1, 1, 2, 3, 4)))]
            self.fields.append(("cache-control", chance.choice((", ", ",", " ,", ",,", "\u0020, ")).join(text)))
        if chance.random() < 0.1:
            self.fields.append(("pragma", chance.choice(("no-cache", "no-store", "foo, NO-CACHE", "max-age=0", ""))))

    @property
    def line(self) -> str:
        """The line for the program."""
        times = (1_000_000, self.ttl, self.revalidate, self.on_error, 1_000_000 + self.age)
        fields = [f"{name[0]}:{value}" for name, value in self.fields]
        return "\t".join([json.dumps({"model": "m", **self.members}), *map(str, times), *fields])

    def expected(self) -> str:
        try:
            controls = read(self.members, self.fields)
        except Refused as refusal:
            return f"refused {refusal}"
        return f"{told(controls, self.members.get('caching') is False)} {self.verdict(controls)}"

    def verdict(self, controls: Controls) -> str:
        # In milliseconds, which are whole numbers, so that nothing is lost.
        limits = replace(
            controls, max_age=scaled(controls.max_age), max_stale=scaled(controls.max_stale),
            min_fresh=scaled(controls.min_fresh),
        )
        # For how long an entry is kept is a backend's matter.
        entry = Entry("", (0, 0), self.ttl, self.revalidate, self.on_error)
        verdict = entry.judge(self.age, limits, is_kept=True)
        return NAMES[verdict] + (f" {self.age}" if verdict.is_served or verdict is Verdict.KEPT else "")


def scaled(seconds: float | None) -> float | None:
    """In milliseconds, of which a fraction counts as a whole one."""
    return seconds if seconds is None or math.isinf(seconds) else math.ceil(seconds * 1_000)


def told(controls: Controls, is_caching_off: bool) -> str:
    flags = {
        "no-cache": controls.no_cache, "no-store": controls.no_store, "use-cache": controls.use_cache,
        "only-if-cached": controls.only_if_cached, "caching-off": is_caching_off,
    }
    said = ",".join(name for name, is_said in flags.items() if is_said)
    ttl = "-" if controls.ttl is None else str(scaled(controls.ttl))
    namespace = "-" if controls.namespace is None else ".".join(f"{byte:x}" for byte in controls.namespace.encode())
    return f"{said or '-'} ttl={ttl} namespace={namespace}"


def near(chance: random.Random, milliseconds: int) -> float:
    """A number of seconds at or beside a time, or another one."""
    if chance.random() < 0.4:
        return max(0, milliseconds + chance.choice((-1, 0, 1))) / 1_000
    return chance.choice((0, 0.5, 1, 1.5, 2, 3, 60, 2**31, 2**40, 1e300))


def member(chance: random.Random, age: int) -> tuple[str, object]:
    kinds = [
        ("ttl", near(chance, age)), (chance.choice(("s-maxage", "s-max-age")), near(chance, age)),
        ("no-cache", chance.random() < 0.8), ("no-store", chance.random() < 0.8), ("use-cache", chance.random() < 0.8),
        ("namespace", chance.choice(("a", "é", "n" * 256, "\U0001f600", "\0", "a b"))),
        chance.choice(HARMLESS), chance.choice(WRONG),
    ]
    return chance.choices(kinds, (3, 5, 2, 2, 2, 2, 2, 1))[0]


def directive(chance: random.Random, age: int, ttl: int) -> str:
    distances = [age, max(0, age - ttl), max(0, ttl - age)]
    whole = [0, 1, 2, 3, 60, 2**31, 2**32, 2**63, 10**30, *(distance // 1_000 for distance in distances)]
    name = chance.choice(("no-cache", "no-store", "only-if-cached", *["max-age", "max-stale", "min-fresh"] * 3))
    text = name
    if name.startswith("m"):
        number = str(chance.choice(whole))
        text += chance.choice((f"={number}", f"={number}", f'="{number}"', f"={number.zfill(4)}", ""))
    if chance.random() < 0.2:
        text = chance.choice(STRANGE)
    return "".join(chance.choice((letter, letter.upper())) for letter in text) if chance.random() < 0.2 else text


def batches(seed: int, count: int) -> Iterator[list[Case]]:
    for start in range(0, count, CASES_AT_A_TIME):
        chance = random.Random(f"exact/{seed}/{start}")
        yield [Case(chance) for _ in range(min(CASES_AT_A_TIME, count - start))]


def compare(probe: str, seed: int, count: int, counts: Counter[str]) -> list[str]:
    """A report of the first case that deviates, or nothing where there is none."""
    for cases in batches(seed, count):
        text = "".join(case.line + "\n" for case in cases)
        # Whatever stands between line ends is one case; `splitlines` would see others.
        output = subprocess.run([probe], input=text.encode(), capture_output=True, check=True).stdout
        lines = output.decode().split("\n")
        # Behind the last line end there is nothing.
        for case, seen in zip(cases, lines[:-1], strict=True):
            expected = case.expected()
            kind = expected.split()[0] if expected.startswith("refused") else expected.split()[3]
            counts[f"exact: {kind}"] += 1
            counts["exact cases"] += 1
            if expected != seen:
                return [f"deviation in {case.line!r}\n  expected {expected}\n  seen     {seen}"]
    return []
