"""Receive mail over LMTP, from the mail server of the machine (no Django).

LMTP knows one answer for each recipient, so one recipient is taken at a time: a mail server sends
the email again for the next.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.lmtp import LMTP

from waymark.core.errors import WaymarkError
from waymark.mail.raw_mail import MAX_BYTES

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
SECONDS = 60
Receive = Callable[[bytes, str], None]
"""Stores the bytes of an email to a recipient. Raises WaymarkError to have it sent again later."""


class MailReceiver:
    """Handler of an LMTP server. receive: runs in another thread, as it waits for the disk."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Accept one recipient."""
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Accept an email once it is stored; any fault of ours asks to send it again later."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                None, self.receive, bytes(envelope.content), envelope.rcpt_tos[0]
            )
        except WaymarkError as error:
            return f"452 4.3.1 {error}"
        except Exception:  # the edge: whatever happens, the sender keeps the email
            log.exception("an email could not be stored")
            return "451 4.3.0 it could not be stored: try again later"
        return "250 2.0.0 stored"


async def serve_lmtp(
    receive: Receive, *, port: int = 0, socket: Path | None = None, ready: Callable[[], None]
) -> None:
    """Serve until the task is cancelled. socket: path of a Unix socket, in place of a port."""
    loop = asyncio.get_running_loop()

    def connection() -> LMTP:
        return LMTP(MailReceiver(receive), data_size_limit=MAX_BYTES, timeout=SECONDS, loop=loop)

    if socket is not None:
        server = await loop.create_unix_server(connection, str(socket))
    else:
        server = await loop.create_server(connection, HOST, port)
    async with server:
        ready()
        await server.serve_forever()
