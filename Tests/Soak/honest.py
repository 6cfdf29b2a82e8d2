"""Clients that ask, read the answer and check it."""

import asyncio
import collections
import json
import random
import time

import answers
import wire

# How many different questions there are of each size: enough that some are hits and some are not.
QUESTIONS = 300
TIMEOUT = 60


class Wrong(Exception):
    """An answer that is not the answer to its question."""


class Tally:
    def __init__(self):
        self.counts = collections.Counter()
        self.wrong: list[str] = []
        self.times: list[float] = []
        # Requests that got no answer: the first of them, in words.
        self.losses: list[str] = []

    def lost(self, text: str) -> None:
        if len(self.losses) < 20:
            self.losses.append(text)

    @property
    def report(self) -> dict:
        times = sorted(self.times) or [0.0]
        return {
            "counts": dict(self.counts), "wrong": self.wrong[:20], "losses": self.losses,
            "p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)],
        }


class Honest:
    def __init__(self, port: int, key: str, chance: random.Random, tally: Tally, stop):
        self.port, self.key, self.chance, self.tally, self.stop = port, key, chance, tally, stop
        self.client: wire.Client | None = None
        self.kind = ""
        self.is_reused = False

    async def run(self) -> None:
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                await asyncio.wait_for(self.once(), TIMEOUT)
            except Wrong as error:
                self.tally.counts["wrong"] += 1
                self.tally.wrong.append(str(error))
                self.drop()
            except wire.Malformed as error:
                self.tally.counts["wrong"] += 1
                self.tally.wrong.append(f"not HTTP: {error}")
                self.drop()
            except (wire.Ended, OSError) as error:
                if self.is_reused and isinstance(error, wire.Unanswered):
                    # It was closed while the request was on its way, as kept connections may be. Clients ask again.
                    self.tally.counts["reconnected"] += 1
                    self.drop()
                    continue
                self.tally.counts["ended"] += 1
                self.tally.lost(f"ended after {time.monotonic() - began:.1f} s: {self.kind} {error!r}")
                self.drop()
                await asyncio.sleep(0.1)
            except TimeoutError:
                self.tally.counts["no answer"] += 1
                self.tally.lost(f"no answer in {TIMEOUT} s: {self.kind}")
                self.drop()
            await asyncio.sleep(self.chance.uniform(0, 0.03))
        self.drop()

    def drop(self) -> None:
        if self.client:
            self.client.close()
        self.client = None

    async def once(self) -> None:
        self.is_reused = self.client is not None
        if self.client is None:
            self.client = await wire.Client.open(self.port)
        ask = self.chance.choices((self.chat, self.stream, self.embed, self.pipeline, self.ping), (40, 25, 20, 5, 3))[0]
        self.kind = ask.__name__
        began = time.monotonic()
        self.client_is_usable = True
        await ask()
        self.tally.times.append(time.monotonic() - began)
        if not self.client_is_usable or self.chance.random() < 0.02:
            self.drop()

    def body(self, asked: str, model: str, **members) -> bytes:
        controls = self.chance.choices(
            (None, {"ttl": 5}, {"no-cache": True}, {"no-store": True}, {"namespace": "team"}, {"s-maxage": 3}),
            (80, 4, 4, 4, 4, 4),
        )[0]
        if controls:
            members["cache"] = controls
        return json.dumps({"model": model, "messages": [{"role": "user", "content": asked}], **members}).encode()

    def any_question(self) -> str:
        return answers.question(self.chance.randrange(QUESTIONS), self.chance.choice(answers.SIZES))

    def any_model(self) -> str:
        return self.chance.choices(("good", "slow", "flaky", "dead"), (80, 8, 10, 2))[0]

    async def read(self, model: str) -> wire.Answer | None:
        """The answer if it is 200. Any other status is allowed; of models that are well only when the gateway has too
        much to do, which is counted."""
        self.kind += f" {model}"
        answer = await self.client.answer()
        self.is_reused = False
        if answer.fields.get("connection") == "close":
            self.client_is_usable = False
        if answer.status == 200:
            self.tally.counts["hit" if "; hit" in answer.fields.get("cache-status", "") else "miss"] += 1
            return answer
        kind = "refused" if model in ("good", "slow") else "failed model"
        self.tally.counts[kind] += 1
        self.tally.counts[f"{kind} {answer.status}"] += 1
        if answer.status not in (408, 429) and answer.status < 500:
            raise Wrong(f"{model}: an honest request got {answer.status}: {answer.body[:300]!r}")
        return None

    def check(self, answer: wire.Answer, asked: str, model: str) -> None:
        try:
            content = answer.json["choices"][0]["message"]["content"]
            tells_failure = "error" in answer.json
        except (ValueError, KeyError, IndexError, TypeError):
            content, tells_failure = None, True
        if tells_failure and model == "flaky" and "; hit" not in answer.fields.get("cache-status", ""):
            # What the model itself answered wrongly passes through, but is never stored.
            return
        if content != answers.text(asked):
            raise Wrong(f"{model}, {asked!r}: {answer.body[:300]!r} {answer.fields}")

    async def chat(self) -> None:
        asked, model = self.any_question(), self.any_model()
        await self.client.send(wire.request("/v1/chat/completions", self.body(asked, model), self.key))
        answer = await self.read(model)
        if answer:
            # A model may stream although it was not asked to.
            if answer.fields.get("content-type", "").startswith("text/event-stream") and model == "flaky":
                return
            self.check(answer, asked, model)

    async def stream(self) -> None:
        asked, model = self.any_question(), self.any_model()
        await self.client.send(wire.request("/v1/chat/completions", self.body(asked, model, stream=True), self.key))
        answer = await self.read(model)
        if not answer:
            return
        if not answer.fields.get("content-type", "").startswith("text/event-stream"):
            if model != "flaky":
                raise Wrong(f"{model}, {asked!r}: no stream: {answer.body[:300]!r}")
            return
        if model == "flaky" and "; hit" not in answer.fields.get("cache-status", ""):
            # What the model itself answered wrongly passes through, but is never stored.
            return
        content, is_whole = "", False
        try:
            for event in answer.body.decode().split("\n\n"):
                if event == "data: [DONE]":
                    is_whole = True
                elif event.startswith("data: "):
                    data = json.loads(event[6:])
                    if "error" in data:
                        self.tally.counts["streams that end with an error"] += 1
                        return
                    content += "".join(choice["delta"].get("content") or "" for choice in data["choices"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Wrong(f"{model}, {asked!r}: {error!r} in the stream {answer.body[:300]!r}") from None
        if not is_whole:
            raise Wrong(f"{model}, {asked!r}: a stream that ends well without [DONE]: {answer.body[-200:]!r}")
        if content != answers.text(asked):
            raise Wrong(f"{model}, {asked!r}: stream of {content[:300]!r} {answer.fields}")

    async def embed(self) -> None:
        inputs = [f"text {self.chance.randrange(2_000)}" for _ in range(self.chance.choice((1, 3, 20, 100)))]
        body = json.dumps({"model": "embed", "input": inputs}).encode()
        await self.client.send(wire.request("/v1/embeddings", body, self.key))
        answer = await self.read("good")
        if not answer:
            return
        expected = [(index, answers.vector(text)) for index, text in enumerate(inputs)]
        try:
            given = [(item["index"], item["embedding"]) for item in answer.json["data"]]
        except (ValueError, KeyError, TypeError):
            given = None
        if given != expected:
            raise Wrong(f"embeddings of {inputs!r}: {answer.body[:300]!r}")

    async def pipeline(self) -> None:
        """Several requests at once, whose answers come in their order."""
        asked = [self.any_question() for _ in range(4)]
        await self.client.send(
            b"".join(wire.request("/v1/chat/completions", self.body(x, "good"), self.key) for x in asked)
        )
        for question in asked:
            answer = await self.read("good")
            if answer:
                self.check(answer, question, "good")
            if not self.client_is_usable:
                return

    async def ping(self) -> None:
        await self.client.send(wire.request("/health/liveliness"))
        answer = await self.client.answer()
        if answer.status != 200:
            raise Wrong(f"/health/liveliness: {answer.status}")


async def run(ports: list[int], key: str, count: int, seed: int, stop) -> dict[int, dict]:
    """Asks each of the gateways over so many connections until told to stop."""
    tallies = {port: Tally() for port in ports}
    await asyncio.gather(*(
        Honest(port, key, random.Random(seed * 1_000 + index), tallies[port], stop).run()
        for port in ports for index in range(count)
    ))
    return {port: tally.report for port, tally in tallies.items()}
