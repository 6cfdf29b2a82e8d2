"""Responses and messages: cases made up, and judged by the accumulators of the `openai` and `anthropic` packages.

What the model has to say is known, so every form of an answer must say exactly that; the packages judge that they read
it so too."""

import json
import random
from dataclasses import dataclass

import answers
import framing
from answers import copied, identifier, text
from anthropic._models import construct_type_unchecked
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import RawMessageStreamEvent
from judge import without_nulls
from openai._models import construct_type
from openai._streaming import SSEDecoder
from openai._types import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import ResponseStreamEvent

#: Streams and answers in one piece of both families.
FORMS = {"M": "message stream", "m": "message", "R": "response stream", "r": "response"}
STREAMS = "MR"


@dataclass
class Made:
    server: str
    form: str
    data: bytes
    said: dict
    is_whole: bool = True


# MARK: Messages

REASONS = ("end_turn", "tool_use", "stop_sequence", "max_tokens")
INPUTS = (
    {},
    {"city": "Zürich"},
    {"n": [1, 2.5, None, True], "deep": {"a": {"b": "\\\"\n"}}},
    {"text": "你好 😀", "empty": ""},
    {"x": 1e300, "list": []},
)


def block(chance: random.Random) -> dict:
    kind = chance.choice(("text", "text", "thinking", "tool_use", "tool_use", "redacted_thinking", "server"))
    if kind == "text":
        made = {"type": "text", "text": text(chance)}
        if chance.random() < 0.2:
            made["citations"] = [
                {
                    "type": "char_location",
                    "cited_text": text(chance, 3),
                    "document_index": index,
                    "document_title": chance.choice((None, "t")),
                    "start_char_index": 0,
                    "end_char_index": chance.randrange(1, 50),
                }
                for index in range(chance.randrange(1, 3))
            ]
        return made
    if kind == "thinking":
        return {"type": "thinking", "thinking": text(chance), "signature": identifier(chance, "sig")}
    if kind == "redacted_thinking":
        return {"type": "redacted_thinking", "data": identifier(chance, "r")}
    if kind == "server":
        return {
            "type": "server_tool_use",
            "id": identifier(chance, "srvtoolu_"),
            "name": "web_search",
            "input": {"query": text(chance, 3)},
        }
    return {
        "type": "tool_use",
        "id": identifier(chance, "toolu_"),
        "name": chance.choice(answers.NAMES),
        "input": copied(chance.choice(INPUTS)),
    }


def message(chance: random.Random) -> dict:
    reason = chance.choice(REASONS)
    usage = {"input_tokens": chance.randrange(1, 100), "output_tokens": chance.randrange(1, 100)}
    if chance.random() < 0.4:
        usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": chance.randrange(9)}
    if chance.random() < 0.1:
        usage["server_tool_use"] = {"web_search_requests": 1}
    said = {
        "id": identifier(chance, "msg_"),
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [block(chance) for _ in range(chance.randrange(1, 5))],
        "stop_reason": reason,
        "stop_sequence": "END" if reason == "stop_sequence" else None,
        "usage": usage,
    }
    if chance.random() < 0.1:
        said["container"] = {"id": "c", "expires_at": "2030-01-01T00:00:00Z"}
    return said


def pieces(chance: random.Random, whole: str) -> list[str]:
    """A text in pieces, none of which is empty."""
    found = []
    while whole:
        length = chance.randrange(1, 12)
        found.append(whole[:length])
        whole = whole[length:]
    return found


def deltas_of(chance: random.Random, whole: dict) -> tuple[dict, list[dict]]:
    """A block as it begins, and what is added to it."""
    begun, deltas = copied(whole), []
    if whole["type"] == "text":
        begun["text"] = ""
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces(chance, whole["text"])]
        if "citations" in whole:
            begun["citations"] = []
            for citation in whole["citations"]:
                # Citations stay in their order, wherever they are between the texts.
                place = max((at + 1 for at, it in enumerate(deltas) if it["type"] == "citations_delta"), default=0)
                deltas.insert(
                    chance.randrange(place, len(deltas) + 1), {"type": "citations_delta", "citation": citation}
                )
    elif whole["type"] == "thinking":
        begun |= {"thinking": "", "signature": ""}
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(chance, whole["thinking"])]
        deltas.append({"type": "signature_delta", "signature": whole["signature"]})
    elif "input" in whole:
        begun["input"] = {}
        source = framing.spelled(chance, whole["input"]) if whole["input"] or chance.random() < 0.5 else ""
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(chance, source)]]
    return begun, deltas


def message_stream(chance: random.Random, said: dict) -> list[dict]:
    begun = copied(said) | {"content": [], "stop_reason": None, "stop_sequence": None}
    begun["usage"] = {name: 1 if name == "output_tokens" else count for name, count in said["usage"].items()}
    late = chance.random() < 0.3
    if late:
        begun["usage"] = {"input_tokens": 0, "output_tokens": 1}
    begun.pop("container", None)
    events: list[dict] = [{"type": "message_start", "message": begun}]
    for index, whole in enumerate(said["content"]):
        start, deltas = deltas_of(chance, whole)
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
        if chance.random() < 0.2:
            events.append({"type": "ping"})
    delta = {"stop_reason": said["stop_reason"], "stop_sequence": said["stop_sequence"]}
    if "container" in said:
        delta["container"] = said["container"]
    all_of_it = late or chance.random() < 0.5
    usage = copied(said["usage"]) if all_of_it else {"output_tokens": said["usage"]["output_tokens"]}
    events.append({"type": "message_delta", "delta": delta, "usage": usage})
    events.append({"type": "message_stop"})
    return events


def message_of(events: list[dict]) -> dict:
    """What the `anthropic` package puts together."""
    snapshot, inputs = None, {}
    for event in events:
        if event["type"] != "ping":
            made = construct_type_unchecked(type_=RawMessageStreamEvent, value=event)
            snapshot = accumulate_event(event=made, current_snapshot=snapshot, json_bufs=inputs)
    return without_nulls(snapshot.to_dict(mode="json"))


# MARK: Responses


def part(chance: random.Random) -> dict:
    if chance.random() < 0.15:
        return {"type": "refusal", "refusal": text(chance)}
    links = [{"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}]
    return {"type": "output_text", "text": text(chance), "annotations": links if chance.random() < 0.2 else []}


def item(chance: random.Random) -> dict:
    kind = chance.choice(("message", "message", "reasoning", "function_call", "custom_tool_call", "web_search_call"))
    made = {"id": identifier(chance, "it_"), "type": kind}
    if kind == "message":
        content = [part(chance) for _ in range(chance.randrange(1, 3))]
        return made | {"role": "assistant", "status": "completed", "content": content}
    if kind == "reasoning":
        summary = [{"type": "summary_text", "text": text(chance)} for _ in range(chance.randrange(3))]
        return made | {"summary": summary} | ({"encrypted_content": "e"} if chance.random() < 0.3 else {})
    if kind == "function_call":
        arguments = chance.choice(answers.ARGUMENTS)
        call = {"call_id": identifier(chance, "call_"), "name": "f", "arguments": arguments, "status": "completed"}
        return made | call
    if kind == "custom_tool_call":
        return made | {"call_id": identifier(chance, "call_"), "name": "g", "input": text(chance)}
    return made | {"status": "completed", "action": {"type": "search", "query": text(chance, 3)}}


def response(chance: random.Random) -> dict:
    is_cut = chance.random() < 0.15
    asked, said = chance.randrange(1, 100), chance.randrange(1, 100)
    return {
        "id": identifier(chance, "resp_"),
        "object": "response",
        "created_at": 1700000000,
        "status": "incomplete" if is_cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "instructions": chance.choice((None, text(chance, 3))),
        "metadata": {},
        "model": "gpt",
        "output": [item(chance) for _ in range(chance.randrange(1, 4))],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": said,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + said,
        },
    }


def response_stream(chance: random.Random, said: dict) -> list[dict]:
    begun = copied(said) | {"status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    events: list[dict] = [{"type": "response.created", "response": begun}]
    if chance.random() < 0.8:
        events.append({"type": "response.in_progress", "response": begun})
    for index, whole in enumerate(said["output"]):
        events += item_events(chance, index, whole)
    end = "response.incomplete" if said["status"] == "incomplete" else "response.completed"
    events.append({"type": end, "response": said})
    for number, event in enumerate(events):
        event["sequence_number"] = number
        if event["type"].endswith(".delta") and chance.random() < 0.5:
            event["obfuscation"] = identifier(chance, "")
    return [copied(event) for event in events]


def item_events(chance: random.Random, index: int, whole: dict) -> list[dict]:
    at = {"item_id": whole["id"], "output_index": index}
    begun, events = copied(whole), []
    if whole["type"] == "message":
        begun |= {"content": [], "status": "in_progress"}
        for place, each in enumerate(whole["content"]):
            name = "text" if each["type"] == "output_text" else "refusal"
            kind, here = f"response.{each['type']}", at | {"content_index": place}
            empty = copied(each) | {name: ""} | ({"annotations": []} if "annotations" in each else {})
            more = {"logprobs": []} if name == "text" else {}
            events.append({"type": "response.content_part.added", **here, "part": empty})
            events += [{"type": f"{kind}.delta", **here, "delta": it, **more} for it in pieces(chance, each[name])]
            events.append({"type": f"{kind}.done", **here, name: each[name], **more})
            events.append({"type": "response.content_part.done", **here, "part": copied(each)})
    elif whole["type"] in ("function_call", "custom_tool_call"):
        name = "arguments" if whole["type"] == "function_call" else "input"
        kind = f"response.{whole['type']}_{name}"
        begun[name] = ""
        events += [{"type": f"{kind}.delta", **at, "delta": it} for it in pieces(chance, whole[name])]
        more = {"name": "f"} if name == "arguments" else {}
        events.append({"type": f"{kind}.done", **at, name: whole[name], **more})
    elif whole["type"] == "reasoning":
        begun["summary"] = []
    return [
        {"type": "response.output_item.added", "output_index": index, "item": begun},
        *events,
        {"type": "response.output_item.done", "output_index": index, "item": copied(whole)},
    ]


def items_of(events: list[dict]) -> list[dict]:
    """What the `openai` package holds of the items before the last event, and what the pieces alone add up to."""
    state = ResponseStreamState(input_tools=omit, text_format=omit)
    for event in events:
        state.handle_event(construct_type(type_=ResponseStreamEvent, value=event))
    completed = state._completed_output
    return [without_nulls(completed[index].to_dict()) for index in sorted(completed)]


def pieces_of(events: list[dict]) -> dict[tuple, str]:
    """The texts that the deltas of a stream add up to, by the place in the output."""
    found: dict[tuple, str] = {}
    for event in events:
        if event["type"].endswith(".delta"):
            part = event.get("content_index", event.get("summary_index"))
            place = (event["output_index"], event["type"].split(".")[1], part)
            found[place] = found.get(place, "") + event["delta"]
    return found


def texts_of(said: dict) -> dict[tuple, str]:
    """The same of the answer in one piece."""
    found = {}
    for index, whole in enumerate(said["output"]):
        for place, each in enumerate(whole.get("content") or []):
            name = "text" if each["type"] == "output_text" else "refusal"
            found[(index, each["type"], place)] = each[name]
        for place, each in enumerate(whole.get("summary") or []):
            found[(index, "reasoning_summary_text", place)] = each["text"]
        if whole["type"] == "function_call":
            found[(index, "function_call_arguments", None)] = whole["arguments"]
        if whole["type"] == "custom_tool_call":
            found[(index, "custom_tool_call_input", None)] = whole["input"]
    return {place: whole for place, whole in found.items() if whole}


# MARK: Cases


def framed(chance: random.Random, events: list[dict]) -> bytes:
    """A stream of named events, as their servers and those that imitate them write it."""
    end = "\n" if chance.random() < 0.85 else "\r\n"
    names = chance.random() < 0.95
    is_ascii = chance.random() < 0.5
    blocks = []
    for event in events:
        if chance.random() < 0.02:
            blocks.append(": keep-alive")
        data = "data: " + framing.spelled(chance, event, is_ascii=is_ascii)
        blocks.append(f"event: {event['type']}{end}{data}" if names else data)
    return ((end + end).join(blocks) + end + end).encode()


def made(chance: random.Random, form: str) -> Made:
    is_message = form in "Mm"
    said = message(chance) if is_message else response(chance)
    server = "Anthropic" if is_message else "OpenAI's responses"
    if form not in STREAMS:
        return Made(server, form, framing.spelled(chance, said).encode(), said)
    events = message_stream(chance, said) if is_message else response_stream(chance, said)
    is_whole = chance.random() >= 0.05
    if not is_whole:
        events = events[: chance.randrange(1, len(events))]
    return Made(server, form, framed(chance, events), said, is_whole)


# MARK: Checks


def read(data: bytes) -> list[dict]:
    """The events of a stream as the packages read them."""
    return [json.loads(event.data) for event in SSEDecoder().iter_bytes(iter([data])) if event.data]


def kept(events: list[dict]) -> list[dict]:
    """The events that a replay has: no signs of life, and no padding."""
    return [
        {name: value for name, value in event.items() if name != "obfuscation"}
        for event in events
        if event["type"] != "ping"
    ]


def problem(case, outcome, is_judged: bool) -> str | None:
    """What is wrong with what the gateway makes of a case, or nothing.

    `is_judged` says whether the package's state judges a response too, and not only what the model said."""
    said = case.told
    if case.form in STREAMS:
        if outcome.raw != case.data:
            return "the bytes that a live stream has are not those that the server sent"
        if kept(read(outcome.replay)) != kept(read(case.data)) or outcome.replay != outcome.replay_without_usage:
            return "the replay has other events than the stream"
        if outcome.is_whole != case.is_whole:
            return f"the stream is taken for {'whole' if outcome.is_whole else 'partial'}, which it is not"
        if not case.is_whole:
            return None
        if outcome.answer is None or json.loads(outcome.answer) != said:
            return "the answer in one piece is not what the model said"
        found = of_stream(case.form, read(case.data), said, is_judged)
        return found or of_made(case.form, outcome.events_of_answer, said, is_judged)
    found = of_made(case.form, outcome.events, said, is_judged)
    if found is None and (not outcome.is_whole or outcome.answer is None or json.loads(outcome.answer) != said):
        return "the answer, made a stream and put together again, is another"
    return found


def of_made(form: str, data: bytes | None, said: dict, is_judged: bool) -> str | None:
    """What is wrong with a stream that the gateway made of an answer."""
    if data is None:
        return "the answer cannot be streamed"
    events = read(data)
    if form in "Rr" and [event["sequence_number"] for event in events] != list(range(len(events))):
        return "the events of the stream are not numbered one after another"
    return of_stream(form, events, said, is_judged)


def of_stream(form: str, events: list[dict], said: dict, is_judged: bool) -> str | None:
    """What is wrong with a whole stream, as the package of its family reads it."""
    if form in "Mm":
        package = message_of(events)
        return None if package == without_nulls(said) else f"the package puts together another message: {package}"
    # The package's state for responses takes several times as long as the rest.
    if is_judged:
        items = items_of(events)
        if items != without_nulls(said["output"]):
            return f"the package has other items: {items}"
    if events[-1]["response"] != said:
        return "the last event has another response"
    expected, found = texts_of(said), pieces_of(events)
    # Servers need not send summaries in pieces.
    if any(found.get(place) not in (whole, None) for place, whole in expected.items()) or set(found) - set(expected):
        return f"the pieces add up to other texts: {found}"
    missing = [place for place in expected if place not in found and place[1] != "reasoning_summary_text"]
    return f"there are no pieces of {missing}" if missing else None
