"""Chunks as bytes: how servers write them, and how the bytes arrive."""

import json
import random
import re


def spelled(chance: random.Random, value: object, escape_names: bool = False, is_ascii: bool | None = None) -> str:
    """JSON, in one of the spellings that servers have."""
    separators = (",", ":") if chance.random() < 0.8 else (", ", ": ")
    text = json.dumps(
        value, ensure_ascii=chance.random() < 0.5 if is_ascii is None else is_ascii, separators=separators
    )
    if escape_names:
        text = re.sub(r'"(choices|delta|message|usage|content|finish_reason)":', escaped, text)
    return text


def escaped(match: re.Match) -> str:
    name = match.group(1)
    return f'"{name[:-1]}\\u{ord(name[-1]):04x}":'


def framed(chance: random.Random, chunks: list[dict], is_plain: bool = False) -> bytes:
    """A whole stream: the events of the chunks, and `[DONE]`."""
    end = "\n" if is_plain or chance.random() < 0.75 else "\r\n" if chance.random() < 0.8 else "\r"
    colon = "data: " if is_plain or chance.random() < 0.85 else "data:"
    comments = not is_plain and chance.random() < 0.15
    has_names = not is_plain and chance.random() < 0.03
    many_lines = not is_plain and chance.random() < 0.04
    escapes = not is_plain and chance.random() < 0.02
    # A server spells its texts in one way, and may well put spaces here and there.
    is_ascii = chance.random() < 0.5
    blocks = []
    for at, chunk in enumerate(chunks):
        if comments and chance.random() < 0.4:
            blocks.append(chance.choice((": OPENROUTER PROCESSING", ": keep-alive", ":", ": a" + end + ": b")))
        text = spelled(chance, chunk, escapes, is_ascii)
        if many_lines:
            text = json.dumps(chunk, indent=1).replace("\n", end + colon)
        block = colon + text
        if has_names:
            block = (
                chance.choice(("event: message" + end, f"id: {at}" + end, "retry: 100" + end, ": note" + end)) + block
            )
        blocks.append(block)
    blocks.append(colon + "[DONE]")
    whole = (end + end).join(blocks) + end + end
    if not is_plain and chance.random() < 0.08:
        whole = whole[: -len(end)]
        if chance.random() < 0.5:
            whole = whole[: -len(end)]
    if not is_plain and chance.random() < 0.02:
        whole = "\ufeff" + whole
    return whole.encode()


def cuts(chance: random.Random, length: int) -> list[int]:
    """Where the bytes are cut into reads."""
    if length < 2 or chance.random() < 0.3:
        return []
    return sorted(chance.sample(range(1, length), min(length - 1, chance.choice((1, 3, 8, 30)))))
