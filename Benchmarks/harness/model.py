"""The model behind everybody: an nginx of its own with canned answers."""

import json
import os
import re
import urllib.request

from .questions import MODEL

PORT = 9811
ADDRESS = f"http://127.0.0.1:{PORT}"

SMALL = (
    '{"id":"chatcmpl-abc123","object":"chat.completion","created":1700000000,"model":"gpt-3.5-turbo-0125","choices":['
    '{"index":0,"message":{"role":"assistant","content":"Here is a poem about the gateway, which caches every response '
    'that it can, and answers in microseconds."},"logprobs":null,"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37},"system_fingerprint":null}'
)


def answer(size):
    """A chat completion of about `size` bytes."""
    words = "and then it says \\\"here is more of the poem\\\", with a line\\n of its own; "
    more = (words * (size // len(words) + 1))[: max(0, size - len(SMALL))].rstrip("\\")
    return SMALL.replace("in microseconds.", "in microseconds. " + more)


def embeddings(count):
    def vector(index):
        return [round((index * 7 + n * 13) % 1000 / 1e3 - 0.5, 6) for n in range(256)]

    answer = {
        "object": "list",
        "model": "text-embedding-ada-002",
        "data": [{"object": "embedding", "index": index, "embedding": vector(index)} for index in range(count)],
        "usage": {"prompt_tokens": count * 3, "total_tokens": count * 3},
    }
    return json.dumps(answer, separators=(",", ":"))


def stream(words=64):
    def chunk(delta, finish="null"):
        return (
            'data: {"id":"chatcmpl-abc123","object":"chat.completion.chunk","created":1700000000,'
            f'"model":"gpt-3.5-turbo-0125","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}\n\n'
        )

    deltas = [chunk(f'{{"content":" word {number}"}}') for number in range(words)]
    return chunk('{"role":"assistant","content":""}') + "".join(deltas) + chunk("{}", '"stop"') + "data: [DONE]\n\n"


ANSWERS = {
    "s400": ("application/json", SMALL),
    "s4k": ("application/json", answer(4 * 1024)),
    "s64k": ("application/json", answer(64 * 1024)),
    "e1": ("application/json", embeddings(1)),
    "e50": ("application/json", embeddings(50)),
    "e100": ("application/json", embeddings(100)),
    "stream": ("text/event-stream", stream()),
}


def model_name(answer):
    """What the gateway calls the model with such an answer."""
    return MODEL if answer == "s400" else f"model-{answer}"


def start(servers, core):
    place = servers.place("model")
    locations = ""
    for name, (kind, text) in ANSWERS.items():
        with open(os.path.join(place, name), "w") as file:
            file.write(text)
        if name == "s400":
            locations += f"location /{name}/ {{ default_type {kind}; return 200 '{text}'; }}\n"
        else:
            # A file is not served to a POST but by this detour.
            locations += (f"location /{name}/ {{ error_page 405 =200 /files/{name}; return 405; }}\n"
                          f"location /files/{name} {{ internal; default_type {kind}; alias {place}/{name}; }}\n")
    with open(os.path.join(place, "nginx.conf"), "w") as file:
        file.write(f"""worker_processes 1; daemon off; pid nginx.pid; error_log error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; open_file_cache max=100; client_max_body_size 10m; client_body_buffer_size 1m;
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{PORT};
    location = /status {{ stub_status; }}
    {locations}
  }}
}}
""")
    servers.start("model", ["nginx", "-p", place, "-c", "nginx.conf"], core)
    servers.await_port("model", PORT)


def requests():
    """How many requests the model has answered, this one included."""
    with urllib.request.urlopen(f"{ADDRESS}/status", timeout=10) as answer:
        return int(re.search(r"\n *\d+ \d+ (\d+)", answer.read().decode())[1])
