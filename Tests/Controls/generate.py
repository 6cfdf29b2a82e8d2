"""What is asked next, and when. All of it follows from the seed and from what the reference model holds."""

import random
from itertools import pairwise

import calls
from freshness import Entry
from reference import Reference
from request import Request

# Seconds by which everything stays away from the times at which something changes.
MARGIN = 0.2
# The longest that a sequence waits for something to change.
LONGEST_PAUSE = 3.5

WRONG = [
    ("ttl", "60"), ("ttl", -1), ("ttl", True), ("ttl", []), ("s-maxage", "1"), ("s-maxage", -0.5), ("s-max-age", {}),
    ("no-cache", 1), ("no-cache", "true"), ("no-store", "yes"), ("no-store", 0), ("use-cache", 1), ("namespace", ""),
    ("namespace", 7), ("namespace", "n" * 257), ("m" * 65, 1),
]
HARMLESS = [
    ("some-member", 1), ("ttl", None), ("no-cache", None), ("no-store", False), ("no-cache", False), ("type", "x"),
]
STRANGE = [
    "private", "stale-if-error=5", "foo", 'foo="a, no-store"', "max-age", "max-age=", "max-age=abc", "max-age=-1",
    "max-age=1.5", "max-stale=abc", "max-stale=", "min-fresh", "min-fresh=x", "no-transform", "", "=5",
]


class Generator:
    def __init__(self, chance: random.Random, reference: Reference, call_type: str, questions: list[str]):
        self.chance, self.reference, self.call_type, self.questions = chance, reference, call_type, questions
        self.now = 0.0

    # When

    def pause(self, now: float) -> float:
        """Seconds until the next step."""
        pause = 0.0
        entries = sorted(self.reference.entries.items(), key=str)
        if entries and self.chance.random() < 0.65:
            _, entry = self.chance.choice(entries)
            age = now - entry.stored[1]
            limits = [0, *sorted({limit for limit in self.limits(entry) if limit < 60}), 1e9]
            spans = [
                (max(low + MARGIN, age), min(high - MARGIN, low + 1.5)) for low, high in pairwise(limits)
                if high - MARGIN > age
            ]
            spans = [(low, high) for low, high in spans if low < high and low - age < LONGEST_PAUSE]
            if spans:
                # What is near is more likely, so that sequences do not spend their time with waiting.
                span = spans[min(int(self.chance.expovariate(0.8)), len(spans) - 1)]
                pause = max(0.0, self.chance.uniform(*span) - age)
        for _ in range(30):
            if not any(self.is_near(now + pause - entry.stored[1], self.limits(entry)) for _, entry in entries):
                break
            pause += 0.1
        self.now = now + pause
        return pause

    @staticmethod
    def limits(entry: Entry) -> list[float]:
        return [entry.ttl, entry.ttl + entry.revalidate, entry.ttl + entry.on_error]

    @staticmethod
    def is_near(value: float, limits: list[float]) -> bool:
        return any(abs(value - limit) < MARGIN for limit in limits)

    # What

    def requests(self, prefix: str) -> list[Request]:
        """Of several, all have come before the model answers any."""
        count = self.chance.choices((1, 2, 3, 4, 5), (80, 8, 6, 4, 2))[0]
        asked = self.chance.choice(self.questions)
        found = []
        for number in range(count):
            if self.chance.random() < 0.15:
                asked = self.chance.choice(self.questions)
            found.append(self.request(f"{prefix}.{number}", asked, count > 1))
        return found

    def request(self, tag: str, asked: str, is_one_of_many: bool) -> Request:
        chance = self.chance
        request = Request(tag, self.call_type, [asked])
        if self.call_type == "embedding":
            request.questions = [chance.choice(self.questions) for _ in range(chance.choice((1, 1, 2, 3, 4)))]
        else:
            request.is_stream = chance.random() < 0.4
            request.wants_usage = request.is_stream and chance.random() < 0.4
        self.add_controls(request)
        if chance.random() < 0.3:
            possible = calls.behaviours(self.call_type, request.is_stream)
            weights = [1 if behaviour == "silent" else 12 for behaviour in possible]
            request.behaviour = chance.choices(possible, weights)[0]
        request.leaves = chance.random() < (0.2 if is_one_of_many else 0.02)
        return request

    def add_controls(self, request: Request) -> None:
        chance = self.chance
        cache: dict[str, object] = {}
        if chance.random() < 0.45:
            for _ in range(chance.choice((1, 1, 2, 3))):
                name, value = self.member()
                cache[name] = value
        is_opt_in = self.reference.settings.is_opt_in
        if chance.random() < (0.85 if is_opt_in else 0.05):
            cache["use-cache"] = chance.random() < 0.9
        if cache:
            request.members["cache"] = cache
        elif chance.random() < 0.04:
            request.members["cache"] = chance.choice((None, {}, [], "no-cache", 1))
        if chance.random() < 0.06:
            request.members["caching"] = chance.choice((False, False, False, True, None, "false"))
        for _ in range(chance.choices((0, 1, 2), (65, 30, 5))[0]):
            separator = chance.choice((", ", ",", " , "))
            directives = [self.directive() for _ in range(chance.choice((1, 1, 1, 2, 3)))]
            name = chance.choice(("Cache-Control", "Cache-Control", "cache-control", "CACHE-CONTROL"))
            request.fields.append((name, separator.join(directives)))
        if chance.random() < 0.03:
            request.fields.append(("Pragma", chance.choice(("no-cache", "No-Cache", "no-store", "foo, no-cache"))))

    def member(self) -> tuple[str, object]:
        """A member of the object `cache`."""
        chance = self.chance
        age = chance.choice(("s-maxage", "s-max-age")), self.clear((0, 0.4, 0.8, 1.2, 2, 60), self.ages())
        possible: list[tuple[int, tuple[str, object]]] = [
            (30, ("ttl", chance.choice((0, 0.7, 0.9, 1, 1.4, 2, 2.5, 60, 1e300)))),
            (22, age),
            (14, ("no-cache", True)),
            (12, ("no-store", True)),
            (12, ("namespace", chance.choice(("a", "b", "é")))),
            (6, chance.choice(HARMLESS)),
            (4, chance.choice(WRONG)),
        ]
        return chance.choices([member for _, member in possible], [weight for weight, _ in possible])[0]

    def directive(self) -> str:
        """A directive of `Cache-Control`."""
        chance = self.chance
        staleness = self.staleness()
        possible = [
            (10, "no-cache"),
            (12, "no-store"),
            (22, f"max-age={self.clear((0, 1, 2, 3, 4, 60), self.ages())}"),
            (6, f'max-age="{self.clear((0, 1, 2, 60), self.ages())}"'),
            (14, "max-stale"),
            (8, f"max-stale={self.clear((0, 1, 2, 60), staleness)}"),
            (8, f"min-fresh={self.clear((0, 1, 2, 100), [-value for value in staleness])}"),
            (10, "only-if-cached"),
            (10, chance.choice(STRANGE)),
        ]
        text = chance.choices([directive for _, directive in possible], [weight for weight, _ in possible])[0]
        return text.upper() if chance.random() < 0.1 and '"' not in text else text

    def clear(self, numbers: tuple[float, ...], values: list[float]) -> float:
        """One that is not so near to any of the values that it were unclear on what side they are."""
        number = self.chance.choice(numbers)
        for other in (number, *reversed(numbers)):
            if not self.is_near(other, values):
                return other
        return number

    def ages(self) -> list[float]:
        return [self.now - entry.stored[1] for entry in self.reference.entries.values()]

    def staleness(self) -> list[float]:
        return [self.now - entry.stored[1] - entry.ttl for entry in self.reference.entries.values()]
