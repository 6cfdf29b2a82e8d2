"""Asks the gateway's conversions, in a process of their own: Tests/FormsProbe."""

import struct
import subprocess
from dataclasses import dataclass

ABSENT = 0xFFFFFFFF


class ProbeEnded(Exception):
    """The conversions ended their process: a trap, which would end every client's request."""


@dataclass(slots=True)
class StreamOutcome:
    """What the gateway makes of a stream."""

    is_whole: bool
    has_usage: bool
    kinds: str
    raw: bytes
    answer: bytes | None
    replay: bytes
    replay_without_usage: bytes
    events_of_answer: bytes | None


@dataclass(slots=True)
class AnswerOutcome:
    """What the gateway makes of an answer in one piece."""

    events: bytes | None
    events_without_usage: bytes | None
    is_whole: bool
    answer: bytes | None


class Probe:
    def __init__(self, path: str):
        self.path = path
        self.process = None

    def ask(self, cases: list[tuple[str, list[int], bytes]]) -> list[StreamOutcome | AnswerOutcome]:
        """Each case: its form, where the bytes are cut into reads, and the bytes."""
        frame = b"".join(
            kind.encode() + struct.pack(f"<I{len(cuts)}I", len(cuts), *cuts) + struct.pack("<I", len(data)) + data
            for kind, cuts, data in cases
        )
        if self.process is None:
            self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.process.stdin.write(struct.pack("<I", len(frame)) + frame)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        head = self.process.stdout.read(4)
        body = self.process.stdout.read(struct.unpack("<I", head)[0]) if len(head) == 4 else b""
        if len(head) < 4 or len(body) < struct.unpack("<I", head)[0]:
            status = self.process.wait()
            self.process = None
            if len(cases) == 1:
                raise ProbeEnded(f"the conversions ended their process with {status}")
            # One by one, to find the case that did it.
            return [self.ask([case])[0] for case in cases]
        values = Values(body)
        return [values.stream() if kind.isupper() and kind != "J" else values.answer() for kind, _, _ in cases]

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


class Values:
    def __init__(self, body: bytes):
        self.body, self.at = body, 0

    def next(self) -> bytes | None:
        (length,) = struct.unpack_from("<I", self.body, self.at)
        self.at += 4
        if length == ABSENT:
            return None
        self.at += length
        return self.body[self.at - length : self.at]

    def stream(self) -> StreamOutcome:
        whole, usage, *kinds = self.next().decode().split(" ")
        return StreamOutcome(
            whole == "whole", usage == "usage", kinds[0] if kinds else "", *(self.next() for _ in range(5))
        )

    def answer(self) -> AnswerOutcome:
        events, without = self.next(), self.next()
        remarks, answer = self.next(), self.next()
        return AnswerOutcome(events, without, remarks is not None and remarks.startswith(b"whole"), answer)
