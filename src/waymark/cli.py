"""The waymark command."""

import click

from waymark import __version__


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Waymark: an evidence service for learning from case reviews."""
