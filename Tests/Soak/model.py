"""A model provider on the loopback. The first part of the path says how it behaves: /good/v1/chat/completions."""

import asyncio
import json
import random

import answers
from serving import Serving


def chunk(content: str | None, finish: str | None = None) -> bytes:
    delta = {} if content is None else {"content": content}
    event = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def chat(asked: str) -> bytes:
    return json.dumps({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "model",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": answers.text(asked)},
        }],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }).encode()


def embeddings(inputs: list[str]) -> bytes:
    return json.dumps({
        "object": "list", "model": "model", "usage": {"prompt_tokens": len(inputs), "total_tokens": len(inputs)},
        "data": [{"object": "embedding", "index": i, "embedding": answers.vector(x)} for i, x in enumerate(inputs)],
    }).encode()


def whole(status: int, body: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def framed(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class Model(Serving):
    def __init__(self, chance: random.Random):
        self.chance = chance

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(x[15:]) for x in head.lower().split("\r\n") if x.startswith("content-length:")), 0)
        body = json.loads(await reader.readexactly(length))
        path = head.split(" ")[1]
        behaviour = path.split("/")[1]
        if behaviour == "endless":
            return await self.endless(writer)
        if behaviour == "flaky" and self.chance.random() < 0.6:
            return await self.misbehave(writer, body)
        if behaviour == "slow":
            await asyncio.sleep(self.chance.uniform(0.05, 1))
        await self.answer(writer, body, path)
        return True

    async def answer(self, writer: asyncio.StreamWriter, body: dict, path: str) -> None:
        if path.endswith("/embeddings"):
            given = body["input"]
            inputs = given if isinstance(given, list) else [given]
            # What are no texts has vectors too, so that the request is served.
            writer.write(whole(200, embeddings([x if isinstance(x, str) else "number" for x in inputs])))
        elif body.get("stream"):
            writer.write(STREAM)
            for piece in answers.pieces(answers.text(self.asked(body))):
                writer.write(framed(chunk(piece)))
                await writer.drain()
                if self.chance.random() < 0.3:
                    await asyncio.sleep(0.002)
            writer.write(framed(chunk(None, "stop")) + framed(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        else:
            writer.write(whole(200, chat(self.asked(body))))
        await writer.drain()

    @staticmethod
    def asked(body: dict) -> str:
        try:
            return str(body["messages"][-1]["content"])
        except (LookupError, TypeError):
            return "something else"

    async def endless(self, writer: asyncio.StreamWriter) -> bool:
        """Sends for as long as it is read, but no more than 10 MB a second."""
        writer.write(STREAM)
        comment = framed(b": " + b"." * 8_000 + b"\n\n")
        piece = framed(chunk("word " * 1_000))
        for _ in range(2_000):
            writer.write((comment if self.chance.random() < 0.5 else piece) * 8)
            await asyncio.wait_for(writer.drain(), 60)
            await asyncio.sleep(0.005)
        return False

    async def misbehave(self, writer: asyncio.StreamWriter, body: dict) -> bool:
        """One of the ways in which models fail."""
        way = self.chance.randrange(11)
        answer = chat(self.asked(body)) if "messages" in body else b"{}"
        if way == 0:
            writer.write(whole(self.chance.choice((429, 500, 502, 503)), b'{"error":{"message":"no"}}'))
        elif way == 1:
            return False
        elif way == 2:
            writer.write(whole(200, answer)[: self.chance.randrange(1, 200)])
            await writer.drain()
            return False
        elif way == 3:
            writer.write(self.chance.randbytes(500))
            await writer.drain()
            return False
        elif way == 4:
            writer.write(STREAM + framed(chunk("half an answer")))
            await writer.drain()
            return False
        elif way == 5:
            await asyncio.sleep(self.chance.uniform(1, 4))
            return False
        elif way == 6:
            writer.write(whole(200, b'{"error":{"message":"overloaded","code":500}}'))
        elif way == 7:
            writer.write(whole(200, b'{"choices":[null]}'))
        elif way == 8:
            # A large error in chunks.
            writer.write(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(300):
                writer.write(framed(b"e" * 65_536))
                await asyncio.wait_for(writer.drain(), 20)
            writer.write(b"0\r\n\r\n")
        elif way == 9:
            writer.write(b"HTTP/1.1 200 OK\r\n" + b"x-long: " + b"y" * 200_000 + b"\r\n\r\n")
            await writer.drain()
            return False
        else:
            writer.write(STREAM + framed(chunk("half")) + framed(b'data: {"error":{"message":"no"}}\n\n'))
            writer.write(framed(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()
        return True


async def run(port: int, stop) -> None:
    model = Model(random.Random(1))
    server = await asyncio.start_server(model.serve, "127.0.0.1", port, limit=1 << 16, backlog=1_024)
    while not stop.is_set():
        await asyncio.sleep(0.2)
    server.close()
