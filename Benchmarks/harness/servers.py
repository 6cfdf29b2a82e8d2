"""Servers that are started for a run and stopped with it."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request


class Failure(Exception):
    """What went wrong, in a sentence."""


class Servers:
    """Each in a folder of its own, on the cores it is given."""

    def __init__(self, folder):
        self.folder, self.running = folder, {}

    def place(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        return path

    def start(self, name, command, core, environment=None):
        """Starts a server; the process is known by its name."""
        place = self.place(name)
        # The server inherits it.
        many_files()
        with open(os.path.join(place, "log"), "w") as log:
            self.running[name] = subprocess.Popen(
                ["taskset", "-c", str(core), *command], cwd=place, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})}, start_new_session=True)
        return self.running[name].pid

    def stop(self, name):
        process = self.running.pop(name, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.stop(name)

    def require_free(self, port):
        """Fails where somebody listens already: it would be measured in place of who is meant."""
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        raise Failure(f"port {port} is taken by another program")

    def await_port(self, name, port, seconds=60):
        """Waits until something listens; fails with the server's own last words."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            process = self.running.get(name)
            if process is not None and process.poll() is not None:
                break
            try:
                return socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
        raise Failure(f"{name} does not listen on port {port}: {self.last_words(name)}")

    def last_words(self, name):
        for file in ("log", "error.log"):
            try:
                with open(os.path.join(self.place(name), file)) as log:
                    lines = [line.strip() for line in log if line.strip()]
                if lines:
                    return lines[-1][:300]
            except FileNotFoundError:
                continue
        return "it has said nothing"


def many_files():
    """Room for ten thousand connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def ask(url, body=None, headers=None, seconds=60):
    """One request: status, headers in lower case, body."""
    request = urllib.request.Request(
        url, data=None if body is None else body.encode(),
        headers={"Content-Type": "application/json", **(headers or {})}, method="GET" if body is None else "POST")
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()
    except OSError as error:
        return 0, {}, str(error).encode()
