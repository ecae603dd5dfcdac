"""An answer is sent at once on a connection that is kept, as by uvicorn's own command."""

from __future__ import annotations

import asyncio
import socket

from lab.child.start import listen


def test_what_is_written_to_a_client_does_not_wait_for_more() -> None:
    async def accepted_without_delay() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            seen.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen(0) as listening:
            server = await asyncio.start_server(connected, sock=listening)
            _, writer = await asyncio.open_connection(*listening.getsockname())
            found = await seen
            writer.close()
            server.close()
            return found

    assert asyncio.run(accepted_without_delay())
