"""A gateway under watch."""

import os
import signal
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

KEY = "sk-soak"


class Failure(Exception):
    """Why the soak fails, in one line."""


def configuration(cache: str, model: int, dead: int) -> str:
    def deployment(name: str, behaviour: str, port: int = model) -> str:
        return (
            f"  - model_name: {name}\n    litellm_params: "
            f"{{model: openai/{name}, api_base: \"http://127.0.0.1:{port}/{behaviour}/v1\", api_key: sk-model}}\n"
        )

    return (
        "model_list:\n"
        + deployment("good", "good") + deployment("embed", "good") + deployment("slow", "slow")
        + deployment("flaky", "flaky") + deployment("flaky", "good") + deployment("endless", "endless")
        + deployment("dead", "dead", dead)
        + "litellm_settings:\n  request_timeout: 20\n  num_retries: 1\n  cache: True\n  cache_params:\n"
        + "".join(f"    {line}\n" for line in cache.splitlines())
        + f"general_settings: {{master_key: {KEY}}}\n"
    )


class Gateway:
    def __init__(
        self, name: str, binary: str, plugins: str, text: str, arguments: list[str], environment: dict[str, str]
    ):
        self.name = name
        self.directory = tempfile.TemporaryDirectory(prefix="gateway-soak-")
        file = Path(self.directory.name, "config.yaml")
        file.write_text(text)
        self.lines: list[str] = []
        self.log_lines = 0
        self.port = 0
        self.is_up = threading.Event()
        self.samples: list[tuple[float, int, int]] = []
        self.process = subprocess.Popen(
            [binary, "--config", str(file), "--port", "0", "--plugin-dir", plugins, *arguments],
            cwd=self.directory.name, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", ""), **environment}, text=True, errors="replace",
        )
        self.reading = threading.Thread(target=self.read_log, daemon=True)
        self.reading.start()
        if not self.is_up.wait(60):
            raise Failure(f"the {name} gateway did not start: {self.tail}")

    def read_log(self) -> None:
        for line in self.process.stderr:
            self.log_lines += 1
            self.lines.append(line)
            # Enough for what a sanitizer reports.
            del self.lines[:-5_000]
            if "listening on http" in line:
                self.port = int(line.rsplit(":", 1)[1].split('"')[0])
                self.is_up.set()
        self.is_up.set()

    @property
    def tail(self) -> str:
        return " | ".join(line.strip() for line in self.lines[-5:])

    def check_alive(self) -> None:
        status = self.process.poll()
        if status is not None:
            raise Failure(f"the {self.name} gateway ended by itself with {status}: {self.tail}")

    def sample(self, now: float) -> None:
        """Notes how much memory it holds, in KB, and how many descriptors."""
        self.check_alive()
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        self.samples.append((now, resident, len(os.listdir(f"/proc/{self.process.pid}/fd"))))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/liveliness", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"the {self.name} gateway did not stop within 60 s of SIGTERM") from None
        self.reading.join(10)
        if status != 0:
            raise Failure(f"the {self.name} gateway stopped with {status}: {self.tail}")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
