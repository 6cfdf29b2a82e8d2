"""wrk against one contestant, and what the kernel says of it meanwhile."""

import re
import subprocess
import tempfile
from dataclasses import asdict, dataclass

from . import machine


@dataclass
class Sample:
    """What one round of one contestant gave."""

    cpu_us: float
    requests_per_second: float
    p50_us: float
    p99_us: float
    resident_mb: float
    requests: int
    failure: str | None = None

    def as_json(self):
        return asdict(self)


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}[unit]


def percentile(text, percent):
    """Of wrk's latency distribution; its other tables have percentages too."""
    return microseconds(re.search(rf"^\s+{percent}%\s+(\S+)$", text, re.M)[1])


class Load:
    """wrk, on the core of the load."""

    def __init__(self, folder, core, seconds):
        self.folder, self.core, self.seconds = folder, core, seconds

    def run(self, url, script, pid, connections=64, cores=None):
        """`cores`: those of the load, a thread on each, where it is not the usual one."""
        with tempfile.NamedTemporaryFile("w", dir=self.folder, suffix=".lua", delete=False) as file:
            file.write(script)
        before = machine.cpu_seconds(pid)
        threads = len((cores or "0").split(","))
        command = ["taskset", "-c", cores or str(self.core)]
        command += ["wrk", f"-t{threads}", f"-c{connections}", f"-d{self.seconds}s", "--timeout", "10s", "--latency"]
        done = subprocess.run([*command, "-s", file.name, url], capture_output=True, text=True, check=False)
        spent = machine.cpu_seconds(pid) - before
        text = done.stdout
        requests = int((re.search(r"(\d+) requests in", text) or [0, 0])[1])
        if done.returncode != 0 or requests == 0:
            words = (done.stderr.strip() or "no request was answered").splitlines()[-1]
            return Sample(0, 0, 0, 0, machine.resident_megabytes(pid), 0, words)
        failure = re.search(r"(Non-2xx or 3xx responses: \d+|Socket errors: .*)", text)
        return Sample(
            cpu_us=spent * 1e6 / requests,
            requests_per_second=float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            p50_us=percentile(text, 50),
            p99_us=percentile(text, 99),
            resident_mb=machine.resident_megabytes(pid),
            requests=requests,
            failure=failure[1].strip() if failure else None,
        )
