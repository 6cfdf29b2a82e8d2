"""Tests the cache's controls against a reference model of docs/caching.md: sequences of requests, made by chance, of
which the reference model says what clients and models see.

usage: python3 Tests/Controls [--seconds 60] [--seed N] [--only N] [--probe FILE --cases N] GATEWAY [PLUGIN_DIR]

The specification is in controls.py, freshness.py, calls.py and reference.py. Fails with one report when a gateway
deviates from it: what was asked so far, what was expected and seen, and how to run that sequence alone.
"""

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections import Counter
from pathlib import Path

import exact
import gateways
from client import Clients
from gateways import Failure, Gateway, Redis, free_port
from pace import Pace
from sequence import Deviation, Sequence
from server import ModelServer

# The share of requests that may come too near to a limit to be judged.
MOST_UNCLEAR = 0.05


class Drive:
    """Many sequences at the same time, since each spends most of its time with waiting for entries to age."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.server = ModelServer()
        self.pace = Pace()
        self.counts: Counter[str] = Counter()
        self.deviations: list[str] = []
        self.clients: list[Clients] = []

    async def run(self, ports: list[int]) -> None:
        self.clients = [Clients(port) for port in ports]
        beside = [asyncio.create_task(self.pace.run(ports)), asyncio.create_task(self.tell())]
        end = time.monotonic() + self.options.seconds
        if self.options.only is not None:
            await self.one(self.options.only)
        else:
            indexes = itertools.count()
            await asyncio.gather(*(self.work(indexes, end, delay / 100) for delay in range(self.options.parallel)))
        for task in beside:
            task.cancel()
        if self.server.strays and not self.deviations:
            self.deviate(f"the model is called when nobody waits for it: {self.server.strays[:5]}")
        for clients in self.clients:
            clients.close()

    async def work(self, indexes, end: float, delay: float) -> None:
        # Not all at once, so that the load is even.
        await asyncio.sleep(min(delay, self.options.seconds / 4))
        while time.monotonic() < end and len(self.deviations) < self.options.deviations:
            await self.one(next(indexes))

    async def one(self, index: int) -> None:
        number = index % len(gateways.ALL)
        configuration, clients = gateways.ALL[number], self.clients[number]
        sequence = Sequence(self.options.seed, index, configuration, clients, self.server, self.pace)
        try:
            await sequence.run()
        except Deviation as deviation:
            self.deviate(self.report(sequence, deviation))
        self.counts += sequence.counts
        self.counts["sequences"] += 1
        self.counts[f"gateway: {sequence.configuration.name}"] += sequence.counts["requests"]
        self.counts[f"requests: {sequence.call_type}"] += sequence.counts["requests"]
        if self.options.only is not None:
            print("\n".join(sequence.log))

    def deviate(self, report: str) -> None:
        # Sequences that are in progress when enough is known go on to their ends.
        if len(self.deviations) >= self.options.deviations:
            return
        self.deviations.append(report)
        print(f"controls: {report}", file=sys.stderr, flush=True)

    async def tell(self) -> None:
        """How far it has come, once a minute."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(60)
            passed = time.monotonic() - began
            print(f"controls: after {passed:.0f} s: {self.counts['requests']} requests", flush=True)

    def report(self, sequence: Sequence, deviation: Deviation) -> str:
        options = self.options
        lines = [
            f"deviation in sequence {sequence.index} of the seed {options.seed}, '{sequence.configuration.name}':",
            str(deviation),
            *("  " + line for line in sequence.configuration.lines),
            *("  " + line for line in sequence.log),
            f"again: python3 Tests/Controls --seed {options.seed} --only {sequence.index} {options.gateway}",
        ]
        return "\n".join(lines)


async def drive(options: argparse.Namespace) -> Drive:
    drive = Drive(options)
    port = await drive.server.start()
    plugins = str(Path(options.plugins).resolve() if options.plugins else Path(options.gateway).parent)
    redis = Redis(free_port())
    started: list[Gateway] = []
    try:
        redis.start()
        for configuration in gateways.ALL:
            text = configuration.text(port, redis.port)
            started.append(await asyncio.to_thread(Gateway, configuration.name, options.gateway, plugins, text, [], {}))
        await drive.run([gateway.port for gateway in started])
        for gateway in started:
            await asyncio.to_thread(gateway.stop)
    finally:
        for gateway in started:
            gateway.kill()
        redis.stop()
    return drive


def main() -> int:
    parser = argparse.ArgumentParser(prog="Tests/Controls")
    parser.add_argument("gateway")
    parser.add_argument("plugins", nargs="?")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--only", type=int, help="the one sequence to run")
    parser.add_argument("--parallel", type=int, default=250, help="sequences at a time")
    parser.add_argument("--deviations", type=int, default=1, help="how many to report before it ends")
    parser.add_argument("--probe", help="the program of Tests/ControlsProbe, for cases to the millisecond")
    parser.add_argument("--cases", type=int, default=100_000, help="how many of these")
    options = parser.parse_args()
    options.gateway = str(Path(options.gateway).resolve())
    print(f"controls: {options.seconds} s with the seed {options.seed}", flush=True)
    began = time.monotonic()
    try:
        result = asyncio.run(drive(options))
    except Failure as failure:
        print(f"controls: failed: {failure}", file=sys.stderr)
        return 1
    counts = result.counts
    if options.probe and options.only is None and not result.deviations:
        for deviation in exact.compare(options.probe, options.seed, options.cases, counts):
            result.deviate(deviation)
    for name, count in sorted(counts.items()):
        print(f"controls: {count:9} {name}")
    if result.deviations:
        print(f"controls: failed: {len(result.deviations)} deviations", file=sys.stderr)
        return 1
    if options.only is None and counts["unclear"] > counts["requests"] * MOST_UNCLEAR:
        print("controls: failed: the machine is too slow for so many sequences; see --parallel", file=sys.stderr)
        return 1
    print(
        f"controls: all is well: {counts['requests']} requests and {counts['exact cases']} exact cases"
        f" in {time.monotonic() - began:.0f} s, none of which deviates"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
