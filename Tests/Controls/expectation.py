"""What a client is expected to get, and how what it got differs from that: docs/caching.md, "What the answer says"."""

import math
from dataclasses import dataclass, field

# What does not matter.
ANY = "any"


@dataclass
class Report:
    """`Cache-Status`, and what depends on it."""

    is_hit: bool
    # Of a request that went to the model.
    reason: str = ""
    is_stored: bool = False
    is_collapsed: bool = False
    detail: str | None = None
    # Of a hit: the least and the greatest age that it may have, and what is left of its time.
    ages: tuple[float, float] = (0.0, 0.0)
    left: tuple[float, float] = (0.0, 0.0)

    def __str__(self) -> str:
        parts = ["gateway", "hit" if self.is_hit else f"fwd={self.reason}"]
        if self.is_hit:
            parts.append(f"ttl={bounds(self.left)}")
        parts += ["stored"] if self.is_stored else []
        parts += ["collapsed"] if self.is_collapsed else []
        parts += [f"detail={self.detail}"] if self.detail else []
        return "; ".join(parts) + (f", Age {bounds(self.ages)}" if self.is_hit else "")


def bounds(values: tuple[float, float]) -> str:
    low, high = (math.floor(value) for value in values)
    return str(low) if low == high else f"{low}..{high}"


@dataclass
class Answer:
    """What a client gets: expected or seen."""

    status: int
    # `json`, `events` or `error`, and for events how they end: `whole`, `broken` or `error`.
    form: str
    ending: str = "whole"
    # Whose answer it is, for each choice or input: the request that made the model be called. Empty: the gateway's own.
    sources: list[str] = field(default_factory=list)
    report: Report | None = None
    # The invalid member, for a 400.
    param: str | None = None
    # For embeddings, how many were billed. It is None where that is not reported.
    tokens: int | str | None = ANY
    # Of a hit: the key.
    key: str | None = None

    def __str__(self) -> str:
        ending = "" if self.ending == "whole" else f" ({self.ending})"
        told = f" [{self.report}]" if self.report else " [no Cache-Status]"
        whose = f" of {','.join(self.sources)}" if self.sources else f" at {self.param}" if self.param else ""
        return f"{self.status} {self.form}{ending}{whose}{told}"


@dataclass
class Seen(Answer):
    """What a client got. `told` has the parameters of `Cache-Status`, and is None where there was none."""

    told: dict[str, str] | None = None
    status_line: str = ""
    age: int | None = None

    def __str__(self) -> str:
        whose = f" of {','.join(self.sources)}" if self.sources else f" at {self.param}" if self.param else ""
        ending = "" if self.ending == "whole" else f" ({self.ending})"
        age = "" if self.age is None else f", Age {self.age}"
        return f"{self.status} {self.form}{ending}{whose} [{self.status_line or 'no Cache-Status'}{age}]"


def differences(expected: Answer, seen: Seen) -> list[str]:
    """In what the answer is another one than the one expected."""
    found = []

    def compare(what: str, wanted: object, got: object) -> None:
        if wanted != got:
            found.append(f"{what}: expected {wanted}, got {got}")

    compare("status", expected.status, seen.status)
    compare("form", expected.form, seen.form)
    compare("ending", expected.ending, seen.ending)
    if expected.ending == "whole":
        compare("answers", expected.sources, seen.sources)
    elif not any(source and expected.sources[0].startswith(source) for source in seen.sources):
        found.append(f"answers: expected the beginning of {expected.sources}, got {seen.sources}")
    if expected.param is not None:
        compare("param", expected.param, seen.param)
    if expected.tokens != ANY:
        compare("usage.prompt_tokens", expected.tokens, seen.tokens)
    report = expected.report
    if report is None or seen.told is None:
        compare("Cache-Status", report and str(report), seen.told and seen.status_line)
        return found
    told = dict(seen.told)
    compare("hit", report.is_hit, told.pop("hit", None) is not None)
    compare("x-litellm-cache-key", report.is_hit, seen.key is not None)
    if report.is_hit:
        left = told.pop("ttl", "none")
        low, high = (math.floor(value) for value in report.left)
        if not left.lstrip("-").isdigit() or not low <= int(left) <= high:
            found.append(f"ttl: expected {bounds(report.left)}, got {left}")
        low, high = (math.floor(value) for value in report.ages)
        if seen.age is None or not low <= seen.age <= high:
            found.append(f"Age: expected {bounds(report.ages)}, got {seen.age}")
    else:
        compare("fwd", report.reason, told.pop("fwd", None))
        compare("Age", None, seen.age)
    compare("stored", report.is_stored, told.pop("stored", None) is not None)
    compare("collapsed", report.is_collapsed, told.pop("collapsed", None) is not None)
    compare("detail", report.detail, told.pop("detail", None))
    compare("other parameters of Cache-Status", {}, told)
    return found
