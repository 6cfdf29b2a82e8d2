"""A Redis server, and what befalls it."""

import asyncio
import random
import signal
import socket
import subprocess
import tempfile


class Redis:
    def __init__(self, port: int):
        self.port = port
        self.directory = tempfile.TemporaryDirectory(prefix="gateway-soak-redis-")
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--dir", self.directory.name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    async def command(self, *words: bytes) -> list[bytes]:
        """Sends a command and returns the bulk strings of its reply."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            found = []
            left = 1
            while left:
                line = (await reader.readline()).strip()
                left -= 1
                if line.startswith(b"*"):
                    left += int(line[1:])
                elif line.startswith(b"$") and line != b"$-1":
                    found.append((await reader.readexactly(int(line[1:]) + 2))[:-2])
                elif not line:
                    break
            return found
        finally:
            writer.close()

    async def mischief(self, chance: random.Random, stop) -> dict[str, int]:
        """Kills it, stops it and changes what it holds, now and then."""
        counts = {"killed": 0, "stopped": 0, "corrupted": 0}
        while not stop.is_set():
            await asyncio.sleep(chance.uniform(1, 6))
            what = chance.choices(("killed", "stopped", "corrupted"), (1, 2, 6))[0]
            counts[what] += 1
            try:
                if what == "killed":
                    self.process.kill()
                    self.process.wait()
                    await asyncio.sleep(chance.uniform(0, 4))
                    self.start()
                elif what == "stopped":
                    self.process.send_signal(signal.SIGSTOP)
                    await asyncio.sleep(chance.uniform(0, 4))
                    self.process.send_signal(signal.SIGCONT)
                else:
                    await asyncio.wait_for(self.corrupt(chance), 5)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                pass
        return counts

    async def corrupt(self, chance: random.Random) -> None:
        keys = await self.command(b"KEYS", b"*")
        for key in chance.sample(keys, min(20, len(keys))):
            value = (await self.command(b"GET", key) or [b""])[0]
            damaged = bytearray(value)
            match chance.randrange(5):
                case 0:
                    damaged = bytearray(chance.randbytes(100))
                case 1:
                    del damaged[len(damaged) // 2 :]
                case 2:
                    damaged += b"x"
                case 3:
                    # The entry of another question.
                    damaged = bytearray((await self.command(b"GET", chance.choice(keys)) or [b""])[0])
                case _:
                    if damaged:
                        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            await self.command(b"SET", key, bytes(damaged))


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to connections."""
    while True:
        port = random.randrange(10_100, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
