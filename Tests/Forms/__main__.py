"""Compares every form in which the gateway gives an answer with what the `openai` package makes of it: streams put
together, answers made streams, live followers and replays, in the manners of the usual servers. Responses and messages
are judged by the same package and by `anthropic`.

usage: python Tests/Forms [--seconds 60] [--cases N] [--seed N] [--case SEED:NUMBER] [--gateway GATEWAY] PROBE

Every case follows from the seed and its number. At the first deviation that `explained.py` does not explain it reports
the case, what the server sent, what the client gets and what the package says, and fails.
"""

import argparse
import asyncio
import itertools
import multiprocessing
import os
import queue
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "Soak"))

import families
import live
import prepared
import shrinking
from cases import KINDS, RECORDINGS, Case, case, kind_of
from checks import BY_STATE, Checker, Deviation
from explained import FROM_ANSWER, FROM_STREAM
from probe import Probe, ProbeEnded

BATCH = 200
LIVE_KINDS = {
    "scenarios": "times several clients asked the gateway the same, whose answers were",
    "followers": "followers' of another's call",
    "replays": "replays",
    "own calls": "calls' of their own",
    "batches": "batches of embeddings",
}


def outcome_of(probe: Probe, checker: Checker, one: Case) -> Deviation | None:
    try:
        checker.check(one, probe.ask([(one.form, one.cuts, one.data)])[0])
    except ProbeEnded as ended:
        return Deviation(str(ended))
    except Deviation as deviation:
        return deviation
    except Exception as error:  # noqa: BLE001 (reported as a deviation)
        return Deviation(f"the fuzzer itself fails: {error!r}", where=traceback.format_exc())
    return None


def report(probe: Probe, one: Case, deviation: Deviation) -> str:
    """All that there is to know about a deviation."""
    form = "a stream" if one.is_stream else "an answer in one piece"
    lines = [
        f"forms: deviation in case {one.name}: {one.server}, {form}",
        deviation.what,
        f"the server sent: {one.data!r}",
    ]
    lines += [f"{name.replace('_', ' ')}: {value}" for name, value in deviation.shown.items()]

    def deviates(data: bytes) -> bool:
        small = Case(one.name, one.server, one.form, data, [])
        try:
            found = outcome_of(probe, Checker(), small)
        except Exception:  # noqa: BLE001 (then it deviates otherwise)
            return False
        return found is not None and found.sort == deviation.sort

    if one.form in families.FORMS:
        # What the model said would be another with a smaller case.
        return "\n".join([*lines, f"again: make fuzz-forms CASE={one.name}"])
    small = shrinking.shrunk(one.data, one.is_stream, deviates)
    if small != one.data and deviates(small):
        found = outcome_of(probe, Checker(), Case(one.name, one.server, one.form, small, []))
        lines += ["made as small as it can be:", small.decode(), found.what]
    lines.append(f"again: make fuzz-forms CASE={one.name}")
    return "\n".join(lines)


def work(options, share: int, results, stop) -> None:
    """The whole of a child process: every so manieth batch."""
    probe, checker = Probe(options.probe), Checker()
    counts: dict[str, int] = {}
    found: list[tuple[str, str]] = []
    sorts: dict[str, int] = {}
    batch = share
    try:
        while not stop.is_set() and (options.cases is None or batch * BATCH < options.cases):
            ones = [case(options.seed, batch * BATCH + at) for at in range(BATCH)]
            try:
                outcomes = probe.ask([(one.form, one.cuts, one.data) for one in ones])
            except ProbeEnded:
                outcomes = None
            for at, one in enumerate(ones):
                number = batch * BATCH + at
                kind = "recording" if number < len(RECORDINGS) else kind_of(number)
                try:
                    if outcomes is None:
                        deviation = outcome_of(probe, checker, one)
                    else:
                        deviation = None
                        checker.check(one, outcomes[at])
                except Deviation as deviates:
                    deviation = deviates
                except Exception as error:  # noqa: BLE001 (reported as a deviation)
                    deviation = Deviation(f"the fuzzer itself fails: {error!r}", where=traceback.format_exc())
                counts[kind] = counts.get(kind, 0) + 1
                if deviation is not None:
                    sorts[deviation.sort] = sorts.get(deviation.sort, 0) + 1
                    if sorts[deviation.sort] == 1:
                        found.append((deviation.sort, report(probe, one, deviation)))
                    if not options.all:
                        stop.set()
                        break
            batch += options.workers
    except KeyboardInterrupt:
        pass
    finally:
        probe.close()
        results.put((counts, checker.explained, sorts, found))


def work_live(options, results, stop) -> None:
    """The whole of the child process that asks the gateway itself."""
    plugins = str(Path(options.gateway).parent)
    try:
        results.put(
            asyncio.run(live.run(options.gateway, plugins, options.seed, itertools.count(), stop.is_set, options.all))
        )
    except KeyboardInterrupt:
        pass
    except BaseException:  # noqa: BLE001 (reported by the parent)
        results.put(({}, {}, {"the fuzzer itself fails": 1}, [("the fuzzer itself fails", traceback.format_exc())]))


def one_case(options) -> int:
    seed, _, number = options.case.partition(":")
    probe, checker = Probe(options.probe), Checker()
    one = case(int(seed), int(number))
    # The share of cases that the package's state judges has this one as well.
    checker.checked = BY_STATE - 1
    deviation = outcome_of(probe, checker, one)
    if deviation is None:
        print(f"forms: case {options.case}: {one.server}: as the package has it")
    else:
        print(report(probe, one, deviation), file=sys.stderr)
    probe.close()
    return 0 if deviation is None else 1


def one_scenario(options) -> int:
    """One scenario many times over, for what it shows may depend on time."""
    seed, _, number = options.case.split(":")
    plugins = str(Path(options.gateway).parent)
    for _ in range(options.times):
        *_, found = asyncio.run(
            live.run(options.gateway, plugins, int(seed), iter([int(number)]), lambda: False, False)
        )
        if found:
            print(found[0][1], file=sys.stderr)
            return 1
    print(f"forms: case {options.case}: {options.times} times as the package has it")
    return 0


class Totals:
    """What all the processes have to say."""

    def __init__(self):
        self.counts: dict[str, int] = {}
        self.explained: dict[str, int] = {}
        self.sorts: dict[str, int] = {}
        self.reports: dict[str, str] = {}

    def add(self, counts, explained, sorts, reports) -> None:
        for total, part in ((self.counts, counts), (self.explained, explained), (self.sorts, sorts)):
            for name, count in part.items():
                total[name] = total.get(name, 0) + count
        self.reports = dict(reports) | self.reports

    def tell(self, seconds: float) -> None:
        for kind, name in (KINDS | LIVE_KINDS).items():
            if self.counts.get(kind):
                print(f"forms: {self.counts[kind]:9} {name}")
        print(f"forms: {self.cases} cases in {seconds:.0f} s; the explained differences:")
        reasons = {entry.name: entry.reason for entry in (*FROM_STREAM, *FROM_ANSWER)} | prepared.REASONS
        for name, count in sorted(self.explained.items(), key=lambda entry: -entry[1]):
            print(f"forms: {count:9} {name}: {reasons.get(name, '')}".rstrip(": "))
        sys.stdout.flush()
        for text in self.reports.values():
            print(text, file=sys.stderr)
        for sort, count in sorted(self.sorts.items(), key=lambda entry: -entry[1]):
            print(f"forms: {count} times: {sort}", file=sys.stderr)

    @property
    def cases(self) -> int:
        return sum(self.counts.get(kind, 0) for kind in (*KINDS, "followers", "replays", "own calls", "batches"))


def fuzz(options) -> Totals:
    context = multiprocessing.get_context("fork")
    results, stop = context.Queue(), context.Event()
    children = [
        context.Process(target=work, args=(options, share, results, stop), daemon=True)
        for share in range(options.workers)
    ]
    if options.gateway:
        children.append(context.Process(target=work_live, args=(options, results, stop), daemon=True))
    for child in children:
        child.start()
    totals, pending, began = Totals(), len(children), time.monotonic()
    end = began + options.seconds if options.cases is None else float("inf")
    while pending:
        try:
            totals.add(*results.get(timeout=0.1))
            pending -= 1
        except queue.Empty:
            if time.monotonic() > end + 120:
                totals.add({}, {}, {}, [("the fuzzer itself fails", "forms: a process does not come to its end")])
                break
        # The process that asks the gateway goes on for as long as the others do.
        has_failed = bool(totals.reports) and not options.all
        has_others = not options.workers or pending > len(children) - options.workers
        if time.monotonic() > end or has_failed or not has_others:
            stop.set()
    for child in children:
        child.join(5)
        child.terminate()
    totals.tell(time.monotonic() - began)
    return totals


def main() -> int:
    parser = argparse.ArgumentParser(prog="Tests/Forms")
    parser.add_argument("probe")
    parser.add_argument("--gateway", help="for followers and replays, by HTTP")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cases", type=int, help="so many without HTTP, however long it takes")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--case", help="this one alone")
    parser.add_argument("--times", type=int, default=10, help="how often a case with followers is tried")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true", help="go on after a deviation, and report one of each sort")
    options = parser.parse_args()
    options.probe = str(Path(options.probe).resolve())
    if options.gateway:
        options.gateway = str(Path(options.gateway).resolve())
    if options.case:
        return one_scenario(options) if ":live:" in options.case else one_case(options)
    length = f"{options.cases} cases" if options.cases else f"{options.seconds:.0f} s"
    print(f"forms: {length} with the seed {options.seed}", flush=True)
    totals = fuzz(options)
    if totals.reports:
        print(f"forms: failed, with the seed {options.seed}: there are unexplained deviations", file=sys.stderr)
        return 1
    print(f"forms: all is well: {totals.cases} cases, no unexplained deviation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
