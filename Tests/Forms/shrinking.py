"""Makes the smallest case that still deviates."""

import json
from collections.abc import Callable


def shrunk(data: bytes, is_stream: bool, deviates: Callable[[bytes], bool], most: int = 1500) -> bytes:
    """Takes out events, and then members and elements, as long as the case deviates."""
    tries = 0

    def still(candidate: bytes) -> bool:
        nonlocal tries
        tries += 1
        return tries <= most and deviates(candidate)

    if not is_stream:
        try:
            return smaller(json.loads(data), lambda value: still(json.dumps(value).encode()), json.dumps).encode()
        except ValueError:
            return data
    plain = [
        line[5:].strip()
        for line in data.decode("utf-8", "replace").replace("\r", "\n").split("\n")
        if line.startswith("data:")
    ]

    def joined(chunks: list) -> bytes:
        return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + b"data: [DONE]\n\n"

    try:
        chunks = [json.loads(text) for text in plain if text != "[DONE]"]
    except ValueError:
        chunks = []
    if not chunks or not still(joined(chunks)):
        return data
    return smaller(chunks, lambda value: bool(value) and still(joined(value)), joined)


def smaller(value, still, written):
    """Takes out one thing after the other, the outermost first."""
    found = True
    while found:
        found = False
        for path in paths(value):
            candidate = without(value, path)
            if still(candidate):
                value, found = candidate, True
                break
    return written(value)


def paths(value, path: tuple = ()):
    level = [((), value)]
    while level:
        following = []
        for place, inner in level:
            entries = (
                list(inner.items())
                if isinstance(inner, dict)
                else list(enumerate(inner))
                if isinstance(inner, list)
                else []
            )
            for step, more in reversed(entries):
                yield (*place, step)
                following.append(((*place, step), more))
        level = following


def without(value, path: tuple):
    copied = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copied[path[0]]
    else:
        copied[path[0]] = without(copied[path[0]], path[1:])
    return copied
