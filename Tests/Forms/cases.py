"""The cases: each follows from the seed, its kind and its number alone, so that any can be had again."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

import answers
import corpus
import families
import framing
from answers import copied
from manners import answer, completion_stream, stream
from servers import MANNERS


@dataclass
class Case:
    name: str
    server: str
    #: `S`: a stream; `J`: an answer in one piece; and those of `families`.
    form: str
    data: bytes
    cuts: list[int]
    #: What the model has to say, where the case is not made of a recording.
    told: dict | None = None
    #: Whether the stream is a whole answer; nil where nobody knows.
    is_whole: bool | None = None

    @property
    def is_stream(self) -> bool:
        return self.form == "S" or self.form in families.STREAMS


KINDS = {
    "stream": "streams in a server's manner",
    "mutated": "streams made of recordings",
    "json": "answers in one piece",
    "mutated-json": "answers made of recordings",
    "text": "text completions as streams",
    "text-json": "text completions in one piece",
    "message-stream": "messages as streams",
    "message": "messages in one piece",
    "response-stream": "responses as streams",
    "response": "responses in one piece",
    "recording": "recordings as they stand",
}
#: How many in a hundred of each kind.
SHARES = (
    ("stream", 42),
    ("mutated", 19),
    ("json", 16),
    ("mutated-json", 7),
    ("text", 5),
    ("text-json", 3),
    ("message-stream", 2),
    ("message", 2),
    ("response-stream", 2),
    ("response", 2),
)

RECORDINGS = corpus.recordings()
STREAMS = [recording for recording in RECORDINGS if recording.is_stream]
ANSWERS = [recording for recording in RECORDINGS if not recording.is_stream]


def kind_of(number: int) -> str:
    """The kinds take turns."""
    place = number * 37 % 100
    for kind, share in SHARES:
        place -= share
        if place < 0:
            return kind
    raise AssertionError


def case(seed: int, number: int) -> Case:
    """The case of a number. The first are the recordings as they stand."""
    if number < len(RECORDINGS):
        recording = RECORDINGS[number]
        return Case(
            f"{seed}:{number}",
            f"{recording.server}, {recording.title}",
            "S" if recording.is_stream else "J",
            recording.data,
            [],
            is_whole=True if recording.is_stream else None,
        )
    kind = kind_of(number)
    chance = random.Random(f"{seed}:{number}")
    made = MAKERS[kind](chance)
    made.name = f"{seed}:{number}"
    return made


def streamed(chance: random.Random) -> Case:
    manner = chance.choice(MANNERS)
    chunks, told = stream(chance, manner, answer(chance, manner))
    data = framing.framed(chance, chunks)
    whole = True
    # Now and then the stream does not come to its end.
    if chance.random() < 0.03:
        chunks = [
            chunk for chunk in chunks if not any(part.get("finish_reason") for part in chunk.get("choices") or [])
        ]
        if not chunks:
            return streamed(chance)
        data, told, whole = framing.framed(chance, chunks), None, False
    return Case("", manner.name, "S", data, framing.cuts(chance, len(data)), told, whole)


def in_one_piece(chance: random.Random) -> Case:
    manner = chance.choice(MANNERS)
    said = answer(chance, manner)
    for choice in said["choices"]:
        choice.update(copied(manner.choice) | copied(manner.finished))
        oddities(chance, choice)
    if "prompt-filter" in manner.special:
        said["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": {}}]
    if "citations" in manner.special:
        said["citations"] = ["https://x.ai"]
    if chance.random() < 0.1:
        del said["usage"]
    elif chance.random() < 0.05:
        said["usage"] = None
    return as_json(chance, manner.name, said)


def oddities(chance: random.Random, choice: dict) -> None:
    """What an answer in one piece may have besides."""
    message, way = choice["message"], chance.random()
    if way < 0.05:
        message["annotations"] = chance.choice(
            ([], [{"type": "url_citation", "url_citation": {"url": "u", "start_index": 1}}])
        )
    elif way < 0.1:
        message["reasoning_details"] = [
            {"type": f"reasoning.{kind}", kind: answers.text(chance), "index": index}
            for kind, index in zip(
                ("text", chance.choice(("text", "summary"))), chance.choice(((0,), (0, 1), (0, 0), (2,))), strict=False
            )
        ]
    elif way < 0.14 and message.get("tool_calls"):
        for index, call in enumerate(message["tool_calls"]):
            call["index"] = index
    elif way < 0.17:
        message["tool_calls"] = message.get("tool_calls") or chance.choice(([], None))
    elif way < 0.2:
        message["x_note"] = chance.choice(
            ("a", 1, True, None, {"k": {"index": 2}}, [1, 2], [{"index": 1}, {"index": 0}], [[{"k": 1}]])
        )
    elif way < 0.22 and message.get("content"):
        message["content"] = [{"type": "text", "text": message["content"]}, {"type": "image", "url": "u"}]
    elif way < 0.25 and message.get("content") and choice.get("logprobs"):
        # Tokens that do not spell the text, as where a token is a part of a character.
        choice["logprobs"]["content"] = answers.tokens(chance, [answers.text(chance) for _ in range(7)])
    elif way < 0.27 and choice.get("logprobs"):
        choice["logprobs"]["x_tokens"] = [1, 2, 3]
    elif way < 0.29:
        del message["role"]
    elif way < 0.31:
        message["refusal"] = message.get("refusal")
    elif way < 0.33:
        message.pop("content")
    if chance.random() < 0.1:
        items = list(message.items())
        chance.shuffle(items)
        message.clear()
        message.update(items)


def as_json(chance: random.Random, server: str, said: dict) -> Case:
    return Case("", server, "J", framing.spelled(chance, said, chance.random() < 0.02).encode(), [], said)


def text_streamed(chance: random.Random) -> Case:
    chunks, told = completion_stream(chance, answers.completion(chance))
    data = framing.framed(chance, chunks)
    return Case("", "text completion", "S", data, framing.cuts(chance, len(data)), told, True)


def text_in_one_piece(chance: random.Random) -> Case:
    return as_json(chance, "text completion", answers.completion(chance))


# MARK: Recordings, changed


def chunks_of(recording: corpus.Recording) -> list[dict]:
    texts = [line[6:] for line in recording.data.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(text) for text in texts]


PARSED = [(recording, chunks_of(recording)) for recording in STREAMS]
CHAT = [(recording, chunks) for recording, chunks in PARSED if "delta" in json.dumps(chunks)]


def mutated(chance: random.Random) -> Case:
    recording, chunks = chance.choice(CHAT)
    chunks = copied(chunks)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5))):
        chance.choice((cut_text, drop, join, splice, add_choice, nullify, add_piece, shuffle_members))(chance, chunks)
    if not chunks:
        return mutated(chance)
    data = framing.framed(chance, chunks)
    return Case("", f"{recording.server}, {recording.title}, changed", "S", data, framing.cuts(chance, len(data)))


def deltas(chunks: list[dict]) -> list[dict]:
    return [
        part["delta"] for chunk in chunks for part in chunk.get("choices") or [] if isinstance(part.get("delta"), dict)
    ]


def cut_text(chance: random.Random, chunks: list[dict]) -> None:
    """A text comes in two pieces."""
    places = [
        (at, number)
        for at, chunk in enumerate(chunks)
        for number, part in enumerate(chunk.get("choices") or [])
        if isinstance((part.get("delta") or {}).get("content"), str)
        and len(part["delta"]["content"]) > 1
        and not part.get("logprobs")
    ]
    if not places:
        return
    at, number = chance.choice(places)
    whole = chunks[at]["choices"][number]["delta"]["content"]
    place = chance.randrange(1, len(whole))
    first = copied(chunks[at]) | {"choices": [copied(chunks[at]["choices"][number])]}
    first.pop("usage", None)
    first["choices"][0] = {name: value for name, value in first["choices"][0].items() if name in ("index", "delta")}
    first["choices"][0]["delta"] = {"content": whole[:place]}
    chunks[at]["choices"][number]["delta"]["content"] = whole[place:]
    chunks.insert(at, first)


def drop(chance: random.Random, chunks: list[dict]) -> None:
    del chunks[chance.randrange(len(chunks))]
    if not chunks:
        chunks.append({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []})


def join(chance: random.Random, chunks: list[dict]) -> None:
    """Two chunks come as one: the parts of both, one behind the other."""
    if len(chunks) < 2:
        return
    at = chance.randrange(len(chunks) - 1)
    one, other = chunks[at], chunks[at + 1]
    indexes = [part.get("index") for chunk in (one, other) for part in chunk.get("choices") or []]
    if len(set(indexes)) < len(indexes):
        return
    chunks[at : at + 2] = [{**one, **other, "choices": [*(one.get("choices") or []), *(other.get("choices") or [])]}]


def splice(chance: random.Random, chunks: list[dict]) -> None:
    """A chunk of another server's among them."""
    _, others = chance.choice(CHAT)
    chunks.insert(chance.randrange(len(chunks) + 1), copied(chance.choice(others)))


def add_choice(chance: random.Random, chunks: list[dict]) -> None:
    """A further choice, another recording's, side by side with the first."""
    _, others = chance.choice(CHAT)
    index = 1 + max((part.get("index", 0) for chunk in chunks for part in chunk.get("choices") or []), default=-1)
    if index > 3:
        return
    at = chance.randrange(len(chunks) + 1)
    for chunk in copied(others):
        if not chunk["choices"]:
            continue
        for part in chunk["choices"]:
            part["index"] = index
        chunks.insert(at, chunk)
        at = chance.randrange(at + 1, len(chunks) + 1)


def nullify(chance: random.Random, chunks: list[dict]) -> None:
    """A member of a delta is null, or empty, or not there."""
    delta = chance.choice(deltas(chunks) or [{}])
    if not delta:
        return
    name = chance.choice(list(delta))
    way = chance.randrange(3)
    if way == 0:
        del delta[name]
    elif way == 1:
        delta[name] = None
    elif isinstance(delta[name], (str, list)):
        delta[name] = delta[name][:0]


def add_piece(chance: random.Random, chunks: list[dict]) -> None:
    """A delta has a member more."""
    delta = chance.choice(deltas(chunks) or [{}])
    name, value = chance.choice(
        (
            ("content", "more"),
            ("refusal", "no"),
            ("reasoning", "hm"),
            ("reasoning_content", "hm"),
            ("x_note", "a"),
            ("x_note", 1),
            ("x_note", {"k": "v", "n": {"m": "w"}}),
            ("x_list", ["a"]),
            ("role", "assistant"),
            ("annotations", [{"type": "url_citation"}]),
            ("tool_calls", [{"index": 0, "function": {"arguments": " "}}]),
            (
                "tool_calls",
                [{"index": 3, "id": "c3", "type": "function", "function": {"name": "n", "arguments": "{}"}}],
            ),
            ("tool_calls", []),
        )
    )
    delta[name] = copied(value)


def shuffle_members(chance: random.Random, chunks: list[dict]) -> None:
    for chunk in chunks:
        items = list(chunk.items())
        chance.shuffle(items)
        chunk.clear()
        chunk.update(items)


def of_family(form: str) -> Callable[[random.Random], Case]:
    def case_of(chance: random.Random) -> Case:
        made = families.made(chance, form)
        cuts = framing.cuts(chance, len(made.data)) if form in families.STREAMS else []
        return Case("", made.server, form, made.data, cuts, made.said, made.is_whole)

    return case_of


def mutated_json(chance: random.Random) -> Case:
    recording = chance.choice(ANSWERS)
    said = json.loads(recording.data)
    for choice in said["choices"]:
        if "message" in choice:
            oddities(chance, choice)
            if chance.random() < 0.2:
                choice["message"][chance.choice(("content", "refusal", "reasoning", "reasoning_content"))] = (
                    answers.text(chance, 60)
                )
    if chance.random() < 0.2:
        said["choices"].append(copied(said["choices"][0]) | {"index": 1})
    made = as_json(chance, f"{recording.server}, {recording.title}, changed", said)
    if chance.random() < 0.03:
        # A member twice: some read the first of them, others the last.
        made.data = made.data.replace(b'"choices":', b'"id":"again","choices":', 1)
    return made


MAKERS = {
    "stream": streamed,
    "mutated": mutated,
    "json": in_one_piece,
    "mutated-json": mutated_json,
    "text": text_streamed,
    "text-json": text_in_one_piece,
    "message-stream": of_family("M"),
    "message": of_family("m"),
    "response-stream": of_family("R"),
    "response": of_family("r"),
}
