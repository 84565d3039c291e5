"""python -m waymark: the waymark command."""

from waymark.cli import main

main()
