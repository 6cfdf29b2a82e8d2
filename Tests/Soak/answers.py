"""What the model answers: it follows from the question, so that every answer can be checked without a record."""

import hashlib
import re

SIZES = (20, 200, 2_000, 40_000)


def question(number: int, size: int) -> str:
    return f"question {number} of {size} characters"


def text(asked: str) -> str:
    """The answer to a question: as long as it says, different for each."""
    match = re.search(r"of (\d+) characters", asked)
    size = int(match.group(1)) if match else 40
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return (digest * (size // len(digest) + 1))[:size]


def pieces(answer: str, count: int = 8) -> list[str]:
    """The answer as a stream has it."""
    step = max(1, len(answer) // count)
    return [answer[at : at + step] for at in range(0, len(answer), step)]


def vector(text: str) -> list[float]:
    """The embedding of a text."""
    return [byte / 256 for byte in hashlib.sha256(text.encode()).digest()[:16]]
