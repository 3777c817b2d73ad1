"""A man in the middle: takes connections on a unix socket and hands them on to a server after a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def slow_to_connect(conninfo: str, folder: Path, delay: float) -> Iterator[str]:
    """The conninfo of a proxy in ``folder`` that lets each connection wait for ``delay`` seconds first."""
    given = conninfo_to_dict(conninfo)
    name = f".s.PGSQL.{given['port']}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(delay)
        far_reader, far_writer = await asyncio.open_unix_connection(Path(str(given["host"]), name))
        await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))

    async def main() -> None:
        server = await asyncio.start_unix_server(serve, folder / name)
        ready.set()
        await stopped.wait()
        server.close()
        # Both ends have been closed by now, and what they sent is on its way.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others)

    loop, ready, stopped = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        ready.wait()
        yield make_conninfo(conninfo, host=str(folder))
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
