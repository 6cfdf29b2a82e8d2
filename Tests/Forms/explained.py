"""The differences between what the package puts together and what the gateway does that are meant to be: one table,
each with its reason. None of them is a licence: each says exactly what the gateway has to have instead, by what the
chunks say."""

from collections.abc import Callable
from dataclasses import dataclass

from told import SAID_ONCE, first_said, joined, last, told


class Absent:
    """A member that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True)
class Difference:
    path: tuple
    package: object
    gateway: object

    def __str__(self) -> str:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{path.lstrip('.')}: the package has {self.package!r}, the gateway {self.gateway!r}"


@dataclass(frozen=True)
class Explained:
    name: str
    reason: str
    holds: Callable[[Difference, list[dict]], bool]


def differences(package: object, gateway: object, path: tuple = ()) -> list[Difference]:
    """Where two answers differ. What stands beside the choices, and beside a choice's message, is compared whole."""
    if package == gateway and type(package) is type(gateway):
        return []
    is_whole = (len(path) == 1 and path[0] != "choices") or (len(path) == 3 and path[2] not in ("message", "logprobs"))
    if not is_whole and isinstance(package, dict) and isinstance(gateway, dict):
        found = []
        for name in [*package, *(name for name in gateway if name not in package)]:
            found += differences(package.get(name, ABSENT), gateway.get(name, ABSENT), (*path, name))
        return found
    if not is_whole and isinstance(package, list) and isinstance(gateway, list) and len(package) == len(gateway):
        return [
            found
            for at, (one, other) in enumerate(zip(package, gateway, strict=False))
            for found in differences(one, other, (*path, at))
        ]
    return [Difference(path, package, gateway)]


def is_member_of_choice(path: tuple) -> bool:
    return len(path) == 3 and path[0] == "choices" and path[2] not in ("message", "logprobs", "finish_reason", "index")


def is_number(value: object) -> bool:
    return isinstance(value, (int, float))


def same(one: object, other: object) -> bool:
    return one == other and (one is None) == (other is None)


FROM_STREAM = (
    Explained(
        "index of a call",
        "In a stream a call's index says which call a piece belongs to; in one piece a call has its place.",
        lambda it, chunks: it.path[-1:] == ("index",) and "tool_calls" in it.path and it.gateway is ABSENT,
    ),
    Explained(
        "null filled in",
        "The package's types have null for members that no chunk has.",
        lambda it, chunks: it.package is None and it.gateway is ABSENT and not told(chunks, it.path),
    ),
    Explained(
        "null said later",
        "The package does not look at a choice's later chunks; null in one of them is null.",
        lambda it, chunks: (
            it.path[2:] in (("logprobs",), ("finish_reason",))
            and it.package is ABSENT
            and it.gateway is None
            and told(chunks, it.path)
            and last(told(chunks, it.path)) is None
        ),
    ),
    Explained(
        "type lost",
        "The package lets a later `type` take the place of the first, also null; the gateway keeps it.",
        lambda it, chunks: (
            it.path[-1] == "type" and it.package is None and it.gateway == first_said(told(chunks, it.path))
        ),
    ),
    Explained(
        "content is null",
        "A message must have `content`; where no chunk has it, it is null.",
        lambda it, chunks: it.path[2:] == ("message", "content") and it.gateway is None and not told(chunks, it.path),
    ),
    Explained(
        "said first",
        "Azure's chunks about filters have an empty `id` and `model`; the first that says anything counts.",
        lambda it, chunks: (
            it.path in (("id",), ("created",), ("model",)) and it.gateway == first_said(told(chunks, it.path))
        ),
    ),
    Explained(
        "object not said",
        "The package calls every answer `chat.completion`; where no chunk says what it is, nor does the gateway.",
        lambda it, chunks: (
            it.path == ("object",) and it.gateway in (ABSENT, None, "") and not first_said(told(chunks, it.path))
        ),
    ),
    Explained(
        "said last",
        "The package keeps of the whole answer's members what the first chunk says, and of the usage and the"
        " fingerprint what the last one says or does not; the gateway keeps each, as last said.",
        lambda it, chunks: (
            len(it.path) == 1
            and it.path[0] not in ("choices", "id", "created", "model", "object", "obfuscation")
            and told(chunks, it.path)
            and same(it.gateway, last(told(chunks, it.path)))
        ),
    ),
    Explained(
        "last chunk without usage",
        "The package has no usage where the last chunk says nothing of it.",
        lambda it, chunks: (
            it.path == ("usage",) and it.gateway is not ABSENT and same(it.gateway, last(told(chunks, it.path)))
        ),
    ),
    Explained(
        "member of a choice",
        "The package keeps what a choice's first chunk says beside the message; the gateway keeps what"
        " all of them say.",
        lambda it, chunks: (
            is_member_of_choice(it.path)
            and same(it.gateway, joined(told(chunks, it.path), it.path[2], it.path[2] != "text"))
        ),
    ),
    Explained(
        "said again",
        "Some servers repeat the role, the id, the type or the name in every chunk, and the package joins them.",
        lambda it, chunks: it.path[-1] in SAID_ONCE and is_said_again(it, told(chunks, it.path)),
    ),
    Explained(
        "last number",
        "The package adds numbers up; of the numbers in a delta, such as Together's `token_id`, the last counts.",
        lambda it, chunks: (
            is_number(it.package) and is_number(it.gateway) and it.gateway == last(told(chunks, it.path))
        ),
    ),
    Explained(
        "values of several kinds",
        "Where a member is now a text and now an object, the package keeps the first kind, and the gateway the last.",
        lambda it, chunks: (
            len(it.path) == 4
            and it.path[2] == "message"
            and len({type(value) for value in told(chunks, it.path) if value is not None}) > 1
            and same(it.gateway, joined(told(chunks, it.path), it.path[3]))
        ),
    ),
    Explained(
        "inside a value of several kinds",
        "Where a member is an object, then something else, then an object again, the package joins the two objects,"
        " and the gateway keeps the last.",
        lambda it, chunks: (
            len(it.path) > 4
            and it.path[2] == "message"
            and len({type(value) for value in told(chunks, it.path[:4]) if value is not None}) > 1
            and same(it.gateway, within(joined(told(chunks, it.path[:4]), it.path[3]), it.path[4:]))
        ),
    ),
    Explained(
        "unknown log probabilities",
        "The package keeps `content` and `refusal`; the gateway what else there is beside them.",
        lambda it, chunks: (
            it.path[2:3] == ("logprobs",)
            and len(it.path) == 4
            and it.path[3] not in ("content", "refusal")
            and same(it.gateway, joined(told(chunks, it.path), is_of_choice=True))
        ),
    ),
)


def within(value: object, path: tuple) -> object:
    """What stands at a place in a value, or ABSENT."""
    for step in path:
        if (isinstance(value, dict) and step in value) or (isinstance(value, list) and step in range(len(value))):
            value = value[step]
        else:
            return ABSENT
    return value


def is_said_again(it: Difference, said: list) -> bool:
    texts = [value for value in said if isinstance(value, str) and value]
    return len(texts) > 1 and len(set(texts)) == 1 and it.gateway == texts[0]


# In what follows the chunks are the gateway's, and what the package should have is the answer that they are made of.
FROM_ANSWER = (
    Explained(
        "index of a call",
        "A stream says of each piece which call it belongs to.",
        lambda it, chunks: it.path[-1:] == ("index",) and "tool_calls" in it.path and it.package == it.path[-2],
    ),
    Explained(
        "null filled in",
        "The package's types have null for members that no chunk has.",
        lambda it, chunks: it.package is None and it.gateway is ABSENT and not told(chunks, it.path),
    ),
    Explained(
        "object not said",
        "The package calls every answer `chat.completion`, also one that does not say what it is.",
        lambda it, chunks: (
            it.path == ("object",) and it.package == "chat.completion" and it.gateway in (ABSENT, None, "")
        ),
    ),
    Explained(
        "role filled in",
        "Clients need a role; where the answer has none, the stream says `assistant`.",
        lambda it, chunks: (
            it.path[2:] == ("message", "role") and it.package == "assistant" and it.gateway in (ABSENT, None)
        ),
    ),
    Explained(
        "member of a choice",
        "It comes with the choice's last chunk, where the package does not look.",
        lambda it, chunks: (
            is_member_of_choice(it.path)
            and same(it.gateway, joined(told(chunks, it.path), it.path[2], it.path[2] != "text"))
        ),
    ),
    Explained(
        "unknown log probabilities",
        "The package keeps `content` and `refusal`; what is beside them is in the stream.",
        lambda it, chunks: (
            it.path[2:3] == ("logprobs",)
            and len(it.path) == 4
            and it.path[3] not in ("content", "refusal")
            and same(it.gateway if it.gateway is not ABSENT else None, joined(told(chunks, it.path), is_of_choice=True))
        ),
    ),
    Explained(
        "no log probabilities",
        "The package shows an object without lists as one with null in them.",
        lambda it, chunks: it.path[2:3] == ("logprobs",) and not it.package and not it.gateway,
    ),
    Explained(
        "elements of one index",
        "The package takes elements of an unknown list that have one index for pieces of one; the"
        " stream has the list as it is.",
        lambda it, chunks: (
            len(it.path) == 4
            and it.path[2] == "message"
            and isinstance(it.gateway, list)
            and it.path[3] != "tool_calls"
            and it.gateway in told(chunks, it.path)
        ),
    ),
    Explained(
        "text beside a message",
        "Together repeats a delta's text beside it; a stream has it once, in the delta.",
        lambda it, chunks: len(it.path) == 3 and it.path[2] == "text" and it.package is ABSENT,
    ),
    Explained(
        "null is not told",
        "A member with null, such as `usage`, is left out of the stream.",
        lambda it, chunks: (
            it.path in (("usage",), ("system_fingerprint",)) and it.gateway is None and it.package in (ABSENT, None)
        ),
    ),
)


def unexplained(found: list[Difference], chunks: list[dict], table: tuple, counts: dict[str, int]) -> list[Difference]:
    rest = []
    for difference in found:
        for entry in table:
            if entry.holds(difference, chunks):
                counts[entry.name] = counts.get(entry.name, 0) + 1
                break
        else:
            rest.append(difference)
    return rest
