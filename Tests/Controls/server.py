"""A model that behaves as its script says, request by request."""

import asyncio
import json
import time
from dataclasses import dataclass, field

from serving import Serving

# The gateway forwards it, so that a call can be distinguished from others for the same question.
TAG = "x-client-request-id"


@dataclass
class Script:
    """How the model behaves to the calls of one request, and what calls there were."""

    behaviour: str
    # Each call waits for it before anything is answered.
    gate: asyncio.Event
    # When each call came, and when its answer began to be written.
    arrived: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    has_arrived: asyncio.Event = field(default_factory=asyncio.Event)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)


class ModelServer(Serving):
    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        # Calls without a script: a client sent no tag, or the gateway called long after the request.
        self.strays: list[str] = []

    async def start(self) -> int:
        return await self.listen(backlog=1_024)

    def expect(self, tag: str, behaviour: str) -> Script:
        script = self.scripts[tag] = Script(behaviour, asyncio.Event())
        return script

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = json.loads(await reader.readexactly(int(fields["content-length"])))
        tag = fields.get(TAG, "")
        script = self.scripts.get(tag)
        if script is None:
            self.strays.append(f"{first} {tag or 'without a tag'}")
            writer.write(whole(500, {"error": {"message": "nobody expects this call"}}))
            return True
        script.arrived.append(time.time())
        script.has_arrived.set()
        await script.gate.wait()
        script.answered.append(time.time())
        if writer.transport.is_closing():
            # The gateway has given the call up.
            return self.end(script)
        behaviour = script.behaviour if len(script.arrived) == 1 or script.behaviour in FAILURES else "well"
        if behaviour == "silent":
            await reader.read()
            return self.end(script)
        if behaviour == "hung up":
            # A part of a head, so that the connection is not taken for one that was closed while it was idle.
            writer.write(b"HTTP/1.1 200 OK\r\nContent-")
        elif behaviour in FAILURES:
            writer.write(whole(FAILURES[behaviour], {"error": {"message": tag}}))
        elif behaviour == "excused itself":
            writer.write(whole(200, {"error": {"message": tag}}))
        elif "input" in body:
            writer.write(whole(200, embeddings(tag, body["input"], behaviour)))
        elif body.get("stream") and behaviour != "in one piece":
            writer.write(STREAM_HEAD)
            usage = (body.get("stream_options") or {}).get("include_usage", False)
            told = events(tag, "messages" in body, usage, behaviour)
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in told)
            writer.write(chunks + (b"" if behaviour == "cut off" else b"0\r\n\r\n"))
        else:
            writer.write(whole(200, completion(tag, "messages" in body)))
        await writer.drain()
        self.end(script)
        return behaviour not in ("hung up", "cut off")

    @staticmethod
    def end(script: Script) -> bool:
        script.has_ended.set()
        return False


FAILURES = {"refused": 400, "late": 408, "busy": 429, "failed": 500, "down": 503}
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def whole(status: int, body: object) -> bytes:
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def completion(tag: str, is_chat: bool) -> dict:
    content = {"message": {"role": "assistant", "content": tag}} if is_chat else {"text": tag}
    return {
        "id": "1", "object": "chat.completion" if is_chat else "text_completion", "created": 1, "model": "model",
        "choices": [{"index": 0, "finish_reason": "stop", **content}], "usage": USAGE,
    }


def embeddings(tag: str, given: object, behaviour: str) -> dict:
    inputs = given if isinstance(given, list) else [given]
    # A vector may be a text, in base64; this one tells whose it is.
    data = [{"object": "embedding", "index": index, "embedding": tag} for index in range(len(inputs))]
    body = {"object": "list", "model": "model", "data": data}
    if behaviour == "too few":
        data.pop()
    if behaviour != "uncounted":
        body["usage"] = {"prompt_tokens": 3 * len(inputs), "total_tokens": 3 * len(inputs)}
    return body


def events(tag: str, is_chat: bool, has_usage: bool, behaviour: str):
    half = len(tag) // 2
    kind = "chat.completion.chunk" if is_chat else "text_completion"

    def event(choices: list, **more: object) -> bytes:
        chunk = {"id": "1", "object": kind, "created": 1, "model": "model", "choices": choices, **more}
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    def choice(text: str | None, finish: str | None = None) -> list:
        content = {"delta": {"content": text} if text is not None else {}} if is_chat else {"text": text or ""}
        return [{"index": 0, **content, "finish_reason": finish}]

    if is_chat:
        yield event([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
    yield event(choice(tag[:half]))
    if behaviour == "cut off":
        return
    if behaviour == "gave up":
        yield b"data: " + json.dumps({"error": {"message": tag, "code": 500}}).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"
        return
    yield event(choice(tag[half:]))
    yield event(choice(None, "stop"))
    if behaviour == "usage unasked" or (has_usage and behaviour != "usage withheld"):
        yield event([], usage=USAGE)
    yield b"data: [DONE]\n\n"
