"""Followers and replays, by HTTP: several clients ask the gateway the same while a model of this module's answers, each
in a form of its own, and later again. Each has to get what it would have got alone."""

import asyncio
import json
import random
import traceback
from dataclasses import dataclass, field

import embeddings
import framing
import judge
from answers import copied
from checks import Checker, Deviation, is_usage_only
from manners import answer, stream
from process import KEY, Failure, Gateway
from servers import MANNERS, Manner
from serving import Serving
from wire import Client, Ended, Malformed, request

CONCURRENT = 16
#: What a stream's end may be, beside whole.
FAILURES = ("error event", "cut off", "no end", "unconvertible", "a member twice")


@dataclass
class Wish:
    """What a client asks for."""

    is_stream: bool
    asks_usage: bool

    def __str__(self) -> str:
        return ("a stream with usage" if self.asks_usage else "a stream") if self.is_stream else "one piece"


WISHES = (Wish(False, False), Wish(True, False), Wish(True, True))


@dataclass
class Scenario:
    name: str
    server: str
    #: The answer in one piece, and the stream for those who ask for the usage and for those who do not.
    json: bytes
    streams: dict[bool, bytes]
    failure: str | None
    #: How the bytes come: pieces, with a pause in ms before each.
    pauses: list[float]
    wishes: list[tuple[Wish, float]]
    calls: list[Wish] = field(default_factory=list)


def scenario(seed: int, number: int) -> Scenario:
    chance = random.Random(f"{seed}:live:{number}")
    manner: Manner = chance.choice(MANNERS)
    said = answer(chance, manner)
    failure = chance.choice(FAILURES) if chance.random() < 0.15 else None
    # Some servers tell the usage where it is asked for, others always or never.
    always = chance.choice((None, None, None, *manner.usage))
    streams = {}
    made = chance.randrange(2**32)
    for asks in (False, True):
        chunks, _ = stream(random.Random(made), manner, copied(said), always or ("own" if asks else "none"))
        streams[asks] = ended(random.Random(made), chunks, failure)
    pauses = [chance.choice((0, 0, 0, 1, 3)) for _ in range(chance.randrange(1, 8))]
    wishes = [(chance.choice(WISHES), chance.uniform(0, sum(pauses) + 4)) for _ in range(chance.randrange(1, 4))]
    return Scenario(
        f"{seed}:live:{number}",
        manner.name,
        json.dumps(said, ensure_ascii=False).encode(),
        streams,
        failure,
        pauses,
        [(chance.choice(WISHES), 0), *wishes],
    )


def ended(chance: random.Random, chunks: list[dict], failure: str | None) -> bytes:
    whole = framing.framed(chance, chunks, is_plain=chance.random() < 0.5)
    if failure == "error event":
        return (
            framing.framed(chance, chunks[: len(chunks) // 2], True)[: -len(b"data: [DONE]\n\n")]
            + b'data: {"error":{"message":"overloaded","code":503}}\n\n'
        )
    if failure == "unconvertible":
        # Half of a pair of surrogates, which no JSON text may have by itself.
        head = {name: value for name, value in chunks[-1].items() if name not in ("choices", "usage")}
        text = json.dumps(head | {"choices": [{"index": 0, "delta": {"content": "\ud83d"}, "finish_reason": None}]})
        return b"data: " + text.encode() + b"\n\n" + framing.framed(chance, chunks, True)
    if failure == "a member twice":
        return framing.framed(chance, chunks, True).replace(b'"id":', b'"id":"again","id":', 1)
    if failure == "no end":
        return framing.framed(chance, chunks, True)[: -len(b"data: [DONE]\n\n")]
    return whole


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Model(Serving):
    """The model: what it is asked names the scenario."""

    def __init__(self):
        self.scenarios: dict[str, Scenario] = {}
        self.port = 0

    async def start(self) -> None:
        self.port = await self.listen(backlog=512)

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
        asked = json.loads(await reader.readexactly(length))
        if "input" in asked:
            given = asked["input"]
            body = embeddings.answer([given] if isinstance(given, str) else given)
            writer.write(whole(body))
            await writer.drain()
            return True
        now = self.scenarios[asked["messages"][0]["content"]]
        wish = Wish(bool(asked.get("stream")), bool((asked.get("stream_options") or {}).get("include_usage")))
        now.calls.append(wish)
        if not wish.is_stream:
            await asyncio.sleep(sum(now.pauses) / 1000)
            writer.write(whole(now.json))
            await writer.drain()
            return True
        data = now.streams[wish.asks_usage]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        step = max(1, len(data) // len(now.pauses))
        pieces = [data[at : at + step] for at in range(0, len(data), step)]
        if now.failure == "cut off":
            pieces = pieces[: len(pieces) // 2]
        for at, piece in enumerate(pieces):
            pause = now.pauses[at % len(now.pauses)]
            if pause:
                await asyncio.sleep(pause / 1000)
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
        if now.failure == "cut off":
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


@dataclass
class Got:
    """What a client got."""

    wish: Wish
    when: str
    status: int
    cache: str
    body: bytes
    is_cut: bool = False


class Live:
    def __init__(self, gateway: Gateway, model: Model):
        self.gateway, self.model = gateway, model
        self.checker = Checker()
        self.answers = 0
        self.kinds: dict[str, int] = {}

    async def ask(self, now: Scenario, wish: Wish, when: str) -> Got:
        body: dict = {"model": "forms", "messages": [{"role": "user", "content": now.name}]}
        if wish.is_stream:
            body["stream"] = True
        if wish.asks_usage:
            body["stream_options"] = {"include_usage": True}
        client = await Client.open(self.gateway.port)
        try:
            await client.send(request("/v1/chat/completions", json.dumps(body).encode(), KEY))
            got = await asyncio.wait_for(client.answer(), 30)
        except Ended:
            return Got(wish, when, 0, "", b"", True)
        except (Malformed, TimeoutError) as error:
            raise Deviation(f"the client that wants {wish} ({when}) gets no answer: {error!r}") from None
        finally:
            client.close()
        self.answers += 1
        cache = got.fields.get("cache-status", "")
        kind = "replays" if "hit" in cache else "followers" if "collapsed" in cache else "own calls"
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        return Got(wish, when, got.status, cache, got.body)

    async def run(self, now: Scenario) -> None:
        self.model.scenarios[now.name] = now

        async def later(at: int, wish: Wish, delay: float) -> Got:
            await asyncio.sleep(delay / 1000)
            return await self.ask(now, wish, "the first" if at == 0 else f"joining {delay:.1f} ms later")

        try:
            for got in await asyncio.gather(*(later(at, wish, delay) for at, (wish, delay) in enumerate(now.wishes))):
                self.check(now, got)
            if now.failure in (None, "unconvertible", "a member twice"):
                await self.replay(now)
        finally:
            del self.model.scenarios[now.name]

    async def embed(self, chance: random.Random) -> None:
        """A few batches at a time, some of whose inputs are known."""
        batches = [embeddings.batch(chance) for _ in range(4)]

        async def one(asked: list[str] | str) -> None:
            client = await Client.open(self.gateway.port)
            try:
                body = json.dumps({"model": "forms", "input": asked}).encode()
                await client.send(request("/v1/embeddings", body, KEY))
                got = await asyncio.wait_for(client.answer(), 30)
            finally:
                client.close()
            self.kinds["batches"] = self.kinds.get("batches", 0) + 1
            embeddings.check(asked, got.status, got.body)

        await asyncio.gather(*map(one, batches))

    async def replay(self, now: Scenario) -> None:
        """Whoever asks again is answered from the cache, at the latest the second time, and then in the same bytes."""
        for wish in random.Random(now.name).sample(WISHES, 3):
            first = await self.ask(now, wish, "again")
            self.check(now, first)
            if now.failure:
                continue
            second, third = await self.ask(now, wish, "once more"), await self.ask(now, wish, "for the last time")
            self.check(now, second)
            if "hit" not in second.cache or "hit" not in third.cache:
                raise Deviation(
                    f"{wish} is not answered from the cache: {first.cache}, then {second.cache}, then {third.cache}"
                )
            if second.body != third.body:
                raise Deviation(f"{wish} is replayed in other bytes", second=second.body, third=third.body)

    # MARK: Judging

    def check(self, now: Scenario, got: Got) -> None:
        try:
            self.check_stream(now, got) if got.wish.is_stream else self.check_json(now, got)
        except Deviation as deviation:
            raise Deviation(
                f"{got.wish}, {got.when}: {deviation.what}",
                status=got.status,
                cache_status=got.cache,
                got=got.body,
                **deviation.shown,
            ) from None

    def check_json(self, now: Scenario, got: Got) -> None:
        if got.status == 200 and got.body == now.json:
            return None
        if now.failure:
            if got.status == 200:
                raise Deviation(f"of a stream that fails ({now.failure}) an answer in one piece is made")
            if now.failure in ("unconvertible", "a member twice"):
                raise Deviation("a stream that cannot be put together is no error of the client that wants one piece")
            return None
        if got.is_cut or got.status != 200:
            raise Deviation("no answer")
        answer = json.loads(got.body)
        problems = []
        for asks in (False, True):
            texts = judge.events(now.streams[asks])
            try:
                return self.checker.check_chat(texts, judge.parsed(texts), answer)
            except Deviation as deviation:
                problems.append(deviation)
        raise min(problems, key=lambda problem: len(problem.what))

    def check_stream(self, now: Scenario, got: Got) -> None:
        if got.is_cut or got.status != 200:
            if now.failure in ("error event", "cut off", "no end"):
                return
            raise Deviation("no answer")
        if got.when == "the first" and "fwd=miss" in got.cache and "collapsed" not in got.cache and now.failure is None:
            if got.body != now.streams[got.wish.asks_usage]:
                raise Deviation("the first client does not get the bytes that the server sent")
            return
        texts = judge.events(got.body)
        usage_only = [text for text in texts if is_object(text) and is_usage_only(text)]
        is_live = "hit" not in got.cache
        # What a server tells unasked is told to everyone.
        is_unasked = any(call.is_stream and not call.asks_usage for call in now.calls)
        if usage_only and not got.wish.asks_usage and not is_live and not is_unasked:
            raise Deviation("the usage is replayed to a client that did not ask for it")
        for asks in (got.wish.asks_usage, not got.wish.asks_usage):
            sent = judge.events(now.streams[asks])
            if texts == sent or texts == [text for text in sent if not is_usage_only(text)]:
                tells = any(isinstance(chunk.get("usage"), dict) for chunk in map(json.loads, texts))
                could = any(
                    '"usage"' in text and isinstance(json.loads(text).get("usage"), dict)
                    for text in judge.events(now.streams[True])
                )
                if got.wish.asks_usage and could and not tells:
                    raise Deviation("the usage is missing, which the server tells where it is asked for")
                if now.failure is None and b"[DONE]" not in got.body:
                    raise Deviation("the stream has no end")
                return
        if now.failure in ("error event", "cut off", "no end"):
            sent = [text for asks in (False, True) for text in judge.events(now.streams[asks])]
            rest = [text for text in texts if text not in sent and "error" not in text]
            if rest and not self.is_made(now, got):
                raise Deviation("a failing stream has events that the server did not send", events=rest)
            return
        if now.failure is None or self.is_made(now, got):
            self.checker.check_events(got.body, self.made_of(now, got))
            return
        raise Deviation("the events are not the server's")

    def made_of(self, now: Scenario, got: Got) -> dict:
        """The answer in one piece, without the usage for who did not ask for it."""
        said = json.loads(now.json)
        if not got.wish.asks_usage:
            del said["usage"]
        return said

    def is_made(self, now: Scenario, got: Got) -> bool:
        """Whether it is the stream made of the answer in one piece."""
        try:
            self.checker.check_events(got.body, self.made_of(now, got))
            return True
        except Deviation:
            return False


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def described(now: Scenario, deviation: Deviation) -> str:
    lines = [
        f"forms: deviation in case {now.name}: {now.server}{f', {now.failure}' if now.failure else ''}",
        deviation.what,
    ]
    lines += [f"{name.replace('_', ' ')}: {value}" for name, value in deviation.shown.items()]
    if "asked" in deviation.shown:
        # A batch of embeddings, which has nothing to do with the rest.
        return "\n".join([*lines, f"again: make fuzz-forms CASE={now.name}"])
    lines += [f"the server sent in one piece: {now.json!r}", f"as a stream: {now.streams[False]!r}"]
    lines.append(
        f"as a stream with usage: {now.streams[True]!r}"
        if now.streams[True] != now.streams[False]
        else "the same with usage"
    )
    clients = ", ".join(f"{wish} after {delay:.1f} ms" for wish, delay in now.wishes)
    lines.append(f"the clients: {clients}; pauses {now.pauses} ms")
    lines.append(f"the model was asked for: {', '.join(map(str, now.calls))}")
    lines.append(f"again: make fuzz-forms CASE={now.name}")
    return "\n".join(lines)


def configuration(port: int) -> str:
    return (
        "model_list:\n  - model_name: forms\n    litellm_params:\n"
        f'      {{model: openai/forms, api_base: "http://127.0.0.1:{port}/v1", api_key: sk-model}}\n'
        "litellm_settings:\n  num_retries: 0\n  request_timeout: 20\n  cache: True\n"
        "  cache_params: {type: local, max_size: 64MB, ttl: 600}\n"
        f"general_settings: {{master_key: {KEY}}}\n"
    )


async def run(binary: str, plugins: str, seed: int, numbers, stop, goes_on: bool) -> tuple[dict, dict, dict, list]:
    """Scenarios until there are no more numbers, `stop` says so, or one deviates."""
    model = Model()
    await model.start()
    loop = asyncio.get_running_loop()
    gateway = await loop.run_in_executor(None, Gateway, "forms", binary, plugins, configuration(model.port), [], {})
    live = Live(gateway, model)
    sorts: dict[str, int] = {}
    found: list[tuple[str, str]] = []
    done = 0

    async def client() -> None:
        nonlocal done
        for number in numbers:
            if stop() or (found and not goes_on):
                return
            now = scenario(seed, number)
            try:
                await live.run(now)
                await live.embed(random.Random(f"{now.name}:embeddings"))
            except Deviation as deviation:
                deviates = deviation
            except Exception as error:  # noqa: BLE001 (reported as a deviation)
                deviates = Deviation(f"the fuzzer itself fails: {error!r}", where=traceback.format_exc())
            else:
                done += 1
                continue
            done += 1
            sorts[deviates.sort] = sorts.get(deviates.sort, 0) + 1
            if sorts[deviates.sort] == 1:
                found.append((deviates.sort, described(now, deviates)))

    try:
        await asyncio.gather(*(client() for _ in range(CONCURRENT)))
        gateway.check_alive()
        gateway.stop()
    except Failure as failure:
        found.append(("the gateway", f"forms: {failure}"))
    finally:
        gateway.kill()
    live.kinds["scenarios"] = done
    return live.kinds, live.checker.explained, sorts, found
