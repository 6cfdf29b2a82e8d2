"""Clients of a gateway, and what they see."""

import asyncio
import json

from expectation import Seen
from request import Request
from server import TAG

PATHS = {
    "completion": "/v1/chat/completions",
    "text_completion": "/v1/completions",
    "embedding": "/v1/embeddings",
}


def text(request: Request) -> bytes:
    """The request as it goes over the wire."""
    asked = request.questions[0]
    body: dict[str, object] = {"model": "model"}
    if request.call_type == "completion":
        body["messages"] = [{"role": "user", "content": asked}]
    elif request.call_type == "text_completion":
        body["prompt"] = asked
    else:
        body["input"] = request.questions
    if request.is_stream:
        body["stream"] = True
    if request.wants_usage:
        body["stream_options"] = {"include_usage": True}
    body |= request.members
    data = json.dumps(body).encode()
    lines = [f"POST {PATHS[request.call_type]} HTTP/1.1", "Host: gateway", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(data)}", f"{TAG}: {request.tag}"]
    lines += [f"{name}: {value}" for name, value in request.fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class Clients:
    """Connections to one gateway, which are kept."""

    def __init__(self, port: int):
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: Request) -> Seen:
        """Sends a request and reads its answer to the end. Where it is cancelled the client goes away."""
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        is_kept = False
        try:
            writer.write(text(request))
            status, fields = await head(reader)
            body = bytearray()
            try:
                await read_body(reader, fields, body)
                is_kept = True
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            return see(status, fields, bytes(body), is_whole=is_kept)
        finally:
            if is_kept:
                self.idle.append((reader, writer))
            else:
                writer.transport.abort()

    def close(self) -> None:
        for _, writer in self.idle:
            writer.transport.abort()


async def head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")[:-4].split("\r\n")
    return int(first[9:12]), {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def read_body(reader: asyncio.StreamReader, fields: dict[str, str], body: bytearray) -> None:
    if "content-length" in fields:
        body += await reader.readexactly(int(fields["content-length"]))
        return
    size = 1
    while size:
        size = int(await reader.readuntil(b"\r\n"), 16)
        body += (await reader.readexactly(size + 2))[:-2]


def see(status: int, fields: dict[str, str], body: bytes, is_whole: bool) -> Seen:
    """What an answer says, as far as the cache may have had a part in it."""
    line = fields.get("cache-status")
    told = None
    if line is not None:
        parameters = (part.strip().partition("=") for part in line.split(";")[1:])
        told = {name: value for name, _, value in parameters}
    age = fields.get("age")
    seen = Seen(
        status, "error", told=told, status_line=line or "", age=int(age) if age else None,
        key=fields.get("x-litellm-cache-key"), ending="whole" if is_whole else "broken",
    )
    if fields.get("content-type", "").startswith("text/event-stream"):
        see_events(seen, body)
    else:
        see_json(seen, body)
    return seen


def see_json(seen: Seen, body: bytes) -> None:
    try:
        answer = json.loads(body)
    except ValueError:
        seen.form = "text"
        return
    error = answer.get("error")
    if error:
        seen.param = error.get("param")
        # What the gateway itself says has a type.
        seen.sources = [] if "type" in error else [error["message"]]
        return
    seen.form = "json"
    seen.tokens = (answer.get("usage") or {}).get("prompt_tokens")
    if "data" in answer:
        seen.sources = [item["embedding"] for item in answer["data"]]
    else:
        choices = answer["choices"]
        seen.sources = [item["message"]["content"] if "message" in item else item["text"] for item in choices]


def see_events(seen: Seen, body: bytes) -> None:
    seen.form = "events"
    said, is_done, has_failed = "", False, False
    for event in body.decode().split("\n\n"):
        data = event.removeprefix("data: ")
        if data == "[DONE]":
            is_done = True
            continue
        if not data:
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            has_failed = True
        for choice in chunk.get("choices", []):
            said += choice["delta"].get("content") or "" if "delta" in choice else choice["text"]
    seen.sources = [said]
    if has_failed and is_done:
        seen.ending = "error"
    elif not is_done:
        seen.ending = "broken"
