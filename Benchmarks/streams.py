#!/usr/bin/env python3
"""usage: streams.py [GATEWAY]

What the gateway adds to a stream that it passes on and records: time to the first token, one stream at a time, and the
gaps between tokens, 64 streams of a token every 20 ms at once. Each beside the same client connected to the model itself,
and to nginx before it, interleaved in one run; only figures of one run are comparable. Client and model share core 1, the
proxy has core 0: what a wake-up across cores takes is in the proxies' figures and not in the direct ones. Every question is
new, so that none is answered from the cache; a stream that is not whole is an error.

In the environment: ROUNDS (5), FIRST_TOKENS for each round (200), STREAMS (64), TOKENS of each (64).
"""

import asyncio
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = int(os.environ.get("ROUNDS", 5))
FIRST_TOKENS = int(os.environ.get("FIRST_TOKENS", 200))
STREAMS = int(os.environ.get("STREAMS", 64))
TOKENS = int(os.environ.get("TOKENS", 64))
GAP = 0.020
MODEL_PORT, GATEWAY_PORT, NGINX_PORT = 9831, 9832, 9833

CONFIG = f"""
model_list:
  - model_name: gpt-3.5-turbo
    litellm_params: {{model: openai/gpt-3.5-turbo, api_base: "http://127.0.0.1:{MODEL_PORT}/v1", api_key: sk-benchmark}}
litellm_settings:
  cache: True
  cache_params: {{type: local}}
"""

NGINX = f"""
worker_processes 1; daemon off; pid nginx.pid; error_log error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  keepalive_requests 100000000;
  upstream model {{ server 127.0.0.1:{MODEL_PORT}; keepalive 128; }}
  server {{
    listen 127.0.0.1:{NGINX_PORT};
    location / {{
      proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""


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
        body = json.loads(stream.read(length) or b"{}")
        if not body:
            return
        tokens = 1 if "one token" in body["messages"][0]["content"] else TOKENS
        due = time.monotonic()
        for number in range(tokens):
            connection.sendall((HEAD if number == 0 else b"") + chunk({"content": f"token {number}"}))
            due += GAP
            if number + 1 < tokens:
                time.sleep(max(0, due - time.monotonic()))
        connection.sendall(END)


def serve():
    server = socket.create_server(("127.0.0.1", MODEL_PORT), backlog=512)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


counter = 0


def request(what):
    global counter
    counter += 1
    body = json.dumps({"model": "gpt-3.5-turbo", "stream": True,
                       "messages": [{"role": "user", "content": f"{what} {counter}"}]}).encode()
    return (b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(body), body))


def check(answer):
    if not answer.startswith(b"HTTP/1.1 200") or b"data: [DONE]" not in answer:
        sys.exit(f"error: not a whole stream: {answer[:500].decode()}")


def first_tokens(port):
    """Microseconds to the first token of one stream after the other, on one connection."""
    connection, times = socket.create_connection(("127.0.0.1", port)), []
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(FIRST_TOKENS):
        question, answer, began = request("one token"), b"", time.perf_counter()
        connection.sendall(question)
        while b"token 0" not in answer:
            answer += connection.recv(65536) or sys.exit("error: the connection ended before a token came")
        times.append((time.perf_counter() - began) * 1e6)
        while not answer.endswith(b"0\r\n\r\n"):
            answer += connection.recv(65536) or sys.exit("error: the connection ended within a stream")
        check(answer)
    connection.close()
    return times


async def stamps(port):
    """When the tokens of a stream came, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("many tokens"))
    times, answer = [], b""
    while not answer.endswith(b"0\r\n\r\n"):
        piece = await reader.read(65536) or sys.exit("error: the connection ended within a stream")
        times += [time.perf_counter()] * piece.count(b'"token ')
        answer += piece
    check(answer)
    writer.close()
    return times


async def gaps(port):
    streams = await asyncio.gather(*(stamps(port) for _ in range(STREAMS)))
    return [abs(b - a - GAP) * 1e6 for times in streams for a, b in zip(times, times[1:])]


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure(ways):
    first, jitter = {name: [] for name in ways}, {name: [] for name in ways}
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        for name, port in ways.items():
            first[name].append(first_tokens(port))
        for name, port in ways.items():
            jitter[name].append(asyncio.run(gaps(port)))
    print(f"\n| | first token, µs: p50 | p99 | gap off 20 ms, µs, {STREAMS} streams: p50 | p99 |")
    print("| --- | --- | --- | --- | --- |")
    rows = {}
    for name in ways:
        rows[name] = [statistics.median(share(r, part) for r in series[name])
                      for series in (first, jitter) for part in (0.5, 0.99)]
        print(f"| {name} | " + " | ".join(f"{value:.0f}" for value in rows[name]) + " |")
    for name in list(ways)[1:]:
        added = (f"{b - a:.0f}" for a, b in zip(rows["direct"], rows[name]))
        print(f"| added by {name} | " + " | ".join(added) + " |")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    gateway = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../.build/release/gateway")
    if not os.access(gateway, os.X_OK):
        sys.exit(f"error: there is no gateway at {gateway}; 'make build' builds it")
    if (os.cpu_count() or 1) < 2:
        sys.exit("error: two cores are needed, one for the proxy and one for the client and the model")
    ways = {"direct": MODEL_PORT, "gateway": GATEWAY_PORT}
    if shutil.which("nginx"):
        ways["nginx"] = NGINX_PORT
    else:
        print("nginx is not there and is left out", file=sys.stderr)
    os.sched_setaffinity(0, {1})
    model = multiprocessing.Process(target=serve, daemon=True)
    model.start()
    proxies = []
    with tempfile.TemporaryDirectory() as folder:
        def start(*command):
            with open(os.path.join(folder, "log"), "a") as log:
                proxies.append(subprocess.Popen(["taskset", "-c", "0", *command], cwd=folder, stderr=log))

        def write(name, text):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
            return os.path.join(folder, name)

        try:
            start(os.path.abspath(gateway), "--config", write("config.yaml", CONFIG), "--port", str(GATEWAY_PORT))
            if "nginx" in ways:
                start("nginx", "-p", folder, "-c", write("nginx.conf", NGINX))
            for port in ways.values():
                wait_for(port)
            measure(ways)
        finally:
            for proxy in proxies:
                proxy.terminate()
                proxy.wait()
            model.terminate()


def wait_for(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
    sys.exit(f"error: nothing answers at port {port}")


if __name__ == "__main__":
    main()
