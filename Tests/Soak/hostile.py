"""Clients that want to do harm. What they are answered is of no interest; that others are served is."""

import asyncio
import collections
import contextlib
import json
import random

import answers
import wire

LARGE = 3_000_000


def chat(content: str, model: str = "good", **members) -> bytes:
    return json.dumps({"model": model, "messages": [{"role": "user", "content": content}], **members}).encode()


class Hostile:
    def __init__(self, port: int, key: str, chance: random.Random, without: list[str], only: list[str], stop):
        self.port, self.key, self.chance, self.stop = port, key, chance, stop
        attacks = [
            self.pipeline_without_reading, self.pipeline_health_checks, self.drip, self.half_body, self.huge_body,
            self.garbage, self.leave_early, self.unread_streams, self.strange_names, self.many_inputs,
            self.many_connections, self.odd_requests, self.deep_json, self.leave_streams,
        ]
        self.attacks = [x for x in attacks if x.__name__ not in without and (not only or x.__name__ in only)]

    async def run(self, counts: collections.Counter) -> None:
        while not self.stop.is_set():
            attack = self.chance.choice(self.attacks)
            # A TimeoutError is an OSError.
            with contextlib.suppress(OSError, wire.Ended, wire.Malformed, asyncio.IncompleteReadError):
                await asyncio.wait_for(attack(), 40)
            counts[attack.__name__] += 1
            await asyncio.sleep(self.chance.uniform(0, 0.2))

    def any_key(self) -> str | None:
        return self.key if self.chance.random() < 0.8 else None

    async def rest(self, longest: float) -> None:
        """Waits, but not past the end."""
        for _ in range(int(self.chance.uniform(0, longest) * 5)):
            if self.stop.is_set():
                return
            await asyncio.sleep(0.2)

    async def with_client(self, body, room: int | None = None) -> None:
        client = await wire.Client.open(self.port, room)
        try:
            await body(client)
        finally:
            client.reset() if self.chance.random() < 0.5 else client.close()

    async def pipeline_without_reading(self) -> None:
        asked = wire.request("/v1/chat/completions", chat(answers.question(1, LARGE)), self.key)

        async def attack(client: wire.Client) -> None:
            client.reader._transport.pause_reading()
            client.writer.write(asked * 400)
            await self.rest(10)

        await self.with_client(attack, room=4_096)

    async def pipeline_health_checks(self) -> None:
        async def attack(client: wire.Client) -> None:
            client.reader._transport.pause_reading()
            client.writer.write(wire.request("/health/readiness") * 20_000)
            await self.rest(10)

        await self.with_client(attack, room=4_096)

    async def drip(self) -> None:
        whole = wire.request("/v1/chat/completions", chat("slowly"), self.any_key())

        async def attack(client: wire.Client) -> None:
            for byte in whole:
                await client.send(bytes([byte]))
                await asyncio.sleep(0.3)

        await self.with_client(attack)

    async def half_body(self) -> None:
        async def attack(client: wire.Client) -> None:
            whole = wire.request("/v1/chat/completions", chat("x" * self.chance.randrange(5_000_000)), self.any_key())
            await client.send(whole[: len(whole) // 2])
            await self.rest(15)

        await self.with_client(attack)

    async def huge_body(self) -> None:
        kinds = (
            lambda: chat("y" * 30_000_000),
            lambda: json.dumps({"model": "embed", "input": [list(range(1_000))] * 5_000}).encode(),
            lambda: b'{"model":"good","messages":[' + b"1," * 12_000_000 + b"1]}",
            lambda: chat("z", model="m" * 20_000_000),
        )
        body = self.chance.choice(kinds)()

        async def attack(client: wire.Client) -> None:
            sending = asyncio.create_task(client.send(wire.request("/v1/chat/completions", body, self.any_key())))
            try:
                await client.answer()
            finally:
                sending.cancel()

        await self.with_client(attack)

    async def garbage(self) -> None:
        async def attack(client: wire.Client) -> None:
            await client.send(self.chance.randbytes(self.chance.randrange(1, 100_000)))
            await asyncio.wait_for(client.reader.read(1_000), 5)

        await self.with_client(attack)

    async def odd_requests(self) -> None:
        """Mutations of a good request."""
        async def attack(client: wire.Client) -> None:
            data = bytearray(wire.request("/v1/chat/completions", chat("odd"), self.key))
            for _ in range(self.chance.randrange(1, 6)):
                at = self.chance.randrange(len(data))
                match self.chance.randrange(3):
                    case 0:
                        data[at] = self.chance.randrange(256)
                    case 1:
                        del data[at : at + self.chance.randrange(1, 20)]
                    case 2:
                        data[at:at] = self.chance.choice((b"\r\n", b" ", b"\0", b"\xcc\x81", b"chunked", b"-1"))
                if not data:
                    return
            await client.send(bytes(data))
            await asyncio.wait_for(client.reader.read(1_000), 5)

        await self.with_client(attack)

    async def leave_early(self) -> None:
        async def attack(client: wire.Client) -> None:
            size = self.chance.choice(answers.SIZES)
            asked = answers.question(self.chance.randrange(300), size)
            model = self.chance.choice(("good", "slow", "flaky"))
            body = chat(asked, model, stream=self.chance.random() < 0.5)
            whole = wire.request("/v1/chat/completions", body, self.key)
            await client.send(whole[: self.chance.choice((len(whole), len(whole) // 2, 30))])
            await asyncio.sleep(self.chance.uniform(0, 0.1))

        for _ in range(20):
            await self.with_client(attack)

    async def unread_streams(self) -> None:
        """Endless streams of which nothing is read."""
        async def attack(client: wire.Client) -> None:
            client.reader._transport.pause_reading()
            number = self.chance.randrange(1_000_000)
            await client.send(
                wire.request("/v1/chat/completions", chat(f"for ever {number}", "endless", stream=True), self.key)
            )
            await self.rest(20)

        await asyncio.gather(*(self.with_client(attack, room=4_096) for _ in range(10)), return_exceptions=True)

    async def leave_streams(self) -> None:
        """Endless streams of which a little is read."""
        async def attack(client: wire.Client) -> None:
            streams = self.chance.random() < 0.7
            await client.send(
                wire.request("/v1/chat/completions", chat("again and again", "endless", stream=streams), self.key)
            )
            for _ in range(self.chance.randrange(30)):
                await asyncio.wait_for(client.reader.read(65_536), 5)

        await asyncio.gather(*(self.with_client(attack) for _ in range(4)), return_exceptions=True)

    async def strange_names(self) -> None:
        marks = "a" + "\u0301\u0323" * self.chance.choice((100, 10_000, 200_000))
        bodies = (
            chat("hello", model=marks),
            json.dumps({"model": "good", "messages": [], "cache": {marks: 1}}).encode(),
            json.dumps({marks: 1, "model": "good", "messages": [{"role": "user", "content": marks}]}).encode(),
            json.dumps({"model": "good", "messages": [], marks + "b": 1, marks: {marks: marks}}).encode(),
        )

        async def attack(client: wire.Client) -> None:
            await client.send(wire.request("/v1/chat/completions", self.chance.choice(bodies), self.key))
            await client.answer()

        await self.with_client(attack)

    async def many_inputs(self) -> None:
        count = self.chance.choice((3_000, 300_000))
        body = json.dumps({"model": "embed", "input": [str(number) for number in range(count)]}).encode()

        async def attack(client: wire.Client) -> None:
            await client.send(wire.request("/v1/embeddings", body, self.key))
            await client.answer()

        await self.with_client(attack)

    async def deep_json(self) -> None:
        depth = self.chance.choice((100, 10_000, 1_000_000))
        body = b'{"model":"good","messages":' + b"[" * depth + b"]" * depth + b"}"

        async def attack(client: wire.Client) -> None:
            await client.send(wire.request("/v1/chat/completions", body, self.any_key()))
            await client.answer()

        await self.with_client(attack)

    async def many_connections(self) -> None:
        clients = []
        try:
            for _ in range(self.chance.randrange(200)):
                client = await wire.Client.open(self.port)
                clients.append(client)
                if self.chance.random() < 0.5:
                    client.writer.write(b"POST /v1/chat")
            await self.rest(5)
        finally:
            for client in clients:
                client.reset()


async def run(
    ports: list[int], key: str, count: int, seed: int, without: list[str], only: list[str], stop
) -> dict[str, int]:
    """Attacks each of the gateways with so many clients until told to stop."""
    counts: collections.Counter = collections.Counter()
    await asyncio.gather(*(
        Hostile(port, key, random.Random(seed * 1_000 + index), without, only, stop).run(counts)
        for port in ports for index in range(count)
    ))
    return dict(counts)
