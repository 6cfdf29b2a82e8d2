"""Complete answers, made up: what a model has to say, whichever form it is asked for."""

import marshal
import random
from typing import TypeVar

WORDS = (
    "the",
    " model",
    " says",
    " caching",
    " is",
    " a",
    " fine",
    " thing",
    ".",
    "\n",
    "\n\n",
    ' "quoted"',
    " back\\slash",
    " 你好",
    " 😀",
    "é",
    " <think>",
    "\t",
    " 1.5e3",
    ' {"a":1}',
    "\u2028",
    "data: ",
    " [DONE]",
    "\r\n",
    " naïve",
    "\u0000",
    "/",
    "👩‍👩‍👧",
    " end",
)
NAMES = ("get_weather", "lookup", "run_command", "search.web", "f", "читать")
ARGUMENTS = ("{}", "", '{"city": "Paris"}', '{"q":"a\\"b","n":[1,2.0,null]}', '{"text": "你好 \\u00e9"}', '{"a":1}')


Value = TypeVar("Value")


def copied(value: Value) -> Value:
    """A copy of a JSON value, in a fraction of the time that `copy.deepcopy` takes."""
    return marshal.loads(marshal.dumps(value))


def text(chance: random.Random, most: int = 8) -> str:
    return "".join(chance.choices(WORDS, k=chance.randrange(1, most)))


def identifier(chance: random.Random, prefix: str) -> str:
    return f"{prefix}{chance.randrange(16**8):08x}"


def tokens(chance: random.Random, pieces: list[str]) -> list[dict]:
    """Log probabilities, token by token."""

    def one(piece: str) -> dict:
        return {"token": piece, "logprob": -chance.randrange(1, 9) / 8, "bytes": list(piece.encode())[:3]}

    return [one(piece) | {"top_logprobs": [one(piece), one("x")] if chance.random() < 0.3 else []} for piece in pieces]


def usage(chance: random.Random) -> dict:
    asked, said = chance.randrange(1, 100), chance.randrange(1, 100)
    counts = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    if chance.random() < 0.3:
        counts["completion_tokens_details"] = {"reasoning_tokens": chance.randrange(9), "audio_tokens": 0}
    if chance.random() < 0.1:
        counts["prompt_tokens_details"] = None
    return counts


def calls(chance: random.Random) -> list[dict]:
    return [
        {
            "id": identifier(chance, "call_"),
            "type": "function",
            "function": {"name": chance.choice(NAMES), "arguments": chance.choice(ARGUMENTS)},
        }
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))
    ]


def message(chance: random.Random, reasoning: str | None) -> tuple[dict, str]:
    """A message, and the reason why it ends."""
    said = {"role": "assistant", "content": None}
    if reasoning and chance.random() < 0.35:
        said[reasoning] = text(chance, 12)
    kind = chance.random()
    if kind < 0.6:
        said["content"] = text(chance, 14)
        return said, chance.choice(("stop", "stop", "length"))
    if kind < 0.88:
        said["tool_calls"] = calls(chance)
        if chance.random() < 0.25:
            said["content"] = text(chance)
        return said, "tool_calls"
    if kind < 0.94:
        said["refusal"] = text(chance)
        return said, "stop"
    if kind < 0.97:
        said["function_call"] = {"name": chance.choice(NAMES), "arguments": chance.choice(ARGUMENTS)}
        return said, "function_call"
    said["audio"] = {
        "id": identifier(chance, "audio_"),
        "transcript": text(chance),
        "data": "AAECAw==",
        "expires_at": 1741570999,
    }
    return said, "stop"


def chat(chance: random.Random, reasoning: str | None, logprobs: bool, most_choices: int = 3) -> dict:
    """A chat completion with what every server tells."""
    count = chance.choice((1,) * 8 + (2, 3))
    choices = []
    has_probabilities = logprobs and chance.random() < 0.25
    for index in range(min(count, most_choices)):
        said, reason = message(chance, reasoning)
        choices.append({"index": index, "message": said, "finish_reason": reason})
        if has_probabilities:
            choices[-1]["logprobs"] = None
            name = "content" if said["content"] else "refusal" if said.get("refusal") else None
            if name:
                whole = said[name]
                cuts = (
                    sorted(chance.sample(range(1, len(whole)), min(len(whole) - 1, chance.randrange(5))))
                    if len(whole) > 1
                    else []
                )
                pieces = [whole[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=False)]
                choices[-1]["logprobs"] = {
                    name: tokens(chance, pieces),
                    "refusal" if name == "content" else "content": None,
                }
    return {
        "id": identifier(chance, "chatcmpl-"),
        "object": "chat.completion",
        "created": 1700000000 + chance.randrange(99),
        "model": chance.choice(("gpt-4o", "org/model:free", "模型")),
        "choices": choices,
        "usage": usage(chance),
    }


def completion(chance: random.Random) -> dict:
    """A text completion."""
    choices = []
    has_probabilities = chance.random() < 0.3
    for index in range(chance.choice((1, 1, 1, 2))):
        pieces = chance.choices(WORDS, k=chance.randrange(1, 9))
        choices.append(
            {
                "text": "".join(pieces),
                "index": index,
                "logprobs": None,
                "finish_reason": chance.choice(("stop", "length")),
            }
        )
        if has_probabilities:
            choices[-1]["logprobs"] = {
                "tokens": pieces,
                "token_logprobs": [-0.5] * len(pieces),
                "top_logprobs": [{piece: -0.5} for piece in pieces] if chance.random() < 0.5 else None,
                "text_offset": list(range(len(pieces))),
            }
    return {
        "id": identifier(chance, "cmpl-"),
        "object": "text_completion",
        "created": 1700000000,
        "model": "base",
        "choices": choices,
        "usage": usage(chance),
    }
