"""HTTP/1.1 as this test needs it: a client that reads exactly what comes, and says what is malformed."""

import asyncio
import contextlib
import json
import socket
import struct


class Malformed(Exception):
    """The gateway sent what is not HTTP."""


class Ended(Exception):
    """The connection ended before the answer did."""


class Unanswered(Ended):
    """The connection ended before anything of the answer came."""


class Answer:
    def __init__(self, status: int, fields: dict[str, str], body: bytes):
        self.status, self.fields, self.body = status, fields, body

    @property
    def json(self):
        return json.loads(self.body)


def request(path: str, body: bytes | None = None, key: str | None = None, method: str | None = None) -> bytes:
    lines = [f"{method or ('GET' if body is None else 'POST')} {path} HTTP/1.1", "Host: gateway"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, room: int | None = None) -> "Client":
        """Connects. With `room`, the system holds no more than so many unread bytes here."""
        connection = socket.socket()
        connection.setblocking(False)
        if room:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port)), 10)
            return cls(*await asyncio.open_connection(sock=connection, limit=1 << 16))
        except BaseException:
            connection.close()
            raise

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """Reads a whole answer."""
        try:
            return await self._answer()
        except asyncio.IncompleteReadError as error:
            # `expected` is None where a head was looked for.
            is_at_start = error.expected is None and not error.partial
            raise (Unanswered if is_at_start else Ended)(str(error)) from error
        except ConnectionError as error:
            raise Ended(str(error)) from error
        except (ValueError, IndexError, asyncio.LimitOverrunError) as error:
            raise Malformed(repr(error)) from error

    async def _answer(self) -> Answer:
        status = 100
        while status < 200:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head[:-4].split("\r\n")
            if not first.startswith("HTTP/1.1 "):
                raise Malformed(f"not a status line: {first[:80]!r}")
            status = int(first[9:12])
        fields = {}
        for line in lines:
            name, separator, value = line.partition(":")
            if not separator:
                raise Malformed(f"not a field: {line[:80]!r}")
            fields[name.lower()] = value.strip()
        if fields.get("transfer-encoding") == "chunked":
            body = bytearray()
            while True:
                size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
                body += await self.reader.readexactly(size)
                if await self.reader.readexactly(2) != b"\r\n":
                    raise Malformed("a chunk does not end where it says")
                if size == 0:
                    return Answer(status, fields, bytes(body))
        if "content-length" in fields:
            return Answer(status, fields, await self.reader.readexactly(int(fields["content-length"])))
        return Answer(status, fields, b"" if status in (204, 304) else await self.reader.read())

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Ends the connection with a reset instead of an end."""
        connection = self.writer.get_extra_info("socket")
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
