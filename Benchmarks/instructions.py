#!/usr/bin/env python3
"""usage: instructions.py [--write] [GATEWAY]

Counts the instructions that the gateway executes for a request, under callgrind: for a hit in its own memory, for one
whose entry is sealed, for a miss that is stored, and for a request passed on without a cache, all of them without
metrics; and what metrics and the access log add to a hit and to a miss. Counts do not drift with the machine as times
do. Each is compared with Benchmarks/instructions.json, and one that has grown by more than 5 % fails, as does a hit for
which metrics cost more than 2 %. `--write` makes the counts of this run the ones to compare with.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile

from harness import model, questions
from harness.contestants import Field
from harness.servers import Failure, Servers

HERE = os.path.dirname(os.path.abspath(__file__))
BASELINE = os.path.join(HERE, "instructions.json")
TOLERANCE = 0.05
#: What a case may cost more than another one of the same run.
SURCHARGES = {"local hit with metrics": ("local hit", 0.02)}
WARM_UP, REQUESTS = 300, 1_000
PORT = 9819
#: What libraries choose by the processor, they choose alike everywhere.
PLAIN = {"OPENSSL_ia32cap": "0:0", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-ERMS"}
#: The same, but with AES and carry-less multiplication, without which nobody would seal entries: bits 57 and 33,
#: SSSE3 (41), and what every processor of ours has (SSE2, SSE, FXSR).
SEALING = {**PLAIN, "OPENSSL_ia32cap": hex(sum(1 << bit for bit in (57, 41, 33, 26, 25, 24))) + ":0"}
ENTRY_KEY = "0123456789abcdef" * 4


class Client:
    """Requests one after the other on one connection."""

    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", port), 60)
        self.count = 0

    def ask(self, is_fresh):
        self.count += 1
        text = questions.chat(200)
        if is_fresh:
            text = text.replace("litellm!", f"litellm! {self.count:08d}")
        self.connection.sendall(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nContent-Type: application/json\r\n"
            f"User-Agent: OpenAI/Python\r\nAuthorization: Bearer sk-client\r\nContent-Length: {len(text)}\r\n\r\n{text}"
            .encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.received()
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise Failure(f"not answered: {head.decode(errors='replace')}")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
        while len(body) < length:
            body += self.received()
        return head

    def received(self):
        piece = self.connection.recv(65536)
        if not piece:
            raise Failure("the gateway closed the connection")
        return piece


class Callgrind:
    """The gateway under callgrind, on one core, so that it has one event loop."""

    def __init__(self, servers, field, name, cache, processor=PLAIN, arguments=(), metrics=False):
        self.servers, self.name = servers, name
        self.out = os.path.join(servers.place(name), "callgrind.out")
        servers.start(name, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.out}",
                             *field.gateway_command(name, PORT, cache, general={"metrics": metrics}), *arguments],
                      0, processor)
        servers.await_port(name, PORT, 120)
        self.dumps = 0
        self.client = Client(PORT)

    def count(self, is_fresh, says):
        """Instructions of a request, of many."""
        for _ in range(WARM_UP):
            head = self.client.ask(is_fresh)
        if says.encode() not in head.lower():
            raise Failure(f"the answer does not say {says!r}: {head.decode()}")
        self.dump()
        for _ in range(REQUESTS):
            self.client.ask(is_fresh)
        return round(self.dump() / REQUESTS)

    def dump(self):
        """What was counted since the last time."""
        pid = self.servers.running[self.name].pid
        done = subprocess.run(["callgrind_control", "--dump", str(pid)], capture_output=True, text=True, check=False)
        self.dumps += 1
        try:
            with open(f"{self.out}.{self.dumps}") as file:
                return int(re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M)[1])
        except (FileNotFoundError, TypeError):
            raise Failure(f"callgrind wrote no figures: {(done.stdout + done.stderr).strip()}") from None

    def stop(self):
        self.client.connection.close()
        self.servers.stop(self.name)


def stripped(gateway, folder):
    """A copy without debug information, which callgrind does not understand; its functions keep their names."""
    os.makedirs(folder)
    for name in (os.path.basename(gateway), "libgateway-cache-local.so"):
        source = os.path.join(os.path.dirname(gateway), name)
        subprocess.run(["strip", "--strip-debug", "-o", os.path.join(folder, name), source], check=True)
    return os.path.join(folder, os.path.basename(gateway))


def counts(gateway):
    found = {}
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        os.chmod(folder, 0o755)
        servers = Servers(folder)
        gateway = stripped(gateway, os.path.join(folder, "stripped"))
        try:
            model.start(servers, 1 if (os.cpu_count() or 1) > 1 else 0)
            field = Field(servers, gateway, os.path.dirname(gateway), "", 0, False)
            local, hit, miss = {"type": "local"}, (False, "gateway; hit"), (True, "fwd=miss; stored")
            log = ("--access-log", os.path.join(folder, "access.log"))
            for name, cache, processor, more, cases in (
                ("cached", local, PLAIN, {}, {"local hit": hit, "miss": miss}),
                ("uncached", None, PLAIN, {}, {"passed on": (True, "http/1.1 200")}),
                ("sealed", {**local, "entry_keys": [ENTRY_KEY]}, SEALING, {}, {"sealed hit": hit}),
                ("measured", local, PLAIN, {"metrics": True},
                 {"local hit with metrics": hit, "miss with metrics": miss}),
                ("logged", local, PLAIN, {"arguments": log},
                 {"local hit with an access log": hit, "miss with an access log": miss}),
            ):
                callgrind = Callgrind(servers, field, name, cache, processor, **more)
                for case, (is_fresh, says) in cases.items():
                    found[case] = callgrind.count(is_fresh, says)
                    print(f"{case}: {found[case]:,} instructions a request", flush=True)
                callgrind.stop()
        finally:
            servers.stop_all()
    return found


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__)
    gateway = os.path.abspath(arguments[0] if arguments else os.path.join(HERE, "../.build/release/gateway"))
    if not os.access(gateway, os.X_OK):
        sys.exit(f"error: there is no gateway at {gateway}; 'make build' builds it")
    try:
        found = counts(gateway)
    except Failure as error:
        sys.exit(f"error: {error}")
    dear = []
    for case, (other, allowed) in SURCHARGES.items():
        share = found[case] / found[other] - 1
        print(f"{case}: {share * 100:+.1f} % against {other}, of which {allowed * 100:.0f} % are allowed")
        if share > allowed:
            dear.append(f"{case} costs {share * 100:.1f} % more than {other}")
    if dear:
        sys.exit("error: " + "; ".join(dear))
    if "--write" in sys.argv:
        with open(BASELINE, "w") as file:
            json.dump(found, file, indent=2)
            file.write("\n")
        return
    with open(BASELINE) as file:
        baseline = json.load(file)
    grown = []
    for case, count in found.items():
        before = baseline.get(case)
        if before is None:
            sys.exit(f"error: {BASELINE} says nothing of {case!r}; 'make bench-instructions WRITE=1' writes it")
        print(f"{case}: {(count / before - 1) * 100:+.1f} % against {before:,}")
        if count > before * (1 + TOLERANCE):
            grown.append(f"{case} takes {count:,} instructions a request, {before:,} before")
    if grown:
        sys.exit("error: more than 5 % more: " + "; ".join(grown)
                 + ". Find out where with callgrind_annotate, or, if it is worth it, 'make bench-instructions WRITE=1'")


if __name__ == "__main__":
    main()
