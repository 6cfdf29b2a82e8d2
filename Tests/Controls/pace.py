"""Whether the machine keeps up."""

import asyncio
import time
from collections import deque

# Seconds between two beats, and what an answer may take at most so that what was planned holds.
INTERVAL = 0.03
MOST = 0.1

BEAT = b"GET /health/liveliness HTTP/1.1\r\nHost: gateway\r\n\r\n"


class Pace:
    """Asks the gateways all the time for what costs them nothing. As long as that takes the machine, which runs other
    things too, lets somebody wait: a gateway or this program.
    """

    def __init__(self) -> None:
        # When each answer came, and how long it took.
        self.beats: deque[tuple[float, float]] = deque(maxlen=2_000)

    async def run(self, ports: list[int]) -> None:
        """Until it is cancelled."""
        connections = [await asyncio.open_connection("127.0.0.1", port) for port in ports]
        try:
            while True:
                for reader, writer in connections:
                    began = time.time()
                    await asyncio.sleep(INTERVAL)
                    writer.write(BEAT)
                    await reader.readuntil(b"\r\n\r\n")
                    # Health answers are short, and what is left of this one is read with the next.
                    self.beats.append((time.time(), time.time() - began - INTERVAL))
        finally:
            for _, writer in connections:
                writer.transport.abort()

    def is_slow(self, since: float) -> bool:
        """Whether somebody had to wait too long since then, or a little before, or waits at present."""
        waiting = time.time() - self.beats[-1][0] if self.beats else 0
        return waiting > MOST + INTERVAL or any(took > MOST for at, took in self.beats if at > since - 1)

    @property
    def settling(self) -> float:
        """Seconds within which a request has found its place in the gateway, where nothing is to be seen of that."""
        return 0.1 + min(MOST, 2 * max((took for _, took in list(self.beats)[-50:]), default=0))
