"""A server that reads the requests of each connection one after the other."""

import asyncio


class Serving:
    """`one` reads and answers a request, and says whether another may follow."""

    async def listen(self, backlog: int) -> int:
        """Listens on a port that the system chooses, and returns it."""
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, backlog=backlog)
        return self.listener.sockets[0].getsockname()[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self.one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, TimeoutError):
            pass
        finally:
            writer.transport.abort()

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raise NotImplementedError
