"""What a request asks of the cache: docs/caching.md, "Controls in the body" and "Controls in the header"."""

import math
import re
from dataclasses import dataclass

ANY = math.inf
# What everything beyond it is taken for (RFC 9111 section 1.2.2).
LONGEST = 2.0**31


class Refused(Exception):
    """The request is answered with 400. The argument is the invalid member."""


@dataclass
class Controls:
    no_cache: bool = False
    no_store: bool = False
    use_cache: bool = False
    only_if_cached: bool = False
    # All are in seconds, and None where the request does not set them.
    max_age: float | None = None
    max_stale: float | None = None
    min_fresh: float | None = None
    ttl: float | None = None
    namespace: str | None = None

    def limit_age(self, seconds: float) -> None:
        """Where several limits are given, the strictest counts."""
        self.max_age = seconds if self.max_age is None else min(self.max_age, seconds)


def read(members: dict[str, object], fields: list[tuple[str, str]]) -> Controls:
    """Body and header together."""
    controls = Controls()
    cache = members.get("cache")
    if not isinstance(cache, dict | None):
        raise Refused("cache")
    if not isinstance(members.get("caching"), bool | None):
        raise Refused("caching")
    read_body(cache or {}, controls)
    # Pragma is of use only where there is no Cache-Control (RFC 9111 section 5.4).
    name = "cache-control" if any(field.lower() == "cache-control" for field, _ in fields) else "pragma"
    for field, value in fields:
        if field.lower() == name:
            for directive, argument in directives(value):
                read_directive(directive, argument, controls, is_pragma=name == "pragma")
    return controls


# The body

def read_body(cache: dict[str, object], controls: Controls) -> None:
    for name, value in cache.items():
        if len(name.encode()) > 64:
            raise Refused("cache")
        # A member that is null is treated as absent, and an unknown one is ignored.
        if value is None:
            continue
        if name == "ttl":
            controls.ttl = seconds(name, value)
        elif name in ("s-maxage", "s-max-age"):
            controls.limit_age(seconds(name, value))
        elif name == "no-cache":
            controls.no_cache = flag(name, value)
        elif name == "no-store":
            controls.no_store = flag(name, value)
        elif name == "use-cache":
            controls.use_cache = flag(name, value)
        elif name == "namespace":
            if not isinstance(value, str) or not 1 <= len(value.encode()) <= 256:
                raise Refused("cache.namespace")
            controls.namespace = value


def flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"cache.{name}")
    return value


def seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise Refused(f"cache.{name}")
    return min(float(value), LONGEST)


# The header

DIRECTIVE = re.compile(r"""\s*([^\s,="]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^,]*))?\s*(?:,|$)""")


def directives(value: str):
    """The names, in lower case, and arguments, without quotes, of a list of directives."""
    position = 0
    while position < len(value):
        match = DIRECTIVE.match(value, position)
        if not match:
            # What is no directive is passed over, up to the next comma.
            position = value.find(",", position) + 1 or len(value)
            continue
        position = match.end()
        argument = match.group(2)
        if argument is not None:
            argument = argument.strip()
            if argument.startswith('"'):
                argument = re.sub(r"\\(.)", r"\1", argument[1:-1])
        yield match.group(1).lower(), argument


def read_directive(name: str, argument: str | None, controls: Controls, is_pragma: bool) -> None:
    if name == "no-cache":
        controls.no_cache = True
    if is_pragma:
        return
    # A directive whose argument is not a whole number of seconds is ignored.
    delta = min(int(argument), LONGEST) if argument and re.fullmatch("[0-9]+", argument) else None
    if name == "no-store":
        controls.no_store = True
    elif name == "only-if-cached":
        controls.only_if_cached = True
    elif name == "max-age" and delta is not None:
        controls.limit_age(delta)
    elif name == "max-stale" and (argument is None or delta is not None):
        accepted = ANY if argument is None else delta
        controls.max_stale = accepted if controls.max_stale is None else min(controls.max_stale, accepted)
    elif name == "min-fresh" and delta is not None:
        controls.min_fresh = delta if controls.min_fresh is None else max(controls.min_fresh, delta)
