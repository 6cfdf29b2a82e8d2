"""Whether a cached answer may be served: docs/caching.md, "How long" and "Stale answers"."""

from dataclasses import dataclass
from enum import Enum

from controls import Controls


class Verdict(Enum):
    # Served.
    FRESH = "fresh"
    ACCEPTED = "past its time, which the request accepts"
    REVALIDATED = "past its time, within stale_while_revalidate"
    # Not served, but kept in case the model fails.
    KEPT = "past its time, within stale_if_error"
    # Not served.
    EXPIRED = "past its time"
    TOO_OLD = "older than the request accepts"
    WITHOUT_USAGE = "does not tell the usage that the request wants"
    ABSENT = "not cached"
    UNWANTED = "not looked up"

    @property
    def is_served(self) -> bool:
        return self in (Verdict.FRESH, Verdict.ACCEPTED, Verdict.REVALIDATED)

    @property
    def reason(self) -> str:
        """Why the request goes to the model, in the words of RFC 9211."""
        match self:
            case Verdict.TOO_OLD | Verdict.UNWANTED:
                return "request"
            case Verdict.KEPT | Verdict.EXPIRED:
                return "stale"
            case _:
                return "miss"


# Seconds by which the gateway's clock may be behind: it is read from the system's last tick.
GRAIN = 0.011


@dataclass
class Entry:
    """An answer in the cache. `stored` has the earliest and the latest time at which that may have been."""

    source: str
    stored: tuple[float, float]
    ttl: float
    revalidate: float
    on_error: float
    # The model did not tell the usage, as it does not where a stream is not asked to.
    lacks_usage: bool = False

    @property
    def kept_for(self) -> float:
        """For how long the backend has it."""
        return self.ttl + max(self.revalidate, self.on_error)

    def ages(self, moment: tuple[float, float]) -> tuple[float, float]:
        return max(0.0, moment[0] - self.stored[1] - GRAIN), max(0.0, moment[1] - self.stored[0] + GRAIN)

    def judge(self, age: float, controls: Controls, is_kept: bool = False) -> Verdict:
        """`is_kept`: the backend has it, however old it is."""
        if age >= self.kept_for and not is_kept:
            return Verdict.ABSENT
        staleness = age - self.ttl
        if staleness < 0:
            verdict = Verdict.FRESH
        elif controls.max_stale is not None and staleness <= controls.max_stale:
            verdict = Verdict.ACCEPTED
        elif staleness < self.revalidate:
            verdict = Verdict.REVALIDATED
        elif staleness < self.on_error:
            verdict = Verdict.KEPT
        else:
            return Verdict.EXPIRED
        is_too_old = controls.max_age is not None and age > controls.max_age
        # An entry past its time to live does not stay fresh, however little is required.
        is_too_brief = controls.min_fresh is not None and (staleness >= 0 or -staleness < controls.min_fresh)
        return Verdict.TOO_OLD if is_too_old or is_too_brief else verdict
