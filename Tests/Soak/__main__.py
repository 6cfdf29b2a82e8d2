"""Soaks the gateway: honest and hostile clients, models that fail, and a Redis that is killed, stopped and corrupted,
for as long as it is told, with the local cache and with Redis. Every honest answer is checked.

usage: python3 Tests/Soak [--seconds 1200] [--memory-limit 256MB] [--sanitizer] GATEWAY [PLUGIN_DIR]

Fails with one line when an answer is wrong, when a gateway ends or does not stop, when honest clients are refused, when
memory or descriptors grow, or when the log does.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import queue
import random
import subprocess
import sys
import time
from pathlib import Path

import honest
import hostile
import model
from backend import Redis, free_port
from process import KEY, Failure, Gateway, configuration

# Beyond the budget for buffered bytes, the local cache and the program itself. KB.
MEMORY_BEYOND = 64 * 1024
LOCAL_CACHE = 32 * 1024
PROGRAM = 40 * 1024


def megabytes(kilobytes: float) -> str:
    return f"{kilobytes / 1024:.0f} MB"


def work(function, results, *arguments) -> None:
    """The whole of a child process."""
    with contextlib.suppress(KeyboardInterrupt):
        results.put((function.__module__, asyncio.run(function(*arguments))))


def share_in(samples, begin: float, end: float):
    """The samples from one share of the time to another."""
    first, last = samples[0][0], samples[-1][0]
    return [x for x in samples if begin <= (x[0] - first) / max(1e-9, last - first) <= end]


def check_growth(gateway: Gateway, limit: int | None) -> None:
    peak = max(resident for _, resident, _ in gateway.samples)
    if limit is not None and peak > limit + MEMORY_BEYOND + PROGRAM + (LOCAL_CACHE if gateway.name == "local" else 0):
        raise Failure(
            f"the {gateway.name} gateway held {megabytes(peak)} at its highest; its budget is {megabytes(limit)}"
        )
    # What it holds at its quietest moments neither depends on the attack of the moment nor may it grow.
    early = min(resident for _, resident, _ in share_in(gateway.samples, 0.25, 0.5))
    late = min(resident for _, resident, _ in share_in(gateway.samples, 0.75, 1))
    if late > early + MEMORY_BEYOND:
        raise Failure(
            f"the {gateway.name} gateway's memory grows: {megabytes(early)} early on, {megabytes(late)} later"
        )


def settle(gateways: list[Gateway], before: dict[str, int]) -> None:
    """Waits until the descriptors of the load are closed: kept connections to models for a minute."""
    deadline = time.monotonic() + 150
    for gateway in gateways:
        while True:
            gateway.sample(time.monotonic())
            open_now = gateway.samples[-1][2]
            if open_now <= before[gateway.name] + 8:
                break
            if time.monotonic() > deadline:
                raise Failure(
                    f"the {gateway.name} gateway has {open_now} descriptors though all clients have left;"
                    f" it began with {before[gateway.name]}"
                )
            time.sleep(1)


def judge(report: dict[int, dict], gateways: list[Gateway]) -> None:
    for gateway in gateways:
        result = report[gateway.port]
        counts = result["counts"]
        answered = counts.get("hit", 0) + counts.get("miss", 0)
        if result["wrong"]:
            raise Failure(
                f"{counts['wrong']} wrong answers of the {gateway.name} gateway, such as {result['wrong'][0]}"
            )
        lost = counts.get("refused", 0) + counts.get("no answer", 0) + counts.get("ended", 0)
        if answered < 100 or lost > answered / 20:
            raise Failure(
                f"the {gateway.name} gateway answered {answered} honest requests and did not answer {lost}: {counts}"
            )


def soak(options, gateways: list[Gateway], redis: Redis, ports: tuple[int, int], children: list) -> None:
    context = multiprocessing.get_context("fork")
    stop, stop_model = context.Event(), context.Event()
    results = context.Queue()

    def start(function, *arguments, until=stop):
        child = context.Process(target=work, args=(function, results, *arguments, until), daemon=True)
        child.start()
        children.append(child)
        return child

    before = {}
    for gateway in gateways:
        gateway.sample(time.monotonic())
        before[gateway.name] = gateway.samples.pop()[2]
    start(model.run, ports[0], until=stop_model)
    time.sleep(0.5)
    served = [gateway.port for gateway in gateways]
    start(honest.run, served, KEY, options.honest, options.seed)
    without, only = options.without.split(","), options.only.split(",") if options.only else []
    start(hostile.run, served, KEY, options.hostile, options.seed, without, only)

    async def watch() -> dict[str, int]:
        mischief = asyncio.create_task(redis.mischief(random.Random(options.seed), stop))
        began = time.monotonic()
        told = began
        while time.monotonic() < began + options.seconds:
            await asyncio.sleep(1)
            now = time.monotonic()
            for gateway in gateways:
                gateway.sample(now)
            if now > told + 60:
                told = now
                state = ", ".join(f"{g.name} {megabytes(g.samples[-1][1])} {g.samples[-1][2]} fds" for g in gateways)
                print(f"soak: after {now - began:.0f} s: {state}", flush=True)
        stop.set()
        return await mischief

    mischief = asyncio.run(watch())
    try:
        reports = dict(results.get(timeout=120) for _ in range(2))
    except queue.Empty:
        raise Failure("the clients do not come to an end; what they said is above") from None
    print(f"soak: attacks {reports['hostile']}, redis {mischief}")
    for gateway in gateways:
        result = reports["honest"][gateway.port]
        peak = max(resident for _, resident, _ in gateway.samples)
        descriptors = max(count for _, _, count in gateway.samples)
        print(
            f"soak: {gateway.name}: {result['counts']},"
            f" p50 {result['p50'] * 1e3:.0f} ms, p99 {result['p99'] * 1e3:.0f} ms;"
            f" at most {megabytes(peak)} and {descriptors} descriptors; {gateway.log_lines} log lines", flush=True,
        )
        for loss in result["losses"][:5]:
            print(f"soak: {gateway.name}: {loss}", flush=True)
    judge(reports["honest"], gateways)
    for gateway in gateways:
        if not gateway.answers():
            raise Failure(f"the {gateway.name} gateway does not answer after the load")
        if not options.sanitizer and options.seconds >= 60:
            check_growth(gateway, options.memory_limit)
        if gateway.log_lines > 50 + 100 * (options.seconds / 60 + 1) and not options.sanitizer:
            raise Failure(f"the {gateway.name} gateway logged {gateway.log_lines} lines, the last: {gateway.tail}")
    redis.stop()
    redis.start()
    settle(gateways, before)
    stop_model.set()
    for gateway in gateways:
        gateway.stop()
        marks = ("ThreadSanitizer", "AddressSanitizer", "Fatal error", "runtime error")
        found = [line.strip() for line in gateway.lines if any(mark in line for mark in marks)]
        if found:
            raise Failure(f"the {gateway.name} gateway: {found[0]}")


def size(text: str) -> int:
    units = {"KB": 1, "MB": 1024, "GB": 1024 * 1024}
    return int(text[:-2]) * units[text[-2:].upper()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="Tests/Soak")
    parser.add_argument("gateway")
    parser.add_argument("plugins", nargs="?")
    parser.add_argument("--seconds", type=int, default=1_200)
    parser.add_argument("--memory-limit", default="256MB", help="the gateway's budget for buffered bytes")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--honest", type=int, default=6, help="honest clients of each gateway")
    parser.add_argument("--hostile", type=int, default=4, help="hostile clients of each gateway")
    parser.add_argument("--without", default="", help="attacks to leave out, by the names of their functions")
    parser.add_argument("--only", default="", help="the attacks to make, and no others")
    parser.add_argument(
        "--sanitizer", action="store_true", help="the gateway is slow and large; only its findings count"
    )
    options = parser.parse_args()
    options.gateway = str(Path(options.gateway).resolve())
    plugins = str(Path(options.plugins).resolve() if options.plugins else Path(options.gateway).parent)
    usage = subprocess.run([options.gateway, "--help"], capture_output=True, text=True, check=True).stdout
    arguments = ["--memory-limit", options.memory_limit] if "--memory-limit" in usage else []
    options.memory_limit = size(options.memory_limit) if arguments else None
    print(f"soak: {options.seconds} s with the seed {options.seed}", flush=True)
    ports = (free_port(), free_port())
    redis = Redis(free_port())
    gateways: list[Gateway] = []
    children: list = []
    try:
        redis.start()
        local = "type: local\nmax_size: 32MB\nttl: 20"
        remote = f"type: redis\nhost: 127.0.0.1\nport: {redis.port}\nttl: 20"
        for name, cache in (("local", local), ("redis", remote)):
            text = configuration(cache, *ports)
            gateways.append(Gateway(name, options.gateway, plugins, text, arguments, environment()))
        soak(options, gateways, redis, ports, children)
    except Failure as failure:
        print(f"soak: failed: {failure}", file=sys.stderr)
        for gateway in gateways:
            log = Path(f"/tmp/gateway-soak-{gateway.name}.log")
            log.write_text("".join(gateway.lines))
            print(f"soak: the end of the {gateway.name} gateway's log is in {log}", file=sys.stderr)
        return 1
    finally:
        for child in children:
            child.terminate()
        for gateway in gateways:
            gateway.kill()
        redis.stop()
    print("soak: all is well")
    return 0


def environment() -> dict[str, str]:
    """What the gateways see of the environment: what a sanitizer needs."""
    given = {name: os.environ[name] for name in ("TSAN_OPTIONS", "ASAN_OPTIONS") if name in os.environ}
    # For the gateways alone: this program and redis-server would not take it.
    if os.environ.get("GATEWAY_PRELOAD"):
        given["LD_PRELOAD"] = os.environ["GATEWAY_PRELOAD"]
    return given


if __name__ == "__main__":
    sys.exit(main())
