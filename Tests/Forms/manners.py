"""The answers that a server of some manner gives, and the chunks that it streams."""

import random

import answers
from answers import copied
from servers import SAFE, Manner


def pieces(chance: random.Random, whole: str, most: int = 4) -> list[str]:
    """A text cut anywhere, now and then with an empty piece."""
    if len(whole) < 2:
        return [whole]
    cuts = sorted(chance.sample(range(1, len(whole)), min(len(whole) - 1, chance.randrange(most))))
    found = [whole[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=False)]
    if chance.random() < 0.1:
        found.insert(chance.randrange(len(found) + 1), "")
    return found


def fragments(chance: random.Random, way: str, calls: list[dict]) -> list[list[dict]]:
    """The lists `tool_calls` of the deltas that tell some calls."""
    whole = [{"index": index, **copied(call)} for index, call in enumerate(calls)]
    if way == "whole":
        return [[call] for call in whole]
    if way == "whole-at-once":
        return [whole]
    if way == "untyped":
        for call in whole:
            del call["type"]
        return [whole]
    if way == "one-index":
        return [[call | {"index": 0}] for call in whole]
    if way == "no-index":
        for call in whole:
            del call["index"]
        return [[call] for call in whole] if chance.random() < 0.5 else [whole]
    lists = []
    for call in whole:
        function, index = call["function"], call["index"]
        arguments = pieces(chance, function["arguments"])
        first = {"index": index, "id": call["id"], "type": "function"}
        if way == "two-in-first":
            lists.append(
                [
                    first | {"function": {"name": function["name"]}},
                    {"index": index, "function": {"arguments": arguments.pop(0)}},
                ]
            )
        elif way == "name-first":
            lists.append([first | {"function": {"name": function["name"]}}])
        elif way == "name-pieces" and len(function["name"]) > 3:
            lists.append([first | {"function": {"name": function["name"][:3]}}])
            lists.append([{"index": index, "function": {"name": function["name"][3:]}}])
        else:
            lists.append(
                [
                    first
                    | {
                        "function": {
                            "name": function["name"],
                            "arguments": "" if chance.random() < 0.7 else arguments.pop(0),
                        }
                    }
                ]
            )
        for piece in arguments:
            part = {"index": index, "function": {"arguments": piece}}
            if way == "repeated":
                part = first | {"function": {"name": function["name"], "arguments": piece}}
            elif way == "nulls":
                part = {"index": index, "id": None, "type": None, "function": {"name": None, "arguments": piece}}
            elif way == "empties":
                part = {"index": index, "id": "", "type": "function", "function": {"name": "", "arguments": piece}}
            lists.append([part])
    if way == "side-by-side":
        # The pieces of several calls in one chunk.
        of = {call["index"]: [entry for entry in lists if entry[0]["index"] == call["index"]] for call in whole}
        longest = max(len(entries) for entries in of.values())
        lists = [
            [entry for entries in of.values() for entry in entries[at : at + 1] for entry in entry]
            for at in range(longest)
        ]
    return lists


def details(text: str) -> dict:
    """An element of OpenRouter's `reasoning_details`, or a piece of it: what is not the text is said with each."""
    return {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}


class Parts:
    """The parts of one choice, in their order."""

    def __init__(self, chance: random.Random, manner: Manner, choice: dict):
        self.chance, self.manner, self.source = chance, manner, choice
        self.role = chance.choice(manner.role)
        self.unfinished = chance.choice(manner.unfinished)
        self.probabilities = list((choice.get("logprobs") or {}).items())
        self.parts: list[dict] = []

    def add(self, delta: dict, logprobs=None) -> None:
        if self.role == "every":
            delta = {"role": "assistant", **delta}
            if "content" not in delta and self.chance.random() < 0.7:
                delta["content"] = (
                    "" if self.source["message"].get("content") is not None else self.chance.choice(("", None))
                )
        part = {"index": self.source["index"], "delta": delta}
        if "logprobs" in self.source:
            part["logprobs"] = logprobs
        if self.unfinished is not ...:
            part["finish_reason"] = self.unfinished
        if self.manner.choice:
            part |= copied(self.manner.choice)
        self.parts.append(part)

    def texts(self, name: str, whole: str) -> None:
        """The pieces of a text, with the log probabilities of each."""
        said = dict(self.probabilities).get(name)
        if said is None:
            for piece in pieces(self.chance, whole):
                other = {"content": None} if name == "reasoning_content" and "both-null" in self.manner.special else {}
                self.add({**other, name: piece})
            return
        at = 0
        while at < len(said):
            count = self.chance.randrange(1, 4)
            share = said[at : at + count]
            lists = {other: (copied(share) if other == name else None) for other, _ in self.probabilities}
            self.add({name: "".join(token["token"] for token in share)}, lists)
            at += count

    def all(self) -> list[dict]:
        said, manner, chance = self.source["message"], self.manner, self.chance
        opening = {} if self.role == "none" else {"role": "assistant"}
        content = chance.choice(manner.opening)
        if content is not ...:
            opening["content"] = content
        if "refusal-null" in manner.special:
            opening["refusal"] = None
        if self.role != "every":
            # An opening with empty lists of log probabilities, as OpenAI sends.
            empty = (
                {name: [] if value else None for name, value in self.probabilities}
                if self.probabilities and chance.random() < 0.4
                else None
            )
            self.add(opening, empty)
        for name in ("reasoning_content", "reasoning"):
            if said.get(name):
                self.texts(name, said[name])
                if "details" in manner.special:
                    for part in self.parts:
                        if part["delta"].get(name):
                            part["delta"]["reasoning_details"] = [details(part["delta"][name])]
        if isinstance(said.get("content"), list):
            for element in said["content"][:-1]:
                self.add({"content": [copied(element)]})
            self.texts("content", said["content"][-1]["text"])
        elif said.get("content"):
            self.texts("content", said["content"])
        if said.get("refusal"):
            self.texts("refusal", said["refusal"])
        if said.get("tool_calls"):
            for entry in fragments(chance, chance.choice(manner.calls), said["tool_calls"]):
                self.add({"tool_calls": entry})
        if said.get("function_call"):
            call = said["function_call"]
            self.add({"function_call": {"name": call["name"], "arguments": ""}})
            for piece in pieces(chance, call["arguments"]):
                self.add({"function_call": {"arguments": piece}})
        if said.get("audio"):
            audio = said["audio"]
            self.add({"audio": {"id": audio["id"], "transcript": ""}})
            for piece in pieces(chance, audio["transcript"]):
                self.add({"audio": {"transcript": piece}})
            self.add({"audio": {"data": audio["data"]}})
            self.add({"audio": {"expires_at": audio["expires_at"]}})
        if "unknown" in manner.special and chance.random() < 0.2:
            self.add({"x_note": chance.choice(("a", 1, 1.5, True, None, {"k": "v"}, ["a", "b"], [1], [{"k": 1}]))})
        if "token-id" in manner.special:
            for part in self.parts:
                part["delta"] |= {"token_id": chance.randrange(9999), "tool_calls": part["delta"].get("tool_calls")}
                part["text"] = part["delta"].get("content") or ""
        self.end()
        return self.parts

    def end(self) -> None:
        way = self.chance.choice(self.manner.ending)
        if way != "last" or not self.parts:
            self.add({"empty": {}, "text": {"content": ""}, "null": {"content": None}, "last": {}}[way])
            if way == "text" and self.source["message"].get("content") is None and self.role != "every":
                self.parts[-1]["delta"] = self.chance.choice(({}, {"content": ""}))
            if "token-id" in self.manner.special:
                self.parts[-1]["text"] = ""
        self.parts[-1]["finish_reason"] = self.source["finish_reason"]
        self.parts[-1] |= copied(self.manner.finished)


def merged(chance: random.Random, several: list[list[dict]]) -> list[list[dict]]:
    """The `choices` of the chunks: one choice after the other, side by side, or several in one chunk."""
    way = chance.random()
    if len(several) == 1 or way < 0.3:
        return [[part] for parts in several for part in parts]
    queues = [list(parts) for parts in several]
    if way < 0.5:
        return [[queue[at] for queue in queues if at < len(queue)] for at in range(max(len(queue) for queue in queues))]
    found = []
    while any(queues):
        # The first parts in the order of the choices, for the most part.
        fresh = [queue for queue, parts in zip(queues, several, strict=False) if queue and len(queue) == len(parts)]
        queue = fresh[0] if fresh and chance.random() < 0.9 else chance.choice([queue for queue in queues if queue])
        found.append([queue.pop(0)])
    return found


def answer(chance: random.Random, manner: Manner) -> dict:
    """An answer in one piece, as this server gives it."""
    reasoning = chance.choice(manner.reasoning)
    said = answers.chat(chance, reasoning, manner.logprobs)
    if "thinking" in manner.special:
        for choice in said["choices"]:
            if choice["message"]["content"] and chance.random() < 0.4:
                thoughts = [
                    {"type": "thinking", "thinking": [{"type": "text", "text": answers.text(chance)}]}
                    for _ in range(chance.randrange(1, 3))
                ]
                choice["message"]["content"] = [*thoughts, {"type": "text", "text": choice["message"]["content"]}]
    return said | copied(manner.every)


def stream(chance: random.Random, manner: Manner, said: dict, way: str | None = None) -> tuple[list[dict], dict]:
    """The chunks of an answer, and the answer as far as they tell it. `way`: how they tell the usage."""
    told = copied(said)
    several = [Parts(chance, manner, choice).all() for choice in said["choices"]]
    for choice in told["choices"]:
        if "details" in manner.special and choice["message"].get("reasoning"):
            choice["message"]["reasoning_details"] = [details(choice["message"]["reasoning"])]
        choice.update(copied(manner.choice) | copied(manner.finished))
    way = way or chance.choice(manner.usage)
    head = {"id": said["id"], "object": "chat.completion.chunk", "created": said["created"], "model": said["model"]}
    chunks = [head | {"choices": choices} | copied(manner.every) for choices in merged(chance, several)]
    usage = told["usage"]
    if way == "none":
        del told["usage"]
    elif way == "every":
        for at, chunk in enumerate(chunks):
            chunk["usage"] = {
                "prompt_tokens": usage["prompt_tokens"],
                "completion_tokens": at,
                "total_tokens": usage["prompt_tokens"] + at,
            }
        chunks.append(head | {"choices": [], "usage": usage})
    elif way == "finish":
        chunks[-1]["usage"] = usage
    elif way == "with-choice":
        again = chunks[-1]["choices"][0]
        repeats = chance.random() < 0.5
        part = {
            "index": again["index"],
            "delta": {"role": "assistant", "content": ""},
            "finish_reason": again["finish_reason"] if repeats else None,
        }
        if "native_finish_reason" in again:
            part["native_finish_reason"] = again["native_finish_reason"] if repeats else None
        chunks.append(head | {"choices": [part], "usage": usage})
    else:
        if way == "own-null":
            for chunk in chunks:
                chunk["usage"] = None
        own = head | {"choices": [], "usage": usage} | copied(manner.every)
        if way == "no-choices":
            del own["choices"]
        chunks.append(own)
    specialities(chance, manner, chunks, head, told)
    return chunks, told


def specialities(chance: random.Random, manner: Manner, chunks: list[dict], head: dict, told: dict) -> None:
    if "obfuscation" in manner.special and chance.random() < 0.5:
        for chunk in chunks:
            chunk["obfuscation"] = "x" * chance.randrange(9)
    if "x-groq" in manner.special:
        told["x_groq"] = {"id": "req_1"}
        chunks[0]["x_groq"] = {"id": "req_1"}
        if chance.random() < 0.6:
            finishing = next(chunk for chunk in reversed(chunks) if chunk["choices"])
            finishing["x_groq"] = told["x_groq"] = {"id": "req_1", "usage": told.get("usage")}
    if "citations" in manner.special and chance.random() < 0.5:
        chunks[-1]["citations"] = told["citations"] = ["https://x.ai", "https://example.com"]
    nobody = {"id": "", "object": "", "created": 0, "model": ""}
    if "filter-chunks" in manner.special and chance.random() < 0.4:
        # Asynchronous filters: what they find comes when it comes.
        for chunk in chunks:
            for part in chunk["choices"]:
                part.pop("content_filter_results", None)
        offsets = 0
        for _ in range(chance.randrange(1, 4)):
            offsets += 44
            place = chance.randrange(1, len(chunks) + 1)
            seen = [part["index"] for chunk in chunks[:place] for part in chunk["choices"]]
            part = {
                "index": chance.choice(seen),
                "finish_reason": None,
                "content_filter_results": copied(SAFE),
                "content_filter_offsets": {"check_offset": offsets, "start_offset": 44, "end_offset": offsets + 9},
            }
            chunks.insert(place, nobody | {"choices": [part]})
        for choice in told["choices"]:
            choice.pop("content_filter_results")
    if "prompt-filter" in manner.special and chance.random() < 0.7:
        told["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": copied(SAFE)}]
        chunks.insert(0, nobody | {"choices": [], "prompt_filter_results": copied(told["prompt_filter_results"])})
    if "unknown" in manner.special and chance.random() < 0.2:
        value = chance.choice((1, "a", [1, {"index": 3}], {"k": None}, False))
        told["x_extra"] = value
        chance.choice(chunks)["x_extra"] = copied(value)


def completion_stream(chance: random.Random, said: dict) -> tuple[list[dict], dict]:
    """The chunks of a text completion, and the answer as far as they tell it."""
    told = copied(said)
    several = []
    for choice in said["choices"]:
        parts = []
        logprobs = choice["logprobs"]
        if logprobs:
            at = 0
            while at < len(logprobs["tokens"]):
                end = at + chance.randrange(1, 4)
                shares = {name: value[at:end] if value is not None else None for name, value in logprobs.items()}
                parts.append(
                    {
                        "text": "".join(shares["tokens"]),
                        "index": choice["index"],
                        "logprobs": shares,
                        "finish_reason": None,
                    }
                )
                at = end
        else:
            parts += [
                {"text": piece, "index": choice["index"], "logprobs": None, "finish_reason": None}
                for piece in pieces(chance, choice["text"])
            ]
        if chance.random() < 0.3:
            parts.append({"text": "", "index": choice["index"], "logprobs": None, "finish_reason": None})
        parts[-1]["finish_reason"] = choice["finish_reason"]
        several.append(parts)
    head = {"id": said["id"], "object": "text_completion", "created": said["created"], "model": said["model"]}
    chunks = [head | {"choices": choices} for choices in merged(chance, several)]
    if chance.random() < 0.5:
        chunks.append(head | {"choices": [], "usage": told["usage"]})
    else:
        del told["usage"]
    return chunks, told
