"""Drives a gateway through a sequence of requests, and compares the results with the reference model."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from client import Clients
from expectation import Seen, differences
from gateways import Configuration
from generate import Generator
from pace import Pace
from reference import Reference, Unclear
from request import Call, Request, Visit
from server import ModelServer, Script

STEPS = 12
# Seconds after which an answer or a call that is expected does not come any more.
DEADLINE = 12.0
CALL_DEADLINE = 2.0


class Deviation(Exception):
    """The gateway did something else than the reference model."""


@dataclass
class Run:
    """One request on its way."""

    request: Request
    script: Script
    task: asyncio.Task
    began: float
    # The latest time at which it may have been looked up, and that at which nothing of it was waited for any more.
    until: float = 0.0
    waited: float = 0.0
    ended: float = 0.0
    visit: Visit | None = None
    has_left: bool = False


@dataclass
class Step:
    at: float
    runs: list[Run] = field(default_factory=list)
    called: dict[str, Call] = field(default_factory=dict)
    is_judged: bool = False


class Sequence:
    def __init__(
        self, seed: int, index: int, configuration: Configuration, clients: Clients, server: ModelServer, pace: Pace,
    ):
        self.seed, self.index, self.configuration = seed, index, configuration
        self.clients, self.server, self.pace = clients, server, pace
        self.reference = Reference(configuration.settings)
        chance = random.Random(f"{seed}/{index}")
        self.call_type = chance.choices(("completion", "text_completion", "embedding"), (60, 12, 28))[0]
        # Of one length, so that embeddings share their usage evenly.
        self.questions = [f"{seed}-{index}-{name}" for name in ("one", "two", "six")[: 3 if self.is_embedding else 2]]
        self.counts: Counter[str] = Counter()
        self.log: list[str] = []
        # The key that the gateway reported for each of the reference model's.
        self.keys: dict[tuple, str] = {}
        self.start = 0.0

    @property
    def is_embedding(self) -> bool:
        return self.call_type == "embedding"

    async def run(self) -> None:
        self.start = time.time()
        try:
            for number in range(STEPS):
                await self.step(number)
        except Unclear as unclear:
            # The machine was too slow for what was planned. What the cache holds is not known any more.
            self.counts["unclear"] += 1
            self.log.append(f"unclear: {unclear}")

    async def step(self, number: int) -> None:
        generator = Generator(
            random.Random(f"{self.seed}/{self.index}/{number}"), self.reference, self.call_type, self.questions
        )
        await asyncio.sleep(generator.pause(time.time()))
        requests = generator.requests(f"{self.seed}-{self.index}-{number}")
        step = Step(time.time() - self.start)
        try:
            await self.send(step, requests)
            await self.predict(step)
            await self.settle(step)
            self.judge(step)
        except Deviation as deviation:
            if self.pace.is_slow(since=self.start + step.at):
                raise Unclear(f"the machine was slow, and {deviation}") from None
            raise
        finally:
            self.tell(step)
            await self.clean_up(step)

    # Requests and calls

    async def send(self, step: Step, requests: list[Request]) -> None:
        is_held = len(requests) > 1 or any(request.leaves for request in requests)
        for request in requests:
            script = self.server.expect(request.tag, request.behaviour)
            if not is_held:
                script.gate.set()
            run = Run(request, script, asyncio.create_task(self.clients.ask(request)), time.time())
            run.task.add_done_callback(lambda _, run=run: setattr(run, "ended", time.time()))
            step.runs.append(run)
            if is_held:
                arrival = asyncio.create_task(script.has_arrived.wait())
                found = {run.task, arrival}
                await asyncio.wait(found, timeout=self.pace.settling, return_when=asyncio.FIRST_COMPLETED)
                arrival.cancel()
            else:
                await asyncio.wait({run.task}, timeout=DEADLINE)
            # Reading the time again would be later than what happened.
            run.waited = time.time()
            run.until = min([run.waited, *script.arrived[:1], *([run.ended] if run.ended else [])])
        leaving = [run for run in step.runs if run.request.leaves and not run.task.done()]
        for run in leaving:
            run.task.cancel()
            run.has_left = True
        if leaving:
            await asyncio.sleep(0.08)

    async def predict(self, step: Step) -> None:
        for run in step.runs:
            run.visit = self.reference.arrive(run.request, (run.began, run.until))
        step.called = {call.request.tag: call for call in self.reference.calls}
        for run in step.runs:
            if run.visit.expected and not run.ended:
                await asyncio.wait({run.task}, timeout=DEADLINE)
                self.seen(run)
            if run.visit.expected and (run.has_left or run.ended > run.waited):
                raise Unclear(f"{run.request.tag} was answered late")
            if run.has_left:
                self.reference.leave(run.visit)

    async def settle(self, step: Step) -> None:
        """Lets the model answer, one call after the other."""
        scripts = {run.request.tag: run.script for run in step.runs}
        for tag in step.called:
            await self.wait(scripts[tag].has_arrived, CALL_DEADLINE, f"the model is not called for {tag}")
        self.check_calls(step)
        # Those that the model never answers come last, so that the others do not wait as long as the gateway does.
        for call in sorted(self.reference.calls, key=lambda call: call.request.behaviour == "silent"):
            script = scripts[call.request.tag]
            script.gate.set()
            await self.wait(script.has_ended, DEADLINE, f"the call for {call.request.tag} does not end")
            waiting = [run for run in step.runs if run.visit in call.followers and not run.has_left]
            tasks = {run.task for run in waiting}
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=DEADLINE)
                if late:
                    raise Deviation(f"a client of the call for {call.request.tag} gets no answer")
            else:
                await asyncio.sleep(self.pace.settling)
            latest = max((run.ended for run in waiting), default=time.time())
            # A model that says nothing is given up, some time later.
            earliest = script.answered[-1] if call.request.behaviour != "silent" else latest - 0.5
            self.reference.settle(call, (min(earliest, latest), latest))

    @staticmethod
    async def wait(event: asyncio.Event, seconds: float, deviation: str) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            raise Deviation(deviation) from None

    async def clean_up(self, step: Step) -> None:
        for run in step.runs:
            run.script.gate.set()
        tasks = [run.task for run in step.runs]
        if tasks:
            await asyncio.wait(tasks, timeout=DEADLINE)
        for run in step.runs:
            run.task.cancel()
            # Where something was late, a call may be late too.
            if step.is_judged:
                self.server.scripts.pop(run.request.tag)

    # Judging

    def check_calls(self, step: Step) -> None:
        for run in step.runs:
            call = step.called.get(run.request.tag)
            most = call.times if call else 0
            times = len(run.script.arrived)
            if times > most:
                raise Deviation(f"the model is called {times} times for {run.request.tag}, not {most}")

    def judge(self, step: Step) -> None:
        step.is_judged = True
        self.check_calls(step)
        for run in step.runs:
            self.counts["requests"] += 1
            if run.has_left:
                self.counts["left"] += 1
                continue
            seen = self.seen(run)
            found = differences(run.visit.expected, seen)
            if found:
                raise Deviation(f"{run.request.tag}: " + "; ".join(found))
            self.check_key(run, seen)
            self.count(run, step)

    @staticmethod
    def seen(run: Run) -> Seen:
        if not run.task.done():
            raise Deviation(f"{run.request.tag} is not answered; expected {run.visit.expected}")
        error = run.task.exception()
        if error:
            raise Deviation(f"{run.request.tag} gets no answer: {error!r}; expected {run.visit.expected}")
        return run.task.result()

    def check_key(self, run: Run, seen: Seen) -> None:
        if seen.key is None:
            return
        key = (run.request.questions[0], run.visit.controls.namespace)
        if self.keys.setdefault(key, seen.key) != seen.key:
            raise Deviation(f"{run.request.tag}: the key is {seen.key}, and was {self.keys[key]}")
        if len(set(self.keys.values())) < len(self.keys):
            raise Deviation(f"{run.request.tag}: two questions have the key {seen.key}")

    def count(self, run: Run, step: Step) -> None:
        expected, report = run.visit.expected, run.visit.expected.report
        kind = f"{expected.status}"
        if report and report.is_hit:
            kind = "hit" if report.left[0] >= 0 else "hit, past its time"
        elif report:
            kind = f"fwd={report.reason}"
        if report and report.is_collapsed:
            kind += "; collapsed"
        if report and report.detail:
            kind += f"; {report.detail}"
        self.counts[kind] += 1
        if run.request.tag in step.called:
            self.counts["calls"] += 1
            self.counts[f"model: {run.request.behaviour}"] += 1

    # Telling

    def tell(self, step: Step) -> None:
        for run in step.runs:
            request, visit = run.request, run.visit
            what = [request.call_type, ",".join(question.rpartition("-")[2] for question in request.questions)]
            what += ["stream"] if request.is_stream else []
            what += ["usage"] if request.wants_usage else []
            what += [f"{name}={value!r:.80}" for name, value in request.members.items()]
            what += [f"'{name}: {value}'" for name, value in request.fields]
            what += ["LEAVES"] if run.has_left else []
            self.log.append(f"+{step.at:.3f} {request.tag}: {' '.join(what)}")
            call = step.called.get(request.tag)
            times = len(run.script.arrived)
            if call or times:
                self.log.append(f"    the model: called {times} times, behaves: {request.behaviour}")
            if visit:
                self.log.append(f"    expected {visit.expected or 'nothing yet'}")
            if run.task.done() and not run.task.cancelled():
                self.log.append(f"    seen     {run.task.exception() or run.task.result()}")
