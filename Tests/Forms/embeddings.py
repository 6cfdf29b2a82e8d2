"""Batches of embeddings, by HTTP: inputs that overlap with those of earlier batches, of which only what is missing goes
to the model. What a client gets has to be what the model would have answered to the whole batch."""

import hashlib
import json
import random

from checks import Deviation

INPUTS = (
    "a",
    "b",
    "",
    "the cache",
    "你好",
    "😀",
    " a",
    "a ",
    "A",
    "é",
    "e\u0301",
    'quo"te',
    "line\nbreak",
    "\u0000",
    "x" * 300,
)


def vector(text: str, model: str = "forms") -> list[float]:
    """The vector of a text, by which it can be told from every other."""
    return [byte / 256 for byte in hashlib.sha256(f"{model}\n{text}".encode()).digest()[:8]]


def answer(inputs: list[str], usage: bool = True) -> bytes:
    """The model's answer to a batch."""
    said = {
        "object": "list",
        "model": "forms",
        "data": [{"object": "embedding", "index": at, "embedding": vector(text)} for at, text in enumerate(inputs)],
    }
    if usage:
        # By their lengths, by which the gateway shares a batch's tokens out among its inputs.
        count = sum(len(json.dumps(text)) for text in inputs)
        said["usage"] = {"prompt_tokens": count, "total_tokens": count}
    return json.dumps(said).encode()


def batch(chance: random.Random) -> list[str] | str:
    """What a client asks for: some texts, each maybe several times, or one."""
    texts = [
        chance.choice(INPUTS) + chance.choice(("", "", str(chance.randrange(50))))
        for _ in range(chance.randrange(1, 9))
    ]
    texts = [text or "." for text in texts]
    return texts[0] if chance.random() < 0.1 else texts


def check(asked: list[str] | str, status: int, body: bytes) -> None:
    inputs = [asked] if isinstance(asked, str) else asked
    if status != 200:
        raise Deviation(f"a batch of embeddings is answered with {status}", got=body, asked=asked)
    said = json.loads(body)
    expected = json.loads(answer(inputs))
    if said["data"] != expected["data"]:
        raise Deviation("a batch of embeddings has other vectors than the model's", got=body, asked=asked)
    if said.get("usage") != expected["usage"] or said.get("object") != "list" or said.get("model") != "forms":
        raise Deviation(
            "a batch of embeddings has the vectors, but else it is not what the model says", got=body, asked=asked
        )
