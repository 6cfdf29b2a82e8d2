"""What a proxy adds to a stream: time to the first token, and the gaps between tokens.

The client and the model of this file share the core of the load, the proxy has its own: what a wake-up across cores
takes is in a proxy's figures and not in the direct ones.
"""

import asyncio
import itertools
import json
import multiprocessing
import os
import signal
import socket
import threading
import time

from .servers import Failure

PORT = 9831
GAP = 0.020
TOKENS = 64


def chunk(delta, finish=None):
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    data = f"data: {json.dumps(body)}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"
END = chunk({}, "stop") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(DONE), DONE)


def answer(connection):
    """The model: a token at once, and then one every 20 ms."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")
    while stream.readline():
        length = 0
        while (line := stream.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        body = stream.read(length)
        if not body:
            return
        tokens = 1 if b"one token" in body else TOKENS
        due = time.monotonic()
        for number in range(tokens):
            connection.sendall((HEAD if number == 0 else b"") + chunk({"content": f"token {number}"}))
            # The end of one token comes soon, but not with it: otherwise its time would be that of the whole answer.
            due += GAP if tokens > 1 else 0.002
            time.sleep(max(0, due - time.monotonic()))
        connection.sendall(END)


def serve(core):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.sched_setaffinity(0, {core})
    server = socket.create_server(("127.0.0.1", PORT), backlog=512)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


class Model:
    """The model, in a process of its own."""

    def __init__(self, core):
        self.process = multiprocessing.Process(target=serve, args=(core,), daemon=True)

    def __enter__(self):
        self.process.start()
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise Failure("the model of the streams does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()


numbers = itertools.count(1)


def request(port, path, what):
    # The process and the time too: no question is ever asked twice.
    content = f"{what} {os.getpid()} {time.time()} {next(numbers)}"
    question = {"model": "model-live", "stream": True, "messages": [{"role": "user", "content": content}]}
    body = json.dumps(question).encode()
    return (b"POST %s/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%s" % (path.encode(), port, len(body), body))


def check(answer):
    if not answer.startswith(b"HTTP/1.1 200") or b"data: [DONE]" not in answer:
        raise Failure(f"not a whole stream: {answer[:300].decode(errors='replace')}")


def first_tokens(port, path, count):
    """Microseconds to the first token of one stream after the other, on one connection."""
    times = []
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            question, answer, began = request(port, path, "one token"), b"", time.perf_counter()
            connection.sendall(question)
            while b"token 0" not in answer:
                answer += received(connection.recv(65536))
            times.append((time.perf_counter() - began) * 1e6)
            while not answer.endswith(b"0\r\n\r\n"):
                answer += received(connection.recv(65536))
            check(answer)
    return times


def received(piece):
    if not piece:
        raise Failure("the connection ended within a stream")
    return piece


async def stamps(port, path):
    """When the tokens of a stream came, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(port, path, "many tokens"))
    times, answer = [], b""
    while not answer.endswith(b"0\r\n\r\n"):
        piece = received(await reader.read(65536))
        times += [time.perf_counter()] * piece.count(b'"token ')
        answer += piece
    check(answer)
    writer.close()
    return times


def gaps(port, path, streams=64):
    """By how many microseconds the gaps between tokens are off, of so many streams at once."""
    async def all_of_them():
        return await asyncio.gather(*(stamps(port, path) for _ in range(streams)))

    return [abs(b - a - GAP) * 1e6 for times in asyncio.run(all_of_them()) for a, b in itertools.pairwise(times)]


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]
