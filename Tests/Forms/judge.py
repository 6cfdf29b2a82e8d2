"""The judge: the `openai` package, which puts chunks together for its users and reads events for them."""

import json
import warnings

from openai._models import construct_type
from openai._streaming import SSEDecoder
from openai.lib.streaming._deltas import accumulate_delta
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

# Of members that are not of the types that the package knows, such as a list in `content`.
warnings.filterwarnings("ignore", module="pydantic")


class Unjudged(Exception):
    """The package raises an error where it should put the chunks together."""


def events(data: bytes) -> list[str]:
    """The data of a stream's events, as the package reads them, up to `[DONE]`. A byte order mark, which the package
    takes for a part of the first line, is left out."""
    found = []
    for event in SSEDecoder().iter_bytes(iter([data.removeprefix(b"\xef\xbb\xbf")])):
        if event.data.startswith("[DONE]"):
            break
        found.append(event.data)
    return [text for text in found if text]


def by_state(chunks: list[dict]) -> dict:
    """What the package's state for streams holds at the end: what `client.chat.completions.stream` gives its users."""
    state = ChatCompletionStreamState()
    try:
        for chunk in chunks:
            state.handle_chunk(construct_type(type_=ChatCompletionChunk, value=chunk))
        return state.current_completion_snapshot.to_dict()
    except Exception as error:
        raise Unjudged(f"{type(error).__name__}: {error}") from error


def by_deltas(chunks: list[dict]) -> dict:
    """The same by the package's `accumulate_delta` alone, ten times as fast. What stands around it follows the state's
    `_accumulate_chunk`, and is held against the state for a share of all cases. The chunks are used up."""
    try:
        return _by_deltas(chunks)
    except Exception as error:
        raise Unjudged(f"{type(error).__name__}: {error}") from error


def _by_deltas(chunks: list[dict]) -> dict:
    first, *rest = chunks
    choices = list(first["choices"])
    for part in first["choices"]:
        choices[part["index"]] = opened(part)
    snapshot = {"system_fingerprint": None, **first, "object": "chat.completion", "choices": choices}
    snapshot.pop("obfuscation", None)
    for chunk in rest:
        for part in chunk["choices"]:
            logprobs = part.get("logprobs")
            try:
                choice = choices[part["index"]]
                accumulate_delta(choice["message"], part["delta"])
            except IndexError:
                choice = opened(part)
                choices.append(choice)
            if part.get("finish_reason"):
                choice["finish_reason"] = part["finish_reason"]
            if logprobs is not None:
                if choice.get("logprobs") is None:
                    choice["logprobs"] = {"content": logprobs.get("content"), "refusal": logprobs.get("refusal")}
                else:
                    for name in ("content", "refusal"):
                        if logprobs.get(name):
                            choice["logprobs"][name] = [*(choice["logprobs"].get(name) or []), *logprobs[name]]
        snapshot["usage"] = chunk.get("usage")
        snapshot["system_fingerprint"] = chunk.get("system_fingerprint")
        if chunk.get("moderation") is not None:
            snapshot["moderation"] = chunk["moderation"]
    return snapshot


def opened(part: dict) -> dict:
    choice = {name: value for name, value in part.items() if name != "delta"}
    choice["message"] = accumulate_delta({}, part["delta"])
    return choice


def view(answer: dict) -> dict:
    """An answer in one piece as the package shows it."""
    return construct_type(type_=ChatCompletion, value=answer).to_dict()


def without_nulls(value: object) -> object:
    """The state fills in null for the members that it knows."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


def parsed(texts: list[str]) -> list[dict]:
    return [json.loads(text) for text in texts]
