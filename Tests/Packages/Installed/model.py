"""A model that answers slowly, and clients that look closely."""

import http.client
import http.server
import json
import threading
import time

PIECES = 60


class SlowModel(http.server.BaseHTTPRequestHandler):
    """Streams PIECES pieces, ten a second."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(PIECES):
            ending = "stop" if number == PIECES - 1 else None
            choice = {"index": 0, "delta": {"content": f" {number}"}, "finish_reason": ending}
            self._event(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}))
            time.sleep(0.1)
        self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def slow_model() -> int:
    """Starts a model, and returns its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowModel)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def ask(model: str, text: str = "Hello?", key: str | None = None, stream: bool = False) -> http.client.HTTPResponse:
    """Asks the service on a connection of its own. The caller reads the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=60)
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}], "stream": stream})
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    connection.request("POST", "/v1/chat/completions", body, headers)
    return connection.getresponse()


def answer(model: str, text: str = "Hello?", key: str | None = None) -> tuple[int, str, str]:
    """The status of the answer, its Cache-Status and its body."""
    response = ask(model, text, key)
    return response.status, response.getheader("Cache-Status", ""), response.read().decode()


class Stream(threading.Thread):
    """A client of a stream. `whole` says whether it got all of it."""

    def __init__(self, text: str, key: str) -> None:
        super().__init__(daemon=True)
        self.text, self.key = text, key
        self.begun = threading.Event()
        self.received = ""
        self.start()

    def run(self) -> None:
        response = ask("slow", self.text, self.key, stream=True)
        while line := response.readline():
            self.received += line.decode()
            self.begun.set()

    @property
    def whole(self) -> bool:
        return f'" {PIECES - 1}"' in self.received and self.received.rstrip().endswith("data: [DONE]")


class Load(threading.Thread):
    """A client that asks on a new connection each time, one request after the other, and counts what fails."""

    def __init__(self, key: str) -> None:
        super().__init__(daemon=True)
        self.key = key
        self.answered, self.failures = 0, []
        self.longest = 0.0
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                status, _, body = answer("hello", "Hello?", self.key)
                if status != 200:
                    self.failures.append(f"{status}: {body}")
            except OSError as error:
                self.failures.append(repr(error))
            except http.client.HTTPException as error:
                self.failures.append(repr(error))
            self.answered += 1
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.01)

    def end(self) -> None:
        self._ended.set()
        self.join()
