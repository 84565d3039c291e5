"""Commands for mail that arrives."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import main, print_progress, start_django


@main.group("mail")
def mail_group() -> None:
    """Mail that arrives."""


@mail_group.command("listen")
@click.option("--port", default=8024, show_default=True, help="Port on this machine.")
@click.option("--socket", type=click.Path(path_type=Path), help="Unix socket, in place of a port.")
def mail_listen(*, port: int, socket: Path | None) -> None:
    """Receive mail over LMTP from the mail server of this machine, until stopped."""
    start_django()
    from waymark.mail.inbound.lmtp import HOST, serve_lmtp
    from waymark.pipeline.mail.inbound_mail import receive_from_server

    place = str(socket) if socket else f"{HOST}:{port}"
    with suppress(KeyboardInterrupt):
        asyncio.run(
            serve_lmtp(
                lambda raw, recipient: receive_from_server(raw, recipient, now=datetime.now(UTC)),
                port=port,
                socket=socket,
                ready=lambda: print_progress(f"receiving mail at {place}"),
            )
        )
